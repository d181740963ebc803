"""Faults of form are told in French, and never quote what was typed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from pydantic import ValidationError

from api.schemas.agenda import SingleSlotIn
from api.schemas.requests import DecisionIn, OpeningIn, PatientIn
from api.validation_words import french
from regulation.intake.facts import Origin

PATIENT = {
    "family_name": "Guérin",
    "given_name": "Maëlle",
    "birth_date": "1987-04-12",
    "sex": "F",
    "insee": "44131",
}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"family_name": ""}, "string_too_short"),
        ({"family_name": "x" * 201}, "string_too_long"),
        ({"family_name": "a\x00b"}, "value_error"),
        ({"family_name": "a\x7fb"}, "value_error"),
        ({"insee": "4413"}, "string_pattern_mismatch"),
        ({"insee": "2C131"}, "string_pattern_mismatch"),
        ({"birth_date": "12/04/1987"}, "date_from_datetime_parsing"),
        ({"birth_date": "1650-01-01"}, "value_error"),
        ({"sex": "X"}, "enum"),
        ({"nickname": "x"}, "extra_forbidden"),
        ({"phone": 33}, "string_type"),
    ],
)
def test_a_fault_has_its_code_and_a_french_sentence(changes: dict[str, Any], code: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        PatientIn.model_validate(PATIENT | changes)

    fault = refusal.value.errors()[0]
    assert fault["type"] == code
    sentence = french(code, fault.get("ctx", {}), str(fault.get("ctx", {}).get("error", "")))
    assert sentence
    assert sentence != "valeur refusée" or code == "date_from_datetime_parsing"


@pytest.mark.parametrize(
    "start", ["2026-11-25T10:00:00", "2026-11-25", "1764061200", 1764061200, "1999-01-01T00:00:00Z", None]
)
def test_an_instant_needs_its_offset_and_a_plausible_year(start: object) -> None:
    body = {
        "kind": "single",
        "practitioner_id": str(uuid4()),
        "start": start,
        "offer": {"site_id": str(uuid4()), "territory_ids": [str(uuid4())]},
    }
    with pytest.raises(ValidationError):
        SingleSlotIn.model_validate(body)

    kept = SingleSlotIn.model_validate(body | {"start": "2026-11-25T10:00:00+01:00"})
    assert kept.start == datetime(2026, 11, 25, 9, tzinfo=UTC)


@pytest.mark.parametrize("km", ["inf", "nan", -1, 501])
def test_a_distance_is_finite_and_bounded(km: object) -> None:
    with pytest.raises(ValidationError):
        DecisionIn.model_validate({"disposition": "advice", "max_km": km})


def test_an_unknown_kind_of_fault_has_a_sentence_too() -> None:
    assert french("something_new", {}, "x") == "valeur refusée"
    assert french("greater_than", {}, "x") == "valeur refusée"


def test_an_opening_takes_the_origin_of_who_opens_it() -> None:

    body = OpeningIn.model_validate({"territory_id": str(uuid4()), "patient": PATIENT})

    assert body.to_facts(Origin.ARM).origin is Origin.ARM
