"""Appointments that the national platform is told of: those booked by a regulator who came through it.

Here only what is to be told is kept and queued; who sends it, and how, stands above the outbox.
Source: ANS, interoperability guide of the SAS, INT_R03: at booking, then at every change; no patient data.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlmodel import Session

from slots.appointments import repository
from slots.appointments.facts import AppointmentView, SasDeclaration, SasOperator
from snp.notifications.service import enqueue

SAS_TOPIC: Final = "sas.appointment"


def declare_to_sas(session: Session, appointment_id: UUID, operator: SasOperator, *, now: datetime) -> None:
    """Keep who booked an appointment from the platform, and queue the first word of it."""
    (appointment,) = repository.appointments_by_id(session, [appointment_id])
    repository.insert_sas_appointment(session, appointment_id, operator, now=now)
    _queue(session, appointment_id, appointment, now)


def tell_sas(session: Session, appointment: AppointmentView, *, now: datetime) -> None:
    """Queue one more word of an appointment that was declared, under its own id or before it was moved.

    Does nothing for all the others.
    """
    declared_id = repository.declared_root(session, appointment)
    if declared_id is not None:
        _queue(session, declared_id, appointment, now)


def sas_declarations(session: Session, appointment_ids: Collection[UUID]) -> dict[UUID, SasDeclaration]:
    """The declarations of these appointments, by appointment; others are left out."""
    return repository.sas_appointments(session, appointment_ids)


def _queue(session: Session, declared_id: UUID, told: AppointmentView, now: datetime) -> None:
    """Queue what is so now: each word says one change, and those of one appointment leave in order.

    `appointment_id` is the one declared at booking and names it to the platform for ever; `told_id` is the
    row that holds its present place and time, which are never edited; the status is that of the change.
    """
    payload: dict[str, object] = {
        "appointment_id": str(declared_id),
        "told_id": str(told.id),
        "status": told.status.value,
    }
    subject = f"sas-appointment:{declared_id}"
    enqueue(session, SAS_TOPIC, subject, payload, now, territory_id=told.territory_id)
