"""The legal public holidays of each part of France.

A day off by custom or decision is a setting, not a holiday.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from functools import cache
from types import MappingProxyType
from typing import Final

import holidays


class HolidayRegion(StrEnum):
    """The parts of France that keep holidays of their own."""

    METROPOLE = "metropole"
    ALSACE_MOSELLE = "alsace_moselle"
    GUADELOUPE = "guadeloupe"
    MARTINIQUE = "martinique"
    GUYANE = "guyane"
    REUNION = "reunion"
    MAYOTTE = "mayotte"
    SAINT_BARTHELEMY = "saint_barthelemy"
    SAINT_MARTIN = "saint_martin"


_ABOLITION: Final = MappingProxyType(
    {
        HolidayRegion.GUADELOUPE: (5, 27),
        HolidayRegion.MARTINIQUE: (5, 22),
        HolidayRegion.GUYANE: (6, 10),
        HolidayRegion.REUNION: (12, 20),
        HolidayRegion.MAYOTTE: (4, 27),
        HolidayRegion.SAINT_BARTHELEMY: (10, 9),
        HolidayRegion.SAINT_MARTIN: (5, 28),
    }
)
_REGION_OF_DEPARTMENT: Final = MappingProxyType(
    {
        **dict.fromkeys(("57", "67", "68"), HolidayRegion.ALSACE_MOSELLE),
        "971": HolidayRegion.GUADELOUPE,
        "972": HolidayRegion.MARTINIQUE,
        "973": HolidayRegion.GUYANE,
        "974": HolidayRegion.REUNION,
        "976": HolidayRegion.MAYOTTE,
        "977": HolidayRegion.SAINT_BARTHELEMY,
        "978": HolidayRegion.SAINT_MARTIN,
    }
)


@cache
def public_holidays(
    year: int, region: HolidayRegion = HolidayRegion.METROPOLE
) -> MappingProxyType[date, str]:
    """The holidays of a year with their French names, in order.

    Source: code du travail L3133-1 (the eleven), L3134-13 (Alsace-Moselle: Good Friday and 26 December),
    L3422-2 (overseas: abolition of slavery).
    """
    subdivision = "57" if region is HolidayRegion.ALSACE_MOSELLE else None
    named = dict(holidays.country_holidays("FR", subdiv=subdivision, years=year, language="fr"))
    if region in _ABOLITION:
        named[date(year, *_ABOLITION[region])] = "Abolition de l’esclavage"
    return MappingProxyType({day: named[day] for day in sorted(named)})


def is_holiday(day: date, region: HolidayRegion = HolidayRegion.METROPOLE) -> bool:
    """Tell whether a local day is a public holiday."""
    return day in public_holidays(day.year, region)


def holiday_name(day: date, region: HolidayRegion = HolidayRegion.METROPOLE) -> str | None:
    """The French name of the holiday on a local day, if it is one."""
    return public_holidays(day.year, region).get(day)


def holiday_region(department: str) -> HolidayRegion:
    """The region whose holidays a department keeps (`44`, `2A`, `974`)."""
    return _REGION_OF_DEPARTMENT.get(department, HolidayRegion.METROPOLE)
