"""What a calendar's own time zones may cost, judged line by line before anything is computed from them. Pure.

A zone changes its offset by rules of its own, followed from their first day to that of each event: one that
repeats every second, or a thousand of them, would keep the reader busy for hours.

Source: RFC 5545 §3.6.5 (VTIMEZONE), §3.3.10 (RRULE); everybody writes zones with yearly rules or with dates.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from typing import Final

from slots.feeds.facts import FetchFault
from slots.feeds.refusals import CalendarUnreadable

MOST_ZONES: Final = 100
MOST_CHANGES: Final = 50_000
"""Changes of offset, all zones together; a zone of Outlook has a thousand, since its rules begin in 1601."""

MOST_A_YEAR: Final = 16
_LAST_YEAR: Final = 2100
_LISTS: Final = ("BYMONTH", "BYMONTHDAY", "BYDAY", "BYHOUR", "BYMINUTE", "BYSECOND")
_PARTS: Final = frozenset({"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", *_LISTS})
_BEGINS: Final = "BEGIN:VTIMEZONE"
_ENDS: Final = "END:VTIMEZONE"
_NAME: Final = re.compile(r"[A-Za-z-]+")
_YEAR: Final = re.compile(r"(\d{4})\d{4}(T\d{6}Z?)?$")


def check_zones(lines: Iterable[str]) -> None:
    """Refuse zones that no calendar needs. `lines`: unfolded. Raises `CalendarUnreadable`."""
    zones = changes = 0
    for observance in _observances(lines):
        zones += observance == [_BEGINS]
        changes += _changes(observance)
        if zones > MOST_ZONES or changes > MOST_CHANGES:
            raise CalendarUnreadable(FetchFault.TOO_LARGE)


def _observances(lines: Iterable[str]) -> Iterator[list[str]]:
    """Give the lines within zones, those between two BEGINs or ENDs together; each zone begins by its own."""
    depth, held = 0, list[str]()
    for line in lines:
        edge = line[:20].upper()
        if depth and edge.startswith(("BEGIN:", "END:")):
            yield held
            held = []
        if edge == _BEGINS:
            depth += 1
            yield [_BEGINS]
        elif edge == _ENDS:
            depth = max(0, depth - 1)
        elif depth:
            held.append(line)
    yield held


def _changes(observance: list[str]) -> int:
    """Return how many changes of offset the lines of an observance stand for, at most."""
    named = [(_name(line), line) for line in observance]
    first = min((_year(line) for name, line in named if name == "DTSTART"), default=0)
    found = 0
    for name, line in named:
        if name in {"RRULE", "EXRULE"}:
            found += (_LAST_YEAR - first) * _times_a_year(line)
        elif name in {"RDATE", "EXDATE"}:
            found += 1 + line.count(",")
    return found


def _times_a_year(rule: str) -> int:
    """Return how often a rule occurs in a year, at most. Raises `CalendarUnreadable` for any but a zone's."""
    parts = dict(part.partition("=")[::2] for part in rule.rpartition(":")[2].upper().split(";"))
    times = math.prod(1 + parts.get(name, "").count(",") for name in _LISTS)
    if parts.get("FREQ", "").strip() != "YEARLY" or set(parts) - _PARTS or times > MOST_A_YEAR:
        raise CalendarUnreadable(FetchFault.TOO_LARGE)
    return times


def _name(line: str) -> str:
    found = _NAME.match(line)
    return found[0].upper() if found else ""


def _year(line: str) -> int:
    found = _YEAR.search(line.strip())
    return min(int(found[1]), _LAST_YEAR) if found else 0
