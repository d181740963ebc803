"""Seeded assignment problems of the sizes that the engine is measured on; every number is an argument."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from snp.assignment.facts import Audience, Instance, Mode, Priority, Request, Slot

GP = "medecin_generaliste"
PHYSIO = "masseur_kinesitherapeute"
NOW = datetime.fromisoformat("2026-11-23T08:00:00+01:00")  # a Monday
KM_PER_DEGREE = 111.19508


@dataclass(frozen=True, slots=True)
class Shape:
    """What an instance looks like: size, extent, share of requests that need several slots at once."""

    slots: int
    requests: int
    side_km: float
    coupled: float = 0.0
    territories: int = 1
    slots_per_practitioner: int = 12
    remote: float = 0.05
    """Share of slots that are teleconsultations, which reach every territory."""


CPTS = Shape(slots=300, requests=400, side_km=40, coupled=0.10)
DEPARTMENT = Shape(slots=3_000, requests=4_000, side_km=160)
REGION = Shape(slots=20_000, requests=25_000, side_km=440)
COUNTRY = Shape(slots=200_000, requests=250_000, side_km=40, territories=600, remote=0.0)


def draw(shape: Shape, seed: int) -> Instance:
    """An instance of this shape; the same seed gives the same instance."""
    rng = random.Random(seed)
    slots: list[Slot] = []
    requests: list[Request] = []
    for territory in range(shape.territories):
        lat, lon = _centre(territory)
        towns = _towns(rng, lat, lon, shape.side_km)
        slots += _slots(rng, towns, _share(shape.slots, shape.territories, territory), len(slots), shape)
        requests += _requests(
            rng, towns, _share(shape.requests, shape.territories, territory), len(requests), shape
        )
    return Instance(NOW, tuple(slots), tuple(requests))


Town = tuple[float, float]


def _centre(territory: int) -> Town:
    """Territories stand 110 km or more apart, beyond the reach of each other's people."""
    row, column = divmod(territory, 30)
    return 36.0 + row, -20.0 + 2 * column


def _share(total: int, parts: int, at: int) -> int:
    return total * (at + 1) // parts - total * at // parts


def _towns(rng: random.Random, lat: float, lon: float, side_km: float) -> list[Town]:
    """Places where people live, sampled more often the earlier they stand in the list."""
    span = side_km / KM_PER_DEGREE
    count = max(6, round(side_km * side_km / 60))
    width = span / math.cos(math.radians(lat))
    return [(lat + span * (rng.random() - 0.5), lon + width * (rng.random() - 0.5)) for _ in range(count)]


def _slots(rng: random.Random, towns: list[Town], count: int, first: int, shape: Shape) -> list[Slot]:
    """Practitioners offer runs of back-to-back slots on the days of one week."""
    slots: list[Slot] = []
    while len(slots) < count:
        practitioner = f"p{first + len(slots):06d}"
        lat, lon = rng.choice(towns)
        profession = PHYSIO if rng.random() < 0.15 else GP
        minutes = 30 if profession == PHYSIO else 15
        left = min(shape.slots_per_practitioner, count - len(slots))
        days = rng.sample(range(6), 6)
        while left > 0:
            run = min(left, rng.choice([1, 2, 2, 3, 4]))
            start = NOW + timedelta(
                days=days.pop() if days else rng.randrange(6, 12), minutes=15 * rng.randrange(2, 34)
            )
            mode = rng.choices([Mode.AMB, Mode.HH, Mode.VR], [0.95 - shape.remote, 0.05, shape.remote])[0]
            audiences = frozenset(
                {Audience.REGULATION}
                | ({Audience.DESK} if rng.random() < 0.5 else set())
                | ({Audience.PROFESSIONALS} if profession == PHYSIO else set())
            )
            for k in range(run):
                begin = start + timedelta(minutes=minutes * k)
                ident = f"s{first + len(slots):06d}"
                end = begin + timedelta(minutes=minutes)
                slots.append(Slot(ident, practitioner, profession, mode, begin, end, lat, lon, audiences))
            left -= run
    return slots[:count]


def _requests(rng: random.Random, towns: list[Town], count: int, first: int, shape: Shape) -> list[Request]:
    """Calls over the week, of which a share are households of 2 to 4 or treatments of 2 or 3 sessions."""
    requests: list[Request] = []
    while len(requests) < count:
        ident = first + len(requests)
        physio = rng.random() < 0.15
        # A household brings three requests: drawn less often, so that `coupled` is a share of requests.
        together = shape.coupled > 0 and rng.random() < shape.coupled / (2 - shape.coupled)
        if not together:
            requests.append(_request(rng, towns, ident, physio=physio))
        elif physio or rng.random() < 0.5:
            requests.append(_request(rng, towns, ident, physio=physio, sessions=rng.choice([2, 2, 3])))
        else:
            requests.extend(
                _household(rng, towns, ident, min(rng.choice([2, 3, 3, 4]), count - len(requests)))
            )
    return requests


def _household(rng: random.Random, towns: list[Town], ident: int, size: int) -> list[Request]:
    first = _request(rng, towns, ident, physio=False, household=f"h{ident:06d}")
    others = [
        _request(rng, towns, ident + k, physio=False, household=first.household) for k in range(1, size)
    ]
    return [
        first,
        *(
            Request(
                other.id, other.priority, first.professions, first.modes, first.earliest, first.deadline,
                first.lat, first.lon, first.audience, first.max_km, household=first.household,
            )
            for other in others
        ),
    ]  # fmt: skip


def _request(
    rng: random.Random,
    towns: list[Town],
    ident: int,
    *,
    physio: bool,
    sessions: int = 1,
    household: str | None = None,
) -> Request:
    lat, lon = rng.choice(towns)
    earliest = NOW + timedelta(minutes=rng.randrange(-6 * 60, 5 * 24 * 60))
    hours = 120 if physio else rng.choice([12, 24, 24, 48, 48])
    return Request(
        id=f"r{ident:06d}",
        priority=rng.choices(list(Priority), [20, 40, 40])[0],
        professions=frozenset({PHYSIO if physio else GP}),
        modes=frozenset(rng.choice([(Mode.AMB,), (Mode.AMB,), (Mode.AMB, Mode.VR), (Mode.AMB, Mode.HH)])),
        earliest=earliest,
        deadline=earliest + timedelta(hours=hours),
        lat=lat + 0.01 * (rng.random() - 0.5),
        lon=lon + 0.01 * (rng.random() - 0.5),
        audience=rng.choices([Audience.REGULATION, Audience.DESK], [80, 20])[0],
        max_km=30.0,
        sessions=sessions,
        household=household,
    )
