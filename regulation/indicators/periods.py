"""The calendar as a tree: year, quarter, month, part of a week inside a month, day; weeks beside. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

from regulation.indicators.facts import Period, Unit
from snp.errors import InvalidValue

PIECE: Final = "piece"
"""The days that a week and a month share: a week is the sum of its one or two pieces."""

LEVELS: Final = ("year", "quarter", "month", PIECE, "day")
"""From the whole to the smallest part; each node is the sum of its children."""

Node = tuple[str, date]
"""A level, and the first local day of one of its parts."""

EARLIEST: Final = 2000
LATEST: Final = 2099
_DAY: Final = timedelta(days=1)


def period_of(unit: Unit, day: date) -> Period:
    """The period of a unit that holds a day. Raises `InvalidValue` out of 2000 to 2099."""
    if not EARLIEST <= day.year <= LATEST:
        raise InvalidValue("period", f"de {EARLIEST} à {LATEST}.")
    return Period(unit, start_of(unit.value, day))


def start_of(level: str, day: date) -> date:
    """The first day of the part of a level that holds a day."""
    match level:
        case "year":
            return day.replace(month=1, day=1)
        case "quarter":
            return day.replace(month=day.month - (day.month - 1) % 3, day=1)
        case "month":
            return day.replace(day=1)
        case "week":
            return day - timedelta(days=day.weekday())
        case "piece":
            return max(day.replace(day=1), start_of("week", day))
        case _:
            return day


def end_of(level: str, first: date) -> date:
    """The day after the last one of a part."""
    match level:
        case "year":
            return first.replace(year=first.year + 1)
        case "quarter":
            return start_of("month", first.replace(day=28) + timedelta(days=70))
        case "month":
            return start_of("month", first.replace(day=28) + timedelta(days=4))
        case "week":
            return first + timedelta(days=7)
        case "piece":
            return min(end_of("month", first), end_of("week", start_of("week", first)))
        case _:
            return first + _DAY


def last_day(period: Period) -> date:
    """The last local day of a period."""
    return end_of(period.unit.value, period.first) - _DAY


def before(period: Period) -> Period:
    """The period just before."""
    return Period(period.unit, start_of(period.unit.value, period.first - _DAY))


def after(period: Period) -> Period:
    """The period just after."""
    return Period(period.unit, end_of(period.unit.value, period.first))


def year_before(period: Period) -> Period:
    """The same period a year earlier: the week of the same number, the day of the same date.

    Week 53 and 29 February, which the year before lacks, give the last one it has.
    """
    first = period.first
    if period.unit is Unit.WEEK:
        year, week, _ = first.isocalendar()
        last = date(year - 1, 12, 28).isocalendar().week
        return Period(Unit.WEEK, date.fromisocalendar(year - 1, min(week, last), 1))
    day = 28 if (first.month, first.day) == (2, 29) else first.day
    return Period(period.unit, first.replace(year=first.year - 1, day=day))


def parts_of(period: Period, grain: Unit) -> tuple[Period, ...]:
    """The periods of a smaller unit that begin in a period, in order; weeks that touch it."""
    found, day = [], start_of(grain.value, period.first)
    while day <= last_day(period):
        found.append(Period(grain, day))
        day = end_of(grain.value, day)
    return tuple(found)


def grains_of(unit: Unit) -> tuple[Unit, ...]:
    """Through which smaller units a period may be followed."""
    smaller = {
        Unit.YEAR: (Unit.MONTH, Unit.WEEK, Unit.DAY),
        Unit.QUARTER: (Unit.MONTH, Unit.WEEK, Unit.DAY),
        Unit.MONTH: (Unit.WEEK, Unit.DAY),
        Unit.WEEK: (Unit.DAY,),
        Unit.DAY: (),
    }
    return smaller[unit]


def pieces(week: date) -> tuple[Node, ...]:
    """The one or two parts of months that a week is made of."""
    last = week + timedelta(days=6)
    return tuple(dict.fromkeys(((PIECE, week), (PIECE, start_of(PIECE, last)))))


def children(level: str, first: date, below: str) -> Iterator[date]:
    """The first days of the parts of the next level inside a node, in order."""
    day, end = first, end_of(level, first)
    while day < end:
        yield day
        day = end_of(below, day)
