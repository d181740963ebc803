"""Local days over both clock changes, midnights and the 29th of February."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest

from snp.days import (
    Wall,
    at_local,
    day_bounds,
    local,
    local_day,
    local_days,
    read_wall,
    same_local_day,
    shift_days,
)

SPRING = date(2026, 3, 29)
AUTUMN = date(2026, 10, 25)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "hours"), [(SPRING, 23), (AUTUMN, 25), (date(2026, 7, 1), 24), (date(2028, 2, 29), 24)]
)
def test_a_day_lasts_from_midnight_to_midnight(day: date, hours: int):
    start, end = day_bounds(day)
    assert end - start == timedelta(hours=hours)
    assert local(start).time() == time(0)
    assert local_day(start) == day
    assert local_day(end) == day + timedelta(days=1)


def test_nine_o_clock_is_another_instant_in_summer():
    assert at_local(date(2026, 3, 28), time(9)) == utc("2026-03-28T08:00")
    assert at_local(SPRING, time(9)) == utc("2026-03-29T07:00")
    assert at_local(date(2026, 10, 24), time(9)) == utc("2026-10-24T07:00")
    assert at_local(AUTUMN, time(9)) == utc("2026-10-25T08:00")


def test_a_time_the_wall_never_shows_is_read_with_the_offset_before():
    assert read_wall(SPRING, time(2, 30)) is Wall.NEVER
    assert at_local(SPRING, time(2, 30)) == utc("2026-03-29T01:30")
    assert local(at_local(SPRING, time(2, 30))).time() == time(3, 30)
    assert at_local(SPRING, time(2, 30), second=True) == utc("2026-03-29T01:30")


def test_a_time_the_wall_shows_twice_is_the_first_one_unless_told():
    assert read_wall(AUTUMN, time(2, 30)) is Wall.TWICE
    assert at_local(AUTUMN, time(2, 30)) == utc("2026-10-25T00:30")
    assert at_local(AUTUMN, time(2, 30), second=True) == utc("2026-10-25T01:30")


@pytest.mark.parametrize("at", [time(1, 59), time(3), time(0), time(12)])
def test_other_times_are_shown_once(at: time):
    assert read_wall(SPRING, at) is Wall.ONCE
    assert read_wall(AUTUMN, at) is Wall.ONCE


def test_midnight_belongs_to_the_day_it_begins():
    assert local_day(utc("2026-11-23T23:00")) == date(2026, 11, 24)
    assert local_day(utc("2026-11-23T22:59")) == date(2026, 11, 23)


def test_an_interval_that_ends_at_midnight_does_not_touch_the_next_day():
    assert list(local_days(utc("2026-11-23T22:00"), utc("2026-11-23T23:00"))) == [date(2026, 11, 23)]
    assert list(local_days(utc("2026-11-23T22:00"), utc("2026-11-23T23:01"))) == [
        date(2026, 11, 23),
        date(2026, 11, 24),
    ]


def test_an_empty_interval_touches_no_day():
    assert list(local_days(utc("2026-11-23T22:00"), utc("2026-11-23T22:00"))) == []


def test_a_leap_year_has_its_29th_of_february():
    start, end = at_local(date(2028, 2, 28), time(12)), at_local(date(2028, 3, 1), time(12))
    assert list(local_days(start, end)) == [date(2028, 2, 28), date(2028, 2, 29), date(2028, 3, 1)]


def test_a_day_later_the_wall_shows_the_same_time():
    start = at_local(date(2026, 3, 28), time(9))
    assert shift_days(start, 1) == at_local(SPRING, time(9))
    assert shift_days(start, 1) - start == timedelta(hours=23)
    assert shift_days(shift_days(start, 1), -1) == start


def test_two_instants_of_one_utc_day_may_fall_on_two_local_days():
    assert not same_local_day(utc("2026-11-23T22:30"), utc("2026-11-23T23:30"))
    assert same_local_day(utc("2026-11-22T23:30"), utc("2026-11-23T22:30"))


def test_a_naive_time_is_no_instant():
    with pytest.raises(ValueError, match="naive"):
        local_day(datetime(2026, 1, 1))  # noqa: DTZ001 - the mistake itself
