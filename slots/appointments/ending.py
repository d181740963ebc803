"""How appointments end or change: cancelled, moved, honoured, not honoured; each is a line of their story."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from slots.agenda import locks
from slots.appointments import repository, rules
from slots.appointments.claiming import check_claimable, new_appointment
from slots.appointments.evicting import say
from slots.appointments.facts import AppointmentStatusKind, AppointmentView, CancelledBy
from slots.appointments.messages import announce
from slots.appointments.refusals import AppointmentNotFound
from snp.assignment.facts import Audience
from snp.errors import InvalidValue
from snp.platform.actors import Actor
from snp.platform.hashing import KeyedHash


def cancel(
    session: Session,
    appointment_id: UUID,
    *,
    cancelled_by: CancelledBy,
    reason: str,
    by: Actor,
    now: datetime,
) -> AppointmentView:
    """Give an appointment up before it starts. Its slot is offered again, unless the practitioner gave it up.

    Raises AppointmentNotFound, IllegalStatus, AppointmentStarted, InvalidValue (no reason).
    """
    appointment = _locked(session, appointment_id)
    rules.check_status_follows(appointment.status, AppointmentStatusKind.CANCELLED)
    rules.check_not_started(appointment.start, now)
    cancelled = say(
        session,
        appointment,
        AppointmentStatusKind.CANCELLED,
        by=by,
        now=now,
        cancelled_by=cancelled_by,
        reason=_checked(reason),
    )
    if cancelled_by is CancelledBy.PRACTITIONER:
        locks.withdraw_locked(session, [appointment.slot_id], reason=reason, by=by, now=now)
    else:
        locks.settle_freed(session, [appointment.slot_id], by=by, now=now)
    return cancelled


def move(
    session: Session,
    appointment_id: UUID,
    new_slot_id: UUID,
    *,
    audience: Audience,
    territory_id: UUID,
    reason: str,
    codes: KeyedHash,
    by: Actor,
    now: datetime,
) -> AppointmentView:
    """Take another slot instead, whole or not at all; the code the patient holds leads to the new one.

    Raises as `cancel` for the old slot and as `hold` for the new one.
    """
    slots = locks.lock_slots(session, [_slot_of(session, appointment_id), new_slot_id])
    old = _read(session, appointment_id)
    rules.check_status_follows(old.status, AppointmentStatusKind.MOVED)
    rules.check_not_started(old.start, now)
    target = slots[new_slot_id]
    found = check_claimable(session, [target], audience=audience, territory_id=territory_id, now=now)
    repository.end_lapsed(session, found.lapsed, now)
    line = (old.id, AppointmentStatusKind.MOVED, None, _checked(reason))
    repository.add_statuses(session, [line], author=by.ident, now=now)
    repository.set_status(session, [old.id], AppointmentStatusKind.MOVED)
    row = new_appointment(target, codes=codes) | {
        "request_id": old.request_id,
        "session_no": old.session_no,
        "territory_id": territory_id,
        "sharing_id": found.sharings.get(target.id),
        "organisation_id": old.organisation_id,
        "replaces_id": old.id,
    }
    (new,) = repository.insert_appointments(session, [row], author=by.ident, now=now, reason=reason)
    locks.settle_freed(session, [old.slot_id], by=by, now=now)
    announce(session, "appointment.moved", new, now=now, replaces_id=old.id)
    return new


def honour(session: Session, appointment_id: UUID, *, by: Actor, now: datetime) -> AppointmentView:
    """The patient came. Raises AppointmentNotFound, IllegalStatus, AppointmentNotYetDue."""
    return _close(session, appointment_id, AppointmentStatusKind.HONOURED, by=by, now=now)


def no_show(session: Session, appointment_id: UUID, *, by: Actor, now: datetime) -> AppointmentView:
    """The patient did not come. Raises AppointmentNotFound, IllegalStatus, AppointmentNotYetDue."""
    return _close(session, appointment_id, AppointmentStatusKind.NO_SHOW, by=by, now=now)


def _close(
    session: Session, appointment_id: UUID, outcome: AppointmentStatusKind, *, by: Actor, now: datetime
) -> AppointmentView:
    appointment = _locked(session, appointment_id)
    rules.check_status_follows(appointment.status, outcome)
    rules.check_outcome_due(appointment.start, outcome, now)
    return say(session, appointment, outcome, by=by, now=now)


def _locked(session: Session, appointment_id: UUID) -> AppointmentView:
    """Read an appointment under the lock of its slot."""
    locks.lock_slots(session, [_slot_of(session, appointment_id)])
    return _read(session, appointment_id)


def _slot_of(session: Session, appointment_id: UUID) -> UUID:
    slot_id = repository.slot_of(session, appointment_id)
    if slot_id is None:
        raise AppointmentNotFound(appointment_id)
    return slot_id


def _read(session: Session, appointment_id: UUID) -> AppointmentView:
    found = repository.appointments_by_id(session, [appointment_id])
    if not found:
        raise AppointmentNotFound(appointment_id)
    return found[0]


def _checked(reason: str) -> str:
    if not reason.strip():
        raise InvalidValue("reason", "indiquez un motif")
    return reason.strip()
