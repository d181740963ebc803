"""Calendar periods: where they begin and end, which comes before, how a year falls into parts."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulation.indicators.facts import Period, Unit
from regulation.indicators.periods import (
    LEVELS,
    after,
    before,
    children,
    end_of,
    last_day,
    parts_of,
    period_of,
    pieces,
    start_of,
    year_before,
)
from regulation.indicators.wording import say_days, say_period
from snp.errors import InvalidValue

DAYS = st.dates(date(2001, 1, 1), date(2098, 12, 31))


@given(DAYS, st.sampled_from(Unit))
def test_a_day_lies_in_its_period_and_periods_follow_each_other(day: date, unit: Unit) -> None:
    period = period_of(unit, day)
    assert period.first <= day <= last_day(period)
    assert after(before(period)) == period
    assert before(period).first < period.first
    assert last_day(before(period)) == period.first - timedelta(days=1)
    assert say_period(period)


@given(DAYS)
def test_each_level_falls_whole_into_the_parts_of_the_next(day: date) -> None:
    for level, below in pairwise(LEVELS):
        first = start_of(level, day)
        parts = list(children(level, first, below))
        assert parts[0] == first
        assert end_of(below, parts[-1]) == end_of(level, first)
        assert all(end_of(below, one) == other for one, other in pairwise(parts))


@given(DAYS)
def test_a_week_is_the_sum_of_its_pieces(day: date) -> None:
    week = start_of("week", day)
    found = [
        first + timedelta(days=n)
        for level, first in pieces(week)
        for n in range((end_of(level, first) - first).days)
    ]
    assert found == [week + timedelta(days=n) for n in range(7)]


@pytest.mark.parametrize(
    ("period", "earlier"),
    [
        (Period(Unit.WEEK, date(2026, 12, 28)), date(2025, 12, 22)),  # week 53; 2025 has 52
        (Period(Unit.WEEK, date(2026, 3, 23)), date(2025, 3, 24)),
        (Period(Unit.DAY, date(2028, 2, 29)), date(2027, 2, 28)),
        (Period(Unit.QUARTER, date(2026, 4, 1)), date(2025, 4, 1)),
    ],
)
def test_the_same_period_a_year_earlier(period: Period, earlier: date) -> None:
    assert year_before(period) == Period(period.unit, earlier)


def test_periods_are_said_in_french() -> None:
    assert say_period(Period(Unit.QUARTER, date(2026, 1, 1))) == "1er trimestre 2026"
    assert say_period(Period(Unit.MONTH, date(2026, 8, 1))) == "août 2026"
    assert say_days(Period(Unit.MONTH, date(2026, 2, 1))) == "du 01/02/2026 au 28/02/2026"
    assert len(parts_of(Period(Unit.YEAR, date(2026, 1, 1)), Unit.MONTH)) == 12


def test_a_period_out_of_reach_is_refused() -> None:
    with pytest.raises(InvalidValue):
        period_of(Unit.YEAR, date(1999, 5, 1))
