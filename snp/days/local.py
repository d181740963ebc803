"""Between instants and the clock on the wall. Knows no holiday and no opening hours."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

PARIS: Final = ZoneInfo("Europe/Paris")


class Wall(StrEnum):
    """How often the clock on the wall shows a time on a day."""

    ONCE = "once"
    NEVER = "never"
    TWICE = "twice"


def local(instant: datetime, zone: ZoneInfo = PARIS) -> datetime:
    """The same instant with the local offset, for reading; compute with the instant itself.

    Raises `ValueError` for a naive datetime.
    """
    if instant.tzinfo is None:
        raise ValueError("a naive datetime is no instant")
    return instant.astimezone(zone)


def local_day(instant: datetime, zone: ZoneInfo = PARIS) -> date:
    """The date on the wall at an instant; the day begins at midnight included."""
    return local(instant, zone).date()


def same_local_day(one: datetime, other: datetime, zone: ZoneInfo = PARIS) -> bool:
    """Tell whether two instants fall on one local day."""
    return local_day(one, zone) == local_day(other, zone)


def at_local(day: date, at: time, zone: ZoneInfo = PARIS, *, second: bool = False) -> datetime:
    """The instant (UTC) when the wall shows `at` on `day`.

    A time shown twice (last Sunday of October, 02:00 to 03:00) is the first one, or the second one on
    demand. A time never shown (last Sunday of March) is read with the offset before the change: 02:30 is
    the instant when the wall shows 03:30.

    Source: RFC 5545 §3.3.5 (form 3); directive 2000/84/EC for the dates.
    """
    fold = 1 if second and read_wall(day, at, zone) is Wall.TWICE else 0
    return datetime.combine(day, at.replace(fold=fold, tzinfo=zone)).astimezone(UTC)


def read_wall(day: date, at: time, zone: ZoneInfo = PARIS) -> Wall:
    """Tell whether the wall shows `at` once, never or twice on `day`."""
    before = datetime.combine(day, at.replace(fold=0, tzinfo=zone)).utcoffset()
    after = datetime.combine(day, at.replace(fold=1, tzinfo=zone)).utcoffset()
    assert before is not None
    assert after is not None
    if before == after:
        return Wall.ONCE
    return Wall.TWICE if before > after else Wall.NEVER


def day_bounds(day: date, zone: ZoneInfo = PARIS) -> tuple[datetime, datetime]:
    """The instants (UTC) when a local day begins and ends: 24 hours apart, 23 or 25 when clocks change."""
    return at_local(day, time(0), zone), at_local(day + timedelta(days=1), time(0), zone)


def local_days(start: datetime, end: datetime, zone: ZoneInfo = PARIS) -> Iterator[date]:
    """The local days that `[start, end)` touches, in order; none when it is empty.

    An interval that ends at midnight does not touch the day that begins there.
    """
    if start >= end:
        return
    day, last = local_day(start, zone), local_day(end - timedelta(microseconds=1), zone)
    while day <= last:
        yield day
        day += timedelta(days=1)


def shift_days(instant: datetime, days: int, zone: ZoneInfo = PARIS) -> datetime:
    """The instant when the wall shows the same time so many days later (or earlier): 09:00 stays 09:00."""
    shown = local(instant, zone)
    return at_local(shown.date() + timedelta(days=days), shown.time(), zone, second=bool(shown.fold))
