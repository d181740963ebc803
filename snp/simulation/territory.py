"""A territory's days: who calls, from where, for what, and what practitioners publish, cancel and withdraw.

Demand and supply are drawn apart, so that a change of supply is compared on the very same calls.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from snp.assignment.facts import Audience, Mode, Priority, Request, Slot
from snp.assignment.stream import (
    AppointmentCancelled,
    Event,
    Header,
    RequestArrived,
    SlotPublished,
    SlotWithdrawn,
    Stream,
)
from snp.simulation.facts import Commune, ExtraSlots, TerritoryParameters

PARIS = ZoneInfo("Europe/Paris")
GP, PHYSIO = "medecin_generaliste", "kinesitherapeute"
OPENS, CLOSES, SATURDAY_CLOSES = 8, 20, 12
"""SNP hours, Monday to Friday and Saturday morning. Source: ACI contract, mission accès aux soins."""
HOURS = {
    8: 1.5,
    9: 1.6,
    10: 1.5,
    11: 1.0,
    12: 0.6,
    13: 0.7,
    14: 1.3,
    15: 1.3,
    16: 0.9,
    17: 1.3,
    18: 1.3,
    19: 0.8,
}
"""Calls by hour: peaks at 8–11, 14–16 and 17–19 h. Source: assumed, no French profile is published."""
DELAYS_H = {Priority.P1: (6, 12), Priority.P2: (12, 24), Priority.P3: (24, 48)}
"""Delay classes in hours. Source: SAMU-Hub nomenclatures (8H, 12H, 24H), 48 h for SNP."""
WEEKS_PER_YEAR = 52.18
DEGREE_KM = 111.2


@dataclass(frozen=True)
class Territory:
    """A territory as a law of streams. `extra` slots come on top of what practitioners publish anyway."""

    name: str
    communes: tuple[Commune, ...]
    parameters: TerritoryParameters
    start: datetime
    extra: tuple[ExtraSlots, ...] = ()

    def stream(self, seed: int) -> Stream:
        """History and days of one seed."""
        p = self.parameters
        first = -int(p.history_days)
        demand, supply, more = (np.random.default_rng([seed, part]) for part in range(3))
        events: list[Event] = []
        carers = carers_of(self, supply)
        for day in range(first, int(p.days)):
            midnight = self.start + timedelta(days=day)
            events.extend(calls_of_day(self, midnight, day, demand))
            events.extend(slots_of_day(self, midnight, day, carers, supply))
            events.extend(_extra(self, midnight, day, carers, more))
        end = self.start + timedelta(days=int(p.days))
        kept = sorted((event for event in events if event.at < end), key=lambda event: event.at)
        return Stream(Header(self.start, end, self.start), tuple(kept))


@dataclass(frozen=True, slots=True)
class Carer:
    """A volunteer, where he practises."""

    name: str
    profession: str
    lat: float
    lon: float


def carers_of(territory: Territory, random: np.random.Generator) -> list[Carer]:
    """Practitioners settle where people live."""
    p = territory.parameters
    people = _people(territory)
    carers = []
    for profession, count in ((GP, int(p.gps)), (PHYSIO, int(p.physios))):
        for i, place in enumerate(random.choice(len(people), count, p=people).tolist()):
            commune = territory.communes[place]
            carers.append(Carer(f"{profession}-{i}", profession, commune.lat, commune.lon))
    return carers


def _people(territory: Territory) -> NDArray[np.float64]:
    people = np.array([commune.population for commune in territory.communes], dtype=np.float64)
    shares: NDArray[np.float64] = people / people.sum()
    return shares


def _day_factor(p: TerritoryParameters, weekday: int) -> float:
    """A weekday's share of the week's calls."""
    factors = [p.monday, 1.0, 1.0, 1.0, 1.0, p.saturday, 0.0]
    return factors[weekday] / sum(factors)


def calls_per_week(territory: Territory) -> float:
    """Expected day-time calls of the GP stream in a week."""
    p = territory.parameters
    inhabitants = sum(commune.population for commune in territory.communes)
    calls = inhabitants * p.calls_per_inhabitant_year * p.gp_stream_share * p.daytime_share / WEEKS_PER_YEAR
    return calls * p.season * p.epidemic * p.summer_demand * p.demand


def requests_per_week(territory: Territory) -> tuple[float, float]:
    """Expected requests for a GP slot and for a physio slot in a week."""
    p = territory.parameters
    return calls_per_week(territory) * p.to_appointment, p.physio_per_week * p.season * p.demand


def dispositions(territory: Territory) -> dict[str, float]:
    """What a week's calls are expected to come to: French name of the outcome to calls a week.

    Also counter contacts behind the requests of the desk, and callers without a médecin traitant.
    """
    p = territory.parameters
    calls = calls_per_week(territory)
    named = {
        "conseil": p.to_advice,
        "rendez-vous SNP": p.to_appointment,
        "médecin traitant": p.to_medecin_traitant,
        "urgences": p.to_urgences,
    }
    shares = {**named, "téléconsultation, PDSA et autres": max(0.0, 1 - sum(named.values()))}
    asked, _ = requests_per_week(territory)
    return {
        **{name: calls * share for name, share in shares.items()},
        "passages au comptoir": asked * p.desk_share / p.counter_to_doctor,
        "appelants sans médecin traitant": calls * p.no_medecin_traitant,
    }


def calls_of_day(
    territory: Territory, midnight: datetime, day: int, random: np.random.Generator
) -> Iterator[Event]:
    """Who calls on one day for a slot, and who gives it up again."""
    p = territory.parameters
    share = _day_factor(p, midnight.weekday())
    people = _people(territory)
    hours = {h: w for h, w in HOURS.items() if midnight.weekday() != 5 or h < SATURDAY_CLOSES}
    weights = np.array(list(hours.values())) ** p.peaks
    weights /= weights.sum()
    for profession, mean in zip((GP, PHYSIO), requests_per_week(territory), strict=True):
        for i in range(int(random.poisson(mean * share))):
            hour = int(random.choice(list(hours), p=weights))
            at = midnight.replace(hour=hour) + timedelta(seconds=int(random.integers(3600)))
            commune = territory.communes[int(random.choice(len(people), p=people))]
            yield from _call(p, f"{profession}-{day}-{i}", profession, at=at, commune=commune, random=random)


def _call(
    p: TerritoryParameters,
    ident: str,
    profession: str,
    *,
    at: datetime,
    commune: Commune,
    random: np.random.Generator,
) -> Iterator[Event]:
    mix = [p.p1_share, p.p2_share, max(0.0, 1 - p.p1_share - p.p2_share)]
    priority = (
        Priority.P3
        if profession == PHYSIO
        else tuple(Priority)[int(random.choice(3, p=np.array(mix) / sum(mix)))]
    )
    hours = random.uniform(*DELAYS_H[priority]) if profession == GP else p.physio_delay_h
    desk = profession == GP and random.random() < p.desk_share
    audience = (
        Audience.PROFESSIONALS if profession == PHYSIO else Audience.DESK if desk else Audience.REGULATION
    )
    lat, lon = commune.lat + random.normal(0, 1 / DEGREE_KM), commune.lon + random.normal(0, 1.5 / DEGREE_KM)
    request = Request(
        id=ident,
        priority=priority,
        professions=frozenset({profession}),
        modes=frozenset({Mode.AMB}),
        earliest=at,
        deadline=at + timedelta(seconds=int(hours * 3600)),
        lat=round(lat, 5),
        lon=round(lon, 5),
        audience=audience,
        max_km=p.reach_km,
    )
    waits = bool(random.random() < p.waiting_list_share)
    yield RequestArrived(at, request, at, waiting_list=waits, notice_min=int(p.notice_min))
    gives_up, when = random.random(), at + timedelta(hours=float(random.uniform(0.5, 20)))
    if gives_up < p.cancelled:
        yield AppointmentCancelled(when, ident)


def slots_of_day(
    territory: Territory, midnight: datetime, day: int, carers: list[Carer], random: np.random.Generator
) -> Iterator[Event]:
    """What practitioners publish for one day, and what they take back."""
    p = territory.parameters
    for number, carer in enumerate(carers):
        per_week = p.slots_per_gp_week if carer.profession == GP else p.slots_per_physio_week
        share = (0.5 if midnight.weekday() == 5 else 1.0) / 5.5 if midnight.weekday() < 6 else 0.0
        for i in range(int(random.poisson(per_week * p.summer_supply * share))):
            yield from _slot(p, carer, f"{number}-{day}-{i}", midnight, random)


def _slot(
    p: TerritoryParameters, carer: Carer, ident: str, midnight: datetime, random: np.random.Generator
) -> Iterator[Event]:
    minutes = int(p.gp_minutes if carer.profession == GP else p.physio_minutes)
    closes = SATURDAY_CLOSES if midnight.weekday() == 5 else CLOSES
    places = (closes - OPENS) * 60 // minutes
    at_minute = OPENS * 60 + int(random.integers(places)) * minutes
    start = midnight.replace(hour=at_minute // 60, minute=at_minute % 60)
    late = random.random() < p.late_share
    lead = timedelta(hours=float(random.uniform(1, 24) if late else random.uniform(48, 240)))
    wide = frozenset({Audience.REGULATION, Audience.DESK})
    slot = Slot(
        id=ident,
        practitioner=carer.name,
        profession=carer.profession,
        mode=Mode.AMB,
        start=start,
        end=start + timedelta(minutes=minutes),
        lat=carer.lat,
        lon=carer.lon,
        audiences=wide if carer.profession == GP else frozenset({Audience.PROFESSIONALS}),
    )
    published = start - lead
    yield SlotPublished(published, slot)
    gone, share = random.random(), float(random.uniform(0.2, 0.9))
    if gone < p.withdrawn:
        yield SlotWithdrawn(published + (start - published) * share, ident)


def _extra(
    territory: Territory, midnight: datetime, day: int, carers: list[Carer], random: np.random.Generator
) -> Iterator[Event]:
    for n, extra in enumerate(territory.extra):
        if extra.weekday != midnight.weekday():
            continue
        givers = [carer for carer in carers if carer.profession == extra.profession][: extra.practitioners]
        for number, carer in enumerate(givers):
            for i in range(extra.slots):
                yield from _slot(territory.parameters, carer, f"plus{n}-{number}-{day}-{i}", midnight, random)
