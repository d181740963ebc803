"""An appointment as the platform is told of it: every word, and its validity against the official profile."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from api.fhir.appointment_mapping import ToldAppointment, appointment_resource
from slots.appointments.facts import AppointmentStatusKind, SasOperator
from snp.terms import ADELI, RPPS, PersonId
from tests.support.fhir_profiles import findings, profiles

NATIONAL, TECHNICAL = "urn:oid:1.2.250.1.71.4.2.1", "urn:oid:1.2.250.1.213.3.6"
PARIS_SUMMER = timezone(timedelta(hours=2))


def a_told_appointment(**changes: Any) -> ToldAppointment:
    plain: dict[str, Any] = {
        "system": "https://agenda.example/rdv",
        "value": "0199c1de-7a35-7b2f-9d4e-6f1f0a1b2c3d",
        "operator": SasOperator(TECHNICAL, "5b0f8f0e-2f8a-4a43-9e57-3d1a2c4b5e6f"),
        "practitioner": PersonId.of(RPPS("10003456786")),
        "status": AppointmentStatusKind.BOOKED,
        "start": datetime(2026, 7, 1, 9, 40, tzinfo=PARIS_SUMMER),
        "end": datetime(2026, 7, 1, 10, 0, tzinfo=PARIS_SUMMER),
        "created": datetime(2026, 7, 1, 7, 0, 12, 345678, tzinfo=UTC),
    }
    return ToldAppointment(**(plain | changes))


def test_the_whole_resource_is_what_the_guide_asks_for() -> None:
    assert appointment_resource(a_told_appointment()) == {
        "resourceType": "Appointment",
        "meta": {"profile": ["http://sas.fr/fhir/StructureDefinition/FrAppointmentSAS"]},
        "extension": [
            {
                "url": "http://interopsante.org/fhir/StructureDefinition/FrAppointmentOperator",
                "valueReference": {
                    "identifier": {
                        "type": {
                            "coding": [
                                {
                                    "system": "http://interopsante.org/fhir/CodeSystem/fr-v2-0203",
                                    "code": "INTRN",
                                }
                            ]
                        },
                        "system": TECHNICAL,
                        "value": "5b0f8f0e-2f8a-4a43-9e57-3d1a2c4b5e6f",
                    }
                },
            }
        ],
        "identifier": [
            {"system": "https://agenda.example/rdv", "value": "0199c1de-7a35-7b2f-9d4e-6f1f0a1b2c3d"}
        ],
        "status": "booked",
        "start": "2026-07-01T07:40:00.000+00:00",
        "end": "2026-07-01T08:00:00.000+00:00",
        "created": "2026-07-01T07:00:12.345+00:00",
        "participant": [
            {
                "actor": {
                    "identifier": {
                        "type": {
                            "coding": [
                                {
                                    "system": "http://interopsante.org/fhir/CodeSystem/fr-v2-0203",
                                    "code": "IDNPS",
                                }
                            ]
                        },
                        "system": NATIONAL,
                        "value": "810003456786",
                    }
                },
                "status": "accepted",
            }
        ],
    }


@pytest.mark.parametrize(
    ("status", "told"),
    [
        (AppointmentStatusKind.BOOKED, "booked"),
        (AppointmentStatusKind.CANCELLED, "cancelled"),
        (AppointmentStatusKind.HONOURED, "fulfilled"),
        (AppointmentStatusKind.NO_SHOW, "noshow"),
    ],
)
def test_each_status_has_its_word(status: AppointmentStatusKind, told: str) -> None:
    assert appointment_resource(a_told_appointment(status=status))["status"] == told


def test_a_national_identifier_names_its_type() -> None:
    operator = SasOperator(NATIONAL, "3139900001/REG0042")
    resource = appointment_resource(
        a_told_appointment(operator=operator, practitioner=PersonId.of(ADELI("449912340")))
    )
    (extension,) = resource["extension"]
    (coding,) = extension["valueReference"]["identifier"]["type"]["coding"]
    assert coding["code"] == "IDNPS"
    assert resource["participant"][0]["actor"]["identifier"]["value"] == "0449912340"


def _of_example(status: str) -> set[str]:
    """What the validator says of the guide's own example: the operator's extension is not in its package."""
    examples = (json.loads(path.read_text()) for path in profiles().glob("example/Appointment-*.json"))
    (example,) = (each for each in examples if each["status"] == status)
    return set(findings(example))


@pytest.mark.parametrize("status", [AppointmentStatusKind.BOOKED, AppointmentStatusKind.CANCELLED])
def test_it_is_as_valid_as_the_guide_s_own_example(status: AppointmentStatusKind) -> None:
    resource = appointment_resource(a_told_appointment(status=status))
    assert set(findings(resource)) == _of_example(status.value)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda one: one.pop("identifier"),
        lambda one: one["identifier"].append({"system": "https://agenda.example/rdv", "value": "2"}),
        lambda one: one["identifier"][0].pop("system"),
        lambda one: one.pop("start"),
        lambda one: one.update(status="BOOKED"),
        lambda one: one["participant"][0].update(status="tentative"),
        lambda one: one["participant"][0]["actor"]["identifier"].update(system=TECHNICAL),
        lambda one: one["participant"][0]["actor"]["identifier"].pop("type"),
    ],
)
def test_the_validator_sees_what_is_wrong(spoil: Callable[[dict[str, Any]], object]) -> None:
    resource = appointment_resource(a_told_appointment())
    spoil(resource)
    assert set(findings(resource)) - _of_example("booked")
