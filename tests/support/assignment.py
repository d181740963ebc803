"""Builders of assignment problems, seeded random ones, and the exhaustive search that judges the engine."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import combinations, permutations

from snp.assignment.facts import Audience, Instance, Mode, Priority, Request, Slot, Weights
from snp.assignment.rules import (
    breaks_household,
    breaks_sessions,
    broken_rule,
    burden,
)

GP = "medecin_generaliste"
PHYSIO = "masseur_kinesitherapeute"
NOW = datetime.fromisoformat("2026-11-23T08:00:00+01:00")

Value = tuple[int, int, int, int, int]
"""What an answer is worth, larger is better: served P1, P2, P3, minus burden, minus spread."""


def a_slot(
    ident: str = "s1",
    practitioner: str = "p1",
    *,
    starts: str | datetime = "2026-11-23T10:00:00+01:00",
    minutes: int = 15,
    profession: str = GP,
    mode: Mode = Mode.AMB,
    lat: float = 47.1,
    lon: float = -2.0,
    audiences: Iterable[Audience] = (Audience.REGULATION,),
) -> Slot:
    start = datetime.fromisoformat(starts) if isinstance(starts, str) else starts
    end = start + timedelta(minutes=minutes)
    return Slot(ident, practitioner, profession, mode, start, end, lat, lon, frozenset(audiences))


def a_request(
    ident: str = "r1",
    priority: Priority = Priority.P2,
    *,
    earliest: str | datetime = "2026-11-23T08:00:00+01:00",
    deadline: str | datetime = "2026-11-25T08:00:00+01:00",
    professions: Iterable[str] = (GP,),
    modes: Iterable[Mode] = (Mode.AMB,),
    lat: float = 47.1,
    lon: float = -2.0,
    audience: Audience = Audience.REGULATION,
    max_km: float = 30.0,
    sessions: int = 1,
    min_gap_days: int = 1,
    max_gap_days: int = 7,
    household: str | None = None,
    excluded: Iterable[str] = (),
    only: Iterable[str] | None = None,
) -> Request:
    return Request(
        id=ident,
        priority=priority,
        professions=frozenset(professions),
        modes=frozenset(modes),
        earliest=datetime.fromisoformat(earliest) if isinstance(earliest, str) else earliest,
        deadline=datetime.fromisoformat(deadline) if isinstance(deadline, str) else deadline,
        lat=lat,
        lon=lon,
        audience=audience,
        max_km=max_km,
        sessions=sessions,
        min_gap_days=min_gap_days,
        max_gap_days=max_gap_days,
        household=household,
        excluded_practitioners=frozenset(excluded),
        only_practitioners=None if only is None else frozenset(only),
    )


def an_instance(
    slots: Iterable[Slot] = (), requests: Iterable[Request] = (), *, weights: Weights | None = None
) -> Instance:
    return Instance(NOW, tuple(slots), tuple(requests), weights or Weights())


def random_instance(seed: int, *, slots: int = 8, requests: int = 7, coupled: float = 0.5) -> Instance:
    """A tiny instance with every feature: modes, audiences, lists, clock change, sessions, households."""
    rng = random.Random(seed)
    now = datetime.fromisoformat(rng.choice(["2026-11-23T08:00:00+01:00", "2026-03-28T09:00:00+01:00"]))
    practitioners = [f"p{i}" for i in range(rng.randint(1, 3))]
    return Instance(
        now,
        tuple(_random_slots(rng, now, practitioners, rng.randint(slots // 2, slots))),
        tuple(_random_requests(rng, now, practitioners, rng.randint(requests // 2, requests), coupled)),
        rng.choice([Weights(), Weights({Priority.P1: 0, Priority.P2: 2.5, Priority.P3: 1}, 0.5)]),
    )


def _random_slots(rng: random.Random, now: datetime, practitioners: list[str], count: int) -> Iterator[Slot]:
    starts: dict[str, datetime] = {p: now + timedelta(minutes=rng.choice([0, 30, 60])) for p in practitioners}
    for i in range(count):
        practitioner = rng.choice(practitioners)
        start = starts[practitioner]
        starts[practitioner] = start + timedelta(
            minutes=rng.choice([15, 15, 15, 15, 23 * 60, 24 * 60, 48 * 60])
        )
        yield a_slot(
            f"s{i}",
            practitioner,
            starts=start,
            mode=rng.choice([Mode.AMB] * 6 + [Mode.VR, Mode.HH]),
            profession=rng.choice([GP] * 8 + [PHYSIO]),
            lat=47.1 + rng.choice([0, 0, 0, 0.05, 0.3]),
            audiences=rng.choice([(Audience.REGULATION,), (Audience.REGULATION, Audience.DESK)]),
        )


def _random_requests(
    rng: random.Random, now: datetime, practitioners: list[str], count: int, coupled: float
) -> Iterator[Request]:
    for i in range(count):
        kind = rng.choice(["sessions", "household"]) if rng.random() < coupled else "single"
        earliest = now + timedelta(minutes=rng.choice([-120, 0, 0, 17, 30]))
        yield a_request(
            f"r{i}",
            rng.choice(list(Priority)),
            earliest=earliest,
            deadline=earliest + timedelta(hours=rng.choice([6, 24, 48, 72])),
            professions=rng.choice([(GP,), (GP,), (GP, PHYSIO)]),
            modes=rng.choice([(Mode.AMB,), (Mode.AMB, Mode.VR), (Mode.AMB, Mode.HH, Mode.VR)]),
            lon=-2.0 + rng.choice([0, 0.1, 0.2]),
            audience=rng.choice([Audience.REGULATION] * 3 + [Audience.DESK]),
            max_km=rng.choice([30.0, 30.0, 10.0]),
            sessions=rng.choice([2, 2, 3]) if kind == "sessions" else 1,
            min_gap_days=rng.choice([0, 1, 1, 2]),
            max_gap_days=rng.choice([2, 3, 7]),
            household=f"h{rng.randint(0, 1)}" if kind == "household" else None,
            excluded=rng.sample(practitioners, 1) if rng.random() < 0.1 else (),
            only=rng.sample(practitioners, 1) if rng.random() < 0.1 else None,
        )


def best_value(instance: Instance) -> Value:
    """The best value of any answer, by trying them all."""
    groups = [list(_choices(instance, group)) for group in _groups(instance)]
    return max(_values(instance, groups, 0, frozenset(), []))


def value_of(served: dict[Priority, int], burden: int, spread: int) -> Value:
    return (*(served[priority] for priority in Priority), -burden, -spread)  # type: ignore[return-value]


_Choice = tuple[tuple[Slot, ...], Counter[Priority], int]


def _groups(instance: Instance) -> list[list[Request]]:
    homes: dict[str, list[Request]] = defaultdict(list)
    for request in instance.requests:
        homes[request.household or f"alone {request.id}"].append(request)
    return list(homes.values())


def _choices(instance: Instance, group: list[Request]) -> Iterator[_Choice]:
    """Every way to serve the group whole: its slots, what it counts, its burden."""
    counts = Counter(request.priority for request in group)
    if len(group) > 1:
        for slots in permutations(instance.slots, len(group)):
            if breaks_household(slots) is None and all(
                broken_rule(r, s, instance.now) is None for r, s in zip(group, slots, strict=True)
            ):
                total = sum(burden(r, s, instance.weights) for r, s in zip(group, slots, strict=True))
                yield slots, counts, total
        return
    request = group[0]
    for chosen in combinations(sorted(instance.slots, key=lambda s: s.start), request.sessions):
        if breaks_sessions(request, chosen) is None and all(
            broken_rule(request, slot, instance.now, later_session=i > 0) is None
            for i, slot in enumerate(chosen)
        ):
            yield chosen, counts, burden(request, chosen[0], instance.weights)


def _values(
    instance: Instance, groups: list[list[_Choice]], at: int, taken: frozenset[str], chosen: list[_Choice]
) -> Iterator[Value]:
    if at == len(groups):
        served = sum((counts for _, counts, _ in chosen), Counter[Priority]())
        load = Counter(slot.practitioner for slots, _, _ in chosen for slot in slots)
        yield value_of(served, sum(points for *_, points in chosen), sum(n * n for n in load.values()))
        return
    yield from _values(instance, groups, at + 1, taken, chosen)
    for choice in groups[at]:
        idents = frozenset(slot.id for slot in choice[0])
        if not idents & taken:
            yield from _values(instance, groups, at + 1, taken | idents, [*chosen, choice])
