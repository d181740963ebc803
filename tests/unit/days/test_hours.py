"""The hours of unscheduled care and of the permanence des soins."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest

from snp.days import (
    CarePeriod,
    DayHours,
    HolidayRegion,
    PdsaHours,
    SnpHours,
    at_local,
    care_period,
    is_pdsa,
    is_snp_hours,
    next_snp_opening,
    outside_snp_hours,
    snp_openings,
    within_snp_hours,
)

MONDAY = date(2026, 11, 23)
SATURDAY = date(2026, 11, 28)
SUNDAY = date(2026, 11, 29)
ARMISTICE = date(2026, 11, 11)
ALL_DAY = DayHours(time(0), time(0))
ALWAYS = SnpHours(weekdays=ALL_DAY, saturday=ALL_DAY, sunday=ALL_DAY, open_on_holidays=True)
NEVER = SnpHours(closed_on=frozenset(MONDAY + timedelta(days=n) for n in range(40)))


def at(day: date, clock: str) -> datetime:
    return at_local(day, time.fromisoformat(clock))


@pytest.mark.parametrize(
    ("day", "start", "end", "expected"),
    [
        (MONDAY, "08:00", "08:15", True),
        (MONDAY, "19:45", "20:00", True),
        (MONDAY, "07:55", "08:10", False),
        (MONDAY, "19:50", "20:05", False),
        (MONDAY, "12:00", "12:00", False),
        (SATURDAY, "11:45", "12:00", True),
        (SATURDAY, "11:50", "12:05", False),
        (SATURDAY, "14:00", "14:15", False),
        (SUNDAY, "10:00", "10:15", False),
        (ARMISTICE, "10:00", "10:15", False),
        (date(2028, 2, 29), "10:00", "10:15", True),
        (date(2026, 3, 30), "08:00", "08:15", True),
        (date(2026, 10, 26), "19:45", "20:00", True),
    ],
)
def test_an_interval_lies_within_snp_hours_or_not(day: date, start: str, end: str, expected: bool):
    assert within_snp_hours(at(day, start), at(day, end)) is expected
    assert (outside_snp_hours(at(day, start), at(day, end)) is None) is expected


def test_eight_o_clock_is_open_and_twenty_o_clock_is_not():
    assert is_snp_hours(at(MONDAY, "08:00"))
    assert not is_snp_hours(at(MONDAY, "20:00"))


@pytest.mark.parametrize(
    ("day", "start", "end", "reason"),
    [
        (ARMISTICE, "10:00", "10:15", "férié (Armistice)"),
        (SUNDAY, "10:00", "10:15", "ce jour de la semaine"),
        (SATURDAY, "14:00", "14:15", "le samedi de 8\u00a0h à 12\u00a0h"),
        (MONDAY, "20:00", "20:15", "du lundi au vendredi de 8\u00a0h à 20\u00a0h"),
    ],
)
def test_the_reason_is_a_french_sentence(day: date, start: str, end: str, reason: str):
    assert reason in (outside_snp_hours(at(day, start), at(day, end)) or "")


def test_a_day_closed_by_the_territory_says_so():
    hours = SnpHours(closed_on=frozenset({MONDAY}))
    assert "fermé" in (outside_snp_hours(at(MONDAY, "10:00"), at(MONDAY, "10:15"), hours) or "")


def test_a_territory_may_open_on_sundays_and_close_later():
    hours = SnpHours(weekdays=DayHours(time(8, 30), time(22)), sunday=DayHours(time(9), time(12, 30)))
    assert within_snp_hours(at(MONDAY, "21:45"), at(MONDAY, "22:00"), hours)
    assert not within_snp_hours(at(MONDAY, "08:15"), at(MONDAY, "08:30"), hours)
    assert within_snp_hours(at(SUNDAY, "12:15"), at(SUNDAY, "12:30"), hours)
    assert "le dimanche de 9\u00a0h à 12\u00a0h\u00a030" in (
        outside_snp_hours(at(SUNDAY, "13:00"), at(SUNDAY, "13:15"), hours) or ""
    )


def test_alsace_is_closed_on_good_friday():
    good_friday = date(2026, 4, 3)
    assert is_snp_hours(at(good_friday, "10:00"))
    assert not is_snp_hours(at(good_friday, "10:00"), SnpHours(region=HolidayRegion.ALSACE_MOSELLE))


def test_a_slot_may_end_at_midnight_and_cross_it_where_nights_are_open():
    midnight = at(date(2026, 11, 24), "00:00")
    late = SnpHours(weekdays=DayHours(time(8), time(0)))
    assert within_snp_hours(midnight - timedelta(minutes=15), midnight, late)
    assert not within_snp_hours(midnight - timedelta(minutes=15), midnight + timedelta(minutes=1), late)
    assert within_snp_hours(midnight - timedelta(minutes=15), midnight + timedelta(minutes=15), ALWAYS)
    assert "à minuit" in (outside_snp_hours(at(MONDAY, "07:00"), at(MONDAY, "07:15"), late) or "")


@pytest.mark.parametrize("day", [date(2026, 3, 29), date(2026, 10, 25)])
def test_open_hours_last_as_long_as_the_day_when_clocks_change(day: date):
    start, end = at(day, "00:00"), at(day + timedelta(days=1), "00:00")
    (opening,) = snp_openings(start, end, ALWAYS)
    assert opening == (start, end)


@pytest.mark.parametrize(
    ("now", "opening"),
    [
        (at(MONDAY, "10:00"), at(MONDAY, "10:00")),
        (at(MONDAY, "05:00"), at(MONDAY, "08:00")),
        (at(MONDAY, "20:00"), at(date(2026, 11, 24), "08:00")),
        (at(SATURDAY, "12:00"), at(date(2026, 11, 30), "08:00")),
        (at(date(2026, 12, 24), "21:00"), at(date(2026, 12, 26), "08:00")),
        (at(date(2026, 3, 28), "12:00"), at(date(2026, 3, 30), "08:00")),
    ],
)
def test_the_next_opening_skips_nights_sundays_and_holidays(now: datetime, opening: datetime):
    assert next_snp_opening(now) == opening


def test_what_never_opens_has_no_next_opening():
    assert next_snp_opening(at(MONDAY, "05:00"), NEVER) is None


def test_a_day_that_closes_before_it_opens_is_refused():
    with pytest.raises(ValueError, match="closes"):
        DayHours(time(12), time(8))


@pytest.mark.parametrize(
    ("day", "clock", "expected"),
    [
        (MONDAY, "07:59", True),
        (MONDAY, "08:00", False),
        (MONDAY, "19:59", False),
        (MONDAY, "20:00", True),
        (MONDAY, "00:00", True),
        (SATURDAY, "11:59", False),
        (SATURDAY, "12:00", True),
        (SUNDAY, "10:00", True),
        (ARMISTICE, "10:00", True),
    ],
)
def test_the_permanence_des_soins_is_on_duty_or_not(day: date, clock: str, expected: bool):
    assert is_pdsa(at(day, clock)) is expected


def test_bridges_are_on_duty_only_where_the_ars_says_so():
    # 14 July 2026 is a Tuesday; Ascension is Thursday 14 May 2026.
    monday, friday, saturday = date(2026, 7, 13), date(2026, 5, 15), date(2026, 5, 16)
    plain = PdsaHours(saturday_from_noon=False)
    bridged = PdsaHours(
        saturday_from_noon=False,
        monday_before_holiday=True,
        friday_after_holiday=True,
        saturday_after_holiday=True,
    )
    for day in (monday, friday, saturday):
        assert not is_pdsa(at(day, "10:00"), plain)
        assert is_pdsa(at(day, "10:00"), bridged)
    assert not is_pdsa(at(MONDAY, "10:00"), bridged)
    assert not is_pdsa(at(SATURDAY, "10:00"), bridged)


@pytest.mark.parametrize(
    ("day", "clock", "period"),
    [
        (MONDAY, "10:00", CarePeriod.SNP),
        (MONDAY, "22:00", CarePeriod.PDSA),
        (SATURDAY, "14:00", CarePeriod.PDSA),
        (SUNDAY, "14:00", CarePeriod.PDSA),
    ],
)
def test_someone_answers_at_any_time(day: date, clock: str, period: CarePeriod):
    assert care_period(at(day, clock)) is period


def test_a_saturday_afternoon_without_permanence_is_answered_by_neither():
    pdsa = PdsaHours(saturday_from_noon=False)
    assert care_period(at(SATURDAY, "14:00"), pdsa=pdsa) is CarePeriod.NEITHER


def test_openings_are_told_in_utc():
    ((opens, closes),) = snp_openings(at(MONDAY, "00:00"), at(MONDAY, "23:00"))
    assert opens.tzinfo is UTC
    assert closes - opens == timedelta(hours=12)
