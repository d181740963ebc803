"""How waits, ages and people are written for French readers; dates come from `snp.days`. Pure."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final

from regulation.intake.facts import PatientTraits, Sex
from snp.days import local_day, say_day, say_delay, say_instant, say_relative, say_time
from snp.terms import Phone

_FIXED: Final = "\u00a0"
SEXES: Final = {Sex.FEMALE: "femme", Sex.MALE: "homme", Sex.UNKNOWN: "sexe non précisé"}


def capital(words: str) -> str:
    """Return words as the beginning of a line."""
    return words[:1].upper() + words[1:]


def when(instant: datetime, now: datetime) -> str:
    """Return a day and time as a heading: « Demain mardi 24 novembre à 18 h 30 »."""
    match (local_day(instant) - local_day(now)).days:
        case 0:
            return f"Aujourd’hui à {say_time(instant)}"
        case 1:
            return f"Demain {say_instant(instant)}"
        case _:
            return capital(say_instant(instant))


def on_paper(instant: datetime) -> str:
    """Return a day and time that stays true on paper: « Mardi 24 novembre 2026 à 18 h 30 »."""
    return capital(say_instant(instant, year=True)).replace(" à ", f" à{_FIXED}")


def until(instant: datetime, now: datetime) -> str:
    """Return a limit inside a sentence: « demain à 9 h », « mercredi 25 novembre à 9 h »."""
    return say_relative(instant, now)


def day_heading(day: date, today: date) -> str:
    """Return a day as the heading of a list."""
    return "Aujourd’hui" if day == today else capital(say_day(day))


def wait(minutes: int) -> str:
    """Return a wait: « dans 35 min », « dans 5 h »."""
    return f"dans {say_delay(timedelta(minutes=minutes))}"


def age(born_on: date, today: date) -> str:
    """Return an age: in months under two years, in years after."""
    months = (today.year - born_on.year) * 12 + today.month - born_on.month - (today.day < born_on.day)
    return f"{months}{_FIXED}mois" if months < 24 else f"{months // 12}{_FIXED}ans"


def born(traits: PatientTraits) -> str:
    """Return when a patient was born, agreeing with the administrative sex: « née le 05/04/1985 »."""
    word = {Sex.FEMALE: "née", Sex.MALE: "né", Sex.UNKNOWN: "né(e)"}[traits.sex]
    return f"{word} le {traits.birth_date:%d/%m/%Y}"


def full_name(traits: PatientTraits) -> str:
    """Return a patient's name as it is called out: given name, then family name in capitals."""
    return f"{traits.given_name} {traits.family_name.upper()}"


def phone(number: str | None) -> str:
    """Return a phone as it is written at home (« 06 12 34 56 78 »), unbroken; nothing when there is none."""
    return Phone.parse(number).national.replace(" ", _FIXED) if number else ""
