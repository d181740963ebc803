"""The desk's eligibility guard: what to do with a case, by the lists alone. Pure and total.

It decides with the professional and leaves him covered: a red flag always wins, whatever else was answered.
"""

from __future__ import annotations

from typing import Final

from regulation.facts import Reason
from regulation.triage.facts import (
    DeskAnswers,
    DeskKind,
    DeskList,
    DeskReason,
    Eligibility,
    EligibilityOutcome,
    PharmacistTest,
    Sign,
)
from snp.errors import SnpError
from snp.platform.actors import REGULATION_ROLES, Actor, Role

O = EligibilityOutcome  # noqa: E741 - read beside the outcomes' names
PHYSIO: Final = "masseur_kinesitherapeute"


class SignsNotReviewed(SnpError):
    """No sign is ticked, and nobody said that they were looked for."""

    slug = "signs-not-reviewed"
    fr = "Confirmez que tous les signes d’alerte ont été recherchés, ou cochez ceux qui sont présents."


class UnknownSign(SnpError):
    """A ticked sign is not one of this reason's."""

    slug = "unknown-sign"
    fr = "Signe inconnu pour ce motif : {sign}."


class DeskNotAllowed(SnpError):
    """A list is not open to a desk: a pharmacy or a nurse does not book a physiotherapist."""

    slug = "desk-not-allowed"
    fr = "Cet agenda est réservé : {who}."


def desk_of(actor: Actor) -> DeskKind | None:
    """Which desk the actor stands at; None when he has none.

    A professional who is not a physiotherapist counts as a doctor only when his profession says so.
    """
    match actor.role:
        case Role.PHARMACY:
            return DeskKind.PHARMACY
        case Role.NURSE_PRACTICE:
            return DeskKind.NURSE_PRACTICE
        case Role.PRACTITIONER | Role.DELEGATE if actor.profession == PHYSIO:
            return DeskKind.PHYSIO
        case Role.PRACTITIONER | Role.DELEGATE if (actor.profession or "").startswith("medecin"):
            return DeskKind.DOCTOR
        case _:
            return None


def signs_of(desk_list: DeskList, reason: DeskReason) -> tuple[Sign, ...]:
    """The red flags to look for, the list's general ones first."""
    return (*desk_list.general_red_flags, *reason.red_flags)


def assess(desk_list: DeskList, answers: DeskAnswers, desk: DeskKind) -> Eligibility:
    """Judge a case: red flag → 15; not on the list → 116 117; settled at the counter; or eligible.

    Raises `SignsNotReviewed`, and `UnknownSign` for a code that belongs to neither the list nor the reason: a
    sign is never dropped silently.
    """
    reason = desk_list.reason(answers.reason)
    flags = desk_list.general_red_flags if reason is None else signs_of(desk_list, reason)
    test = None if reason is None else reason.pharmacist_test
    _check_signs(answers, flags, test)
    found = tuple(sign for sign in flags if sign.code in answers.signs)
    if found:
        return _red_flag(desk_list, reason, found)
    if not answers.reviewed:
        raise SignsNotReviewed
    if reason is None or desk not in reason.desks:
        return _not_eligible(
            desk_list, reason, "reason_not_listed", "Ce motif n’est pas sur la liste de ce guichet."
        )
    if not _of_age(answers.age_years, reason.min_age, reason.max_age):
        return _not_eligible(desk_list, reason, "age", f"Ce motif est ouvert {_ages(reason)}.")
    if answers.sex not in reason.sexes:
        return _not_eligible(desk_list, reason, "sex", "Ce motif n’est pas ouvert pour ce sexe.")
    if test is not None and desk is DeskKind.PHARMACY:
        return _at_the_counter(desk_list, reason, test, answers)
    return _eligible(desk_list, reason, ())


def _check_signs(answers: DeskAnswers, flags: tuple[Sign, ...], test: PharmacistTest | None) -> None:
    known = {sign.code for sign in (*flags, *(test.refer_out if test else ()))}
    for sign in sorted(answers.signs - known):
        raise UnknownSign(sign=sign)


def _at_the_counter(
    desk_list: DeskList, reason: DeskReason, test: PharmacistTest, answers: DeskAnswers
) -> Eligibility:
    """The pharmacist may settle it, or must refer it to a doctor, or chooses to."""
    referred = [sign for sign in test.refer_out if sign.code in answers.signs]
    told = [
        Reason(f"refer_out_{sign.code}", f"À adresser au médecin : {sign.label}.", test.source)
        for sign in referred
    ]
    if not _of_age(answers.age_years, test.min_age, test.max_age):
        told.append(
            Reason("refer_out_age", "Âge hors du protocole du test : à adresser au médecin.", test.source)
        )
    if answers.sex not in test.sexes:
        told.append(
            Reason("refer_out_sex", "Sexe hors du protocole du test : à adresser au médecin.", test.source)
        )
    if not told and answers.counter_declined:
        sentence = "Le pharmacien n’a pas pu régler ce cas au comptoir : à adresser au médecin."
        told.append(Reason("counter_declined", sentence, test.source))
    if told:
        return _eligible(desk_list, reason, tuple(told))
    sentence = f"Peut être réglé au comptoir : {test.label}."
    return Eligibility(O.PHARMACIST, (Reason(test.code, sentence, test.source),), desk_list.name, reason)


def _eligible(desk_list: DeskList, reason: DeskReason, more: tuple[Reason, ...]) -> Eligibility:
    sentence = f"« {reason.label} » sans signe d’alerte : créneau de soins non programmés possible."
    first = Reason("eligible", sentence, desk_list.source)
    return Eligibility(O.ELIGIBLE, (first, *more), desk_list.name, reason)


def _red_flag(desk_list: DeskList, reason: DeskReason | None, found: tuple[Sign, ...]) -> Eligibility:
    told = tuple(
        Reason(f"red_flag_{sign.code}", f"Signe d’alerte : {sign.label}. Appelez le 15.", desk_list.source)
        for sign in found
    )
    return Eligibility(O.RED_FLAG, told, desk_list.name, reason, tuple(sign.code for sign in found))


def _not_eligible(desk_list: DeskList, reason: DeskReason | None, code: str, sentence: str) -> Eligibility:
    told = Reason(f"not_eligible_{code}", f"{sentence} Appelez le 116 117.", desk_list.source)
    return Eligibility(O.NOT_ELIGIBLE, (told,), desk_list.name, reason)


def _of_age(age: int, at_least: int | None, at_most: int | None) -> bool:
    return (at_least is None or age >= at_least) and (at_most is None or age <= at_most)


def _ages(reason: DeskReason) -> str:
    if reason.min_age is None:
        return f"jusqu’à {reason.max_age} ans"
    return f"à partir de {reason.min_age} ans" + (
        "" if reason.max_age is None else f" et jusqu’à {reason.max_age} ans"
    )


def check_may_use_physio_list(actor: Actor) -> None:
    """Raise `DeskNotAllowed` unless the actor is a doctor, a physiotherapist, or the regulation.

    Source: dispositif de la CPTS Pays de Retz, avril 2023: doctors and physios book, or a télésecrétariat.
    """
    if desk_of(actor) not in {DeskKind.DOCTOR, DeskKind.PHYSIO} and actor.role not in REGULATION_ROLES:
        raise DeskNotAllowed(who="médecins et masseurs-kinésithérapeutes")
