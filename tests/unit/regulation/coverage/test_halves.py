"""Half-days of care: which exist, what the calendar says of them, where an instant counts."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np

from regulation.coverage.halves import HalfDay, calendar_of, counted, open_halves, place_of
from snp.days import PARIS, DayHours, SnpHours
from snp.directory.coverage_settings import CoverageSettings

HOURS = SnpHours()


def test_an_ordinary_week_has_eleven_half_days() -> None:
    halves = open_halves(date(2026, 11, 23), 7, HOURS)

    assert len(halves) == 11
    assert [one.half.is_afternoon for one in halves[:2]] == [False, True]
    assert halves[-1].half == HalfDay(date(2026, 11, 28), False)
    assert [halves[0].hours, halves[1].hours, halves[-1].hours] == [5, 7, 4]


def test_a_public_holiday_has_none_and_what_follows_is_marked() -> None:
    halves = open_halves(date(2026, 11, 10), 4, HOURS)
    calendar = calendar_of(halves, CoverageSettings(), HOURS)

    assert {one.half.day.day for one in halves} == {10, 12, 13}
    assert calendar.after_closing.tolist() == [False, False, True, True, False, False]


def test_the_monday_after_a_plain_week_end_follows_no_closing() -> None:
    halves = open_halves(date(2026, 11, 23), 1, HOURS)

    assert not calendar_of(halves, CoverageSettings(), HOURS).after_closing.any()


def test_half_days_keep_their_wall_hours_when_clocks_change() -> None:
    sundays = SnpHours(sunday=DayHours(HOURS.weekdays.opens, HOURS.weekdays.closes))
    for day, offset in ((date(2026, 3, 29), 2), (date(2026, 10, 25), 1)):
        morning, afternoon = open_halves(day, 1, sundays)
        assert morning.start.astimezone(PARIS).hour == 8
        assert (
            morning.end == afternoon.start == datetime(day.year, day.month, day.day, 13 - offset, tzinfo=UTC)
        )


def test_what_is_decided_at_night_counts_in_the_next_half_day() -> None:
    halves = open_halves(date(2026, 11, 23), 7, HOURS)
    night = datetime(2026, 11, 23, 22, tzinfo=PARIS)

    assert halves[place_of(night, halves)].half == HalfDay(date(2026, 11, 24), False)
    assert counted([night, night - timedelta(hours=3)], halves).tolist()[:3] == [0, 1, 1]
    assert place_of(night + timedelta(days=30), halves) == len(halves)


def test_the_season_may_span_the_new_year() -> None:
    settings = CoverageSettings(seaside=((12, 20), (1, 5)), seaside_percent=150)
    days = [date(2026, 12, 18), date(2026, 12, 21), date(2027, 1, 4), date(2027, 1, 6)]
    halves = [open_halves(day, 1, HOURS)[0] for day in days]

    assert np.array_equal(calendar_of(halves, settings, HOURS).season, [1.0, 1.5, 1.5, 1.0])
