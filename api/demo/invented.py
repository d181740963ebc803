"""Identifiers, names and numbers that look right and belong to nobody. Pure.

Phones: the ranges that ARCEP keeps for fiction. RPPS, FINESS and SIRET carry a right key in ranges that are
not given out.

Source: ARCEP, décision 2018-0881 (numéros réservés aux œuvres audiovisuelles).
"""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Final

from stdnum import luhn

from regulation.intake.facts import PatientTraits, Sex

_WOMEN: Final = (
    *("Anne", "Béatrice", "Camille", "Chloé", "Claire", "Élise", "Emma", "Fatima", "Hélène", "Inès"),
    *("Jeanne", "Julie", "Léa", "Louise", "Lucie", "Manon", "Margaux", "Nathalie", "Nora", "Odile"),
    *("Pauline", "Rose", "Salomé", "Simone", "Solène", "Yasmine", "Zoé"),
)
_MEN: Final = (
    *("Adrien", "Alain", "Arthur", "Bastien", "Clément", "Damien", "Étienne", "Fabrice", "Gaël", "Hugo"),
    *("Ismaël", "Jacques", "Jules", "Karim", "Léo", "Louis", "Marcel", "Mathis", "Nolan", "Olivier"),
    *("Paul", "Quentin", "Raphaël", "Samuel", "Théo", "Victor", "Yann"),
)
_FAMILIES: Final = (
    *("Achard", "Bertaud", "Bichon", "Boisdron", "Bretagnolle", "Cailleteau", "Chauvière", "Clouet"),
    *("Corbinaud", "Daviet", "Delaunière", "Douillard", "Ecomard", "Favreul", "Fleurance", "Gaborieau"),
    *("Garciaud", "Gautreau", "Gendronneau", "Guilbot", "Hervouette", "Jaulinet", "Josnin", "Kerdoncuff"),
    *("Lambrouin", "Lebreuil", "Loiseleur", "Maillocheau", "Martineau", "Mérandière", "Mornetas", "Nauleau"),
    *("Orieuxel", "Padioleau", "Pellerin", "Pogueret", "Quéraudeau", "Rabaud", "Redoisset", "Rivalland"),
    *("Sauvagère", "Sorinière", "Tessonneau", "Thibaudin", "Touzeau", "Uzureaud", "Vachonnet", "Villalard"),
)
_STREETS: Final = (
    *("rue du Port", "rue de l’Église", "place du Marché", "rue des Marais", "rue de la Gare"),
    *("avenue de l’Océan", "rue du Moulin", "quai Leray", "rue des Écoles", "route de Nantes"),
)


def with_key(digits: str) -> str:
    """Return the digits and their Luhn key."""
    return digits + str(luhn.calc_check_digit(digits))


def rpps(number: int) -> str:
    """Return a valid RPPS in a range that is not given out."""
    return with_key(f"1099{number:06d}")


def finess(department: str, number: int) -> str:
    """Return a valid FINESS of a department, in a range that is not given out."""
    return with_key(f"{department}99{number:04d}")


def siret(number: int) -> str:
    """Return a valid SIRET of a valid SIREN that is not given out."""
    return with_key(with_key(f"9999{number:04d}") + "0001")


def office_phone(number: int) -> str:
    """Return a western land line kept for fiction."""
    return f"+3326191{number % 10_000:04d}"


def mobile_phone(number: int) -> str:
    """Return a mobile number kept for fiction."""
    return f"+3363998{number % 10_000:04d}"


def address(rng: random.Random) -> str:
    """Return the address of an invented place."""
    return f"{rng.randint(1, 90)} {rng.choice(_STREETS)}"


def person_name(rng: random.Random) -> tuple[str, str]:
    """Return a given name and a family name."""
    return rng.choice(_WOMEN + _MEN), rng.choice(_FAMILIES)


def patient(rng: random.Random, insee: str, today: date, *, at_least: int = 0) -> PatientTraits:
    """Return an invented patient of a commune: the young and the old call more often."""
    sex = rng.choice((Sex.FEMALE, Sex.FEMALE, Sex.MALE))
    given = rng.choice(_WOMEN if sex is Sex.FEMALE else _MEN)
    low, high = rng.choice(((1, 15), (16, 45), (16, 45), (46, 70), (71, 95)))
    age = max(at_least, rng.randint(low, high))
    return PatientTraits(
        family_name=rng.choice(_FAMILIES),
        given_name=given,
        birth_date=today - timedelta(days=age * 365 + rng.randint(120, 350)),
        sex=sex,
        insee=insee,
        phone=mobile_phone(rng.randint(0, 9_999)),
    )
