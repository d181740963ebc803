"""When a request that finds nothing in its own territory may take a slot that a neighbour lends. Pure.

The delay counts from the regulation's decision; a request that lost its appointment keeps it. Own slots come
first: lent ones are looked at only when none of them suits.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from regulation.facts import Reason
from regulation.intake.facts import CallPriority, RequestView
from slots.agenda.facts import FreeSlot
from snp.days import local_day as day_of
from snp.days import say_day, say_instant
from snp.directory.territory_settings import TerritorySettings

SOURCE: Final = "Débordement vers les territoires voisins (docs/adr/0090)"
RULE: Final = "neighbour_slot"
"""What decided, as it is kept with the decision."""


@dataclass(frozen=True, slots=True)
class Lent:
    """A free slot of a neighbour, whose it is, and since when that territory shares it."""

    free: FreeSlot
    lender: str
    since: datetime


def opens_at(view: RequestView, settings: TerritorySettings) -> datetime | None:
    """When a request may look at its neighbours' slots; None when its priority never does."""
    delay = _delay(view.priority, settings)
    if delay is None:
        return None
    since = view.decided_at or view.created_at
    opens = since + timedelta(minutes=delay)
    before = settings.overflow_before_deadline_minutes
    if before is None or view.deadline is None:
        return opens
    return min(opens, max(since, view.deadline - timedelta(minutes=before)))


def may_overflow(settings: TerritorySettings) -> bool:
    """Whether requests of some priority ever look at neighbours' slots."""
    return any(_delay(priority, settings) is not None for priority in CallPriority)


def is_open(view: RequestView, settings: TerritorySettings, now: datetime) -> bool:
    """Whether a request may look at its neighbours' slots now."""
    opens = opens_at(view, settings)
    return opens is not None and opens <= now


def told(lent: Lent) -> Reason:
    """Return why a neighbour's slot is proposed."""
    since = say_day(day_of(lent.since), year=True)
    sentence = (
        f"Créneau du territoire voisin {lent.lender}, partagé depuis le {since} : rien ne convenait ici."
    )
    return Reason(RULE, sentence, SOURCE)


def none_suits(count: int) -> Reason:
    """Return what is told when the neighbours' slots do not suit either."""
    each = (
        "Le créneau partagé par les voisins ne convient pas non plus."
        if count == 1
        else f"Aucun des {count} créneaux partagés par les voisins ne convient non plus."
    )
    return Reason("no_neighbour_slot", each, SOURCE)


def none_left() -> Reason:
    """Return what is told when the neighbours' slots go to others before."""
    sentence = "Les créneaux partagés par les voisins vont à des dossiers qui passent avant."
    return Reason("neighbour_slots_gone", sentence, SOURCE)


def later(opens: datetime) -> Reason:
    """Return from when the neighbours' slots will be looked at."""
    sentence = f"Les créneaux partagés par les voisins s’ouvrent à ce dossier {say_instant(opens)}."
    return Reason("neighbours_later", sentence, SOURCE)


def opens_last(views: Iterable[RequestView], settings: TerritorySettings) -> datetime | None:
    """When all of these requests, served together, may look at neighbours' slots; None: never."""
    found = [opens_at(view, settings) for view in views]
    known = [opens for opens in found if opens is not None]
    return max(known) if known and len(known) == len(found) else None


def _delay(priority: CallPriority | None, settings: TerritorySettings) -> int | None:
    """Minutes; a request without a priority counts as P2, as for the engine."""
    match priority:
        case CallPriority.P0 | CallPriority.P1:
            return settings.overflow_p1_minutes
        case CallPriority.P3:
            return settings.overflow_p3_minutes
        case _:
            return settings.overflow_p2_minutes
