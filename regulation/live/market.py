"""From a territory's history, free slots and seekers to what the engine prices, family by family. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from regulation.intake.facts import RequestView
from regulation.live.facts import PromiseView
from regulation.orientation.matching import Point, engine_request, engine_slot
from slots.agenda.facts import FreeSlot, SeenSlot
from snp.assignment.policy.settings import LiveSettings
from snp.assignment.pricing import Market, Seeker
from snp.assignment.stream import RequestArrived, SlotPublished

SETTINGS: Final = LiveSettings()
HISTORY: Final = timedelta(days=28)
"""How far back the past is read: the forecast borrows from weeks, and habits change."""
AHEAD: Final = timedelta(days=7)
"""How far ahead published slots are read."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What was read of a territory at `now`; `promises` by the request that holds one."""

    now: datetime
    seen: Sequence[SeenSlot]
    free: Sequence[FreeSlot]
    past: Sequence[RequestView]
    seeking: Sequence[RequestView]
    points: Mapping[str, Point]
    promises: Mapping[UUID, PromiseView]


def families(professions: Iterable[frozenset[str]]) -> list[frozenset[str]]:
    """Return the professions that compete, grouped: those that one request accepts belong together."""
    groups: list[frozenset[str]] = []
    for wanted in professions:
        touched = [group for group in groups if group & wanted]
        groups = [group for group in groups if not group & wanted]
        groups.append(frozenset(wanted).union(*touched))
    return sorted(groups, key=sorted)


def family_name(family: frozenset[str]) -> str:
    """Return the name under which a family's prices are kept."""
    return "+".join(sorted(family))


def markets(ground: Ground) -> dict[str, Market]:
    """Return what is to be priced, by family; a family without a free slot has nothing to price."""
    asked = [view.professions for view in (*ground.past, *ground.seeking)]
    offered = [frozenset({slot.profession}) for slot in ground.free]
    return {
        family_name(family): _market(ground, family)
        for family in families([*offered, *asked])
        if any(slot.profession in family for slot in ground.free)
    }


def arrival_of(view: RequestView, point: Point, kinds: Iterable[FreeSlot | SeenSlot]) -> RequestArrived:
    """Return a request as the forecast sees it: it arrives when it is decided, and it may wait."""
    decided = view.decided_at or view.created_at
    return RequestArrived(decided, engine_request(view, point, kinds), decided, waiting_list=True)


def _market(ground: Ground, family: frozenset[str]) -> Market:
    seen = [slot for slot in ground.seen if slot.profession in family]
    free = [slot for slot in ground.free if slot.profession in family]
    kinds = _each_kind([*seen, *free])
    return Market(
        now=ground.now,
        seen_slots=[SlotPublished(slot.published_at, engine_slot(slot)) for slot in seen],
        seen_requests=[
            arrival_of(view, ground.points[view.insee], kinds)
            for view in ground.past
            if view.professions & family and view.insee in ground.points
        ],
        free=[engine_slot(slot) for slot in free],
        seeking=[
            _seeker(ground, view, kinds)
            for view in ground.seeking
            if view.professions & family and view.sessions == 1 and view.household_id is None
        ],
        withdrawn=sum(slot.taken_back for slot in seen),
    )


def _seeker(ground: Ground, view: RequestView, kinds: Sequence[FreeSlot | SeenSlot]) -> Seeker:
    promise = ground.promises.get(view.id)
    arrival = arrival_of(view, ground.points[view.insee], kinds)
    if promise is None:
        return Seeker(arrival)
    told = RequestArrived(arrival.at, arrival.request, arrival.at, True, promise.notice_minutes)
    return Seeker(told, promised=True)


def _each_kind(slots: Iterable[FreeSlot | SeenSlot]) -> list[FreeSlot | SeenSlot]:
    """One slot of each kind: what a request may use is told by kinds, of which there are few."""
    return list({(slot.profession, slot.reasons): slot for slot in slots}.values())
