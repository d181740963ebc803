"""The minimal traits of a patient and of a caller: checked once, normalised, then trusted. Pure."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from datetime import date
from typing import Final

from regulation.intake.facts import CallerTraits, Origin, PatientTraits
from snp.errors import InvalidValue
from snp.terms import InseeCode, Phone

MAX_AGE_YEARS: Final = 125
"""Above it a birth date is a typing error. Source: longest documented human life, 122 years."""

MAX_NAME: Final = 100
MAX_NOTE: Final = 2000
CALLED_BY_PHONE: Final = frozenset({Origin.ARM, Origin.OSNP, Origin.REGULATEUR, Origin.SAS})
"""Origins where the patient is at the other end of a line, so that a call-back number is needed."""

_REASON: Final = re.compile(r"[a-z][a-z0-9_]{0,59}")


def checked_patient(traits: PatientTraits, origin: Origin, today: date) -> PatientTraits:
    """The traits in normal form: names trimmed, phone in E.164; raises `InvalidValue` naming the field.

    `today` is the local day. A call-back number is demanded of those who call, not of who stands at a
    counter. Source: HAS, Modalités de prise en charge d’un appel de demande de SNP (2011): identity,
    call-back number and place come first.
    """
    if not traits.phone and origin in CALLED_BY_PHONE:
        raise InvalidValue("phone", "un numéro de rappel est nécessaire.")
    _check_birth_date(traits.birth_date, today)
    return replace(
        traits,
        family_name=_checked_name("family_name", traits.family_name),
        given_name=_checked_name("given_name", traits.given_name),
        phone=str(Phone.parse(traits.phone)) if traits.phone else None,
        insee=str(InseeCode.parse(traits.insee)),
    )


def checked_caller(caller: CallerTraits | None) -> CallerTraits | None:
    """Who speaks, in normal form; None when he said nothing of himself."""
    if caller is None or not (caller.name.strip() or caller.phone):
        return None
    relation = " ".join((caller.relation or "").split())
    if len(relation) > MAX_NAME:
        raise InvalidValue("caller.relation", f"{MAX_NAME} caractères au plus.")
    return CallerTraits(
        name=_checked_name("caller.name", caller.name),
        phone=str(Phone.parse(caller.phone)) if caller.phone else None,
        relation=relation or None,
    )


def checked_note(note: str | None) -> str | None:
    """A free note without surrounding blanks; None when it is empty."""
    text = (note or "").strip()
    if len(text) > MAX_NOTE:
        raise InvalidValue("note", f"{MAX_NOTE} caractères au plus.")
    return text or None


def checked_reason(reason: str | None) -> str | None:
    """A reason's code; raises `InvalidValue` when it is not one (free text belongs to the sealed note)."""
    if not reason:
        return None
    if not _REASON.fullmatch(reason):
        raise InvalidValue("reason", "un motif se donne par son code, jamais en texte libre.")
    return reason


def age_in_years(birth_date: date, today: date) -> int:
    """Whole years lived on a local day; who was born on 29 February grows older on 1 March.

    Source: usual reckoning of age by anniversaries (code civil art. 388 counts full years).
    """
    before_birthday = (today.month, today.day) < (birth_date.month, birth_date.day)
    return today.year - birth_date.year - int(before_birthday)


def _check_birth_date(birth_date: date, today: date) -> None:
    if birth_date > today:
        raise InvalidValue("birth_date", "la date de naissance est dans le futur.")
    if age_in_years(birth_date, today) > MAX_AGE_YEARS:
        raise InvalidValue("birth_date", f"plus de {MAX_AGE_YEARS} ans : vérifiez l’année.")


def _checked_name(field: str, name: str) -> str:
    text = unicodedata.normalize("NFC", " ".join(name.split()))
    if not any(character.isalpha() for character in text):
        raise InvalidValue(field, "un nom est nécessaire.")
    if len(text) > MAX_NAME:
        raise InvalidValue(field, f"{MAX_NAME} caractères au plus.")
    if not all(_may_stand_in_a_name(character) for character in text):
        raise InvalidValue(field, "lettres, espaces, tirets et apostrophes seulement.")
    return text


def _may_stand_in_a_name(character: str) -> bool:
    return character in " -'’.·" or unicodedata.category(character)[0] in {"L", "M"}
