"""What the live policy asks of a run of the exact engine over the pool. Pure.

Slots that promises rely on stay out. A P3 does not take what those expected need more, as far as the share of
P3 kept waiting allows. Who waits longer among equals is served first.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean
from typing import Final
from uuid import UUID

from regulation.intake.facts import RequestView
from regulation.live import queueing, rules
from regulation.live.facts import Fallback, PriceSheet
from regulation.live.rules import Counts
from snp.assignment.facts import Instance, Priority, Request, Slot
from snp.assignment.stream import VALUE
from snp.assignment.suitable import SlotFinder
from snp.assignment.turns import served_in_turn

DEAR: Final = "#dear"
"""Marks the kind of slots that cost those expected at least what a P3 brings: other requests accept both."""


@dataclass(frozen=True, slots=True)
class Narrowed:
    """The instance to solve, and the requests left for later because others come before them."""

    instance: Instance
    later: frozenset[str]


def narrowed(
    instance: Instance,
    views: Mapping[str, RequestView],
    sheets: Mapping[str, PriceSheet | Fallback],
    *,
    counts: Counts,
    share: float,
    reserved: Collection[str],
) -> Narrowed:
    """Return the instance as the live policy lets the pool see it. `sheets`: the prices for each request."""
    slots = tuple(slot for slot in instance.slots if slot.id not in reserved)
    thrifty = _thrifty(instance.requests, views, counts, share)
    dear = _dear(slots, thrifty, sheets)
    marked = tuple(
        replace(slot, profession=slot.profession + DEAR) if slot.id in dear else slot for slot in slots
    )
    spared = {request.id for request in thrifty}
    asked = tuple(
        request if request.id in spared or not dear else _accepting_dear(request)
        for request in instance.requests
    )
    return _in_turn(replace(instance, slots=marked, requests=asked), views)


def _thrifty(
    requests: Sequence[Request], views: Mapping[str, RequestView], counts: Counts, share: float
) -> list[Request]:
    """The P3 that may be kept waiting: the last come, up to the share of all P3."""
    low = [r for r in requests if r.priority is Priority.P3 and r.sessions == 1 and r.household is None]
    by_id = {request.id: request for request in low}
    ordered = queueing.in_turn((views[request.id] for request in low), frozenset[UUID]())
    allowed = int(share * max(counts.weighed, len(low)))
    return [by_id[str(view.id)] for view in ordered[len(ordered) - min(allowed, len(ordered)) :]]


def _dear(
    slots: Sequence[Slot], thrifty: Sequence[Request], sheets: Mapping[str, PriceSheet | Fallback]
) -> frozenset[str]:
    """The slots that are worth more to those expected than to any of these requests."""
    priced = [(request, sheets[request.id]) for request in thrifty]
    known = [(request, sheet) for request, sheet in priced if not isinstance(sheet, Fallback)]
    if not known:
        return frozenset()
    return frozenset(
        slot.id
        for slot in slots
        if all(
            fmean(rules.prices_of(sheet, [slot.id], request.id)) >= VALUE[Priority.P3]
            for request, sheet in known
        )
    )


def _accepting_dear(request: Request) -> Request:
    return replace(request, professions=request.professions | {kind + DEAR for kind in request.professions})


def _in_turn(instance: Instance, views: Mapping[str, RequestView]) -> Narrowed:
    """Leave for later who could be served only in the place of somebody before him.

    A pool with series or households is left to the engine's own levels: they take several slots at once.
    """
    if any(request.sessions > 1 or request.household is not None for request in instance.requests):
        return Narrowed(instance, frozenset())
    by_id = {request.id: request for request in instance.requests}
    ordered = queueing.in_turn((views[ident] for ident in by_id), frozenset[UUID]())
    served = served_in_turn(instance, [by_id[str(view.id)] for view in ordered])
    finder = SlotFinder(instance)
    unserved = frozenset(by_id) - served
    later = frozenset(ident for ident in unserved if finder.any_suits(by_id[ident]) is not None)
    kept = tuple(request for request in instance.requests if request.id not in later)
    return Narrowed(replace(instance, requests=kept), later)
