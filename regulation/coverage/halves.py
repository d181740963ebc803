"""Half-days of care, what the calendar says of each, and in which one an instant counts. Pure.

A half-day is a local one: the morning ends at 13 h by the wall, as the agenda counts slots. Closed half-days
(nights, Sundays, holidays) do not exist here: a need that is decided then counts in the next open one.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from snp.days import SnpHours, at_local, is_holiday
from snp.directory.coverage_settings import CoverageSettings

MIDDAY: Final = time(13)
"""The same hour at which the agenda cuts a day: `slots.agenda.counting`."""
CELLS: Final = 14
"""Kinds of half-days: weekday times two, plus one in the afternoon."""
_ONE_DAY: Final = timedelta(days=1)


class HalfDay(NamedTuple):
    """A half-day by its local day; mornings come first."""

    day: date
    is_afternoon: bool

    @property
    def cell(self) -> int:
        """Its kind, 0 (Monday morning) to 13 (Sunday afternoon)."""
        return self.day.weekday() * 2 + self.is_afternoon


@dataclass(frozen=True, slots=True)
class OpenHalf:
    """A half-day on which care is given: the instants `[start, end)` of its SNP hours."""

    half: HalfDay
    start: datetime
    end: datetime

    @property
    def hours(self) -> float:
        """How long it is, in hours."""
        return (self.end - self.start) / timedelta(hours=1)


def open_halves(first: date, days: int, hours: SnpHours) -> list[OpenHalf]:
    """Return the open half-days of `days` local days from `first`, in order."""
    found = []
    for day in (first + timedelta(days=n) for n in range(days)):
        open_hours = hours.of(day)
        if open_hours is None:
            continue
        opens, closes = open_hours.on(day, hours.zone)
        midday = at_local(day, MIDDAY, hours.zone)
        for is_afternoon, start, end in (
            (False, opens, min(closes, midday)),
            (True, max(opens, midday), closes),
        ):
            if start < end:
                found.append(OpenHalf(HalfDay(day, is_afternoon), start, end))
    return found


def place_of(instant: datetime, halves: Sequence[OpenHalf]) -> int:
    """Return the place of the half-day in which an instant counts; `len(halves)` when it is after them."""
    return bisect_right(halves, instant, key=lambda one: one.end)


def counted(instants: Iterable[datetime], halves: Sequence[OpenHalf]) -> NDArray[np.float64]:
    """Return how many instants count in each half-day; those after them all are left out."""
    counts = np.zeros(len(halves))
    for instant in instants:
        if (place := place_of(instant, halves)) < len(halves):
            counts[place] += 1
    return counts


@dataclass(frozen=True, slots=True)
class Calendar:
    """What the calendar says of half-days, in their order. Arrays of one length.

    `season`: the factor that the settings put on the need (seaside); `school`: within school holidays;
    `after_closing`: the first open day after a weekday that was closed (a public holiday, a bridge).
    """

    cells: NDArray[np.int64]
    hours: NDArray[np.float64]
    ordinals: NDArray[np.int64]
    season: NDArray[np.float64]
    school: NDArray[np.bool_]
    after_closing: NDArray[np.bool_]

    def part(self, rows: slice) -> Calendar:
        """Return the calendar of some of these half-days, in their order."""
        return Calendar(
            self.cells[rows],
            self.hours[rows],
            self.ordinals[rows],
            self.season[rows],
            self.school[rows],
            self.after_closing[rows],
        )


def calendar_of(halves: Sequence[OpenHalf], settings: CoverageSettings, hours: SnpHours) -> Calendar:
    """Return the calendar of some half-days under a territory's settings."""
    days = [one.half.day for one in halves]
    return Calendar(
        cells=np.array([one.half.cell for one in halves], dtype=np.int64),
        hours=np.array([one.hours for one in halves]),
        ordinals=np.array([day.toordinal() for day in days], dtype=np.int64),
        season=np.array(
            [settings.seaside_percent / 100 if _in_season(day, settings) else 1.0 for day in days]
        ),
        school=np.array([_in_school_holidays(day, settings) for day in days], dtype=bool),
        after_closing=np.array([_after_closing(day, hours) for day in days], dtype=bool),
    )


def _in_season(day: date, settings: CoverageSettings) -> bool:
    first, last = settings.seaside
    here = day.month, day.day
    return first <= here <= last if first <= last else (here >= first or here <= last)


def _in_school_holidays(day: date, settings: CoverageSettings) -> bool:
    return any(first <= day <= last for first, last in settings.school_holidays)


def _after_closing(day: date, hours: SnpHours) -> bool:
    before = day - _ONE_DAY
    while hours.of(before) is None and day - before < timedelta(days=7):
        if before.weekday() < 5 and (is_holiday(before, hours.region) or before in hours.closed_on):
            return True
        before -= _ONE_DAY
    return False
