"""A carer takes back a slot or is away: the requests that lost theirs seek again, with fresh proposals."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from regulation.facts import Reason
from regulation.intake import moving
from regulation.intake import repository as requests
from regulation.intake.facts import Move, RequestState, RequestView
from regulation.intake.reaching import reaching_requests
from regulation.orientation import explaining, rules
from regulation.orientation.facts import Reopened
from regulation.orientation.service.lapsing import bundle_of, end_holds
from regulation.orientation.service.proposing import make_proposals
from regulation.orientation.service.telling import live_appointments
from slots.agenda import service as agenda
from slots.appointments import service as appointments
from slots.appointments.facts import AppointmentFilter, AppointmentStatusKind, CancelledBy
from snp.platform.actors import Actor

SERIES = "une autre séance de la série est annulée : la série est replacée ensemble"


def withdraw_slot(
    session: Session,
    slot_id: UUID,
    *,
    reason: str | None = None,
    version: int | None = None,
    by: Actor,
    now: datetime,
) -> tuple[Reopened, ...]:
    """A practitioner takes a slot back; a taken one needs a reason, and its request seeks again."""
    slot = agenda.get_slot(session, slot_id, now=now)
    _lock_taken(session, slot.practitioner_id, slot.start, slot.end)
    outcome = agenda.withdraw_slot(session, slot_id, reason=reason, version=version, by=by, now=now)
    return reopen(session, outcome.freed_request_ids, by=by, now=now)


def add_absence(
    session: Session,
    practitioner_id: UUID,
    start: datetime,
    end: datetime,
    *,
    label: str | None = None,
    reason: str | None = None,
    by: Actor,
    now: datetime,
) -> tuple[UUID, tuple[Reopened, ...]]:
    """A practitioner is away: his free slots hide; with a `reason`, the requests of taken ones seek again.

    Without a reason taken slots stay. Returns the absence's id and the requests that seek again.
    """
    _lock_taken(session, practitioner_id, start, end)
    outcome = agenda.add_absence(
        session, practitioner_id, start, end, label=label, cancel_taken_reason=reason, by=by, now=now
    )
    return outcome.absence.id, reopen(session, outcome.freed_request_ids, by=by, now=now)


def reopen(
    session: Session, request_ids: Iterable[UUID], *, by: Actor, now: datetime
) -> tuple[Reopened, ...]:
    """Send requests that lost a slot back to seek, each with fresh proposals."""
    lost = tuple(request_ids)
    with reaching_requests(session, lost):
        freed = moving.lock_all(session, lost)
        for view in freed.values():
            _send_back(session, view, set(freed), by=by, now=now)
        views = requests.load(session, freed)
        return tuple(
            Reopened(view, make_proposals(session, view, by=by, now=now))
            for view in views.values()
            if view.state is RequestState.SEEKING
        )


def _send_back(session: Session, view: RequestView, freed: set[UUID], *, by: Actor, now: datetime) -> None:
    """One locked request seeks again: what it still holds is let go, its window is checked."""
    if view.state is RequestState.HELD:
        bundle_id = bundle_of(session, view.id)
        together = () if bundle_id is None else appointments.drop_hold(session, bundle_id, by=by, now=now)
        end_holds(session, {view.id, *together}, "slot_withdrawn", by=by, now=now)
        return
    if view.state is not RequestState.BOOKED:
        return
    sessions = _give_up_series(session, view, by=by, now=now)
    window = rules.reopened_window(view.deadline, now)
    extended = window != view.deadline
    reasons: tuple[Reason, ...] = (explaining.deadline_extended(window),) if extended else ()
    changes = {
        "sessions": sessions,
        "earliest": now,
        "deadline": window,
        "household_id": _household_kept(session, view, freed),
    }
    moving.move(session, view, Move.REOPEN, reasons=reasons, changes=changes, by=by, now=now)


def _give_up_series(session: Session, view: RequestView, *, by: Actor, now: datetime) -> int:
    """Cancel what is left of a broken series; how many sessions are to be sought again, at least one."""
    to_come = [a for a in live_appointments(session, view.id) if a.start > now]
    for appointment in to_come:
        appointments.cancel(
            session, appointment.id, cancelled_by=CancelledBy.REGULATION, reason=SERIES, by=by, now=now
        )
    done = sum(
        a.status is AppointmentStatusKind.HONOURED or a.start <= now
        for a in live_appointments(session, view.id)
    )
    return max(1, view.sessions - done)


def _household_kept(session: Session, view: RequestView, freed: set[UUID]) -> UUID | None:
    """The household, unless some of it keeps its appointment: then the one who lost his seeks alone."""
    if view.household_id is None:
        return None
    kept = [
        other
        for other in requests.household(session, view.household_id)
        if other.id not in freed and other.state is RequestState.BOOKED
    ]
    return None if kept else view.household_id


def _lock_taken(session: Session, practitioner_id: UUID, start: datetime, end: datetime) -> None:
    """Lock the requests of a carer's appointments in a period before their slots are locked."""
    query = AppointmentFilter(
        practitioner_ids=frozenset({practitioner_id}), starts_from=start, starts_before=end, live=True
    )
    taken = {one.request_id for one in appointments.list_appointments(session, query, limit=200).items}
    with reaching_requests(session, taken):
        moving.lock_all(session, taken)
