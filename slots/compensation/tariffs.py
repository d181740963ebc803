"""The national values that compensation needs, dated and sourced; they travel with the package as a table.

A value that changes is a new row: acts are judged by what held on their day.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from typing import Final

_FILE: Final = "national.csv"


@dataclass(frozen=True, slots=True)
class Rate:
    """One value on `[valid_from, valid_until)`; None: as far as is known.

    `unit`: cents, hours, acts, codes, roles.
    """

    code: str
    label: str
    unit: str
    value: str
    valid_from: date | None
    valid_until: date | None
    source: str

    @property
    def number(self) -> int:
        """The value of a rate that is a number."""
        return int(self.value)

    @property
    def codes(self) -> frozenset[str]:
        """The value of a rate that is a list."""
        return frozenset(self.value.split())

    def holds_on(self, day: date) -> bool:
        """Tell whether it is in force on a day."""
        begun = self.valid_from is None or self.valid_from <= day
        return begun and (self.valid_until is None or day < self.valid_until)


@dataclass(frozen=True, slots=True)
class Tariffs:
    """Dated values by code."""

    rates: tuple[Rate, ...]

    def at(self, code: str, day: date) -> Rate | None:
        """Return the value of a code on a day; None when nothing holds then."""
        return next((rate for rate in self.rates if rate.code == code and rate.holds_on(day)), None)

    def starting_with(self, prefix: str, day: date) -> tuple[Rate, ...]:
        """Return the values in force whose code begins so, in the order of the table."""
        return tuple(rate for rate in self.rates if rate.code.startswith(prefix) and rate.holds_on(day))


@cache
def national() -> Tariffs:
    """Return the values that travel with the package."""
    text = resources.files("slots.compensation").joinpath("data", _FILE).read_text(encoding="utf-8")
    return Tariffs(tuple(read_rates(text.splitlines())))


def read_rates(lines: Iterable[str]) -> Iterable[Rate]:
    """Yield the values of a table with semicolons, its heading first; an empty day is open."""
    for row in csv.DictReader(lines, delimiter=";"):
        yield Rate(
            code=row["code"],
            label=row["label"],
            unit=row["unit"],
            value=row["value"],
            valid_from=_day(row["valid_from"]),
            valid_until=_day(row["valid_until"]),
            source=row["source"],
        )


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
