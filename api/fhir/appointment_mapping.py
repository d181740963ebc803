"""An appointment as the national platform is told of it (INT_R03): facts in, plain JSON out. Pure.

No patient in it: the only participant is the practitioner.
Source: ANS, `ans.fhir.fr.sas`, profile FrAppointmentSAS; `accepted` is valid in 1.1.0 and in 1.2.0 alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from api.fhir import canonical
from api.fhir.regulator_mapping import TYPE_CODES
from slots.appointments.facts import AppointmentStatusKind, SasOperator
from snp.terms import PersonId

_STATUSES: Final = {
    AppointmentStatusKind.BOOKED: "booked",
    AppointmentStatusKind.CANCELLED: "cancelled",
    AppointmentStatusKind.HONOURED: "fulfilled",
    AppointmentStatusKind.NO_SHOW: "noshow",
}
"""`moved` has none: what follows it is a booked appointment under the same identifier."""


@dataclass(frozen=True, slots=True)
class ToldAppointment:
    """What the platform may know of an appointment. `identifier` (system, value) never changes."""

    system: str
    value: str
    operator: SasOperator
    practitioner: PersonId
    status: AppointmentStatusKind
    start: datetime
    end: datetime
    created: datetime


def appointment_resource(told: ToldAppointment) -> dict[str, Any]:
    """Return the `Appointment`. Its operator's system must be one of `TYPE_CODES`."""
    operator = told.operator
    return {
        "resourceType": "Appointment",
        "meta": {"profile": [canonical.APPOINTMENT]},
        "extension": [
            {
                "url": canonical.APPOINTMENT_OPERATOR,
                "valueReference": {
                    "identifier": _person(TYPE_CODES[operator.system], operator.system, operator.value)
                },
            }
        ],
        "identifier": [{"system": told.system, "value": told.value}],
        "status": _STATUSES[told.status],
        "start": _instant(told.start),
        "end": _instant(told.end),
        "created": _instant(told.created),
        "participant": [
            {
                "actor": {"identifier": _person("IDNPS", canonical.PERSON_ID, told.practitioner)},
                "status": "accepted",
            }
        ],
    }


def _person(code: str, system: str, value: str) -> dict[str, Any]:
    kind = {"coding": [{"system": canonical.PERSON_ID_TYPE, "code": code}]}
    return {"type": kind, "system": system, "value": str(value)}


def _instant(instant: datetime) -> str:
    """Write an instant with milliseconds and a numeric offset, never `Z`."""
    return instant.astimezone(UTC).isoformat(timespec="milliseconds")
