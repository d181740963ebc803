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
from slots.appointments.facts import SasDeclaration, SasOperator
from snp.notifications.service import enqueue

SAS_TOPIC: Final = "sas.appointment"


def declare_to_sas(session: Session, appointment_id: UUID, operator: SasOperator, *, now: datetime) -> None:
    """Keep who booked an appointment from the platform, and queue the first word of it."""
    repository.insert_sas_appointment(session, appointment_id, operator, now=now)
    tell_sas(session, appointment_id, now=now)


def sas_declarations(session: Session, appointment_ids: Collection[UUID]) -> dict[UUID, SasDeclaration]:
    """The declarations of these appointments, by appointment; others are left out."""
    return repository.sas_appointments(session, appointment_ids)


def tell_sas(session: Session, appointment_id: UUID, *, now: datetime) -> None:
    """Queue one word of a declared appointment; what concerns one appointment leaves in order.

    The message names the appointment only: its state is read when it leaves.
    """
    payload: dict[str, object] = {"appointment_id": str(appointment_id)}
    enqueue(session, SAS_TOPIC, f"sas-appointment:{appointment_id}", payload, now)
