"""From what steers an answer and the ways found to what is read out: slots, a promise, or to wait. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from statistics import fmean

from regulation.intake.facts import RequestView
from regulation.live import queueing, rules, wording
from regulation.live.facts import Advice, Basis, Fallback, Outcome, PriceSheet, Weighing
from regulation.live.steering import Steering
from regulation.orientation import matching
from regulation.orientation.matching import Ranking, Way
from snp.assignment.facts import Request, Slot, Weights
from snp.assignment.stream import VALUE


@dataclass(frozen=True, slots=True)
class Settled:
    """The ways to read out, best first (none: a promise, or the waiting list), and what was weighed."""

    ranking: Ranking
    weighing: Weighing


def settle(
    steering: Steering,
    found: Ranking,
    members: Sequence[Request],
    slots: Sequence[Slot],
    others: Sequence[Request],
    *,
    promised: int,
    k: int,
    weights: Weights,
    now: datetime,
) -> Settled:
    """Weigh the ways found against the prices, or order them without.

    `promised`: how many more slots would suit, but are needed for promises to others.
    """
    if not found.ways:
        rule = rules.FOR_PROMISES if promised else rules.NOTHING_SUITS
        return Settled(found, _nothing(steering, rule, members[0], others))
    if isinstance(steering.sheet, Fallback):
        ranking = matching.rank(members, slots, now=now, weights=weights, k=k, others=others)
        weighing = rules.steered(
            ranking.ways, steering.sheet, value=VALUE[members[0].priority], others=len(others)
        )
        settled = Settled(ranking, weighing)
    else:
        settled = _by_price(steering, steering.sheet, found, others, k=k, now=now)
    return _promised(steering, settled, found, members[0], k=k, others=others, now=now)


def advice(
    steering: Steering, weighing: Weighing, view: RequestView, others: Sequence[RequestView], now: datetime
) -> Advice:
    """Return what is said beside the proposals; a refusal tells the place on the list and what to do."""
    more: tuple[str, ...] = ()
    place = deadline = None
    if weighing.outcome is Outcome.PROMISE_OFFERED and view.deadline is not None:
        deadline = view.deadline
        more = (wording.seen_before(deadline), wording.promise_terms(steering.notice_minutes))
    elif weighing.outcome is Outcome.WAITING:
        place = queueing.place_of(view.id, (view, *others), steering.promised)
        more = (wording.place_on_list(place),)
    if steering.own_promise is not None:
        more = (wording.promise_sentence(steering.own_promise), *more)
    told = wording.advice(weighing, now, str(view.id), more)
    return Advice(weighing.outcome, weighing.basis, told, seen_before=deadline, place=place)


def _by_price(
    steering: Steering, sheet: PriceSheet, found: Ranking, others: Sequence[Request], *, k: int, now: datetime
) -> Settled:
    ways, merit, weighing = rules.weigh(
        found.ways, sheet, counts=steering.counts, share=steering.share, anyway=steering.anyway
    )
    ranking = matching.rank_by(replace(found, ways=ways), merit.__getitem__, k=k, others=others, now=now)
    return Settled(ranking, weighing)


def _promised(
    steering: Steering,
    settled: Settled,
    found: Ranking,
    request: Request,
    *,
    k: int,
    others: Sequence[Request],
    now: datetime,
) -> Settled:
    """Promise instead when that pays; a slot too near for promises goes first when it costs no more."""
    sheet, room = steering.sheet, sorted(steering.room)
    value = VALUE[request.priority]
    if not room or not rules.promising_pays(sheet, room, request.id, value):
        return settled
    near = _near_ways(steering, found.ways, room, request, now)
    if near:
        ranking = matching.rank_by(
            replace(found, ways=tuple(near)), near.__getitem__, k=k, others=others, now=now
        )
        weighing = replace(settled.weighing, outcome=Outcome.OFFERED, rule="near_slot_costs_no_more")
        return Settled(ranking, weighing)
    weighing = replace(settled.weighing, outcome=Outcome.PROMISE_OFFERED, rule="promise_can_be_kept")
    return Settled(replace(found, ways=()), weighing)


def _near_ways(
    steering: Steering, ways: Sequence[Way], room: Sequence[str], request: Request, now: datetime
) -> Mapping[Way, float]:
    """The ways that start too soon to be promised and cost the others no more than the promise would."""
    notice = timedelta(minutes=steering.notice_minutes)
    soon = [way for way in ways if way.slots[0].start - notice < now]
    if isinstance(steering.sheet, Fallback):
        return dict.fromkeys(soon, 0.0)
    rows = [rules.prices_of(steering.sheet, [slot_id], request.id) for slot_id in room]
    cost = fmean(min(column) for column in zip(*rows, strict=True))
    price = {way: fmean(rules.prices_of(steering.sheet, [way.slots[0].id], request.id)) for way in soon}
    return {way: p for way, p in price.items() if p <= cost + rules.SETTINGS.near_patience}


def _nothing(steering: Steering, rule: str, request: Request, others: Sequence[Request]) -> Weighing:
    if not isinstance(steering.sheet, Fallback):
        basis, fallback = Basis.PRICES, None
    else:
        basis, fallback = Basis.CONTENTION if others else Basis.FIRST_COME, steering.sheet
    return rules.nothing(rule, basis, fallback, VALUE[request.priority])
