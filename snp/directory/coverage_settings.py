"""What a territory decides about the forecast of its need and its calls for slots; and as JSON. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any, Final

from snp.errors import InvalidValue

MOST_PERIODS: Final = 20
_LEAP_YEAR: Final = 2024
"""Days of the year are checked against a year that has them all."""


@dataclass(frozen=True, slots=True)
class CoverageSettings:
    """How need is forecast, and when practitioners are asked for slots.

    `automatic`: a shortage opens a call by itself. `messages_a_week`: how many a practitioner is sent at
    most, whatever the calls; his own preference may say fewer. `shortage_percent`: from what risk a shortage
    is called one. `days_ahead`: how far ahead slots are called for. `school_holidays`: `[first, last]` days,
    as the ministry publishes them for the zone; `school_percent`: need then, against the usual.
    `seaside`: first and last day (month, day) of the season of a seaside territory; `seaside_percent`: need
    then, against the usual; 100 for a territory without a season.

    Source of the seaside range (150 to 250): F. Guillaud, Les CPTS, thesis, Nantes 2023.
    """

    automatic: bool = True
    messages_a_week: int = 3
    shortage_percent: int = 30
    days_ahead: int = 5
    school_holidays: tuple[tuple[date, date], ...] = ()
    school_percent: int = 100
    seaside: tuple[tuple[int, int], tuple[int, int]] = ((7, 1), (8, 31))
    seaside_percent: int = 100


_BOUNDS: Final = {
    "messages_a_week": (0, 7),
    "shortage_percent": (5, 95),
    "days_ahead": (1, 14),
    "school_percent": (50, 200),
    "seaside_percent": (50, 400),
}


COVERAGE_NAMES: Final = frozenset(one.name for one in fields(CoverageSettings))


def coverage_to_json(settings: CoverageSettings) -> dict[str, Any]:
    """Return the settings as they are stored and shown."""
    return {
        "automatic": settings.automatic,
        **{name: getattr(settings, name) for name in _BOUNDS},
        "school_holidays": [f"{first}/{last}" for first, last in settings.school_holidays],
        "seaside": [f"{month:02d}-{day:02d}" for month, day in settings.seaside],
    }


def coverage_from_json(given: Mapping[str, Any], base: CoverageSettings) -> CoverageSettings:
    """Return `base` with the settings that were given, checked. Raises `InvalidValue` naming the setting."""
    for name in given:
        if name not in COVERAGE_NAMES:
            raise InvalidValue(name, "réglage inconnu")
    changes: dict[str, Any] = {}
    for name in _BOUNDS:
        if name in given:
            changes[name] = _whole(name, given[name])
    if "automatic" in given:
        if not isinstance(given["automatic"], bool):
            raise InvalidValue("automatic", "vrai ou faux")
        changes["automatic"] = given["automatic"]
    if "school_holidays" in given:
        changes["school_holidays"] = _periods(given["school_holidays"])
    if "seaside" in given:
        changes["seaside"] = _season(given["seaside"])
    return replace(base, **changes)


def _whole(name: str, value: Any) -> int:
    low, high = _BOUNDS[name]
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise InvalidValue(name, f"un nombre entier de {low} à {high}")
    return value


def _periods(value: Any) -> tuple[tuple[date, date], ...]:
    form = "des périodes, comme 2026-12-19/2027-01-03"
    if not isinstance(value, (list, tuple)) or len(value) > MOST_PERIODS:
        raise InvalidValue("school_holidays", f"{form} ({MOST_PERIODS} au plus)")
    periods = []
    for told in value:
        first, _, last = told.partition("/") if isinstance(told, str) else ("", "", "")
        try:
            period = date.fromisoformat(first.strip()), date.fromisoformat(last.strip())
        except ValueError as error:
            raise InvalidValue("school_holidays", form) from error
        if period[1] < period[0]:
            raise InvalidValue("school_holidays", "chaque période finit après son début")
        periods.append(period)
    return tuple(sorted(periods))


def _season(value: Any) -> tuple[tuple[int, int], tuple[int, int]]:
    form = 'deux jours de l’année, comme ["07-01", "08-31"]'
    if not isinstance(value, (list, tuple)) or len(value) != 2:
        raise InvalidValue("seaside", form)
    first, last = _day_of_year(value, 0, form), _day_of_year(value, 1, form)
    return first, last


def _day_of_year(value: Sequence[Any], place: int, form: str) -> tuple[int, int]:
    try:
        day = date.fromisoformat(f"{_LEAP_YEAR}-{value[place]}")
    except ValueError as error:
        raise InvalidValue("seaside", form) from error
    return day.month, day.day
