"""A territory's settings as JSON: kept beside it, and edited from outside. Pure.

What is left out takes the default of the department, so that a setting added later needs no migration. Hours
read `{"weekdays": ["08:00", "20:00"], "saturday": ["08:00", "12:00"], "sunday": null, …}`, in local time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from datetime import date, time
from types import NoneType
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from snp.days import DayHours, HolidayRegion, SnpHours
from snp.directory.coverage_settings import COVERAGE_NAMES, coverage_from_json, coverage_to_json
from snp.directory.territory_settings import (
    AnswerMode,
    EnginePolicy,
    TerritorySettings,
    check_settings,
    default_settings,
)
from snp.errors import InvalidValue

_DAYS: Final = ("weekdays", "saturday", "sunday")
_PDSA_RULES: Final = (
    "saturday_from_noon",
    "monday_before_holiday",
    "friday_after_holiday",
    "saturday_after_holiday",
)


def _addresses(name: str, value: Any) -> tuple[str, ...]:
    return tuple(
        _of(name, address, str, "des adresses électroniques").strip()
        for address in _of(name, value, (list, tuple), "une liste d’adresses électroniques")
    )


_PLAIN: Final[dict[str, Callable[[str, Any], Any]]] = {
    "regulation_number": lambda name, value: _of(name, value, str, "un texte"),
    "default_max_km": lambda name, value: float(_of(name, value, (int, float), "un nombre de kilomètres")),
    "default_delay_hours": lambda name, value: _of(name, value, int, "un nombre d’heures"),
    "hold_minutes": lambda name, value: _of(name, value, int, "un nombre de minutes"),
    "pool_minutes": lambda name, value: _of(name, value, int, "un nombre de minutes"),
    "max_proposals": lambda name, value: _of(name, value, int, "un nombre"),
    "policy": lambda name, value: _choice(name, value, EnginePolicy),
    "mode": lambda name, value: _choice(name, value, AnswerMode),
    "notice_minutes": lambda name, value: _of(name, value, int, "un nombre de minutes"),
    "p3_waiting_percent": lambda name, value: _of(name, value, int, "un pourcentage"),
    "overflow_p1_minutes": lambda name, value: _of(name, value, (int, NoneType), "un nombre de minutes"),
    "overflow_p2_minutes": lambda name, value: _of(name, value, (int, NoneType), "un nombre de minutes"),
    "overflow_p3_minutes": lambda name, value: _of(name, value, (int, NoneType), "un nombre de minutes"),
    "overflow_before_deadline_minutes": lambda name, value: _of(
        name, value, (int, NoneType), "un nombre de minutes"
    ),
    "contact_phone": lambda name, value: _of(name, value, (str, NoneType), "un numéro de téléphone"),
    "alert_emails": _addresses,
    "protection_emails": _addresses,
}

_DATES: Final = ("direct_access_from", "direct_access_until")
_NAMES: Final = frozenset(
    {"snp_hours", "pdsa_hours", "holidays", "time_zone", "quiet_hours", "coverage", *_PLAIN, *_DATES}
)


def settings_to_json(settings: TerritorySettings) -> dict[str, Any]:
    """Return settings as they are stored and shown, whole."""
    hours, pdsa = settings.snp_hours, settings.pdsa_hours
    return {
        "snp_hours": {
            **{name: _day_to_json(getattr(hours, name)) for name in _DAYS},
            "open_on_holidays": hours.open_on_holidays,
            "closed_on": sorted(day.isoformat() for day in hours.closed_on),
        },
        "pdsa_hours": {name: getattr(pdsa, name) for name in _PDSA_RULES},
        "holidays": hours.region.value,
        "time_zone": hours.zone.key,
        **{name: getattr(settings, name) for name in _PLAIN},
        "quiet_hours": _times_to_json(settings.quiet_hours),
        **{name: None if (day := getattr(settings, name)) is None else day.isoformat() for name in _DATES},
        "coverage": coverage_to_json(settings.coverage),
    }


def settings_from_json(stored: Mapping[str, Any], *, department: str) -> TerritorySettings:
    """Return stored settings; what is missing takes the department's default, unknown names are left out."""
    known = {k: v for k, v in stored.items() if k in _NAMES}
    if "coverage" in known:
        known["coverage"] = {k: v for k, v in known["coverage"].items() if k in COVERAGE_NAMES}
    return _read(known, default_settings(department))


def settings_from_input(given: Mapping[str, Any], *, base: TerritorySettings) -> TerritorySettings:
    """Return `base` with the settings that were given, checked.

    Raises `InvalidValue` on a name that does not exist, a value of another form, or one out of bounds.
    """
    _refuse_unknown(given, _NAMES, "réglage inconnu")
    return check_settings(_read(given, base))


def _read(given: Mapping[str, Any], base: TerritorySettings) -> TerritorySettings:
    region = _region(given["holidays"]) if "holidays" in given else base.region
    zone = _zone(given["time_zone"]) if "time_zone" in given else base.snp_hours.zone
    hours = _hours(_mapping("snp_hours", given.get("snp_hours", {})), base.snp_hours)
    rules = _mapping("pdsa_hours", given.get("pdsa_hours", {}))
    _refuse_unknown(rules, _PDSA_RULES, "règle de PDSA inconnue")
    pdsa = {name: _of(name, value, bool, "vrai ou faux") for name, value in rules.items()}
    dates: dict[str, Any] = {name: _day_or_none(name, given[name]) for name in _DATES if name in given}
    coverage = _mapping("coverage", given.get("coverage", {}))
    return replace(
        base,
        snp_hours=replace(hours, region=region, zone=zone),
        pdsa_hours=replace(base.pdsa_hours, region=region, zone=zone, **pdsa),
        **{name: read(name, given[name]) for name, read in _PLAIN.items() if name in given},
        quiet_hours=_times(given["quiet_hours"]) if "quiet_hours" in given else base.quiet_hours,
        **dates,
        coverage=coverage_from_json(coverage, base.coverage),
    )


def _hours(given: Mapping[str, Any], base: SnpHours) -> SnpHours:
    _refuse_unknown(given, {f.name for f in fields(SnpHours)} - {"region", "zone"}, "horaire inconnu")
    changes: dict[str, Any] = {name: _day(name, given[name]) for name in _DAYS if name in given}
    if "weekdays" in changes and changes["weekdays"] is None:
        raise InvalidValue("weekdays", "les soins non programmés ont lieu en semaine")
    if "open_on_holidays" in given:
        changes["open_on_holidays"] = _of("open_on_holidays", given["open_on_holidays"], bool, "vrai ou faux")
    if "closed_on" in given:
        days = _of("closed_on", given["closed_on"], list, "une liste de dates")
        changes["closed_on"] = frozenset(_date(day) for day in days)
    return replace(base, **changes)


def _day(name: str, value: Any) -> DayHours | None:
    if value is None:
        return None
    try:
        opens, closes = value
        return DayHours(time.fromisoformat(opens), time.fromisoformat(closes))
    except (TypeError, ValueError) as error:
        raise InvalidValue(name, 'deux heures locales, comme ["08:00", "20:00"]') from error


def _day_to_json(hours: DayHours | None) -> list[str] | None:
    return None if hours is None else [hours.opens.strftime("%H:%M"), hours.closes.strftime("%H:%M")]


def _times(value: Any) -> tuple[time, time] | None:
    if value is None or value == []:
        return None
    try:
        begins, ends = (time.fromisoformat(clock) for clock in value)
    except (TypeError, ValueError) as error:
        raise InvalidValue("quiet_hours", 'deux heures locales, comme ["21:00", "07:00"]') from error
    return begins, ends


def _times_to_json(times: tuple[time, time] | None) -> list[str] | None:
    return None if times is None else [clock.strftime("%H:%M") for clock in times]


def _choice(name: str, value: Any, choices: type[EnginePolicy | AnswerMode]) -> Any:
    try:
        return choices(value)
    except ValueError as error:
        raise InvalidValue(name, ", ".join(choices)) from error


def _day_or_none(name: str, value: Any) -> date | None:
    if value is None or value == "":
        return None
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise InvalidValue(name, "une date, comme 2026-09-01") from error


def _date(value: Any) -> date:
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise InvalidValue("closed_on", "des dates, comme 2026-12-24") from error


def _region(value: Any) -> HolidayRegion:
    try:
        return HolidayRegion(value)
    except ValueError as error:
        raise InvalidValue("holidays", ", ".join(HolidayRegion)) from error


def _zone(value: Any) -> ZoneInfo:
    try:
        return ZoneInfo(value)
    except (TypeError, ValueError, OSError, ZoneInfoNotFoundError) as error:
        raise InvalidValue("time_zone", "un fuseau horaire, comme Europe/Paris") from error


def _mapping(name: str, value: Any) -> Mapping[str, Any]:
    return _of(name, value, dict, "un objet") or {}


def _of(name: str, value: Any, kind: Any, form: str) -> Any:
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise InvalidValue(name, form)
    return value


def _refuse_unknown(given: Mapping[str, Any], known: Any, reason: str) -> None:
    for name in given:
        if name not in known:
            raise InvalidValue(name, reason)
