"""The way out of appointments to the national platform (INT_R03): a channel of the outbox.

Reads what a message says; the client sends it. The mapping is `appointment_mapping`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final
from uuid import UUID

from sqlmodel import Session

from api.fhir.appointment_mapping import ToldAppointment, appointment_resource
from api.fhir.regulator_mapping import TYPE_CODES
from slots.appointments import service as appointments
from slots.appointments.declaring import SAS_TOPIC
from slots.appointments.facts import AppointmentStatusKind
from snp.directory import service as directory
from snp.directory.facts import PractitionerView
from snp.notifications import service as outbox
from snp.notifications.channels import Sending
from snp.notifications.facts import Message, Outcome, Refused, Unneeded
from snp.notifications.sas_client import SasClient
from snp.terms import ADELI, RPPS, PersonId

WIDTH: Final = 4


@dataclass(frozen=True)
class SasAppointments:
    """Pushes each word of a declared appointment. `system`: ours, the same for ever."""

    client: SasClient
    system: str
    name: str = "sas"
    topics: frozenset[str] = frozenset({SAS_TOPIC})
    width: int = WIDTH

    def prepare(self, session: Session, message: Message, now: datetime) -> Sending | Outcome:
        """Return the sending of what was so when the message was queued.

        A given-up word that is replayed after a later one arrived is not said: it would undo that one.
        """
        if outbox.is_overtaken(session, message):
            return Unneeded("overtaken")
        declared_id = UUID(message.payload["appointment_id"])
        status = AppointmentStatusKind(message.payload["status"])
        told = appointments.get_appointment(session, UUID(message.payload["told_id"]))
        declaration = appointments.sas_declarations(session, [declared_id])[declared_id]
        person = _person(directory.get_practitioner(session, told.practitioner_id, now=now))
        if person is None:
            return Refused("practitioner-unnamed")
        if declaration.operator.system not in TYPE_CODES:
            return Refused("operator-unknown-system")
        resource = appointment_resource(
            ToldAppointment(
                system=self.system,
                value=str(declared_id),
                operator=declaration.operator,
                practitioner=person,
                status=status,
                start=told.start,
                end=told.end,
                created=declaration.created_at,
            )
        )
        is_booking = told.id == declared_id and status is AppointmentStatusKind.BOOKED
        first = is_booking and message.attempt == 1
        criterion = f"{self.system}|{declared_id}"
        return partial(self.client.tell, resource, criterion=criterion, first=first)


def _person(practitioner: PractitionerView) -> PersonId | None:
    """Return the national identifier of a practitioner, RPPS first."""
    if practitioner.rpps is not None:
        return PersonId.of(RPPS(practitioner.rpps))
    return None if practitioner.adeli is None else PersonId.of(ADELI(practitioner.adeli))
