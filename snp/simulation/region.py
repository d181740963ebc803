"""A made-up region of the size of a CPTS: streams for benches and for tuning, every trait a parameter.

Not a forecast of any real territory: see `territory` for that. Same seed and parameters, same stream.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

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

PARIS = ZoneInfo("Europe/Paris")
KM_PER_DEGREE = 111.2
Range = tuple[float, float]


@dataclass(frozen=True)
class RegionParameters:
    """What a region week is drawn from. Hours and kilometres; shares between 0 and 1."""

    load: float = 0.9
    """Requests per slot of the week."""
    slots: int = 1000
    practitioners: int = 40
    communes: int = 25
    side_km: float = 60.0
    reaches_km: tuple[float, ...] = (30.0,)
    """Each request draws how far it may go."""
    late_share: float = 0.3
    early_days: Range = (3.0, 10.0)
    """Lead of slots that are not published late."""
    late_hours: Range = (2.0, 24.0)
    mix: tuple[float, float, float] = (0.2, 0.35, 0.45)
    delays: tuple[Range, Range, Range] = ((6, 12), (12, 24), (24, 48))
    hours: tuple[float, ...] = (
        *(0.2,) * 7, 0.8, 2.2, 2.4, 2.2, 1.4, 0.9, 1.0, 1.6, 1.6, 1.2, 1.6, 1.6, 1.0, 0.6, 0.4, 0.3, 0.2,
    )  # fmt: skip
    weekdays: tuple[float, ...] = (1.2, 1.0, 0.95, 1.0, 1.0, 0.7, 0.3)
    slot_days: tuple[float, ...] = (1.0, 1.0, 0.9, 1.0, 1.0, 0.35, 0.0)
    slot_minutes: int = 15
    physio_share: float = 0.0
    remote_share: float = 0.0
    desk_share: float = 0.0
    waiting_list_share: float = 1.0
    notice_min: int | None = None
    withdrawn_share: float = 0.0
    cancelled_share: float = 0.0
    history_days: int = 14
    days: int = 7
    history_load: float = 1.0
    """Demand of the past relative to that of the week: other than 1, the forecast will be wrong."""
    surge: dict[int, float] = field(default_factory=dict)
    """Day of the week played (0 first) to the factor on its demand: an epidemic day."""


def region_week(seed: int, parameters: RegionParameters, *, start: datetime | None = None) -> Stream:
    """A stream with `history_days` of past and `days` to decide, from Monday 16 November 2026 unless told."""
    begin = start or datetime(2026, 11, 16, tzinfo=PARIS)
    region = _Region(np.random.default_rng(seed), parameters, begin)
    events = sorted(region.events(), key=lambda event: event.at)
    end = begin + timedelta(days=parameters.days)
    header = Header(begin, end, begin)
    return Stream(header, tuple(event for event in events if event.at < end))


class _Region:
    def __init__(self, random: np.random.Generator, parameters: RegionParameters, begin: datetime) -> None:
        self.random, self.p, self.begin = random, parameters, begin
        p = parameters
        self.places = random.uniform(-p.side_km / 2, p.side_km / 2, (p.communes, 2))
        people = 1 / np.arange(1, p.communes + 1) ** 0.8
        self.people = people / people.sum()
        carers = self.people * random.gamma(4, 0.25, p.communes)
        self.sites = random.choice(p.communes, p.practitioners, p=carers / carers.sum())
        self.spots = self.places[self.sites] + random.normal(0, 1, (p.practitioners, 2))
        self.works = random.random((p.practitioners, 7)) < 0.75
        self.physio = random.random(p.practitioners) < p.physio_share

    def events(self) -> list[Event]:
        events: list[Event] = []
        p = self.p
        first_day = -p.history_days
        for day in range(first_day, p.days):
            events.extend(self._slots(day))
            events.extend(self._requests(day))
        return [e for e in events if not isinstance(e, SlotPublished) or e.at <= e.slot.start]

    def _degrees(self, spot: np.ndarray) -> tuple[float, float]:
        return round(47.0 + spot[1] / KM_PER_DEGREE, 5), round(-1.8 + spot[0] / KM_PER_DEGREE / 0.682, 5)

    def _slots(self, day: int) -> list[Event]:
        p, random = self.p, self.random
        midnight = self.begin + timedelta(days=day)
        weekday = midnight.weekday()
        share = p.slot_days[weekday] / sum(p.slot_days)
        events: list[Event] = []
        at_work = np.flatnonzero(self.works[:, weekday])
        if not len(at_work) or share == 0:
            return []
        last = 12 if weekday == 5 else 19
        for i in range(round(p.slots * share)):
            who = int(random.choice(at_work))
            minute = int(random.integers(8 * 60, last * 60) // p.slot_minutes * p.slot_minutes)
            starts = midnight + timedelta(minutes=minute)
            late = random.random() < p.late_share
            lead = random.uniform(*p.late_hours) / 24 if late else random.uniform(*p.early_days)
            at = starts - timedelta(seconds=int(lead * 86400))
            lat, lon = self._degrees(self.spots[who])
            audiences = {Audience.REGULATION} | ({Audience.DESK} if random.random() < 0.5 else set())
            slot = Slot(
                id=f"s{day}-{i}",
                practitioner=f"p{who}",
                profession="kinesitherapeute" if self.physio[who] else "medecin_generaliste",
                mode=Mode.VR if random.random() < p.remote_share else Mode.AMB,
                start=starts,
                end=starts + timedelta(minutes=p.slot_minutes),
                lat=lat,
                lon=lon,
                audiences=frozenset(audiences),
            )
            at = max(at, self.begin - timedelta(days=max(p.history_days, 1)))
            events.append(SlotPublished(at, slot))
            if random.random() < p.withdrawn_share:
                gone = at + (starts - at) * random.uniform(0.2, 0.95)
                events.append(SlotWithdrawn(gone, slot.id))
        return events

    def _requests(self, day: int) -> list[Event]:
        p, random = self.p, self.random
        midnight = self.begin + timedelta(days=day)
        share = p.weekdays[midnight.weekday()] / sum(p.weekdays)
        mean = p.load * p.slots * share * (p.surge.get(day, 1.0) if day >= 0 else p.history_load)
        hours = np.array(p.hours) / sum(p.hours)
        events: list[Event] = []
        for i in range(int(random.poisson(mean))):
            at = midnight + timedelta(
                hours=int(random.choice(24, p=hours)), seconds=int(random.integers(3600))
            )
            rank = int(random.choice(3, p=p.mix))
            spot = self.places[random.choice(p.communes, p=self.people)] + random.normal(0, 2, 2)
            lat, lon = self._degrees(spot)
            wants_physio = random.random() < p.physio_share
            request = Request(
                id=f"r{day}-{i}",
                priority=tuple(Priority)[rank],
                professions=frozenset({"kinesitherapeute" if wants_physio else "medecin_generaliste"}),
                modes=frozenset({Mode.AMB, Mode.VR} if random.random() < 0.5 else {Mode.AMB}),
                earliest=at,
                deadline=at + timedelta(seconds=int(3600 * random.uniform(*p.delays[rank]))),
                lat=lat,
                lon=lon,
                audience=Audience.DESK if random.random() < p.desk_share else Audience.REGULATION,
                max_km=float(random.choice(p.reaches_km)),
            )
            events.append(
                RequestArrived(
                    at,
                    request,
                    at,
                    waiting_list=random.random() < p.waiting_list_share,
                    notice_min=p.notice_min,
                )
            )
            if random.random() < p.cancelled_share:
                events.append(AppointmentCancelled(at + timedelta(hours=random.uniform(0.5, 12)), request.id))
        return events


LAB = RegionParameters(
    reaches_km=(8, 12, 16),
    late_hours=(0.5, 6),
    delays=((6, 24), (6, 36), (12, 48)),
    physio_share=0.3,
    desk_share=0.3,
)
"""A region where place, profession and time all bite: first come loses 7 to 17 % of the best value."""


@dataclass(frozen=True)
class RegionScene:
    """A region as a law of streams, for comparisons."""

    name: str
    parameters: RegionParameters

    def stream(self, seed: int) -> Stream:
        """The week of one seed."""
        return region_week(seed, self.parameters)
