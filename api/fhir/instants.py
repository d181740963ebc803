"""Instants as FHIR writes them: bounds of a search read leniently, answers written one way. Pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta
from typing import Final, Literal

from snp.days import PARIS

Side = Literal["ge", "le"]

_BOUND: Final = re.compile(
    r"(?P<day>\d{4}-\d{2}-\d{2})"
    r"(?:T(?P<time>\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)(?P<zone>Z|[+\- ]\d{2}:\d{2})?)?",
    re.ASCII,
)


def read_bound(text: str, side: Side) -> datetime:
    """Return the instant of a bound, in UTC; without zone it is read on the wall in Paris.

    A `+` that a form decoding made a blank is a `+` again. A day alone is its first instant for `ge` and its
    last for `le`. Raises `ValueError` for anything that is no FHIR date or dateTime of that precision.

    Source: FHIR R4 §3.1.1.4.5 (date search); the spellings are those of the SAS guide and its test kit.
    """
    found = _BOUND.fullmatch(text)
    if found is None:
        raise ValueError("not a date")
    if found["time"] is None:
        return _of_day(found["day"], side)
    zone = (found["zone"] or "").replace(" ", "+")
    try:
        read = datetime.fromisoformat(f"{found['day']}T{found['time']}{zone}")
        return (read if read.tzinfo else read.replace(tzinfo=PARIS)).astimezone(UTC)
    except OverflowError as far:
        raise ValueError("out of the calendar") from far


def write_instant(instant: datetime) -> str:
    """Return an instant with milliseconds and `+00:00`: the platform refuses `Z` and compares as text."""
    return instant.astimezone(UTC).isoformat(timespec="milliseconds")


def _of_day(day: str, side: Side) -> datetime:
    midnight = datetime.combine(datetime.fromisoformat(day).date(), time())
    try:
        if side == "le":
            return _paris(midnight + timedelta(days=1)) - timedelta(microseconds=1)
        return _paris(midnight)
    except OverflowError as far:
        raise ValueError("out of the calendar") from far


def _paris(wall: datetime) -> datetime:
    return wall.replace(tzinfo=PARIS).astimezone(UTC)
