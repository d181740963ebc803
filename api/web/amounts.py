"""Amounts and days as they are typed, also days that are past: the value, or what to revise. Pure."""

from __future__ import annotations

import re
from datetime import date
from typing import Final

MOST_CENTS: Final = 1_000_000_000
_FIRST_YEAR, _LAST_YEAR = 2000, 2099
"""What a page may ask for: a typing error does not reach the ends of the calendar."""
_AMOUNT: Final = re.compile(r"([0-9]{1,8})(?:[.,]([0-9]{1,2}))?")
_SPACES: Final = re.compile(r"[\s\u00a0\u202f€]")
_ISO: Final = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_LOCAL: Final = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})")
_MONTH: Final = re.compile(r"(\d{4})-(\d{2})")


def read_cents(typed: str) -> int | str:
    """Return an amount in cents; « 1 234,50 € », « 20 » and « 20.5 » are understood."""
    found = _AMOUNT.fullmatch(_SPACES.sub("", typed))
    if found is None:
        return "Indiquez un montant en euros, comme 20,50"
    cents = int(found[1]) * 100 + int((found[2] or "0").ljust(2, "0"))
    return cents if cents <= MOST_CENTS else "Ce montant est trop grand"


def write_euros(cents: int) -> str:
    """Return an amount as a field holds it."""
    return f"{cents // 100},{cents % 100:02d}"


def read_day(typed: str) -> date | str:
    """Return a day of this century; a browser's `2026-11-24` and `24/11/2026` are understood."""
    iso, local = _ISO.fullmatch(typed), _LOCAL.fullmatch(typed)
    if iso is None and local is None:
        return "Le jour s’écrit jour, mois, année : 24/11/2026"
    try:
        if iso:
            day = date(int(iso[1]), int(iso[2]), int(iso[3]))
        else:
            assert local is not None
            day = date(int(local[3]), int(local[2]), int(local[1]))
    except ValueError:
        return "Ce jour n’existe pas"
    if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        return f"L’année va de {_FIRST_YEAR} à {_LAST_YEAR}"
    return day


def read_month(typed: str, otherwise: date) -> date:
    """Return the first day of a month in an address (`2026-11`); `otherwise` for anything else."""
    found = _MONTH.fullmatch(typed)
    if found is None or not (2020 <= int(found[1]) <= 2099 and 1 <= int(found[2]) <= 12):
        return otherwise
    return date(int(found[1]), int(found[2]), 1)
