"""From what happened to an appointment to the messages that tell of it, one for each person and way.

Runs inside the transaction that settles the event, so that each message is queued once or not at all.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from regulation.messages import choosing, rules
from regulation.messages.facts import Kind, Medium, ReminderWay
from slots.appointments import service as appointments
from slots.appointments.facts import AppointmentStatusKind, AppointmentView, CancelledBy
from snp.directory import service as directory
from snp.directory.facts import PractitionerView
from snp.notifications import service as outbox
from snp.notifications.facts import Message
from snp.terms import Phone


def booked(session: Session, message: Message, now: datetime) -> None:
    """Tell of a new appointment; the sessions of a series are told together, with the first."""
    one = _appointment(session, message)
    if not one.live:
        return
    if one.session_no == 1:
        _tell_patient(session, Kind.PATIENT_BOOKED, one, now)
        _tell_carer(session, Kind.CARER_BOOKED, one, now)
    _remind(session, one, now)


def moved(session: Session, message: Message, now: datetime) -> None:
    """Tell of an appointment that took another slot, maybe with another carer."""
    one = _appointment(session, message)
    old = appointments.get_appointment(session, UUID(str(message.payload["replaces_id"])))
    if one.live:
        _tell_patient(session, Kind.PATIENT_MOVED, one, now)
        _remind(session, one, now)
    if old.practitioner_id == one.practitioner_id:
        if one.live:
            _tell_carer(session, Kind.CARER_MOVED, one, now)
        return
    _tell_carer(session, Kind.CARER_CANCELLED, old, now)
    if one.live:
        _tell_carer(session, Kind.CARER_BOOKED, one, now)


def cancelled(session: Session, message: Message, now: datetime) -> None:
    """Tell of an appointment that does not take place; the carer who gave it up knows."""
    one = _appointment(session, message)
    _tell_patient(session, Kind.PATIENT_CANCELLED, one, now)
    if cancelled_by(session, one) is not CancelledBy.PRACTITIONER:
        _tell_carer(session, Kind.CARER_CANCELLED, one, now)


def cancelled_by(session: Session, one: AppointmentView) -> CancelledBy | None:
    """Who gave an appointment up."""
    ended = [
        line for line in appointments.story(session, one.id) if line.status is AppointmentStatusKind.CANCELLED
    ]
    return ended[-1].cancelled_by if ended else None


def medium_for(carer: PractitionerView) -> Medium | None:
    """How a carer is told: as he prefers, or else the other way; None when not at all."""
    by_sms = carer.phone is not None and Phone.parse(carer.phone).takes_sms
    match carer.preferences.channel:
        case "none":
            return None
        case "email":
            order = (Medium.EMAIL, Medium.SMS)
        case _:
            order = (Medium.SMS, Medium.EMAIL)
    has = {Medium.SMS: by_sms, Medium.EMAIL: bool(carer.email)}
    return next((medium for medium in order if has[medium]), None)


def _appointment(session: Session, message: Message) -> AppointmentView:
    return appointments.get_appointment(session, UUID(str(message.payload["appointment_id"])))


def _tell_patient(
    session: Session, kind: Kind, one: AppointmentView, now: datetime, *, at: datetime | None = None
) -> None:
    outbox.enqueue(
        session,
        Medium.SMS,
        f"patient-of:{one.request_id}",
        {"kind": kind, "appointment_id": str(one.id)},
        now,
        due_at=at,
        territory_id=one.territory_id,
    )


def _remind(session: Session, one: AppointmentView, now: datetime) -> None:
    """Queue the reminders; which of them leave, his choice at that moment says."""
    for reminder in rules.reminders(one.start, now):
        _tell_patient(session, reminder.kind, one, now, at=reminder.at)
    if choosing.reminder_way(session, one.request_id) is ReminderWay.EMAIL:
        choosing.queue_by_mail(session, one, told_at=now, now=now)


def _tell_carer(session: Session, kind: Kind, one: AppointmentView, now: datetime) -> None:
    carer = directory.get_practitioner(session, one.practitioner_id, now=now)
    medium = medium_for(carer)
    if medium is None:
        return
    quiet = carer.preferences
    outbox.enqueue(
        session,
        medium,
        f"carer-of:{one.id}",
        {"kind": kind, "appointment_id": str(one.id)},
        now,
        due_at=rules.for_carer(now, one.start, quiet.quiet_from, quiet.quiet_until),
        territory_id=one.territory_id,
    )
