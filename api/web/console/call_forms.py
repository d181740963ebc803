"""Reads the form of a call: text to values, or French faults in the order of the page. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from api.web.forms import Errors, MtChoice, Reading, parse_birth_date, read_mt_call, read_person
from regulation.intake.facts import CallerTraits, CallPriority, MtAnswers, ResponseLevel, Sex, Urgency
from snp.days import at_local
from snp.errors import InvalidValue
from snp.terms import Phone

NO_GRAVITY: Final = "aucune"
GRAVITIES: Final[Mapping[str, Urgency]] = {
    NO_GRAVITY: Urgency(),
    "p0": Urgency(priority=CallPriority.P0),
    "r1": Urgency(response_level=ResponseLevel.R1),
    "r2": Urgency(response_level=ResponseLevel.R2),
}
"""What may be told of gravity as soon as the call is taken; all but the first stop towards the 15."""

HOLDS: Final = "oui"
IN_ORDER: Final = (
    "gravite",
    "nom",
    "prenom",
    "naissance",
    "telephone",
    "sexe",
    "commune",
    "commune_insee",
    "appelant",
    "appelant_lien",
    "mt",
    "mt_appel",
    "mt_date",
    "rdv",
    "rdv_date",
    "motif",
    "note",
)
"""The fields as the call goes: gravity, identity, call-back number, place, médecin traitant, need."""


@dataclass(frozen=True, slots=True)
class CallTyped:
    """What a call gave. The commune in words, or picked by its code."""

    urgency: Urgency
    family_name: str
    given_name: str
    birth_date: date
    sex: Sex
    phone: str
    commune: str
    caller: CallerTraits | None
    mt: MtAnswers
    reason: str | None
    note: str | None


def read_call(typed: Mapping[str, str], reasons: frozenset[str], today: date) -> Reading[CallTyped]:
    """Read the whole form; `reasons` are the codes that may be picked."""
    errors: Errors = {}
    gravity = GRAVITIES.get(typed.get("gravite", NO_GRAVITY))
    person = read_person(typed)
    errors |= person.errors
    born = parse_birth_date(typed.get("naissance", ""), today)
    if isinstance(born, str):
        errors["naissance"] = born
    sex = typed.get("sexe", "")
    if sex not in {member.value for member in Sex}:
        errors["sexe"] = "Indiquez le sexe"
    errors |= phone_fault(typed.get("telephone", ""))
    stops = gravity is not None and gravity != Urgency()
    mt = Reading(MtAnswers()) if stops and not typed.get("mt") else read_mt_questions(typed)
    errors |= mt.errors
    reason = typed.get("motif") or None
    if gravity is None:
        errors["gravite"] = "Choisissez une gravité de la liste"
    if reason is not None and reason not in reasons:
        errors["motif"] = "Choisissez un motif de la liste"
    if errors or gravity is None or mt.value is None or person.value is None or isinstance(born, str):
        return Reading(None, in_order(errors))
    return Reading(
        CallTyped(
            urgency=gravity,
            family_name=person.value.family_name,
            given_name=person.value.given_name,
            birth_date=born,
            sex=Sex(sex),
            phone=typed["telephone"],
            commune=person.value.commune,
            caller=_caller(typed),
            mt=mt.value,
            reason=reason,
            note=typed.get("note") or None,
        )
    )


def read_mt_questions(typed: Mapping[str, str]) -> Reading[MtAnswers]:
    """Read the médecin traitant questions in their order, then whether an appointment is already held.

    Has he one; was he called, and what did he answer or offer; does the patient hold an appointment already.
    Source: F. Guillaud, *Les CPTS*, thesis, Nantes 2023 (dumas-04424157), flow of the regulation.
    """
    match typed.get("mt"):
        case "non":
            base = Reading(MtAnswers(has_mt=False))
        case "inconnu":
            base = Reading(MtAnswers())
        case "oui":
            base = read_mt_call(typed)
        case _:
            return Reading(None, {"mt": "Demandez si le patient a un médecin traitant"})
    if base.value is None:
        return base
    errors: Errors = {}
    offered = _instant(typed, "mt_date", errors) if typed.get("mt") == "oui" else None
    held = _instant(typed, "rdv_date", errors) if typed.get("rdv") == HOLDS else None
    if typed.get("rdv") == HOLDS and held is None and not errors:
        errors["rdv_date"] = "Indiquez la date et l’heure de ce rendez-vous"
    if errors:
        return Reading(None, errors)
    answers = base.value
    said_too_late = typed.get("mt_appel") == MtChoice.TOO_LATE
    return Reading(
        MtAnswers(
            has_mt=answers.has_mt,
            called=answers.called,
            available=answers.available,
            offered_at=offered if answers.called and (said_too_late or answers.available) else None,
            absent=answers.absent,
            holds_appointment_at=held,
        )
    )


def phone_fault(typed: str) -> Errors:
    """Return what is wrong with a call-back number; nothing when it can be called."""
    if not typed:
        return {"telephone": "Indiquez le numéro de rappel"}
    try:
        Phone.parse(typed)
    except InvalidValue:
        return {"telephone": "Ce numéro de téléphone n’existe pas : dix chiffres, 06 12 34 56 78"}
    return {}


def in_order(errors: Errors) -> Errors:
    """Return faults in the order of the page."""
    return {name: errors[name] for name in IN_ORDER if name in errors}


def _caller(typed: Mapping[str, str]) -> CallerTraits | None:
    name = typed.get("appelant", "")
    return CallerTraits(name=name, relation=typed.get("appelant_lien") or None) if name else None


def _instant(typed: Mapping[str, str], name: str, errors: Errors) -> datetime | None:
    """Read a local date and time as the browser's field writes it, or as « 24/11/2026 14:30 »."""
    text = typed.get(name, "")
    if not text:
        return None
    for form in ("%Y-%m-%dT%H:%M", "%d/%m/%Y %H:%M", "%d/%m/%Y %Hh%M", "%d/%m/%Y à %H:%M"):
        try:
            wall = datetime.strptime(text, form)  # noqa: DTZ007 - a wall time, given its zone below
        except ValueError:
            continue
        return at_local(wall.date(), wall.time())
    errors[name] = "La date et l’heure s’écrivent 24/11/2026 14:30"
    return None
