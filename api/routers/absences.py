"""Absences: a practitioner is away, and back."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from api.deps import NowDep, SessionDep
from api.etags import RequiredVersion, show_version
from api.idempotency import Answer, OnceDep
from api.openapi import problem_responses
from api.routers.params import DEFAULT, After, AgendaReader, AgendaWriter, Limit
from api.routers.subjects import check_publisher, of_absence, of_practitioner, told_of
from api.schemas.agenda import AbsenceIn, AbsenceOut, AbsenceOutcomeOut
from api.schemas.forms import Instant, Listing, listing
from api.schemas.orientation import AbsenceMadeOut, ReopenedOut
from api.security.rights import Action, check_existing
from regulation.orientation import service as orientation
from slots.agenda import service as agenda
from snp.directory import service as directory

router = APIRouter(prefix="/absences", tags=["agenda"])


@router.get("")
def list_absences(
    *,
    session: SessionDep,
    now: NowDep,
    by: AgendaReader,
    practitioner_id: Annotated[UUID, Query()],
    ends_after: Annotated[Instant | None, Query()] = None,
    limit: Limit = DEFAULT,
    cursor: After = None,
) -> Listing[AbsenceOut]:
    """List the absences of a practitioner by start, lifted ones included."""
    practitioner = directory.get_practitioner(session, practitioner_id, now=now)
    check_existing(by, Action.AGENDA_READ, of_practitioner(practitioner))
    page = agenda.list_absences(
        session,
        practitioner_ids=frozenset({practitioner_id}),
        ends_after=ends_after,
        cursor=cursor,
        limit=limit,
    )
    return listing(page, AbsenceOut)


@router.post("", status_code=201, response_model=AbsenceMadeOut, responses=problem_responses(409))
def add_absence(
    *, session: SessionDep, now: NowDep, by: AgendaWriter, once: OnceDep, body: AbsenceIn
) -> Response:
    """Hide the free slots of a period; with a reason, free the taken ones too: their requests seek again."""
    check_publisher(session, by, body.practitioner_id, frozenset(), now=now)

    def add() -> Answer:
        ident, freed = orientation.add_absence(
            session,
            body.practitioner_id,
            body.start,
            body.end,
            label=body.label,
            reason=body.reason,
            by=by,
            now=now,
        )
        shown = AbsenceMadeOut(
            id=ident, reopened=[ReopenedOut.of(reopened) for reopened in told_of(by, freed)]
        )
        return Answer(shown, f"/api/v1/absences/{ident}", 1)

    return once(add)


@router.get("/{absence_id}")
def get_absence(
    session: SessionDep, now: NowDep, by: AgendaReader, response: Response, absence_id: UUID
) -> AbsenceOut:
    """Return an absence."""
    found = agenda.get_absence(session, absence_id)
    check_existing(by, Action.AGENDA_READ, of_absence(session, found, now=now))
    show_version(response, found.version)
    return AbsenceOut.of(found)


@router.delete("/{absence_id}", responses=problem_responses(409, 412, 428))
def lift_absence(
    session: SessionDep, now: NowDep, by: AgendaWriter, version: RequiredVersion, absence_id: UUID
) -> AbsenceOutcomeOut:
    """Bring back the slots that an absence hid, except those now in conflict or past."""
    found = agenda.get_absence(session, absence_id)
    check_existing(by, Action.AGENDA_WRITE, of_absence(session, found, now=now))
    lifted = agenda.lift_absence(session, absence_id, version=version, by=by, now=now)
    return AbsenceOutcomeOut.of(lifted)
