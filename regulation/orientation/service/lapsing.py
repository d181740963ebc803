"""Holds that ran out: their requests seek again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from regulation.intake import moving
from regulation.intake import repository as requests
from regulation.intake.facts import Move, RequestState, RequestView
from regulation.intake.reaching import reaching_requests
from slots.appointments import service as appointments
from slots.appointments.refusals import HoldEnded, HoldExpired, HoldNotFound
from snp.platform.actors import Actor


def bundle_of(session: Session, request_id: UUID) -> UUID | None:
    """The bundle of a request's latest hold, as its story tells; None when it never held."""
    told = requests.last_data(session, [request_id], Move.HOLD).get(request_id)
    return None if told is None else UUID(told["bundle_id"])


def end_holds(
    session: Session, request_ids: Iterable[UUID], why: str, *, by: Actor, now: datetime
) -> tuple[RequestView, ...]:
    """Let the held ones among these requests seek again; `why` is a code kept in their story."""
    held = tuple(request_ids)
    with reaching_requests(session, held):
        return tuple(
            moving.move(session, view, Move.HOLD_ENDED, data={"why": why}, by=by, now=now)
            for view in moving.lock_all(session, held).values()
            if view.state is RequestState.HELD
        )


def settle_lapsed_hold(session: Session, view: RequestView, *, by: Actor, now: datetime) -> RequestView:
    """End the hold of a locked request when it has run out: the job that does so comes by once a minute."""
    if view.state is not RequestState.HELD:
        return view
    bundle_id = bundle_of(session, view.id)
    if bundle_id is not None and _runs(session, bundle_id, now):
        return view
    if bundle_id is not None:
        appointments.drop_hold(session, bundle_id, by=by, now=now)
    return moving.move(session, view, Move.HOLD_ENDED, data={"why": "expired"}, by=by, now=now)


def _runs(session: Session, bundle_id: UUID, now: datetime) -> bool:
    try:
        return appointments.get_hold(session, bundle_id, now=now).expires_at > now
    except (HoldNotFound, HoldEnded, HoldExpired):
        return False
