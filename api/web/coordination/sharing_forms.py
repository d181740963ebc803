"""Reads the form by which slots are offered to a neighbour. Pure; the agreement's rules judge the rest."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time
from typing import Final
from uuid import UUID

from api.web.amounts import read_day
from api.web.forms import Errors, Reading
from slots.sharing.facts import Terms
from snp.assignment.facts import Audience
from snp.errors import InvalidValue

YES: Final = "oui"
DAYS: Final = {
    1: ("jour_1", "Lundi"),
    2: ("jour_2", "Mardi"),
    3: ("jour_3", "Mercredi"),
    4: ("jour_4", "Jeudi"),
    5: ("jour_5", "Vendredi"),
    6: ("jour_6", "Samedi"),
    7: ("jour_7", "Dimanche"),
}
AUDIENCES: Final = {
    Audience.REGULATION: ("par_regulation", "La régulation"),
    Audience.DESK: ("par_comptoirs", "Les pharmacies et cabinets infirmiers"),
    Audience.PROFESSIONALS: ("par_confreres", "Les médecins et kinésithérapeutes"),
}
_FIELDS: Final = {
    "borrower_id": "voisin",
    "professions": "professions",
    "weekdays": "jours",
    "audiences": "publics",
    "starts_from": "de",
    "starts_before": "a",
    "most_a_day": "par_jour",
    "most_percent": "part",
    "last_hours": "dernieres_heures",
    "first_day": "du",
    "last_day": "au",
}
_NOT_AN_HOUR: Final = "Une heure, comme 08:00"


def started(today: date) -> dict[str, str]:
    """Return the form as it opens: working days, the regulation and the desks, from today on."""
    typed = {name: YES for number, (name, _) in DAYS.items() if number <= 5}
    typed |= {AUDIENCES[one][0]: YES for one in (Audience.REGULATION, Audience.DESK)}
    return typed | {"du": today.isoformat()}


def profession_field(code: str) -> str:
    """Return the name of the box of a profession."""
    return f"profession_{code}"


def read_offer(typed: Mapping[str, str], professions: list[str]) -> Reading[tuple[UUID, Terms]]:
    """Read to whom and what is offered; faults by field."""
    errors: Errors = {}
    borrower = _uuid(typed.get("voisin", ""))
    if borrower is None:
        errors["voisin"] = "Choisissez un territoire voisin"
    terms = Terms(
        professions=frozenset(code for code in professions if typed.get(profession_field(code)) == YES),
        weekdays=frozenset(number for number, (name, _) in DAYS.items() if typed.get(name) == YES),
        audiences=frozenset(one for one, (name, _) in AUDIENCES.items() if typed.get(name) == YES),
        starts_from=_clock(typed, "de", errors),
        starts_before=_clock(typed, "a", errors),
        most_a_day=_number(typed, "par_jour", errors),
        most_percent=_number(typed, "part", errors),
        last_hours=_number(typed, "dernieres_heures", errors),
        first_day=_day(typed, "du", errors) or date.min,
        last_day=_day(typed, "au", errors),
    )
    if not typed.get("du"):
        errors["du"] = "Indiquez le premier jour"
    if errors or borrower is None:
        return Reading(None, errors)
    return Reading((borrower, terms))


def fault_of(fault: InvalidValue) -> Errors:
    """Return a refusal of the agreement's rules beside its field."""
    name = _FIELDS.get(str(fault.fields["field"]), "voisin")
    reason = str(fault.fields["reason"])
    return {name: reason[:1].upper() + reason[1:]}


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _clock(typed: Mapping[str, str], name: str, errors: Errors) -> time | None:
    text = typed.get(name, "")
    if not text:
        return None
    try:
        return time.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        errors[name] = _NOT_AN_HOUR
        return None


def _day(typed: Mapping[str, str], name: str, errors: Errors) -> date | None:
    text = typed.get(name, "")
    if not text:
        return None
    told = read_day(text)
    if isinstance(told, str):
        errors[name] = told
        return None
    return told


def _number(typed: Mapping[str, str], name: str, errors: Errors) -> int | None:
    text = typed.get(name, "")
    if not text:
        return None
    if not text.isdecimal() or len(text) > 4:
        errors[name] = "Un nombre entier, ou rien"
        return None
    return int(text)
