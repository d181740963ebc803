"""Reads what was typed on the pages of an agenda: days, hours, numbers, ticks; or what to revise. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Final, TypeVar

from api.web.forms import Errors
from snp.assignment.facts import Audience

T = TypeVar("T")

FARTHEST: Final = timedelta(days=366)
MAX_PATIENTS: Final = 60
_ISO: Final = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_LOCAL: Final = re.compile(r"(\d{1,2})\s*[/.\-]\s*(\d{1,2})(?:\s*[/.\-]\s*(\d{4}))?")
_TIME: Final = re.compile(r"(\d{1,2})\s*(?:[h:.]\s*(\d{2})?)?\s*", re.IGNORECASE)
_COMPACT: Final = re.compile(r"(\d{1,2})(\d{2})")

AUDIENCES: Final[Mapping[Audience, str]] = {
    Audience.REGULATION: "Régulation (15, 116 117, SAS)",
    Audience.DESK: "Pharmacies et cabinets infirmiers",
    Audience.PROFESSIONALS: "Médecins et kinésithérapeutes",
    Audience.PUBLIC: "Patients",
}
WEEKDAYS: Final = {
    "MO": "lundi",
    "TU": "mardi",
    "WE": "mercredi",
    "TH": "jeudi",
    "FR": "vendredi",
    "SA": "samedi",
    "SU": "dimanche",
}


@dataclass(slots=True)
class Typed:
    """The fields of a form, read one after the other; `errors` gathers what must be revised."""

    texts: Mapping[str, str]
    errors: Errors

    def day(self, name: str, today: date, *, missing: str) -> date:
        """Return the day of a field; today, with an error, when it cannot be."""
        return self._read(name, parse_day(self.texts.get(name, ""), today, missing=missing), today)

    def optional_day(self, name: str, today: date) -> date | None:
        """Return the day of a field that may stay empty."""
        return self.day(name, today, missing="") if self.texts.get(name) else None

    def hour(self, name: str, *, missing: str) -> time:
        """Return the time of a field; midnight, with an error, when it cannot be."""
        return self._read(name, parse_time(self.texts.get(name, ""), missing=missing), time())

    def optional_hour(self, name: str, empty: time) -> time:
        """Return the time of a field, `empty` when nothing is typed."""
        return self.hour(name, missing="") if self.texts.get(name) else empty

    def number(self, name: str, *, low: int, high: int, missing: str) -> int:
        """Return the whole number of a field; `low`, with an error, when it cannot be."""
        typed = self.texts.get(name, "")
        if not typed:
            return self._read(name, missing, low)
        if not (typed.isascii() and typed.isdigit() and len(typed) < 5 and low <= int(typed) <= high):
            return self._read(name, f"Indiquez un nombre de {low} à {high}", low)
        return int(typed)

    def audiences(self, usual: frozenset[Audience]) -> frozenset[Audience]:
        """Return the ticked audiences; the usual ones when the page did not ask."""
        if "publics" not in self.texts:
            return usual
        ticked = frozenset(one for one in AUDIENCES if f"public_{one.value}" in self.texts)
        if not ticked:
            self.errors["publics"] = "Choisissez au moins un public"
        return ticked

    def _read(self, name: str, found: T | str, otherwise: T) -> T:
        if isinstance(found, str):
            self.errors.setdefault(name, found)
            return otherwise
        return found


def parse_day(typed: str, today: date, *, missing: str = "Choisissez un jour") -> date | str:
    """Return a day, or the French sentence that says what to revise.

    `24/11` is the next 24 November; `24/11/2026` and a browser's `2026-11-24` are themselves.
    """
    if not typed:
        return missing
    iso, local = _ISO.fullmatch(typed), _LOCAL.fullmatch(typed)
    if iso is None and local is None:
        return "Le jour s’écrit jour et mois : 24/11"
    try:
        if iso:
            found = date(*(int(part) for part in iso.groups()))
        else:
            assert local is not None
            found = _next(int(local[1]), int(local[2]), int(local[3]) if local[3] else None, today)
    except ValueError:
        return "Ce jour n’existe pas"
    if found < today:
        return "Ce jour est déjà passé"
    if found > today + FARTHEST:
        return "Ce jour est trop loin : un an au plus"
    return found


def _next(day: int, month: int, year: int | None, today: date) -> date:
    if year is not None:
        return date(year, month, day)
    this_year = date(today.year, month, day)
    return this_year if this_year >= today else date(today.year + 1, month, day)


def parse_time(typed: str, *, missing: str = "Choisissez une heure") -> time | str:
    """Return a wall time, or what to revise: `18 h 30`, `18h`, `18:30`, `1830` and `18` are understood."""
    if not typed:
        return missing
    found = _COMPACT.fullmatch(typed) if len(typed) > 2 else None
    found = found or _TIME.fullmatch(typed)
    if found is None or int(found[1]) > 23 or int(found[2] or 0) > 59:
        return "L’heure s’écrit 18 h 30 ou 18:30"
    return time(int(found[1]), int(found[2] or 0))


def write_day(day: date) -> str:
    """Return a day as a field holds it."""
    return f"{day:%d/%m/%Y}"


def write_time(at: time) -> str:
    """Return a time as a field holds it."""
    return f"{at:%H:%M}"


def weekdays_of(texts: Mapping[str, str]) -> tuple[str, ...]:
    """Return the ticked days of the week, in order, by their RFC 5545 names."""
    return tuple(code for code in WEEKDAYS if f"jour_{code}" in texts)
