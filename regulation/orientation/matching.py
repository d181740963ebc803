"""From requests and free slots to the words of the engine, and to ranked ways of serving one request. Pure.

What suits and what it costs is the engine's own definition (`snp.assignment.rules`): none is made here.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import pairwise, permutations
from typing import Final
from uuid import UUID

from regulation.intake.facts import CallPriority, RequestView
from slots.agenda.facts import FreeSlot, SeenSlot
from snp.assignment.facts import Priority, Request, Rule, Slot, Weights
from snp.assignment.rules import breaks_household, broken_rule, burden, distance_km, local_day
from snp.days import local

MAX_HOUSEHOLD: Final = 6
"""Largest household proposed at once: every order of its members is tried in each run."""

SHORTLIST: Final = 4
"""How many times `k` ways are kept for the finer comparison by what other requests could use."""

MOST_ALIKE: Final = 2
"""How many of the `k` ways begin with one practitioner on one half-day, as long as others suit."""

_NOON: Final = 12
_FAR: Final = datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Point:
    """Where a patient is, WGS 84 degrees."""

    lat: float
    lon: float


@dataclass(frozen=True, slots=True)
class Way:
    """Slots in time order and, one by one, the requests that would have them."""

    slots: tuple[Slot, ...]
    requests: tuple[Request, ...]
    burden: int
    contention: int = 0

    @property
    def km(self) -> float:
        """Kilometres to the first slot."""
        return distance_km(self.requests[0], self.slots[0])


@dataclass(frozen=True, slots=True)
class Ranking:
    """Ways, best first; how many free slots suited, and how many each rule kept away."""

    ways: tuple[Way, ...]
    suitable: int
    excluded: dict[Rule, int]


def engine_slot(free: FreeSlot | SeenSlot) -> Slot:
    """A free slot as the engine sees it; its reason filter is folded into what kind of slot it is."""
    return Slot(
        id=str(free.id),
        practitioner=str(free.practitioner_id),
        profession=slot_kind(free),
        mode=free.mode,
        start=free.start,
        end=free.end,
        lat=free.lat,
        lon=free.lon,
        audiences=free.audiences,
    )


def engine_request(view: RequestView, point: Point, kinds: Iterable[FreeSlot | SeenSlot]) -> Request:
    """A seeking request as the engine sees it, able to use the kinds of slots that are on offer.

    A slot that names reasons serves only them. P0 never comes here, and a request without a priority is P2.
    """
    assert view.earliest is not None
    assert view.deadline is not None
    only = view.only_practitioner_ids
    return Request(
        id=str(view.id),
        priority=engine_priority(view.priority),
        professions=frozenset(
            slot_kind(free)
            for free in kinds
            if free.profession in view.professions and (not free.reasons or view.reason in free.reasons)
        ),
        modes=view.modes,
        earliest=view.earliest,
        deadline=view.deadline,
        lat=point.lat,
        lon=point.lon,
        audience=view.audience,
        max_km=30.0 if view.max_km is None else view.max_km,
        sessions=view.sessions,
        min_gap_days=view.min_gap_days,
        max_gap_days=view.max_gap_days,
        household=None if view.household_id is None else str(view.household_id),
        excluded_practitioners=frozenset(map(str, view.excluded_practitioner_ids)),
        only_practitioners=None if only is None else frozenset(map(str, only)),
    )


def engine_priority(priority: CallPriority | None) -> Priority:
    """The engine's priority; P0 is stopped long before, and would be served first."""
    match priority:
        case CallPriority.P0 | CallPriority.P1:
            return Priority.P1
        case CallPriority.P3:
            return Priority.P3
        case _:
            return Priority.P2


def slot_id_of(slot: Slot) -> UUID:
    """The identifier of the free slot that the engine sees."""
    return UUID(slot.id)


def slot_kind(free: FreeSlot | SeenSlot) -> str:
    """The profession of a slot, with the reasons that it is kept for, if any."""
    return free.profession if not free.reasons else f"{free.profession}/{'+'.join(sorted(free.reasons))}"


def rank(
    members: Sequence[Request],
    slots: Sequence[Slot],
    *,
    now: datetime,
    weights: Weights,
    k: int,
    others: Sequence[Request] = (),
) -> Ranking:
    """The best `k` ways to serve one request, or the members of one household together.

    Ordered by the engine's burden, then by how few of the `others` could use the first slot, then by start:
    between two slots that cost the patient the same, the one that others need least. The first is always the
    best there is; the others leave a patient a choice (`MOST_ALIKE`) where the best `k` are near-identical.
    """
    found = find_ways(members, slots, now=now, weights=weights)
    by_burden = sorted(found.ways, key=_by_burden)
    shortlist = _each_once([*by_burden[: SHORTLIST * k], *varied(by_burden, k)])
    weighed = [replace(way, contention=contention(way.slots[0], others, now)) for way in shortlist]
    best = varied(sorted(weighed, key=_by_contention), k)
    return replace(found, ways=tuple(best))


def rank_by(
    found: Ranking, merit: Callable[[Way], float], *, k: int, others: Sequence[Request], now: datetime
) -> Ranking:
    """The best `k` of the ways found, least `merit` first, then as in `rank`; a choice is left there too."""
    ordered = sorted(found.ways, key=lambda way: (merit(way), *_by_burden(way)))
    best = [replace(way, contention=contention(way.slots[0], others, now)) for way in varied(ordered, k)]
    return replace(found, ways=tuple(best))


def find_ways(
    members: Sequence[Request], slots: Sequence[Slot], *, now: datetime, weights: Weights
) -> Ranking:
    """Every way to serve one request, or the members of one household together, in no order."""
    excluded: Counter[Rule] = Counter()
    ways: list[Way]
    if len(members) > 1:
        ways, suitable = _household_ways(members, slots, now, weights, excluded)
    else:
        ways, suitable = _single_ways(members[0], slots, now, weights, excluded)
    return Ranking(tuple(ways), suitable, {rule: excluded[rule] for rule in Rule if excluded[rule]})


def varied(ways: Sequence[Way], k: int) -> list[Way]:
    """Of ways in order of merit, `k` in the same order: few alike, and the alike ones only to fill up.

    Those that fill up are first one for each hour that is not shown yet.
    """
    alike: Counter[tuple[str, int, bool]] = Counter()
    apart: list[int] = []
    hours: dict[tuple[str, int, int], int] = {}
    spaced: list[int] = []
    spare: list[int] = []
    for place, way in enumerate(ways):
        first, hour = way.slots[0], local(way.slots[0].start).hour
        kind = (first.practitioner, local_day(first.start), hour < _NOON)
        alike[kind] += 1
        kept = alike[kind] <= MOST_ALIKE
        other_hour = hours.setdefault((*kind[:2], hour), place) == place
        (apart if kept else spaced if other_hour else spare).append(place)
    return [ways[place] for place in sorted([*apart, *spaced, *spare][:k])]


def contention(slot: Slot, others: Sequence[Request], now: datetime) -> int:
    """How many other open requests could use a slot."""
    return sum(broken_rule(other, slot, now) is None for other in others)


def without_deadline(request: Request) -> Request:
    """The request of a patient who chooses himself to be seen later."""
    return replace(request, deadline=_FAR)


def _single_ways(
    request: Request, slots: Sequence[Slot], now: datetime, weights: Weights, excluded: Counter[Rule]
) -> tuple[list[Way], int]:
    ways, suitable = [], 0
    later = _later_by_practitioner(request, slots, now)
    for slot in slots:
        broken = broken_rule(request, slot, now)
        if broken is not None:
            excluded[broken] += 1
            continue
        suitable += 1
        chain = _chain(request, slot, later.get(slot.practitioner, ()))
        if chain is None:
            excluded[Rule.SESSIONS] += 1
            continue
        ways.append(Way(chain, (request,) * len(chain), burden(request, slot, weights)))
    return ways, suitable


def _later_by_practitioner(
    request: Request, slots: Sequence[Slot], now: datetime
) -> Mapping[str, Sequence[Slot]]:
    """What may be a second or third session, by practitioner, in time order."""
    if request.sessions == 1:
        return {}
    later: dict[str, list[Slot]] = defaultdict(list)
    for slot in sorted(slots, key=lambda slot: (slot.start, slot.id)):
        if broken_rule(request, slot, now, later_session=True) is None:
            later[slot.practitioner].append(slot)
    return later


def _chain(request: Request, first: Slot, later: Sequence[Slot]) -> tuple[Slot, ...] | None:
    """The sessions that begin with `first`, the next ones as early as may be; None when there are none."""

    def extend(chain: tuple[Slot, ...]) -> tuple[Slot, ...] | None:
        if len(chain) == request.sessions:
            return chain
        reached = local_day(chain[-1].start)
        for slot in later:
            gap = local_day(slot.start) - reached
            if max(1, request.min_gap_days) <= gap <= request.max_gap_days:
                found = extend((*chain, slot))
                if found is not None:
                    return found
        return None

    return extend((first,))


def _household_ways(
    members: Sequence[Request],
    slots: Sequence[Slot],
    now: datetime,
    weights: Weights,
    excluded: Counter[Rule],
) -> tuple[list[Way], int]:
    rules = {
        slot.id: next((b for m in members if (b := broken_rule(m, slot, now)) is not None), None)
        for slot in slots
    }
    usable = [s for s in slots if any(broken_rule(member, s, now) is None for member in members)]
    ways = [
        way
        for run in _runs(usable, len(members))
        if (way := _best_order(members, run, now, weights)) is not None
    ]
    in_a_run = {slot.id for way in ways for slot in way.slots}
    for slot in slots:
        if slot.id not in in_a_run:
            excluded[rules[slot.id] or Rule.HOUSEHOLD] += 1
    return ways, len(usable)


def _runs(slots: Sequence[Slot], length: int) -> Iterator[tuple[Slot, ...]]:
    """Every unbroken run of `length` slots of one practitioner on one local day."""
    by_practitioner: dict[str, list[Slot]] = defaultdict(list)
    for slot in sorted(slots, key=lambda slot: (slot.start, slot.id)):
        by_practitioner[slot.practitioner].append(slot)
    for own in by_practitioner.values():
        for i in range(len(own) - length + 1):
            run = tuple(own[i : i + length])
            if all(a.end == b.start for a, b in pairwise(run)) and breaks_household(run) is None:
                yield run


def _best_order(
    members: Sequence[Request], run: tuple[Slot, ...], now: datetime, weights: Weights
) -> Way | None:
    """The order of the members in a run that costs them least together; None when none suits."""
    best: Way | None = None
    for order in permutations(members):
        pairs = list(zip(order, run, strict=True))
        if any(broken_rule(request, slot, now) is not None for request, slot in pairs):
            continue
        total = sum(burden(request, slot, weights) for request, slot in pairs)
        if best is None or total < best.burden:
            best = Way(run, order, total)
    return best


def _by_burden(way: Way) -> tuple[int, datetime, str]:
    return way.burden, way.slots[0].start, way.slots[0].id


def _by_contention(way: Way) -> tuple[int, int, datetime, str]:
    return way.burden, way.contention, way.slots[0].start, way.slots[0].id


def _each_once(ways: Iterable[Way]) -> list[Way]:
    return list({tuple(slot.id for slot in way.slots): way for way in ways}.values())
