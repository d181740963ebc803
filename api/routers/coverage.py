"""Coverage: the forecast of need against published slots, and the calls for slots that fill the gap."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response

from api.deps import Allow, NowDep, SessionDep
from api.idempotency import Answer, OnceDep
from api.openapi import problem_responses
from api.routers.params import DEFAULT, After, Limit
from api.schemas.coverage import CoverageOut, PreviewOut, SheetOut, SlotCallDetailOut, SlotCallIn, SlotCallOut
from api.schemas.forms import Listing
from api.security.rights import Action, Subject, check_existing
from regulation.coverage import service as coverage
from snp.platform.actors import Actor

router = APIRouter(prefix="/territories/{territory_id}", tags=["coverage"])
Caller = Annotated[Actor, Depends(Allow(Action.SLOT_CALL))]


@router.get("/coverage")
def show_coverage(
    session: SessionDep,
    now: NowDep,
    by: Annotated[Actor, Depends(Allow(Action.COVERAGE_READ))],
    territory_id: UUID,
) -> CoverageOut:
    """Return the outlook of the next fourteen days, by profession and half-day."""
    _check(by, Action.COVERAGE_READ, territory_id)
    sheets = coverage.board(session, territory_id, by=by, now=now)
    return CoverageOut(professions=[SheetOut.of_sheet(one) for one in sheets])


@router.post("/slot-calls/preview")
def preview_call(
    *, session: SessionDep, now: NowDep, by: Caller, territory_id: UUID, body: SlotCallIn
) -> PreviewOut:
    """Tell whom a call would ask, and why; nothing is kept and nothing leaves."""
    _check(by, Action.SLOT_CALL, territory_id)
    found = coverage.preview(session, territory_id, body.profession, body.wanted(), by=by, now=now)
    return PreviewOut.of_preview(found)


@router.post("/slot-calls", status_code=201, response_model=SlotCallOut, responses=problem_responses(409))
def open_call(
    *, session: SessionDep, now: NowDep, by: Caller, once: OnceDep, territory_id: UUID, body: SlotCallIn
) -> Response:
    """Open a call for slots: practitioners are asked in waves, within their limits, until it is filled."""
    _check(by, Action.SLOT_CALL, territory_id)

    def make() -> Answer:
        made = coverage.open_call(session, territory_id, body.profession, body.wanted(), by=by, now=now)
        address = f"/api/v1/territories/{territory_id}/slot-calls/{made.id}"
        return Answer(SlotCallOut.of_call(made), address)

    return once(make)


@router.get("/slot-calls")
def list_calls(
    session: SessionDep, by: Caller, territory_id: UUID, limit: Limit = DEFAULT, cursor: After = None
) -> Listing[SlotCallOut]:
    """List the calls of a territory, the latest first."""
    _check(by, Action.SLOT_CALL, territory_id)
    found = coverage.list_calls(session, territory_id, cursor=cursor, limit=limit, by=by)
    return Listing[SlotCallOut](
        items=[SlotCallOut.of_call(one) for one in found.items], next=found.next_cursor
    )


@router.get("/slot-calls/{call_id}")
def get_call(
    session: SessionDep, now: NowDep, by: Caller, territory_id: UUID, call_id: UUID
) -> SlotCallDetailOut:
    """Return a call and what came of it, as counts."""
    _check(by, Action.SLOT_CALL, territory_id)
    call = coverage.call_of(session, territory_id, call_id, by=by)
    return SlotCallDetailOut.of_outcome(call, coverage.outcome(session, call, now=now))


@router.delete("/slot-calls/{call_id}", responses=problem_responses(409))
def cancel_call(
    session: SessionDep, now: NowDep, by: Caller, territory_id: UUID, call_id: UUID
) -> SlotCallOut:
    """Cancel a running call: its links publish nothing from now on."""
    _check(by, Action.SLOT_CALL, territory_id)
    return SlotCallOut.of_call(coverage.cancel_call(session, territory_id, call_id, by=by, now=now))


def _check(by: Actor, action: Action, territory_id: UUID) -> None:
    subject = Subject("territoire", territory_id, territories=frozenset({territory_id}))
    check_existing(by, action, subject)
