"""Stopping and giving up a request in any live state, and freeing what it holds or has taken."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from regulation.intake import moving, rules
from regulation.intake import repository as requests
from regulation.intake.facts import Move, RequestState, RequestView, StepResult, Urgency
from regulation.orientation.service.lapsing import bundle_of, end_holds
from regulation.orientation.service.telling import audit_appointment, live_appointments, said
from slots.appointments import service as appointments
from slots.appointments.facts import AppointmentStatusKind, CancelledBy
from snp.errors import InvalidValue
from snp.platform.actors import Actor


def stop(
    session: Session,
    request_id: UUID,
    urgency: Urgency,
    *,
    version: int | None = None,
    by: Actor,
    now: datetime,
) -> StepResult:
    """Stop a request towards the 15 in any live state, and free the slots that it holds or has taken.

    Raises `InvalidValue` when what was typed is no reason to stop.
    """
    view = moving.locked(session, request_id, version=version, by=by)
    reasons = rules.hard_stop(urgency)
    if not reasons:
        raise InvalidValue("urgency", "seuls P0, R1 et R2 arrêtent un dossier vers le 15.")
    rules.next_state(view.state, Move.STOP)
    _free_claims(session, view, CancelledBy.REGULATION, reasons[0].sentence, by=by, now=now)
    view = requests.load(session, [request_id])[request_id]
    moved = moving.move_to_the_15(session, view, urgency, reasons, by=by, now=now)
    return StepResult(moved, reasons)


def cancel_request(
    session: Session,
    request_id: UUID,
    why: str,
    *,
    cancelled_by: CancelledBy = CancelledBy.REGULATION,
    version: int | None = None,
    by: Actor,
    now: datetime,
) -> StepResult:
    """Give a request up in any live state, and free the slots that it holds or has taken.

    `why` is told to who held the slot's agenda, so it names no patient and no symptom.
    """
    if not why.strip():
        raise InvalidValue("why", "indiquez un motif.")
    view = moving.locked(session, request_id, version=version, by=by)
    rules.next_state(view.state, Move.CANCEL)
    _free_claims(session, view, cancelled_by, why, by=by, now=now)
    view = requests.load(session, [request_id])[request_id]
    return StepResult(moving.move(session, view, Move.CANCEL, data=said(cancelled_by), by=by, now=now))


def _free_claims(
    session: Session, view: RequestView, cancelled_by: CancelledBy, why: str, *, by: Actor, now: datetime
) -> None:
    """Let go of what a locked request holds, and cancel its appointments to come."""
    if view.state is RequestState.HELD:
        bundle_id = bundle_of(session, view.id)
        if bundle_id is not None:
            dropped = appointments.drop_hold(session, bundle_id, by=by, now=now)
            end_holds(session, set(dropped) - {view.id}, "dropped", by=by, now=now)
    if view.state is RequestState.BOOKED:
        for appointment in live_appointments(session, view.id):
            if appointment.start > now and appointment.status is AppointmentStatusKind.BOOKED:
                appointments.cancel(
                    session, appointment.id, cancelled_by=cancelled_by, reason=why, by=by, now=now
                )
                audit_appointment(session, view, appointment.id, "annulation du rendez-vous", by=by, now=now)
