"""The sentences of coverage, in French: why somebody is asked, what a forecast rests on, half-days. Pure."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Final, TypeVar

from regulation.coverage.facts import Basis, CallEnding, Moment
from regulation.coverage.halves import HalfDay
from regulation.coverage.targeting import WEEKS_READ, Standing, WhyNot
from snp.days import local_day, say_day, say_time

Who = TypeVar("Who", bound=Hashable)

WHY_NOT: Final = {
    WhyNot.ASKED_BEFORE: "déjà sollicité pour cet appel",
    WhyNot.UNREACHABLE: "aucun moyen de le joindre : ni mobile, ni adresse électronique, ou messages refusés",
    WhyNot.PAUSED: "a demandé qu’on ne le sollicite pas",
    WhyNot.ENOUGH_MESSAGES: "a déjà reçu cette semaine le nombre de messages convenu",
    WhyNot.GIVES_ENOUGH: "donne déjà le nombre de créneaux qu’il s’est fixé",
    WhyNot.NOTHING_TO_OFFER: "rien à lui proposer : absent, déjà pris, ou heures de silence",
}
ENDINGS: Final = {
    CallEnding.FILLED: "Pourvu",
    CallEnding.EXPIRED: "Terminé, l’heure est passée",
    CallEnding.CANCELLED: "Annulé",
}
_DAYS: Final = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")


def half_name(half: HalfDay) -> str:
    """« jeudi 26 novembre, matin »."""
    return f"{say_day(half.day)}, {'après-midi' if half.is_afternoon else 'matin'}"


def moment_name(moment: Moment) -> str:
    """« jeudi 26 novembre, 12 h–12 h 30 »."""
    day = say_day(local_day(moment.start))
    return f"{day}, {say_time(moment.start)}–{say_time(moment.end)}"


def reasons_for(standing: Standing[Who]) -> tuple[str, ...]:
    """Why somebody is asked before others; or, first, why he is not."""
    volunteer, half = standing.volunteer, standing.usual
    part = "après-midi" if half.is_afternoon else "matin"
    then = f"{_DAYS[half.day.weekday()]} {part}"
    times = standing.times_then
    usual = (
        f"{times} créneau{'x' if times > 1 else ''} un {then} en {WEEKS_READ} semaines"
        if times
        else f"n’a pas l’habitude du {then}"
    )
    given = volunteer.given
    near = f"à portée de {round(volunteer.near * 100)}\u00a0% du besoin"
    lately = (
        f"{given} créneau{'x' if given > 1 else ''} donné{'s' if given > 1 else ''} en {WEEKS_READ} semaines"
    )
    why = (usual, near, lately if given else f"rien donné en {WEEKS_READ} semaines")
    return why if standing.why_not is None else (WHY_NOT[standing.why_not], *why)


def basis_sentence(basis: Basis, *, days: int, needs: int) -> str:
    """What a forecast rests on, said to whoever reads it."""
    known = f"{days} jour{'s' if days > 1 else ''} d’historique ({needs} besoin{'s' if needs > 1 else ''})"
    match basis:
        case Basis.ASSUMED:
            return (
                "Aucun besoin n’est encore connu ici : la prévision est une hypothèse nationale rapportée "
                "à la population. Aucun appel automatique ne part."
            )
        case Basis.SHORT:
            return (
                f"Prévision fragile : {known}, il en faut 14. "
                "Les intervalles sont larges et aucun appel automatique ne part."
            )
        case Basis.WEEKS:
            return f"Prévision tirée de {known} ; la saison vient des réglages."
        case Basis.YEAR:
            return f"Prévision tirée de {known}, saison comprise."
