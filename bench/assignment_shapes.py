"""Assignment problems of shapes that real life brings now and then, drawn by rules of their own.

Independent of `assignment_instances`, so that the engine is not measured on one generator only. Seeded.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial

from snp.assignment.facts import Audience, Instance, Mode, Priority, Request, Slot, Weights

GP, PHYSIO = "medecin_generaliste", "masseur_kinesitherapeute"
NOW = datetime.fromisoformat("2026-11-23T08:00:00+01:00")
_DAYS = 6
_NO_BURDEN = Weights(dict.fromkeys(Priority, 0), 0.0)
_HUGE = Weights({Priority.P1: 3 * 10**9, Priority.P2: 2 * 10**9, Priority.P3: 10**9}, 1e9)


@dataclass(frozen=True, slots=True)
class Kind:
    """What a shape is like; the rest is drawn."""

    slots: int = 300
    requests: int = 400
    coupled: float = 0.1
    """Chance that the next to call is a household or needs sessions."""
    sessions: float = 0.5
    """Share of sessions among these."""
    household: tuple[int, int] = (2, 5)
    sizes: tuple[int, int] = (2, 3)
    each: int = 12
    """Slots of a practitioner."""
    side: float = 0.4
    """Extent in degrees of latitude."""
    places: int = 0
    """Where everybody lives, if people live in a few places only."""
    profession: str = GP
    remote: bool = False
    hours: tuple[int, ...] = (12, 24, 48)
    copies: int = 1
    deadline_at_a_start: bool = False
    weights: Weights = field(default_factory=Weights)


def draw_kind(kind: Kind, seed: int) -> Instance:
    """An instance of this kind; the same seed gives the same instance."""
    rng = random.Random(seed)
    places = [_somewhere(rng, kind) for _ in range(kind.places)]
    slots = _slots(rng, kind, places)
    requests = _requests(rng, kind, places, sorted({slot.start for slot in slots}))
    return Instance(NOW, tuple(slots), tuple(requests), kind.weights)


def _somewhere(rng: random.Random, kind: Kind) -> tuple[float, float]:
    return 47 + kind.side * (rng.random() - 0.5), -2 + 1.4 * kind.side * (rng.random() - 0.5)


def _slots(rng: random.Random, kind: Kind, places: list[tuple[float, float]]) -> list[Slot]:
    slots: list[Slot] = []
    while len(slots) < kind.slots:
        practitioner = f"p{len(slots):05d}"
        lat, lon = rng.choice(places) if places else _somewhere(rng, kind)
        left = min(kind.each, kind.slots - len(slots))
        while left:
            run = min(left, rng.randint(1, 6))
            start = NOW + timedelta(days=rng.randrange(_DAYS), minutes=15 * rng.randrange(36))
            mode = rng.choice(list(Mode)) if kind.remote else Mode.AMB
            for k in range(run):
                begin = start + timedelta(minutes=15 * k)
                end = begin + timedelta(minutes=15)
                name = f"s{len(slots):05d}"
                slots.append(
                    Slot(name, practitioner, kind.profession, mode, begin, end, lat, lon, frozenset(Audience))
                )
            left -= run
    return slots


def _requests(
    rng: random.Random, kind: Kind, places: list[tuple[float, float]], starts: list[datetime]
) -> list[Request]:
    requests: list[Request] = []
    while len(requests) < kind.requests:
        first = _request(rng, kind, places, starts)
        if rng.random() >= kind.coupled:
            these = [first] * kind.copies
        elif rng.random() < kind.sessions:
            deadline = first.earliest + timedelta(hours=96)
            these = [replace(first, sessions=rng.randint(*kind.sizes), deadline=deadline)]
        else:
            home = replace(first, household=f"h{len(requests):05d}")
            size = rng.randint(*kind.household)
            these = [replace(home, priority=_priority(rng)) for _ in range(size)]
        for request in these[: kind.requests - len(requests)]:
            requests.append(replace(request, id=f"r{len(requests):05d}"))
    return requests


def _request(
    rng: random.Random, kind: Kind, places: list[tuple[float, float]], starts: list[datetime]
) -> Request:
    lat, lon = rng.choice(places) if places else _somewhere(rng, kind)
    earliest = NOW + timedelta(minutes=rng.randrange(-300, _DAYS * 24 * 60 - 600))
    deadline = earliest + timedelta(hours=rng.choice(kind.hours))
    if kind.deadline_at_a_start:
        deadline = rng.choice([start for start in starts if start >= earliest][:60] or [deadline])
    modes = rng.choice([(Mode.AMB,), (Mode.AMB, Mode.VR), tuple(Mode)]) if kind.remote else (Mode.AMB,)
    return Request(
        id="",
        priority=_priority(rng),
        professions=frozenset({kind.profession}),
        modes=frozenset(modes),
        earliest=earliest,
        deadline=deadline,
        lat=lat,
        lon=lon,
        audience=rng.choice(list(Audience)),
        max_km=30.0,
    )


def _priority(rng: random.Random) -> Priority:
    return rng.choices(list(Priority), [20, 40, 40])[0]


KINDS = {
    "a tenth coupled": Kind(),
    "many households of 2 to 5": Kind(coupled=0.3, sessions=0),
    "many sessions": Kind(coupled=0.3, sessions=1),
    "a few physiotherapists": Kind(requests=200, coupled=0.4, sessions=1, each=60, profession=PHYSIO),
    "four places": Kind(places=4),
    "one place, all burdens alike": Kind(places=1, weights=Weights(dict.fromkeys(Priority, 0), 1.0)),
    "weights of zero": Kind(places=3, weights=_NO_BURDEN),
    "weights beyond one flow": Kind(weights=_HUGE),
    "each request six times": Kind(places=5, copies=6),
    "deadlines at starts": Kind(deadline_at_a_start=True),
    "teleconsultations and visits": Kind(remote=True),
    "few slots": Kind(slots=100, coupled=0.2),
    "many slots": Kind(slots=600, requests=300, coupled=0.2),
    "three slots each": Kind(each=3, coupled=0.2),
    "one practitioner": Kind(each=300, places=5),
    "all coupled": Kind(coupled=1.0),
    "1,000 x 1,300, a tenth coupled": Kind(slots=1000, requests=1300, side=0.8),
    "1,000 x 1,300, 30 % coupled": Kind(slots=1000, requests=1300, coupled=0.3, side=0.8),
}
SHAPES_OF_ANY_KIND: dict[str, Callable[[int], Instance]] = {
    name: partial(draw_kind, kind) for name, kind in KINDS.items()
}
