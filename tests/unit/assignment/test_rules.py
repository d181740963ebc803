from __future__ import annotations

import math
from datetime import datetime, timedelta

import pytest

from snp.assignment.facts import Audience, Mode, Priority, Rule, Weights
from snp.assignment.rules import (
    EARTH_RADIUS_KM,
    breaks_household,
    breaks_sessions,
    broken_rule,
    burden,
    great_circle_km,
    local_day,
    round_half_up,
)
from tests.support.assignment import NOW, PHYSIO, a_request, a_slot


def test_a_quarter_of_a_meridian_is_a_quarter_of_the_circumference() -> None:
    assert great_circle_km(0, 0, 90, 0) == pytest.approx(math.pi / 2 * EARTH_RADIUS_KM)


def test_distance_crosses_the_date_line() -> None:
    assert great_circle_km(0, 179.9, 0, -179.9) == pytest.approx(great_circle_km(0, 0, 0, 0.2))


@pytest.mark.parametrize(("value", "rounded"), [(0.49, 0), (0.5, 1), (1.5, 2), (2.5, 3), (2.49, 2), (0, 0)])
def test_halves_round_up(value: float, rounded: int) -> None:
    assert round_half_up(value) == rounded


@pytest.mark.parametrize(
    ("rule", "slot", "request_"),
    [
        (Rule.PROFESSION, a_slot(profession=PHYSIO), a_request()),
        (Rule.MODE, a_slot(mode=Mode.HH), a_request()),
        (Rule.AUDIENCE, a_slot(audiences=[Audience.DESK]), a_request()),
        (Rule.PRACTITIONER, a_slot(), a_request(excluded=["p1"])),
        (Rule.PRACTITIONER, a_slot(), a_request(only=["p2"])),
        (Rule.PRACTITIONER, a_slot(), a_request(only=[])),
        (Rule.TOO_EARLY, a_slot(starts="2026-11-23T07:59:59+01:00"), a_request()),
        (Rule.TOO_EARLY, a_slot(), a_request(earliest="2026-11-23T10:00:01+01:00")),
        (Rule.TOO_LATE, a_slot(), a_request(deadline="2026-11-23T09:59:59+01:00")),
        (Rule.DISTANCE, a_slot(lat=47.4), a_request()),
    ],
)
def test_a_slot_that_breaks_a_rule_does_not_suit(rule: Rule, slot: object, request_: object) -> None:
    assert broken_rule(request_, slot, NOW) is rule  # type: ignore[arg-type]


def test_a_slot_may_start_exactly_now_and_exactly_at_the_deadline() -> None:
    assert broken_rule(a_request(), a_slot(starts=NOW), NOW) is None
    assert broken_rule(a_request(deadline="2026-11-23T10:00:00+01:00"), a_slot(), NOW) is None


def test_a_distance_of_exactly_the_most_allowed_suits() -> None:
    km = great_circle_km(47.1, -2.0, 47.2, -2.1)
    slot = a_slot(lat=47.2, lon=-2.1)
    assert broken_rule(a_request(max_km=km), slot, NOW) is None
    assert broken_rule(a_request(max_km=math.nextafter(km, 0)), slot, NOW) is Rule.DISTANCE


def test_a_teleconsultation_has_no_distance() -> None:
    slot = a_slot(mode=Mode.VR, lat=-40, lon=170)
    assert broken_rule(a_request(modes=[Mode.VR], max_km=0), slot, NOW) is None


def test_only_the_first_session_is_bound_by_the_deadline() -> None:
    slot = a_slot(starts="2026-11-28T10:00:00+01:00")
    assert broken_rule(a_request(), slot, NOW) is Rule.TOO_LATE
    assert broken_rule(a_request(), slot, NOW, later_session=True) is None


def test_wait_counts_from_earliest_even_when_that_is_past() -> None:
    request = a_request(priority=Priority.P1, earliest="2026-11-23T07:00:00+01:00")
    assert burden(request, a_slot(), Weights()) == 24


def test_times_in_other_offsets_are_the_same_moments() -> None:
    slot = a_slot(starts="2026-11-23T09:00:00+00:00")
    assert broken_rule(a_request(earliest="2026-11-23T10:00:00+01:00"), slot, NOW) is None


def test_the_local_day_changes_at_midnight_in_paris() -> None:
    evening = datetime.fromisoformat("2026-11-23T22:59:59+00:00")
    assert local_day(evening + timedelta(seconds=1)) == local_day(evening) + 1


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"])
def test_the_first_and_last_moments_of_the_calendar_have_a_day(moment: str) -> None:
    assert local_day(datetime.fromisoformat(moment)) > 0


def days_of_slots(*days: int) -> list[object]:
    return [a_slot(f"s{day}", starts=NOW + timedelta(days=day)) for day in days]


@pytest.mark.parametrize(
    ("days", "fits"),
    [((0, 1), True), ((0, 7), True), ((0, 8), False), ((0, 0), False), ((0,), False), ((0, 1, 2), False)],
)
def test_two_sessions_are_one_to_seven_days_apart(days: tuple[int, ...], fits: bool) -> None:
    assert (breaks_sessions(a_request(sessions=2), days_of_slots(*days)) is None) is fits  # type: ignore[arg-type]


def test_sessions_over_the_clock_change_count_calendar_days() -> None:
    slots = [
        a_slot("s1", starts="2026-03-28T23:30:00+01:00"),
        a_slot("s2", starts="2026-03-29T23:30:00+02:00"),
    ]
    assert breaks_sessions(a_request(sessions=2, max_gap_days=1), slots) is None


def test_sessions_stay_with_one_practitioner() -> None:
    slots = [a_slot("s1"), a_slot("s2", "p2", starts="2026-11-24T10:00:00+01:00")]
    assert breaks_sessions(a_request(sessions=2), slots) == "the sessions are not with one practitioner"


def test_a_household_takes_one_unbroken_run() -> None:
    first, second = a_slot("s1"), a_slot("s2", starts="2026-11-23T10:15:00+01:00")
    later = a_slot("s3", starts="2026-11-23T10:45:00+01:00")
    other = a_slot("s4", "p2", starts="2026-11-23T10:15:00+01:00")
    assert breaks_household([second, first]) is None
    assert breaks_household([first, later]) == "s3 does not start where s1 ends"
    assert breaks_household([first, other]) == "the slots are not with one practitioner"


def test_a_run_over_midnight_is_not_one_day() -> None:
    slots = [
        a_slot("s1", starts="2026-11-23T23:45:00+01:00"),
        a_slot("s2", starts="2026-11-24T00:00:00+01:00"),
    ]
    assert breaks_household(slots) == "the slots are not on one local day"
