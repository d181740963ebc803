"""Reads what is typed for the list: text to values, or French faults field by field."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlmodel import Session

from api.web import forms
from api.web.desk_patient import phone_fault, picked_commune
from api.web.forms import Errors, Reading, capital_reason, whole
from regulation.intake.facts import PatientTraits, Sex
from regulation.medecin_traitant.register.facts import (
    Circumstances,
    PlaceTerms,
    PracticeAnswer,
    PracticeCall,
    RefusalReason,
)
from snp.directory.facts import CommuneView
from snp.errors import InvalidValue
from snp.platform.actors import Actor

YES: Final = "oui"
_FIELDS: Final = {
    "family_name": "nom",
    "given_name": "prenom",
    "birth_date": "naissance",
    "phone": "telephone",
    "email": "courriel",
    "insee": "commune",
    "pregnant_until": "terme",
    "discharged_on": "sortie",
    "consent": "accord",
    "practice": "cabinet",
    "reason": "motif",
    "note": "note",
    "next_call_on": "rappel",
    "places": "places",
    "valid_until": "jusqu_au",
    "age_from": "age_de",
    "age_to": "age_a",
    "communes": "communes",
}
_LABELS: Final = {
    "nom": "Nom",
    "prenom": "Prénom",
    "naissance": "Date de naissance",
    "telephone": "Téléphone",
    "courriel": "Courriel",
    "commune": "Commune",
    "terme": "Date prévue de l’accouchement",
    "sortie": "Sortie d’hôpital",
    "accord": "Accord",
    "cabinet": "Cabinet",
    "motif": "Motif du refus",
    "note": "Note",
    "rappel": "Prochain appel",
    "places": "Nombre de places",
    "jusqu_au": "Jusqu’au",
    "age_de": "Âge, de",
    "age_a": "Âge, à",
    "communes": "Communes",
}
_ON_PAGE: Final = (
    *("nom", "prenom", "naissance", "sexe", "commune", "commune_insee", "telephone", "courriel"),
    *("terme", "sortie", "accord"),
)


@dataclass(frozen=True, slots=True)
class PersonRead:
    """A whole sign-up as typed."""

    traits: PatientTraits
    email: str | None
    circumstances: Circumstances
    by_representative: bool


def fault_of(fault: InvalidValue) -> Errors:
    """Return a refusal of the list beside the field that it is about."""
    name = _FIELDS.get(str(fault.fields["field"]), str(fault.fields["field"]))
    label = _LABELS.get(name, "")
    reason = capital_reason(fault)
    return {name: f"{label} : {reason[:1].lower()}{reason[1:]}" if label else reason}


def read_person(
    session: Session, typed: Mapping[str, str], today: date, by: Actor, *, must_reach: bool
) -> tuple[PersonRead | None, Errors, Sequence[CommuneView]]:
    """Return the person when all was understood; else the faults, and the communes to pick from.

    `must_reach`: a mobile phone or an e-mail is asked for, since the message must be answered.
    """
    missing = {"nom": "Indiquez le nom", "prenom": "Indiquez le prénom", "commune": "Indiquez la commune"}
    errors = {name: sentence for name, sentence in missing.items() if not typed.get(name)}
    born = forms.parse_birth_date(typed.get("naissance", ""), today)
    if isinstance(born, str):
        errors["naissance"] = born
    sex = typed.get("sexe", "")
    if sex not in {member.value for member in Sex}:
        errors["sexe"] = "Indiquez le sexe"
    errors |= phone_fault(typed.get("telephone", ""))
    if must_reach and not typed.get("telephone") and not typed.get("courriel"):
        errors["telephone"] = "Donnez un numéro de mobile ou un courriel : vous y recevrez un message"
    insee, fault, communes = picked_commune(session, typed, by)
    told = read_circumstances(typed)
    errors |= fault | told.errors
    if typed.get("accord") != YES:
        errors["accord"] = "L’accord de la personne est nécessaire"
    if errors or isinstance(born, str) or insee is None or told.value is None:
        return None, {name: errors[name] for name in _ON_PAGE if name in errors}, communes
    traits = PatientTraits(
        family_name=typed["nom"],
        given_name=typed["prenom"],
        birth_date=born,
        sex=Sex(sex),
        insee=insee,
        phone=typed.get("telephone") or None,
    )
    represented = typed.get("represente") == YES
    return PersonRead(traits, typed.get("courriel") or None, told.value, represented), {}, communes


def read_circumstances(typed: Mapping[str, str]) -> Reading[Circumstances]:
    """Read what counts for the order of the list."""
    errors: Errors = {}
    days = {name: _day(typed.get(name, "")) for name in ("terme", "sortie")}
    for name, day in days.items():
        if isinstance(day, str):
            errors[name] = f"{_LABELS[name]} : {day}"
    if errors:
        return Reading(None, errors)
    due, left = days["terme"], days["sortie"]
    return Reading(
        Circumstances(
            ald=typed.get("ald") == YES,
            pregnant_until=due if isinstance(due, date) else None,
            discharged_on=left if isinstance(left, date) else None,
            housebound=typed.get("domicile") == YES,
        )
    )


def read_call(typed: Mapping[str, str]) -> Reading[PracticeCall]:
    """Read a practice that was asked; whether it holds together is judged by the list."""
    errors: Errors = {}
    answer = typed.get("reponse", "")
    if answer not in {member.value for member in PracticeAnswer}:
        errors["reponse"] = "Dites ce que le cabinet a répondu"
    if not typed.get("cabinet"):
        errors["cabinet"] = "Indiquez le cabinet"
    reason = typed.get("motif", "")
    refused = answer == PracticeAnswer.REFUSED
    if refused and reason not in {member.value for member in RefusalReason}:
        errors["motif"] = "Choisissez le motif du refus"
    again = _day(typed.get("rappel", ""))
    if isinstance(again, str):
        errors["rappel"] = f"{_LABELS['rappel']} : {again}"
    if errors or isinstance(again, str):
        return Reading(None, errors)
    return Reading(
        PracticeCall(
            answer=PracticeAnswer(answer),
            practice=typed["cabinet"],
            reason=RefusalReason(reason) if refused else None,
            note=typed.get("note") or None,
            next_call_on=again,
        )
    )


def read_places(typed: Mapping[str, str], communes: frozenset[str]) -> Reading[PlaceTerms]:
    """Read a declaration of places; `communes`: the boxes ticked among the territory's."""
    errors: Errors = {}
    numbers: dict[str, int | None] = {}
    for name in ("places", "age_de", "age_a"):
        text = typed.get(name, "")
        numbers[name] = whole(text, None)
        if text and numbers[name] is None:
            errors[name] = f"{_LABELS[name]} : un nombre entier"
    if numbers["places"] is None:
        errors["places"] = "Indiquez combien de personnes vous pouvez prendre"
    until = _day(typed.get("jusqu_au", ""))
    if not isinstance(until, date):
        errors["jusqu_au"] = "Indiquez jusqu’à quel jour : 31/12/2026"
    if errors or numbers["places"] is None or not isinstance(until, date):
        return Reading(None, errors)
    return Reading(
        PlaceTerms(
            places=numbers["places"],
            valid_until=until,
            communes=communes,
            age_from=numbers["age_de"],
            age_to=numbers["age_a"],
            ald_only=typed.get("ald_seulement") == YES,
        )
    )


def _day(typed: str) -> date | str | None:
    """Return a day, None for nothing typed, or what to revise."""
    if not typed:
        return None
    found = _LOCAL.fullmatch(typed) or _ISO.fullmatch(typed)
    try:
        return date(**{name: int(part) for name, part in found.groupdict().items()}) if found else _HOW
    except ValueError:
        return "ce jour n’existe pas"


_LOCAL: Final = re.compile(r"(?P<day>\d{1,2})\D{1,3}(?P<month>\d{1,2})\D{1,3}(?P<year>\d{4})")
_ISO: Final = re.compile(r"(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})")
_HOW: Final = "jour, mois, année, comme 05/04/2027"
