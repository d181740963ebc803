"""The minimal traits of a patient: checked once, put in normal form."""

from __future__ import annotations

from datetime import date

import pytest

from regulation.intake.facts import CallerTraits, Origin
from regulation.intake.traits import (
    age_in_years,
    checked_caller,
    checked_note,
    checked_patient,
    checked_reason,
)
from snp.errors import InvalidValue
from tests.support.regulation import TODAY, a_patient


def test_names_are_trimmed_and_the_phone_is_international():
    found = checked_patient(
        a_patient(family_name="  Le   Goff ", given_name="Anne-Lise", phone="06 39 98 00 01"),
        Origin.ARM,
        TODAY,
    )
    assert (found.family_name, found.given_name, found.phone) == ("Le Goff", "Anne-Lise", "+33639980001")


@pytest.mark.parametrize("name", ["D’Arc", "O'Neil", "N’Guyen-Lê", "Saint-Jean", "J.-P.", "Ōkubo"])
def test_real_names_are_accepted(name: str):
    assert checked_patient(a_patient(family_name=name), Origin.ARM, TODAY).family_name == name


@pytest.mark.parametrize(
    ("traits", "field"),
    [
        ({"family_name": "  "}, "family_name"),
        ({"family_name": "--"}, "family_name"),
        ({"given_name": "R2D2"}, "given_name"),
        ({"given_name": "x" * 101}, "given_name"),
        ({"birth_date": date(2026, 11, 25)}, "birth_date"),
        ({"birth_date": date(1890, 1, 1)}, "birth_date"),
        ({"phone": "12"}, "phone"),
        ({"phone": None}, "phone"),
    ],
)
def test_an_implausible_trait_is_refused_by_its_name(traits: dict[str, object], field: str):
    with pytest.raises(InvalidValue) as refused:
        checked_patient(a_patient(**traits), Origin.OSNP, TODAY)
    assert refused.value.fields["field"] == field


def test_a_commune_is_a_code_not_a_name():
    with pytest.raises(InvalidValue):
        checked_patient(a_patient(insee="Pornic"), Origin.OSNP, TODAY)


@pytest.mark.parametrize("origin", [Origin.PHARMACY, Origin.NURSE, Origin.DOCTOR, Origin.PHYSIO])
def test_who_stands_at_a_counter_may_leave_no_phone(origin: Origin):
    assert checked_patient(a_patient(phone=None), origin, TODAY).phone is None


def test_born_today_is_plausible():
    assert checked_patient(a_patient(birth_date=TODAY), Origin.ARM, TODAY).birth_date == TODAY


@pytest.mark.parametrize(
    ("born", "today", "age"),
    [
        (date(2016, 11, 24), date(2026, 11, 24), 10),
        (date(2016, 11, 25), date(2026, 11, 24), 9),
        (date(2008, 2, 29), date(2026, 2, 28), 17),
        (date(2008, 2, 29), date(2026, 3, 1), 18),
        (date(2026, 11, 24), date(2026, 11, 24), 0),
    ],
)
def test_age_is_counted_in_birthdays(born: date, today: date, age: int):
    assert age_in_years(born, today) == age


def test_a_reason_is_a_code():
    assert checked_reason("sore_throat") == "sore_throat"
    assert checked_reason("") is None
    with pytest.raises(InvalidValue):
        checked_reason("mal à la gorge depuis hier")


def test_a_caller_who_says_nothing_is_nobody():
    assert checked_caller(None) is None
    assert checked_caller(CallerTraits(name="  ")) is None
    assert checked_caller(CallerTraits("Jeanne", "0639980002", " sa  mère ")) == CallerTraits(
        "Jeanne", "+33639980002", "sa mère"
    )


def test_a_note_has_an_end():
    assert checked_note("  tousse  ") == "tousse"
    assert checked_note(" ") is None
    with pytest.raises(InvalidValue):
        checked_note("x" * 2001)
