"""Who is coming: the identities that an appointment gives the right to read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from regulation.intake import repository as requests
from regulation.intake.facts import PatientTraits
from regulation.intake.rules import may_open_identities, may_see_view
from regulation.intake.service.reading import open_identities
from regulation.orientation.facts import Coming
from slots.appointments import service as appointments
from snp.errors import Forbidden
from snp.platform.actors import Actor
from snp.platform.keys import Keys


def read_who_comes(
    session: Session, appointment_ids: Sequence[UUID], *, keys: Keys, why: str, by: Actor, now: datetime
) -> dict[UUID, Coming]:
    """Who comes to these appointments and why, by appointment; audited, one line each.

    A practitioner reads those who come to him, others those of the requests that they see; the rest is left
    out. Raises `Forbidden` for roles that never see an identity.
    """
    if not may_open_identities(by):
        raise Forbidden(f"a {by.role.value} never reads patient identities")
    found = [appointments.get_appointment(session, ident) for ident in appointment_ids]
    views = requests.load(session, {appointment.request_id for appointment in found})
    readable = [
        appointment
        for appointment in found
        if appointment.request_id in views
        and (
            (by.practitioner is not None and appointment.practitioner_id == by.practitioner)
            or may_see_view(by, views[appointment.request_id])
        )
    ]
    wanted = list(dict.fromkeys(appointment.request_id for appointment in readable))
    traits = open_identities(session, wanted, keys=keys, why=why, by=by, now=now)
    return {
        one.id: Coming(traits[one.request_id], views[one.request_id].reason, views[one.request_id].number)
        for one in readable
    }


def read_patients_of_appointments(
    session: Session, appointment_ids: Sequence[UUID], *, keys: Keys, why: str, by: Actor, now: datetime
) -> dict[UUID, PatientTraits]:
    """The patients of these appointments, by appointment; as `read_who_comes`."""
    found = read_who_comes(session, appointment_ids, keys=keys, why=why, by=by, now=now)
    return {ident: coming.traits for ident, coming in found.items()}
