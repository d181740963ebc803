"""Why this proposal, why not others, why nothing: French sentences a regulator can read aloud. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from regulation.facts import Reason
from regulation.orientation.matching import Ranking, Way
from snp.assignment.facts import Mode, Request, Rule, Unserved, UnservedReason
from snp.days import say_delay, say_instant, say_relative

SOURCE: Final = "Règles d’affectation du moteur (format snp-instance/1)"

WHY_NOT: Final[Mapping[Rule, str]] = {
    Rule.PROFESSION: "autre profession, ou créneau réservé à d’autres motifs",
    Rule.MODE: "mode de consultation différent (cabinet, domicile, téléconsultation)",
    Rule.AUDIENCE: "créneau qui n’est pas ouvert à cette origine",
    Rule.PRACTITIONER: "praticien exclu ou non retenu pour ce dossier",
    Rule.TOO_EARLY: "avant l’heure à partir de laquelle le patient peut être vu",
    Rule.TOO_LATE: "après la fin du délai",
    Rule.DISTANCE: "trop loin",
    Rule.SESSIONS: "pas d’autres séances possibles avec le même praticien",
    Rule.HOUSEHOLD: "pas de suite continue pour tout le foyer",
}


def why(way: Way, ranking: Ranking, now: datetime) -> tuple[Reason, ...]:
    """Why this way is proposed, beside the other ways of the ranking."""
    first = way.slots[0]
    wait = say_delay(first.start - now)
    place = "en téléconsultation" if first.mode is Mode.VR else say_distance(way.km)
    told = [Reason("wait_and_distance", f"Dans {wait}, {place}.", SOURCE)]
    if len(ranking.ways) > 1:
        if first.start == min(other.slots[0].start for other in ranking.ways):
            told.append(Reason("earliest", "Le plus tôt des créneaux proposés.", SOURCE))
        if first.mode is not Mode.VR and way.km == min(other.km for other in ranking.ways):
            told.append(Reason("nearest", "Le plus proche des créneaux proposés.", SOURCE))
    if len(way.slots) > 1 and len(set(way.requests)) == 1:
        days = ", ".join(say_instant(slot.start) for slot in way.slots)
        told.append(Reason("sessions", f"{len(way.slots)} séances avec le même praticien : {days}.", SOURCE))
    if len(set(way.requests)) > 1:
        told.append(Reason("household", "Tout le foyer à la suite, avec le même praticien.", SOURCE))
    if way.contention:
        could = "pourrait" if way.contention == 1 else "pourraient"
        sentence = f"{_others(way.contention)} {could} aussi prendre ce créneau."
        told.append(Reason("contention", sentence, SOURCE))
    return tuple(told)


def why_not(
    ranking: Ranking, request: Request, *, free: int, others: int, offered: bool = True
) -> tuple[Reason, ...]:
    """Why the other slots are not proposed: what each rule kept away, then what competes.

    `offered`: false when slots suit and none is offered, for what the request is worth or for a promise.
    """
    told = []
    if not free:
        told.append(Reason("no_free_slot", "Aucun créneau libre dans le territoire.", SOURCE))
    elif not ranking.ways and (offered or not ranking.suitable):
        told.append(Reason("no_suitable_slot", f"Aucun des {free} créneaux libres ne convient.", SOURCE))
    told += [_excluded(rule, count, request) for rule, count in ranking.excluded.items()]
    left = ranking.suitable - len(ranking.ways)
    if ranking.ways and left > 0:
        sentence = f"{_slots(left)} de plus : proches de ceux-ci, ou avec plus d’attente ou de trajet."
        told.append(Reason("more_burden", sentence, SOURCE))
    if others:
        seek = "cherche" if others == 1 else "cherchent"
        told.append(Reason("competing", f"{_others(others)} {seek} un créneau en ce moment.", SOURCE))
    return tuple(told)


def kept_for_promises(count: int) -> tuple[Reason, ...]:
    """How many free slots stand surety for promises to others; nothing when none does."""
    if not count:
        return ()
    guarantee = "garantit" if count == 1 else "garantissent"
    return (Reason("kept_for_promises", f"{_slots(count)} {guarantee} des rendez-vous déjà promis.", SOURCE),)


def unserved(item: Unserved, request: Request) -> tuple[Reason, ...]:
    """Why the pool left a request without a slot."""
    match item.reason:
        case UnservedReason.NO_SUITABLE_SLOT:
            first = Reason("no_suitable_slot", "Aucun créneau libre ne convient à ce dossier.", SOURCE)
        case _:
            would = "conviendrait" if item.suitable <= 1 else "conviendraient"
            sentence = (
                f"{_slots(max(item.suitable, 1))} {would}, mais d’autres dossiers passent avant : "
                "priorité plus haute, ou moins d’attente et de trajet au total."
            )
            first = Reason("outcompeted", sentence, SOURCE)
    return (first, *(_excluded(rule, count, request) for rule, count in item.excluded.items() if count))


def rule_sentence(rule: Rule, request: Request) -> str:
    """Why one slot does not suit, with the request's own limit where there is one."""
    match rule:
        case Rule.TOO_LATE:
            return f"{WHY_NOT[rule]} ({say_instant(request.deadline)})"
        case Rule.TOO_EARLY:
            return f"{WHY_NOT[rule]} ({say_instant(request.earliest)})"
        case Rule.DISTANCE:
            return f"{WHY_NOT[rule]} (plus de {_km(request.max_km)})"
        case _:
            return WHY_NOT[rule]


def lost(slot_start: datetime | None, now: datetime) -> Reason:
    """What is told to who lost a race."""
    which = "Ce créneau" if slot_start is None else f"Le créneau ({say_relative(slot_start, now)})"
    return Reason("slot_taken", f"{which} vient d’être pris par quelqu’un d’autre.", SOURCE)


def deadline_extended(deadline: datetime) -> Reason:
    """What is told when a cancelled appointment leaves too little time to find another."""
    sentence = f"Rendez-vous annulé tard : la recherche continue jusqu’à {say_instant(deadline)}."
    return Reason("deadline_extended", sentence, SOURCE)


def deadline_passed(deadline: datetime, late: timedelta) -> Reason:
    """What is told of a request that nobody could serve in time."""
    sentence = f"Aucun créneau avant la fin du délai ({say_instant(deadline)}, il y a {say_delay(late)})."
    return Reason("deadline_passed", f"{sentence} À rappeler.", SOURCE)


def _excluded(rule: Rule, count: int, request: Request) -> Reason:
    return Reason(f"excluded_{rule.value}", f"{_slots(count)} : {rule_sentence(rule, request)}.", SOURCE)


def _slots(count: int) -> str:
    return f"{count} créneau{'x' if count > 1 else ''}"


def _others(count: int) -> str:
    return "1 autre dossier" if count == 1 else f"{count} autres dossiers"


def say_distance(km: float) -> str:
    """Return a distance in a straight line: « sur place » under 300 m, « à 4,2 km », « à 14 km »."""
    return "sur place" if km < 0.3 else f"à {_km(km)}"


def _km(km: float) -> str:
    return f"{km:.0f}\u00a0km" if km >= 10 else f"{km:.1f}\u00a0km".replace(".", ",")
