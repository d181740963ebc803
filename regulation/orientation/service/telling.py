"""What is read and written beside every ended claim: live appointments, audit lines, who said so."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from regulation.intake.facts import RequestView
from slots.appointments import service as appointments
from slots.appointments.facts import AppointmentFilter, AppointmentView, CancelledBy
from snp.platform import audit
from snp.platform.actors import Actor


def live_appointments(session: Session, request_id: UUID) -> tuple[AppointmentView, ...]:
    """The appointments that a request has now, by start, those already honoured included."""
    query = AppointmentFilter(request_ids=frozenset({request_id}), live=True)
    return appointments.list_appointments(session, query).items


def said(cancelled_by: CancelledBy) -> dict[str, str]:
    """Who gave a claim up, as a story keeps it."""
    return {"cancelled_by": cancelled_by.value}


def audit_appointment(
    session: Session, view: RequestView, appointment_id: UUID, why: str, *, by: Actor, now: datetime
) -> None:
    """One line of audit: an appointment names its patient through its request."""
    audit.record(
        session,
        at=now,
        actor=by,
        action=audit.AuditAction.CHANGE,
        resource="appointment",
        resource_id=appointment_id,
        patient_id=view.patient_id,
        why=why,
    )
