"""School holidays by zone, local days `[first, back)`: from the first day off to the day pupils are back.

A calendar that lacks a year counts none then: complete the table when the next one is published.

Source: ministère de l’Éducation nationale, calendriers scolaires 2025-2026 et 2026-2027 (education.gouv.fr/calendrier).
"""  # noqa: E501

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Final


class Zone(StrEnum):
    """The three zones of metropolitan France; Nantes and its region are in B."""

    A = "A"
    B = "B"
    C = "C"


_EVERYWHERE: Final = (
    (date(2025, 10, 18), date(2025, 11, 3)),
    (date(2025, 12, 20), date(2026, 1, 5)),
    (date(2026, 7, 4), date(2026, 9, 1)),
    (date(2026, 10, 17), date(2026, 11, 2)),
    (date(2026, 12, 19), date(2027, 1, 4)),
    (date(2027, 7, 3), date(2027, 9, 1)),
)
HOLIDAYS: Final[Mapping[Zone, tuple[tuple[date, date], ...]]] = {
    Zone.A: (
        *_EVERYWHERE,
        (date(2026, 2, 7), date(2026, 2, 23)),
        (date(2026, 4, 4), date(2026, 4, 20)),
        (date(2027, 2, 13), date(2027, 3, 1)),
        (date(2027, 4, 10), date(2027, 4, 26)),
    ),
    Zone.B: (
        *_EVERYWHERE,
        (date(2026, 2, 14), date(2026, 3, 2)),
        (date(2026, 4, 11), date(2026, 4, 27)),
        (date(2027, 2, 20), date(2027, 3, 8)),
        (date(2027, 4, 17), date(2027, 5, 3)),
    ),
    Zone.C: (
        *_EVERYWHERE,
        (date(2026, 2, 21), date(2026, 3, 9)),
        (date(2026, 4, 18), date(2026, 5, 4)),
        (date(2027, 2, 6), date(2027, 2, 22)),
        (date(2027, 4, 3), date(2027, 4, 19)),
    ),
}


def is_school_holiday(day: date, zone: Zone) -> bool:
    """Whether schools of the zone are closed for holidays on a local day."""
    return any(first <= day < back for first, back in HOLIDAYS[zone])
