"""Reads what a régulateur of the platform typed: text to values, or French faults field by field. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from api.web import forms
from api.web.forms import Errors, PersonTyped, Reading
from regulation.intake.facts import CallPriority, MtAnswers, Sex, Urgency
from regulation.intake.rules import MAX_DELAY_H

MT_UNKNOWN: Final = "inconnu"
ON_PAGE: Final = (
    *("creneau", "nom", "prenom", "naissance", "sexe", "telephone", "commune", "commune_insee"),
    *("mt", "mt_appel", "motif", "priorite", "delai", "numero", "note", "peut_attendre"),
)
"""The fields in the order of the page."""

MAX_NUMBER: Final = 40


@dataclass(frozen=True, slots=True)
class BookingTyped:
    """Everything typed, understood; the commune is still words, its code is found elsewhere."""

    slot_id: UUID
    person: PersonTyped
    birth_date: date
    sex: Sex
    mt: MtAnswers
    reason: str | None
    urgency: Urgency
    delay_h: int
    note: str | None
    can_wait: bool


def read_booking(typed: Mapping[str, str], reasons: frozenset[str], today: date) -> Reading[BookingTyped]:
    """Read the whole page; `reasons` are the codes that may be picked."""
    person, mt = forms.read_person(typed), _read_mt(typed)
    born = forms.parse_birth_date(typed.get("naissance", ""), today)
    slot_id, sex, delay_h = _slot(typed), _sex(typed), _delay(typed)
    errors: Errors = {**person.errors, **mt.errors}
    if isinstance(born, str):
        errors["naissance"] = born
    missing = {
        "creneau": (slot_id, "Choisissez un créneau"),
        "sexe": (sex, "Indiquez le sexe"),
        "telephone": (typed.get("telephone"), "Indiquez un numéro où rappeler le patient"),
        "delai": (delay_h, f"Indiquez un délai en heures, de 1 à {MAX_DELAY_H}"),
        "priorite": (typed.get("priorite") in set(CallPriority) or None, "Choisissez la priorité"),
    }
    errors |= {name: told for name, (value, told) in missing.items() if not value}
    if typed.get("motif") and typed["motif"] not in reasons:
        errors["motif"] = "Choisissez un motif de la liste"
    if len(typed.get("numero", "")) > MAX_NUMBER:
        errors["numero"] = f"{MAX_NUMBER} caractères au plus"
    if errors or slot_id is None or person.value is None or isinstance(born, str) or sex is None:
        return Reading(None, in_order(errors))
    assert mt.value is not None
    assert delay_h is not None
    return Reading(
        BookingTyped(
            slot_id=slot_id,
            person=person.value,
            birth_date=born,
            sex=sex,
            mt=mt.value,
            reason=typed.get("motif") or None,
            urgency=Urgency(priority=CallPriority(typed["priorite"])),
            delay_h=delay_h,
            note=_note(typed),
            can_wait=typed.get("peut_attendre") == "oui",
        )
    )


def in_order(errors: Errors) -> Errors:
    """Return the faults in the order in which their fields stand on the page."""
    return {name: errors[name] for name in ON_PAGE if name in errors}


def _read_mt(typed: Mapping[str, str]) -> Reading[MtAnswers]:
    return Reading(MtAnswers()) if typed.get("mt") == MT_UNKNOWN else forms.read_mt(typed)


def _slot(typed: Mapping[str, str]) -> UUID | None:
    try:
        return UUID(typed.get("creneau", ""))
    except ValueError:
        return None


def _sex(typed: Mapping[str, str]) -> Sex | None:
    return Sex(typed["sexe"]) if typed.get("sexe") in {one.value for one in Sex} else None


def _delay(typed: Mapping[str, str]) -> int | None:
    text = typed.get("delai", "")
    hours = int(text) if text.isascii() and text.isdigit() and len(text) <= 4 else 0
    return hours if 1 <= hours <= MAX_DELAY_H else None


def _note(typed: Mapping[str, str]) -> str | None:
    """The dossier's number in the regulation software, then what was noted: both are sealed together."""
    number, note = typed.get("numero", ""), typed.get("note", "")
    lines = [f"Dossier de régulation : {number}" if number else "", note]
    return "\n".join(filter(None, lines)) or None
