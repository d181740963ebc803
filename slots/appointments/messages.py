"""What must be told of an appointment: one outbox row an event, identifiers only."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlmodel import Session

from slots.appointments.declaring import tell_sas
from slots.appointments.facts import AppointmentView
from snp.notifications.service import enqueue

BOOKED: Final = "appointment.booked"


def announce(
    session: Session,
    topic: str,
    appointment: AppointmentView,
    *,
    now: datetime,
    replaces_id: UUID | None = None,
) -> None:
    """Queue `topic` for an appointment; what concerns one request leaves in order, moves included.

    The national platform is told too of what was declared to it.
    """
    payload: dict[str, object] = {
        "appointment_id": str(appointment.id),
        "request_id": str(appointment.request_id),
        "slot_id": str(appointment.slot_id),
        "practitioner_id": str(appointment.practitioner_id),
    }
    if replaces_id is not None:
        payload["replaces_id"] = str(replaces_id)
    subject = f"request:{appointment.request_id}"
    enqueue(session, topic, subject, payload, now, territory_id=appointment.territory_id)
    if not (topic == BOOKED and replaces_id is None):  # a new one is declared after it was announced
        tell_sas(session, appointment, now=now)
