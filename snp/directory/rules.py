"""Decisions of the directory: size class, settings and preferences from JSON, values fit to be written. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields
from datetime import date
from typing import Any, Final

from snp.directory.facts import (
    MembershipView,
    Preferences,
    TerritoryDetails,
)
from snp.directory.territory_settings import ALLOWED_DELAYS_HOURS, TerritorySettings
from snp.errors import InvalidValue, SnpError

_SLUG: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_POSTAL_CODE: Final = re.compile(r"[0-9]{5}")
_DEPARTMENT: Final = re.compile(r"0[1-9]|[1-8][0-9]|9[0-5]|2[AB]|97[1-8]|98[4-9]")
_CHANNELS: Final = frozenset({"sms", "email", "none"})

SIZE_CLASS_LIMITS: Final = (40_000, 80_000, 175_000)
"""Inhabitants where the ACI size classes 2, 3 and 4 begin. Source: accord conventionnel interprofessionnel CPTS."""

RADIUS_KM: Final = {"44": 15.0, "85": 30.0}
"""Search radius by department, first ring and widening added. Source: SAS platform (44: 10+5, 85: 20+10 km)."""

REGULATION_NUMBER: Final = {"44": "15", "85": "116 117"}
"""What is dialled for unscheduled care. Source: F. Guillaud, Les CPTS, Nantes 2023."""


class MembershipOverlap(SnpError):
    """The practitioner already belongs to this territory on some of these days."""

    slug = "membership-overlap"
    fr = "Ce professionnel est déjà membre de ce territoire à ces dates."


def size_class(inhabitants: int) -> int:
    """Return the ACI size class (1 to 4) of a territory.

    Source: ACI CPTS, sizes under 40,000, 40–80,000, 80–175,000 and over 175,000 inhabitants.
    """
    return 1 + sum(inhabitants >= limit for limit in SIZE_CLASS_LIMITS)


def default_settings(department: str) -> TerritorySettings:
    """Return the settings a new territory of a department starts with."""
    plain = TerritorySettings()
    return TerritorySettings(
        regulation_number=REGULATION_NUMBER.get(department, plain.regulation_number),
        default_max_km=RADIUS_KM.get(department, plain.default_max_km),
    )
