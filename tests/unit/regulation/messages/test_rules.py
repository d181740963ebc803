"""When people are reminded, what waits for the end of the night, and the alphabet of an SMS."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulation.messages import rules
from regulation.messages.facts import Kind
from snp.days import at_local, local

TUESDAY = date(2026, 11, 24)


def at(clock: str, day: int = 0) -> datetime:
    hour, minute = map(int, clock.split(":"))
    return at_local(TUESDAY + timedelta(days=day), time(hour, minute))


@pytest.mark.parametrize(
    ("start", "booked", "expected"),
    [
        (
            at("14:00", 1),
            at("10:00"),
            [(Kind.PATIENT_DAY_BEFORE, "18:00"), (Kind.PATIENT_HOURS_BEFORE, "12:00")],
        ),
        (at("14:00", 1), at("17:00"), [(Kind.PATIENT_HOURS_BEFORE, "12:00")]),
        (at("15:00"), at("10:00"), [(Kind.PATIENT_HOURS_BEFORE, "13:00")]),
        (at("14:00"), at("12:30"), []),
        (at("08:30", 1), at("10:00"), [(Kind.PATIENT_DAY_BEFORE, "18:00")]),
        (
            at("09:00", 1),
            at("10:00"),
            [(Kind.PATIENT_DAY_BEFORE, "18:00"), (Kind.PATIENT_HOURS_BEFORE, "08:00")],
        ),
    ],
)
def test_a_patient_is_reminded_the_evening_before_and_two_hours_before(start, booked, expected):
    told = [(one.kind, f"{local(one.at):%H:%M}") for one in rules.reminders(start, booked)]
    assert told == expected


@pytest.mark.parametrize("day", [date(2027, 3, 28), date(2026, 10, 25)])
def test_reminders_follow_the_wall_through_clock_changes(day):
    start = at_local(day, time(11, 0))
    evening, _ = rules.reminders(start, start - timedelta(days=3))
    assert f"{local(evening.at):%H:%M}" == "18:00"


@given(
    st.integers(0, 2 * 365 * 24 * 60).map(lambda minutes: at("00:00") + timedelta(minutes=minutes)),
    st.integers(0, 23),
    st.integers(0, 23),
)
def test_what_leaves_after_the_quiet_hours_leaves_in_none(instant, quiet_from, quiet_until):
    leaves = rules.out_of_quiet(instant, quiet_from, quiet_until)
    hour = local(leaves).hour
    if quiet_from > quiet_until:
        assert quiet_until <= hour < quiet_from
    elif quiet_from < quiet_until:
        assert not quiet_from <= hour < quiet_until
    else:
        assert leaves == instant
    assert timedelta(0) <= leaves - instant <= timedelta(hours=25)


def test_a_carer_is_told_at_night_of_what_begins_before_his_night_ends():
    night = at("22:00")
    assert rules.for_carer(night, at("14:00", 1), 20, 8) == at("08:00", 1)
    assert rules.for_carer(night, at("07:30", 1), 20, 8) == night


def test_an_sms_is_written_in_the_alphabet_of_phones():
    assert rules.gsm("Où l’être aimé\u00a0— «là-bas» ? Ça va…") == 'Où l\'etre aimé - "là-bas" ? Ça va...'
    assert rules.gsm("garçon 😀") == "garcon "
