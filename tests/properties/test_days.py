"""What holds for local days and hours whatever the instant, across both clock changes."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from snp.days import (
    Wall,
    at_local,
    day_bounds,
    local,
    local_day,
    local_days,
    next_snp_opening,
    read_wall,
    shift_days,
    snp_openings,
    within_snp_hours,
)

CHANGES = [date(year, month, day) for year in range(2024, 2032) for month in (3, 10) for day in range(24, 32)]
DAYS = st.dates(date(2024, 1, 1), date(2032, 12, 31)) | st.sampled_from(CHANGES)
TIMES = st.times().map(lambda at: at.replace(microsecond=0)) | st.sampled_from(
    [time(2), time(2, 30), time(3)]
)
INSTANTS = st.builds(at_local, DAYS, TIMES) | st.floats(0, 9 * 365 * 86_400).map(
    lambda seconds: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)
LENGTHS = st.timedeltas(timedelta(minutes=1), timedelta(days=4))


@given(DAYS, TIMES)
def test_what_the_wall_shows_is_read_back(day: date, at: time):
    shown = local(at_local(day, at))
    if read_wall(day, at) is Wall.NEVER:
        assert shown.time() > at
        assert shown.date() == day
    else:
        assert (shown.date(), shown.time()) == (day, at)


@given(INSTANTS)
def test_an_instant_lies_within_its_local_day(instant: datetime):
    start, end = day_bounds(local_day(instant))
    assert start <= instant < end


@given(INSTANTS, LENGTHS)
def test_local_days_cover_an_interval_without_a_gap(start: datetime, length: timedelta):
    days = list(local_days(start, start + length))
    assert day_bounds(days[0])[0] <= start
    assert day_bounds(days[-1])[1] >= start + length
    for one, following in pairwise(days):
        assert day_bounds(one)[1] == day_bounds(following)[0]


@given(INSTANTS, st.integers(-400, 400))
def test_shifting_by_days_keeps_the_time_on_the_wall(instant: datetime, days: int):
    shown, target = local(instant), local(instant).date() + timedelta(days=days)
    if read_wall(target, shown.time()) is not Wall.NEVER:
        assert local(shift_days(instant, days)).replace(tzinfo=None) == datetime.combine(target, shown.time())


@given(INSTANTS, LENGTHS)
def test_an_interval_is_within_hours_when_its_openings_add_up_to_it(start: datetime, length: timedelta):
    end = start + length
    open_time = sum((closes - opens for opens, closes in snp_openings(start, end)), timedelta())
    assert within_snp_hours(start, end) == (open_time == length)


@given(INSTANTS)
def test_nothing_is_open_before_the_next_opening(now: datetime):
    opening = next_snp_opening(now)
    assert opening is not None
    assert opening >= now
    assert list(snp_openings(now, opening)) == []
    assert within_snp_hours(opening, opening + timedelta(seconds=1))
