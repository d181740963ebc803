"""Reads a day that is over, as people type it. Pure."""

from __future__ import annotations

import re
from datetime import date
from typing import Final

_DATE: Final = re.compile(r"(\d{1,2})\D{1,3}(\d{1,2})\D{1,3}(\d{4})|(\d{2})(\d{2})(\d{4})")
_ISO: Final = re.compile(r"(\d{4})-(\d{2})-(\d{2})")


def read_past_day(typed: str, today: date) -> date | str | None:
    """Return the day, None when nothing is typed, or the French sentence that says what to revise."""
    if not typed:
        return None
    iso, local = _ISO.fullmatch(typed), _DATE.fullmatch(typed)
    if iso:
        year, month, day = (int(part) for part in iso.groups())
    elif local:
        day, month, year = (int(part) for part in local.groups() if part is not None)
    else:
        return "La date s’écrit jour, mois, année : 05/04/2026"
    try:
        found = date(year, month, day)
    except ValueError:
        return "Cette date n’existe pas"
    return "Cette date est dans le futur" if found > today else found
