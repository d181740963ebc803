"""Practitioners: who cares, where, in which CPTS, and what each asks of the service."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from sqlmodel import Session

from api.deps import Allow, NowDep, SessionDep, WiringDep
from api.etags import RequiredVersion, show_version
from api.idempotency import Answer, OnceDep
from api.openapi import problem_responses
from api.routers.params import DEFAULT, After, DirectoryReader, Limit, Text
from api.routers.subjects import of_practitioner
from api.schemas.directory import (
    MembershipIn,
    MembershipOut,
    PractitionerIn,
    PractitionerOut,
    PreferencesIn,
)
from api.schemas.forms import Code, Day, Listing
from api.security.rights import RIGHTS, Action, Subject, check_existing, check_new, within
from snp.directory import service as directory
from snp.directory.facts import PractitionerFilter, PractitionerView
from snp.platform.actors import Actor

router = APIRouter(prefix="/practitioners", tags=["directory"])
Creator = Annotated[Actor, Depends(Allow(Action.PRACTITIONER_CREATE))]
Writer = Annotated[Actor, Depends(Allow(Action.PRACTITIONER_WRITE))]
Chooser = Annotated[Actor, Depends(Allow(Action.PREFERENCES_WRITE))]
MemberWriter = Annotated[Actor, Depends(Allow(Action.MEMBERSHIP_WRITE))]


@router.get("")
def list_practitioners(
    *,
    session: SessionDep,
    now: NowDep,
    by: DirectoryReader,
    territory_id: Annotated[UUID | None, Query()] = None,
    profession: Annotated[Code | None, Query()] = None,
    site_id: Annotated[UUID | None, Query()] = None,
    search: Text = None,
    limit: Limit = DEFAULT,
    cursor: After = None,
) -> Listing[PractitionerOut]:
    """List practitioners by family name."""
    wanted = PractitionerFilter(
        territory_ids=frozenset({territory_id}) if territory_id else None,
        profession=profession,
        text=search,
        site_id=site_id,
    )
    page = directory.list_practitioners(session, wanted, cursor=cursor, limit=limit, now=now)
    return Listing(items=[_shown(by, view) for view in page.items], next=page.next_cursor)


@router.post("", status_code=201, response_model=PractitionerOut, responses=problem_responses(409))
def create_practitioner(
    *, session: SessionDep, now: NowDep, wiring: WiringDep, by: Creator, once: OnceDep, body: PractitionerIn
) -> Response:
    """Create a practitioner; he belongs to no CPTS until a membership says so."""

    def create() -> Answer:
        made = directory.create_practitioner(
            session, body.to_facts(), strict=wiring.settings.strict_identifiers, by=by, now=now
        )
        shown = PractitionerOut.shown(made, private=True)
        return Answer(shown, f"/api/v1/practitioners/{made.id}", made.version)

    return once(create)


@router.get("/{practitioner_id}")
def get_practitioner(
    session: SessionDep, now: NowDep, by: DirectoryReader, response: Response, practitioner_id: UUID
) -> PractitionerOut:
    """Return a practitioner."""
    found = directory.get_practitioner(session, practitioner_id, now=now)
    show_version(response, found.version)
    return _shown(by, found)


@router.put("/{practitioner_id}", responses=problem_responses(409, 412, 428))
def update_practitioner(
    *,
    session: SessionDep,
    now: NowDep,
    wiring: WiringDep,
    by: Writer,
    version: RequiredVersion,
    response: Response,
    practitioner_id: UUID,
    body: PractitionerIn,
) -> PractitionerOut:
    """Replace a practitioner's description."""
    current = _existing(session, by, Action.PRACTITIONER_WRITE, practitioner_id, now)
    changed = directory.update_practitioner(
        session,
        practitioner_id,
        body.to_facts(),
        version=version or current.version,
        strict=wiring.settings.strict_identifiers,
        by=by,
        now=now,
    )
    show_version(response, changed.version)
    return PractitionerOut.shown(changed, private=True)


@router.put("/{practitioner_id}/preferences", responses=problem_responses(412, 428))
def set_preferences(
    *,
    session: SessionDep,
    now: NowDep,
    by: Chooser,
    version: RequiredVersion,
    response: Response,
    practitioner_id: UUID,
    body: PreferencesIn,
) -> PractitionerOut:
    """Replace what a practitioner asks of the service; his own business, or his delegate's."""
    current = _existing(session, by, Action.PREFERENCES_WRITE, practitioner_id, now)
    changed = directory.set_preferences(
        session, practitioner_id, body.to_facts(), version=version or current.version, by=by, now=now
    )
    show_version(response, changed.version)
    return PractitionerOut.shown(changed, private=True)


@router.get("/{practitioner_id}/memberships")
def list_memberships(
    session: SessionDep, now: NowDep, by: DirectoryReader, practitioner_id: UUID
) -> list[MembershipOut]:
    """Return the memberships of a practitioner, past and present."""
    del by
    directory.get_practitioner(session, practitioner_id, now=now)
    found = directory.list_memberships(session, practitioner_id=practitioner_id)
    return [MembershipOut.of(membership) for membership in found]


@router.post(
    "/{practitioner_id}/memberships",
    status_code=201,
    response_model=MembershipOut,
    responses=problem_responses(409),
)
def join_territory(
    *,
    session: SessionDep,
    now: NowDep,
    by: MemberWriter,
    once: OnceDep,
    practitioner_id: UUID,
    body: MembershipIn,
) -> Response:
    """Make a practitioner a member of a CPTS, also from outside its perimeter."""
    subject = Subject("territoire", body.territory_id, territories=frozenset({body.territory_id}))
    check_new(by, Action.MEMBERSHIP_WRITE, subject)
    directory.get_practitioner(session, practitioner_id, now=now)

    def join() -> Answer:
        made = directory.join_territory(
            session, practitioner_id, body.territory_id, since=body.since, by=by, now=now
        )
        return Answer(MembershipOut.of(made), f"/api/v1/practitioners/{practitioner_id}/memberships")

    return once(join)


@router.delete("/{practitioner_id}/memberships/{territory_id}", status_code=204)
def end_membership(
    *,
    session: SessionDep,
    now: NowDep,
    by: MemberWriter,
    practitioner_id: UUID,
    territory_id: UUID,
    until: Annotated[Day, Query(description="Premier jour où l’adhésion ne vaut plus.")],
) -> None:
    """End the running membership of a practitioner."""
    subject = Subject("adhésion", practitioner_id, territories=frozenset({territory_id}))
    check_existing(by, Action.MEMBERSHIP_WRITE, subject)
    directory.end_membership(session, practitioner_id, territory_id, until=until, by=by, now=now)


def _existing(
    session: Session, by: Actor, action: Action, practitioner_id: UUID, now: datetime
) -> PractitionerView:
    found = directory.get_practitioner(session, practitioner_id, now=now)
    check_existing(by, action, of_practitioner(found))
    return found


def _shown(by: Actor, view: PractitionerView) -> PractitionerOut:
    """E-mail and preferences are shown to who may write them."""
    writes = (Action.PRACTITIONER_WRITE, Action.PREFERENCES_WRITE)
    reaches = [RIGHTS[action][by.role] for action in writes if by.role in RIGHTS[action]]
    private = any(within(by, reach, of_practitioner(view)) for reach in reaches)
    return PractitionerOut.shown(view, private=private)
