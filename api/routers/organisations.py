"""Organisations: MSP, cabinets, centres, pharmacies, nurse practices."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from api.deps import Allow, NowDep, SessionDep, WiringDep
from api.etags import RequiredVersion, show_version
from api.idempotency import Answer, OnceDep
from api.openapi import problem_responses
from api.routers.params import DEFAULT, After, DirectoryReader, Limit, Text
from api.schemas.directory import OrganisationIn, OrganisationOut
from api.schemas.forms import Listing, listing
from api.security.rights import Action, Subject, check_existing, check_named, check_new
from snp.directory import service as directory
from snp.directory.facts import OrganisationFilter, OrganisationKind
from snp.platform.actors import Actor

router = APIRouter(prefix="/organisations", tags=["directory"])
Writer = Annotated[Actor, Depends(Allow(Action.ORGANISATION_WRITE))]


@router.get("")
def list_organisations(
    *,
    session: SessionDep,
    by: DirectoryReader,
    territory_id: Annotated[UUID | None, Query()] = None,
    kind: Annotated[OrganisationKind | None, Query()] = None,
    search: Text = None,
    limit: Limit = DEFAULT,
    cursor: After = None,
) -> Listing[OrganisationOut]:
    """List organisations by name."""
    del by
    wanted = OrganisationFilter(
        territory_ids=frozenset({territory_id}) if territory_id else None, kind=kind, text=search
    )
    return listing(directory.list_organisations(session, wanted, cursor=cursor, limit=limit), OrganisationOut)


@router.post("", status_code=201, response_model=OrganisationOut, responses=problem_responses(409))
def create_organisation(
    *,
    session: SessionDep,
    now: NowDep,
    wiring: WiringDep,
    by: Writer,
    once: OnceDep,
    body: OrganisationIn,
) -> Response:
    """Create an organisation in territories of one's own."""
    check_new(by, Action.ORGANISATION_WRITE, Subject("structure", territories=body.territory_ids))
    check_named(by, Action.ORGANISATION_WRITE, body.territory_ids)

    def create() -> Answer:
        made = directory.create_organisation(
            session, body.to_facts(), strict=wiring.settings.strict_identifiers, by=by, now=now
        )
        return Answer(OrganisationOut.of(made), f"/api/v1/organisations/{made.id}", made.version)

    return once(create)


@router.get("/{organisation_id}")
def get_organisation(
    session: SessionDep, by: DirectoryReader, response: Response, organisation_id: UUID
) -> OrganisationOut:
    """Return an organisation."""
    del by
    found = directory.get_organisation(session, organisation_id)
    show_version(response, found.version)
    return OrganisationOut.of(found)


@router.put("/{organisation_id}", responses=problem_responses(409, 412, 428))
def update_organisation(
    *,
    session: SessionDep,
    now: NowDep,
    wiring: WiringDep,
    by: Writer,
    version: RequiredVersion,
    response: Response,
    organisation_id: UUID,
    body: OrganisationIn,
) -> OrganisationOut:
    """Replace an organisation's description."""
    current = directory.get_organisation(session, organisation_id)
    territories = frozenset(current.territory_ids)
    subject = Subject("structure", organisation_id, territories=territories)
    check_existing(by, Action.ORGANISATION_WRITE, subject)
    check_named(by, Action.ORGANISATION_WRITE, territories ^ body.territory_ids)
    changed = directory.update_organisation(
        session,
        organisation_id,
        body.to_facts(),
        version=version or current.version,
        strict=wiring.settings.strict_identifiers,
        by=by,
        now=now,
    )
    show_version(response, changed.version)
    return OrganisationOut.of(changed)
