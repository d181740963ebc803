"""Sites: the places of care."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from sqlmodel import Session

from api.deps import Allow, NowDep, SessionDep, WiringDep
from api.etags import RequiredVersion, show_version
from api.idempotency import Answer, OnceDep
from api.openapi import problem_responses
from api.routers.params import DEFAULT, After, DirectoryReader, Limit, Text
from api.schemas.directory import SiteIn, SiteOut
from api.schemas.forms import Listing, listing
from api.security.rights import Action, Subject, check_existing, check_new
from snp.directory import service as directory
from snp.directory.facts import SiteFilter
from snp.platform.actors import Actor

router = APIRouter(prefix="/sites", tags=["directory"])
Writer = Annotated[Actor, Depends(Allow(Action.SITE_WRITE))]


@router.get("")
def list_sites(
    *,
    session: SessionDep,
    now: NowDep,
    by: DirectoryReader,
    territory_id: Annotated[UUID | None, Query()] = None,
    organisation_id: Annotated[UUID | None, Query()] = None,
    practitioner_id: Annotated[UUID | None, Query()] = None,
    search: Text = None,
    limit: Limit = DEFAULT,
    cursor: After = None,
) -> Listing[SiteOut]:
    """List sites by name; those of a territory stand in its perimeter or are used by its members."""
    del by
    wanted = SiteFilter(
        territory_ids=frozenset({territory_id}) if territory_id else None,
        organisation_id=organisation_id,
        practitioner_id=practitioner_id,
        text=search,
    )
    return listing(directory.list_sites(session, wanted, cursor=cursor, limit=limit, now=now), SiteOut)


@router.post("", status_code=201, response_model=SiteOut, responses=problem_responses(409))
def create_site(
    *, session: SessionDep, now: NowDep, wiring: WiringDep, by: Writer, once: OnceDep, body: SiteIn
) -> Response:
    """Create a site; without coordinates it stands at the point of its commune."""
    check_new(by, Action.SITE_WRITE, _subject(session, body.organisation_id, body.insee))

    def create() -> Answer:
        made = directory.create_site(
            session, body.to_facts(), strict=wiring.settings.strict_identifiers, by=by, now=now
        )
        return Answer(SiteOut.of(made), f"/api/v1/sites/{made.id}", made.version)

    return once(create)


@router.get("/{site_id}")
def get_site(session: SessionDep, by: DirectoryReader, response: Response, site_id: UUID) -> SiteOut:
    """Return a site."""
    del by
    found = directory.get_site(session, site_id)
    show_version(response, found.version)
    return SiteOut.of(found)


@router.put("/{site_id}", responses=problem_responses(409, 412, 428))
def update_site(
    *,
    session: SessionDep,
    now: NowDep,
    wiring: WiringDep,
    by: Writer,
    version: RequiredVersion,
    response: Response,
    site_id: UUID,
    body: SiteIn,
) -> SiteOut:
    """Replace a site's description."""
    current = directory.get_site(session, site_id)
    subject = _subject(session, current.organisation_id, current.insee, site_id)
    check_existing(by, Action.SITE_WRITE, subject)
    check_new(by, Action.SITE_WRITE, _subject(session, body.organisation_id, body.insee))
    changed = directory.update_site(
        session,
        site_id,
        body.to_facts(),
        version=version or current.version,
        strict=wiring.settings.strict_identifiers,
        by=by,
        now=now,
    )
    show_version(response, changed.version)
    return SiteOut.of(changed)


def _subject(session: Session, organisation_id: UUID | None, insee: str, ident: object = "") -> Subject:
    """A site belongs to the territories of its organisation and to those whose perimeter it stands in."""
    covering = {territory.id for territory in directory.territories_covering(session, insee)}
    if organisation_id is not None:
        covering |= set(directory.get_organisation(session, organisation_id).territory_ids)
    return Subject("lieu", ident, territories=frozenset(covering))
