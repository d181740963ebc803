"""Reads the settings of a territory as a form gives them, and writes them into one. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from api.web.forms import Errors, Reading
from snp.directory.settings_json import settings_from_input, settings_to_json
from snp.directory.territory_settings import TerritorySettings
from snp.errors import InvalidValue

_DAYS: Final = {"weekdays": "semaine", "saturday": "samedi", "sunday": "dimanche"}
PDSA: Final = {
    "saturday_from_noon": ("pdsa_samedi", "Le samedi à partir de midi"),
    "monday_before_holiday": ("pdsa_lundi", "Le lundi, veille de jour férié"),
    "friday_after_holiday": ("pdsa_vendredi", "Le vendredi, lendemain de jour férié"),
    "saturday_after_holiday": ("pdsa_samedi_ferie", "Le samedi, lendemain de jour férié"),
}
_NUMBERS: Final = {
    "default_max_km": "rayon",
    "default_delay_hours": "delai",
    "hold_minutes": "retenue",
    "pool_minutes": "affectation",
    "max_proposals": "propositions",
}
OVERFLOW: Final = {
    "overflow_p1_minutes": "voisins_p1",
    "overflow_p2_minutes": "voisins_p2",
    "overflow_p3_minutes": "voisins_p3",
    "overflow_before_deadline_minutes": "voisins_echeance",
}
"""Minutes that may be left empty: never."""
ADDRESSES: Final = {"alert_emails": "courriels_alerte", "protection_emails": "courriels_delegue"}
"""Addresses, one a line as the page shows them; commas, semicolons and spaces part them too."""
_BETWEEN: Final = re.compile(r"[\s,;]+")
_FIELDS: Final = {
    **_NUMBERS,
    **OVERFLOW,
    **_DAYS,
    **ADDRESSES,
    "regulation_number": "numero",
    "closed_on": "fermetures",
    "name": "nom_territoire",
}
_LABELS: Final = {
    "rayon": "Rayon de recherche",
    "delai": "Délai",
    "retenue": "Durée de la retenue",
    "affectation": "Affectation groupée",
    "propositions": "Créneaux proposés",
    "voisins_p1": "Créneaux des voisins, P1",
    "voisins_p2": "Créneaux des voisins, P2",
    "voisins_p3": "Créneaux des voisins, P3",
    "voisins_echeance": "Créneaux des voisins avant l’échéance",
    "numero": "Numéro de la régulation",
    "courriels_alerte": "Adresses d’alerte",
    "courriels_delegue": "Adresses du délégué",
    "fermetures": "Fermetures",
    "semaine": "Semaine",
    "samedi": "Samedi",
    "dimanche": "Dimanche",
    "nom_territoire": "Nom du territoire",
}
"""A fault is told after the name of its field: the summary stands apart."""

YES: Final = "oui"


def typed_of(settings: TerritorySettings) -> dict[str, str]:
    """Return settings as the fields of the form."""
    stored = settings_to_json(settings)
    typed = {field: f"{stored[name]:g}" for name, field in _NUMBERS.items()}
    typed |= {field: "" if stored[name] is None else str(stored[name]) for name, field in OVERFLOW.items()}
    typed |= {field: "\n".join(stored[name]) for name, field in ADDRESSES.items()}
    typed["numero"] = stored["regulation_number"]
    for name, field in _DAYS.items():
        hours = stored["snp_hours"][name]
        typed[f"{field}_ouvert"] = YES if hours else ""
        typed[f"{field}_de"], typed[f"{field}_a"] = hours or ("", "")
    for name, (field, _) in PDSA.items():
        typed[field] = YES if stored["pdsa_hours"][name] else ""
    typed["feries_ouverts"] = YES if stored["snp_hours"]["open_on_holidays"] else ""
    typed["fermetures"] = ", ".join(stored["snp_hours"]["closed_on"])
    return typed


def read_settings(typed: Mapping[str, str], base: TerritorySettings) -> Reading[TerritorySettings]:
    """Read the whole form over the settings in force."""
    errors: Errors = {}
    given: dict[str, Any] = {
        name: _number(typed, field, errors, whole=name != "default_max_km")
        for name, field in _NUMBERS.items()
    }
    given |= {
        name: _number(typed, field, errors, whole=True) if typed[field] else None
        for name, field in OVERFLOW.items()
        if field in typed
    }
    given |= {name: _addresses(typed[field]) for name, field in ADDRESSES.items() if field in typed}
    given["regulation_number"] = typed.get("numero", "")
    given["snp_hours"] = {
        name: _day(typed, field, errors, always=name == "weekdays") for name, field in _DAYS.items()
    } | {
        "open_on_holidays": typed.get("feries_ouverts") == YES,
        "closed_on": [day for day in typed.get("fermetures", "").replace(",", " ").split() if day],
    }
    given["pdsa_hours"] = {name: typed.get(field) == YES for name, (field, _) in PDSA.items()}
    if errors:
        return Reading(None, errors)
    try:
        return Reading(settings_from_input(given, base=base))
    except InvalidValue as fault:
        return Reading(None, fault_of(fault))


def fault_of(fault: InvalidValue) -> Errors:
    """Return a refusal of a setting beside its field."""
    name = _FIELDS.get(str(fault.fields["field"]), "nom_territoire")
    reason = str(fault.fields["reason"]).rstrip(".")
    return {name: f"{_LABELS.get(name, 'Réglage')} : {reason}"}


def _addresses(typed: str) -> list[str]:
    """Return the addresses of a field, each once, as they were first typed."""
    found: dict[str, str] = {}
    for address in filter(None, _BETWEEN.split(typed)):
        found.setdefault(address.casefold(), address)
    return list(found.values())


def _number(typed: Mapping[str, str], field: str, errors: Errors, *, whole: bool) -> int | float | None:
    told = typed.get(field, "").replace(",", ".")
    if not told.replace(".", "", 0 if whole else 1).isdecimal():
        errors[field] = "Indiquez un nombre entier" if whole else "Indiquez un nombre"
        return None
    return int(told) if whole else float(told)


def _day(typed: Mapping[str, str], field: str, errors: Errors, *, always: bool) -> list[str] | None:
    if not always and typed.get(f"{field}_ouvert") != YES:
        return None
    hours = [typed.get(f"{field}_de", ""), typed.get(f"{field}_a", "")]
    if not all(hours):
        errors[field] = "Indiquez l’heure d’ouverture et l’heure de fermeture"
    return hours
