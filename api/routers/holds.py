"""Holds: keep the slots of a proposal for a few minutes, confirm them, or let them go.

Who loses a race gets `slot-already-taken` with fresh `proposals`, to be held by their slots. A booking comes
through the two direct routes.
"""

from __future__ import annotations

from enum import Enum
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from api.deps import Allow, KeysDep, NowDep, SessionDep
from api.direct import DirectRoute
from api.idempotency import Answer, OnceDep
from api.negotiation import json_only
from api.openapi import OF_THE_API, name_operation, problem_responses
from api.problems import problem_of, problem_response
from api.schemas.orientation import (
    AppointmentOut,
    BookedOut,
    BookingOut,
    HoldIn,
    HoldOut,
    ProposalsOut,
    RunningHoldOut,
)
from api.security.rights import Action
from regulation.intake import service as intake
from regulation.orientation import service as orientation
from regulation.orientation.refusals import SlotNoLongerFree
from slots.appointments import service as appointments
from snp.platform.actors import Actor

_TAGS: Final[list[str | Enum]] = ["proposals"]
router = APIRouter(prefix="/holds", tags=_TAGS, responses=problem_responses(409))
direct = APIRouter(
    prefix="/api/v1/holds",
    tags=_TAGS,
    route_class=DirectRoute,
    dependencies=[Depends(json_only)],
    responses=problem_responses(*OF_THE_API, 409),
    generate_unique_id_function=name_operation,
)
Holder = Annotated[Actor, Depends(Allow(Action.HOLD))]
Confirmer = Annotated[Actor, Depends(Allow(Action.CONFIRM))]


@direct.post("", status_code=201, response_model=HoldOut)
def hold(
    *, request: Request, session: SessionDep, now: NowDep, by: Holder, once: OnceDep, body: HoldIn
) -> Response:
    """Keep the slots of a proposal, or chosen slots of a request."""

    def keep() -> Answer:
        if body.proposal_id is not None:
            held = orientation.hold(session, body.proposal_id, minutes=body.minutes, by=by, now=now)
        else:
            assert body.request_id is not None
            held = orientation.hold_slots(
                session, body.request_id, body.slot_ids, minutes=body.minutes, by=by, now=now
            )
        return Answer(HoldOut.of(held), f"/api/v1/holds/{held.bundle_id}")

    try:
        return once(keep)
    except SlotNoLongerFree as refusal:
        session.rollback()
        fresh = ProposalsOut.of(refusal.proposals)
        return problem_response(request, problem_of(refusal), more={"proposals": fresh.model_dump()})


@direct.post("/{bundle_id}/confirm", status_code=201, response_model=BookingOut)
def confirm(
    *,
    session: SessionDep,
    now: NowDep,
    keys: KeysDep,
    by: Confirmer,
    once: OnceDep,
    bundle_id: UUID,
) -> Response:
    """Turn held slots into appointments; `patient_code` is what the patient keeps."""

    def book() -> Answer:
        booked = orientation.confirm(session, bundle_id, keys=keys, by=by, now=now)
        codes = keys.hasher()
        shown = [
            BookedOut(
                **AppointmentOut.of(view).model_dump(),
                patient_code=appointments.new_patient_code(view.id, codes=codes),
            )
            for view in booked
        ]
        return Answer(BookingOut(appointments=shown), f"/api/v1/appointments/{booked[0].id}")

    return once(book)


@router.get("/{bundle_id}")
def get_hold(session: SessionDep, now: NowDep, by: Holder, bundle_id: UUID) -> RunningHoldOut:
    """Return a running hold; one that ended is a conflict that says so."""
    found = appointments.get_hold(session, bundle_id, now=now)
    for request_id in {slot.request_id for slot in found.slots}:
        intake.get_request(session, request_id, by=by, now=now)
    return RunningHoldOut.of(found)


@router.delete("/{bundle_id}", status_code=204)
def drop_hold(session: SessionDep, now: NowDep, by: Holder, bundle_id: UUID) -> None:
    """Give held slots back; their requests seek again."""
    orientation.drop_hold(session, bundle_id, by=by, now=now)
