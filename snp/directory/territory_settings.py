"""What a territory decides for itself: hours, distances, delays, and how its engine runs. Pure.

How settings are written as JSON is in `settings_json`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, time
from enum import StrEnum
from typing import Final

from snp.days import HolidayRegion, PdsaHours, SnpHours, holiday_region
from snp.directory.coverage_settings import CoverageSettings
from snp.errors import InvalidValue
from snp.terms import Phone

ALLOWED_DELAYS_HOURS: Final = (6, 12, 24, 48)
"""Delays that a request may be given.

Source: SAMU-Hub-Modeles nomenclature (12H, 24H); 24 to 48 h: ACI CPTS, mission « accès aux soins ».
"""

_RADIUS_KM: Final = {"44": 15.0, "85": 30.0}
"""Search radius by department, widening added. Source: SAS platform (44: 10 + 5 km, 85: 20 + 10 km)."""

_REGULATION_NUMBER: Final = {"44": "15", "85": "116 117"}
"""What is dialled for unscheduled care. Source: F. Guillaud, Les CPTS, thesis, Nantes 2023."""

MOST_ALERT_EMAILS: Final = 10
_EMAIL: Final = re.compile(r"[^\s@<>,;:\"]{1,64}@[^\s@<>,;:\"]+\.[^\s@<>,;:\"]{2,}")


class EnginePolicy(StrEnum):
    """How slots are given: by what they are worth to who may still come, or only among who seeks now."""

    LIVE = "live"
    EXACT = "exact"


class AnswerMode(StrEnum):
    """What a caller is told: a time at once, or « vous serez vu avant … » and the time later."""

    IMMEDIATE = "immediate"
    PROMISE = "promise"


@dataclass(frozen=True, slots=True)
class TerritorySettings:
    """The settings of a territory.

    `snp_hours` and `pdsa_hours`: who answers when. `regulation_number`: what people dial there.
    `default_max_km`: straight-line radius of a request that says nothing else. `default_delay_hours`: from
    the regulation's decision. `hold_minutes`: how long a chosen slot is kept. `pool_minutes`: how often the
    open requests are assigned together. `max_proposals`: how many slots are read to the caller.
    `policy` and `mode`: how slots are given, and what a caller is told. `notice_minutes`: how long before it
    starts a promised slot is named at the latest, outside `quiet_hours` (local, may span midnight; None for
    none). `p3_waiting_percent`: how many P3 in a hundred may be kept waiting although a slot is free. In
    promise mode a patient may always ask for a time at once: that is his right, not a setting.
    `overflow_p1_minutes` (and P2, P3): how long after the decision a request for which nothing suits here may
    take a slot that a neighbour lends; None: that priority never does. `overflow_before_deadline_minutes`:
    it may at the latest that long before its deadline; None: only the delay counts.
    `contact_phone`: where the CPTS itself is reached (E.164), as the national platform shows it.
    `alert_emails`: who is told that slots run short, or that messages do not leave. `protection_emails`: the
    data-protection delegate, told when a dossier is opened from another territory. `coverage`: how need is
    forecast, and when practitioners are asked for slots.
    `direct_access_from`, `direct_access_until`: the local days, both included, between which physiotherapists
    of the territory give sessions without a prior medical diagnosis; `from` None: they do not (ADR 82).
    """

    snp_hours: SnpHours = field(default_factory=SnpHours)
    pdsa_hours: PdsaHours = field(default_factory=PdsaHours)
    regulation_number: str = "116 117"
    default_max_km: float = 30.0
    default_delay_hours: int = 48
    hold_minutes: int = 5
    pool_minutes: int = 15
    max_proposals: int = 3
    policy: EnginePolicy = EnginePolicy.LIVE
    mode: AnswerMode = AnswerMode.IMMEDIATE
    notice_minutes: int = 60
    quiet_hours: tuple[time, time] | None = (time(21), time(7))
    p3_waiting_percent: int = 30
    overflow_p1_minutes: int | None = 30
    overflow_p2_minutes: int | None = 120
    overflow_p3_minutes: int | None = 360
    overflow_before_deadline_minutes: int | None = 240
    contact_phone: str | None = None
    alert_emails: tuple[str, ...] = ()
    protection_emails: tuple[str, ...] = ()
    direct_access_from: date | None = None
    direct_access_until: date | None = None
    coverage: CoverageSettings = field(default_factory=CoverageSettings)

    @property
    def region(self) -> HolidayRegion:
        """Whose public holidays the territory keeps."""
        return self.snp_hours.region


_BOUNDS: Final = {
    "default_max_km": (1, 200),
    "hold_minutes": (1, 60),
    "pool_minutes": (1, 24 * 60),
    "max_proposals": (1, 5),
    "notice_minutes": (30, 240),
    "p3_waiting_percent": (0, 50),
}
_OVERFLOW: Final = {
    "overflow_p1_minutes": (0, 48 * 60),
    "overflow_p2_minutes": (0, 48 * 60),
    "overflow_p3_minutes": (0, 48 * 60),
    "overflow_before_deadline_minutes": (0, 48 * 60),
}


def default_settings(department: str) -> TerritorySettings:
    """Return the settings that a new territory of a department starts with."""
    plain, region = TerritorySettings(), holiday_region(department)
    return TerritorySettings(
        snp_hours=SnpHours(region=region),
        pdsa_hours=PdsaHours(region=region),
        regulation_number=_REGULATION_NUMBER.get(department, plain.regulation_number),
        default_max_km=_RADIUS_KM.get(department, plain.default_max_km),
    )


def check_settings(settings: TerritorySettings) -> TerritorySettings:
    """Return settings fit to be written; raises `InvalidValue` naming the setting."""
    for name, (low, high) in _BOUNDS.items():
        if not low <= getattr(settings, name) <= high:
            raise InvalidValue(name, f"entre {low} et {high}")
    for name, (low, high) in _OVERFLOW.items():
        value = getattr(settings, name)
        if value is not None and not low <= value <= high:
            raise InvalidValue(name, f"entre {low} et {high}, ou rien")
    if settings.default_delay_hours not in ALLOWED_DELAYS_HOURS:
        allowed = ", ".join(str(hours) for hours in ALLOWED_DELAYS_HOURS)
        raise InvalidValue("default_delay_hours", f"{allowed} heures")
    if settings.mode is AnswerMode.PROMISE and settings.policy is not EnginePolicy.LIVE:
        raise InvalidValue("mode", "le mode promesse demande la politique « live »")
    if settings.quiet_hours is not None and settings.quiet_hours[0] == settings.quiet_hours[1]:
        raise InvalidValue("quiet_hours", "deux heures différentes, ou rien")
    _check_addresses("alert_emails", settings.alert_emails)
    _check_addresses("protection_emails", settings.protection_emails)
    _check_direct_access(settings.direct_access_from, settings.direct_access_until)
    if not settings.regulation_number.strip():
        raise InvalidValue("regulation_number", "à remplir")
    if settings.contact_phone is None:
        return settings
    return replace(settings, contact_phone=str(Phone.parse(settings.contact_phone)))


def _check_direct_access(since: date | None, until: date | None) -> None:
    if since is None and until is not None:
        raise InvalidValue("direct_access_from", "indiquez aussi le premier jour")
    if since is not None and until is not None and until < since:
        raise InvalidValue("direct_access_until", "la fin est avant le début")


def _check_addresses(name: str, addresses: Sequence[str]) -> None:
    if len(addresses) > MOST_ALERT_EMAILS:
        raise InvalidValue(name, f"{MOST_ALERT_EMAILS} adresses au plus")
    for address in addresses:
        if not _EMAIL.fullmatch(address):
            raise InvalidValue(name, f"« {address} » n’est pas une adresse électronique")
