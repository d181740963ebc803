"""Reads the settings of coverage as a form gives them, and writes them into one. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from api.web.amounts import read_day
from api.web.forms import Errors, Reading
from snp.directory.coverage_settings import CoverageSettings, coverage_to_json
from snp.directory.settings_json import settings_from_input
from snp.directory.territory_settings import TerritorySettings
from snp.errors import InvalidValue

YES: Final = "oui"
_DAY_TYPED: Final = r"(\d{4}-\d{2}-\d{2}|\d{1,2}[/.]\d{1,2}[/.]\d{4})"
_PERIOD: Final = re.compile(rf"{_DAY_TYPED}\s*(?:/|-|–|au|à)\s*{_DAY_TYPED}")
_NUMBERS: Final = {
    "messages_a_week": "messages",
    "shortage_percent": "seuil",
    "days_ahead": "jours",
    "school_percent": "besoin_scolaire",
    "seaside_percent": "besoin_saison",
}
_FIELDS: Final = {**_NUMBERS, "school_holidays": "vacances", "seaside": "saison_du"}
_LABELS: Final = {
    "messages": "Messages par semaine",
    "seuil": "Seuil",
    "jours": "Jours à l’avance",
    "besoin_scolaire": "Besoin pendant les vacances",
    "besoin_saison": "Besoin pendant la saison",
    "vacances": "Vacances scolaires",
    "saison_du": "Saison",
}


def typed_of(settings: CoverageSettings) -> dict[str, str]:
    """Return settings as the fields of the form."""
    stored = coverage_to_json(settings)
    typed = {field: str(stored[name]) for name, field in _NUMBERS.items()}
    typed["automatique"] = YES if settings.automatic else ""
    typed["vacances"] = ", ".join(_say_period(one) for one in stored["school_holidays"])
    typed["saison_du"], typed["saison_au"] = (f"{day:02d}/{month:02d}" for month, day in settings.seaside)
    return typed


def read_coverage(typed: Mapping[str, str], base: TerritorySettings) -> Reading[TerritorySettings]:
    """Read the whole form over the settings in force."""
    errors: Errors = {}
    given: dict[str, Any] = {"automatic": typed.get("automatique") == YES}
    for name, field in _NUMBERS.items():
        told = typed.get(field, "")
        if told.isascii() and told.isdigit() and len(told) < 5:
            given[name] = int(told)
        else:
            errors[field] = f"{_LABELS[field]} : indiquez un nombre entier"
    periods = re.split(r"[,;\n]", typed.get("vacances", ""))
    given["school_holidays"] = [_period(one.strip()) for one in periods if one.strip()]
    given["seaside"] = [_day(typed.get(field, "")) for field in ("saison_du", "saison_au")]
    if errors:
        return Reading(None, errors)
    try:
        return Reading(settings_from_input({"coverage": given}, base=base))
    except InvalidValue as fault:
        field = _FIELDS.get(str(fault.fields["field"]), "messages")
        reason = str(fault.fields["reason"]).rstrip(".")
        if field == "saison_du":
            reason = "deux jours de l’année, comme 01/07 et 31/08"
        if field == "vacances":
            reason = "des périodes, comme 19/12/2026 au 03/01/2027, séparées par des virgules"
        return Reading(None, {field: f"{_LABELS[field]} : {reason}"})


def _say_period(stored: str) -> str:
    """« 19/12/2026 au 03/01/2027 », from `2026-12-19/2027-01-03`."""
    return " au ".join("/".join(reversed(day.split("-"))) for day in stored.split("/"))


def _period(typed: str) -> str:
    """A period as it is kept, from the days as a calendar or a file writes them; else what was typed."""
    found = _PERIOD.fullmatch(typed)
    if found is None:
        return typed
    days = [read_day(found[1]), read_day(found[2])]
    return "/".join(day if isinstance(day, str) else day.isoformat() for day in days)


def _day(typed: str) -> str:
    """`1/7` as a day of the year is kept; what cannot be one is left to be refused."""
    day, _, month = typed.partition("/")
    return f"{month:0>2}-{day:0>2}"
