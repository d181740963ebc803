"""Reads what was typed: text to values, or French faults field by field. Pure; decides nothing about care."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final, Generic, TypeVar
from uuid import UUID

from regulation.intake.facts import MtAnswers, Sex
from snp.errors import InvalidValue

T = TypeVar("T")

MAX_TYPED: Final = 500
MAX_LONG: Final = 2_500
LONG_FIELDS: Final = ("fiche_", "texte_", "courriels_")
"""How the names of the fields begin that hold paragraphs, or lists.

What is over their own limit is told, not dropped.
"""
MAX_ENVELOPE: Final = 60_000
ENVELOPE: Final = "reprise"
"""The field that carries a sealed form through the sign-in page."""
STEP: Final = "etape"
"""The field that carries a first proof to the page of the second one, an interrupted form within."""
_SEALED: Final = {ENVELOPE: MAX_ENVELOPE, STEP: 2 * MAX_ENVELOPE}

OLDEST: Final = 125
_TOO_MANY_DIGITS: Final = 10
"""A database's integer holds nine for sure."""
_DATE: Final = re.compile(r"(\d{1,2})\D{1,3}(\d{1,2})\D{1,3}(\d{4})|(\d{2})(\d{2})(\d{4})")
_ISO_DATE: Final = re.compile(r"(\d{4})-(\d{2})-(\d{2})")

Errors = dict[str, str]
"""Faults by field, in the order in which the fields stand on the page."""


@dataclass(frozen=True, slots=True)
class Reading(Generic[T]):
    """A value when everything was understood; otherwise what must be revised."""

    value: T | None
    errors: Errors = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FirstStep:
    """What the first page asks before the signs: the reason, the birth date and the sex."""

    reason: str
    birth_date: date
    sex: Sex


@dataclass(frozen=True, slots=True)
class PersonTyped:
    """The patient's traits as typed on the second page; the commune in words, or picked by its code."""

    family_name: str
    given_name: str
    phone: str | None
    commune: str
    insee: str | None


def typed_texts(form: Mapping[str, object]) -> dict[str, str]:
    """Return the text fields of a form, trimmed and bounded; files and oversized values are dropped.

    NUL characters go: nobody types them, and PostgreSQL's text holds none.
    """
    return {
        name: value.replace("\0", "").strip()
        for name, value in form.items()
        if isinstance(value, str) and len(value.replace("\r\n", "\n")) <= _longest(name)
    }


def whole(typed: str, otherwise: T) -> int | T:
    """Return a whole number as typed, or `otherwise`; ten digits and more are no number of ours."""
    return int(typed) if typed.isdecimal() and len(typed) < _TOO_MANY_DIGITS else otherwise


def _longest(name: str) -> int:
    if name in _SEALED:
        return _SEALED[name]
    return MAX_LONG if name.startswith(LONG_FIELDS) else MAX_TYPED


def ident(typed: str | None) -> UUID | None:
    """Return an identifier that a page put into a form; None when it is none."""
    try:
        return UUID(typed or "")
    except ValueError:
        return None


def capital_reason(fault: InvalidValue) -> str:
    """Return why a value was refused, as a sentence beside its field."""
    reason = str(fault.fields["reason"]).rstrip(".")
    return reason[:1].upper() + reason[1:]


def parse_birth_date(typed: str, today: date) -> date | str:
    """Return the date, or the French sentence that says what to revise.

    Read as day, month, year with any separator or none (`05041985`), or as a browser's date field writes it.
    """
    if not typed:
        return "Indiquez la date de naissance"
    iso, local = _ISO_DATE.fullmatch(typed), _DATE.fullmatch(typed)
    if iso:
        year, month, day = (int(part) for part in iso.groups())
    elif local:
        day, month, year = (int(part) for part in local.groups() if part is not None)
    else:
        return "La date de naissance s’écrit jour, mois, année : 05/04/1985"
    try:
        born = date(year, month, day)
    except ValueError:
        return "Cette date de naissance n’existe pas"
    if born > today:
        return "La date de naissance est dans le futur"
    if born.year < today.year - OLDEST:
        return "Vérifiez l’année de naissance"
    return born


def read_first_step(typed: Mapping[str, str], reasons: Collection[str], today: date) -> Reading[FirstStep]:
    """Read the first page; `reasons` are the codes that the desk may pick."""
    errors: Errors = {}
    reason = typed.get("motif", "")
    if reason not in reasons:
        errors["motif"] = "Choisissez le motif de la demande"
    born = parse_birth_date(typed.get("naissance", ""), today)
    if isinstance(born, str):
        errors["naissance"] = born
    sex = typed.get("sexe", "")
    if sex not in {member.value for member in Sex}:
        errors["sexe"] = "Indiquez le sexe"
    if errors or isinstance(born, str):
        return Reading(None, errors)
    return Reading(FirstStep(reason=reason, birth_date=born, sex=Sex(sex)))


class MtChoice:
    """The answers to the second médecin traitant question, as the page names them."""

    NOT_CALLED: Final = "pas_appele"
    AVAILABLE: Final = "peut"
    TOO_LATE: Final = "trop_tard"
    ABSENT: Final = "absent"


_CALLED: Final[Mapping[str, MtAnswers]] = {
    MtChoice.NOT_CALLED: MtAnswers(has_mt=True, called=False),
    MtChoice.AVAILABLE: MtAnswers(has_mt=True, called=True, available=True),
    MtChoice.TOO_LATE: MtAnswers(has_mt=True, called=True, available=False),
    MtChoice.ABSENT: MtAnswers(has_mt=True, called=True, available=False, absent=True),
}


def read_mt(typed: Mapping[str, str]) -> Reading[MtAnswers]:
    """Read the médecin traitant questions: has he one; was he called, and can he see the patient in time."""
    match typed.get("mt"):
        case "non":
            return Reading(MtAnswers(has_mt=False))
        case "oui":
            return read_mt_call(typed)
        case _:
            return Reading(None, {"mt": "Dites si le patient a un médecin traitant"})


def read_mt_call(typed: Mapping[str, str]) -> Reading[MtAnswers]:
    """Read what the call to the médecin traitant gave."""
    answers = _CALLED.get(typed.get("mt_appel", ""))
    if answers is None:
        return Reading(None, {"mt_appel": "Dites si le médecin traitant a été appelé, et ce qu’il a répondu"})
    return Reading(answers)


def read_person(typed: Mapping[str, str]) -> Reading[PersonTyped]:
    """Read the patient's traits; whether the phone and the commune exist is judged elsewhere."""
    missing = {
        "nom": "Indiquez le nom du patient",
        "prenom": "Indiquez le prénom du patient",
        "commune": "Indiquez la commune où se trouve le patient",
    }
    errors = {name: sentence for name, sentence in missing.items() if not typed.get(name)}
    if errors:
        return Reading(None, errors)
    return Reading(
        PersonTyped(
            family_name=typed["nom"],
            given_name=typed["prenom"],
            phone=typed.get("telephone") or None,
            commune=typed["commune"],
            insee=typed.get("commune_insee") or None,
        )
    )
