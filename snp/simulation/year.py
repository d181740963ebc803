"""A simulated year of a territory: seasons, summer by the sea, epidemics, holidays and a trend.

Each day is a day of `territory`, with the parameters of its season. What a year brings (how strong its summer
is, when the epidemic comes) is drawn from the seed and told to nobody who forecasts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

import numpy as np

from snp.assignment.facts import Priority
from snp.assignment.stream import RequestArrived, SlotPublished
from snp.days import PARIS, is_holiday, local_day, snp_openings
from snp.simulation.facts import Commune, TerritoryParameters
from snp.simulation.territory import Territory, calls_of_day, carers_of, slots_of_day


@dataclass(frozen=True, slots=True)
class Year:
    """What one seed brings. Requests by arrival and slots by publication; `truth`: needs a day by day."""

    requests: tuple[RequestArrived, ...]
    slots: tuple[SlotPublished, ...]
    carers: tuple[tuple[str, str, float, float], ...]
    summers: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class YearLaw:
    """A territory's years as a law. Ranges are drawn anew each year.

    `summer_demand` and `summer_supply`: by the sea, July and August. Source: F. Guillaud, Les CPTS, thesis,
    Nantes 2023 (×1.5–2.5, ×0.6–0.8). `epidemic`: peak of the winter wave, five weeks wide (×1.2–1.4).
    `trend`: growth of the need in a year. `season`: ±, highest in January. `bridge`: factor on the first
    open day after a public holiday. Trend, season and bridge are assumed.
    """

    communes: tuple[Commune, ...]
    parameters: TerritoryParameters
    first: date
    years: int = 1
    summer_demand: tuple[float, float] = (1.5, 2.5)
    summer_supply: tuple[float, float] = (0.6, 0.8)
    epidemic: tuple[float, float] = (1.2, 1.4)
    trend: tuple[float, float] = (-0.02, 0.08)
    season: float = 0.08
    bridge: tuple[float, float] = (1.1, 1.4)

    def draw(self, seed: int) -> Year:
        """Return the years of one seed."""
        chance, demand, supply = (np.random.default_rng([seed, 77, part]) for part in range(3))
        traits = [_Traits.drawn(self, chance) for _ in range(self.years + 1)]
        start = datetime.combine(self.first, time(0), PARIS)
        plain = Territory("année", self.communes, self.parameters, start)
        carers = carers_of(plain, supply)
        days = (date(self.first.year + self.years, self.first.month, self.first.day) - self.first).days
        requests: list[RequestArrived] = []
        slots: list[SlotPublished] = []
        for number in range(days):
            day = self.first + timedelta(days=number)
            today = replace(plain, parameters=_of_day(self, day, traits))
            midnight = datetime.combine(day, time(0), PARIS)
            if is_holiday(day):
                continue
            arrivals = (
                e for e in calls_of_day(today, midnight, number, demand) if isinstance(e, RequestArrived)
            )
            requests.extend(event for one in arrivals if (event := _decided(one)) is not None)
            slots.extend(
                event
                for event in slots_of_day(today, midnight, number, carers, supply)
                if isinstance(event, SlotPublished)
            )
        return Year(
            tuple(sorted(requests, key=lambda event: event.at)),
            tuple(sorted(slots, key=lambda event: event.at)),
            tuple((one.name, one.profession, one.lat, one.lon) for one in carers),
            tuple((one.summer_demand, one.summer_supply) for one in traits[: self.years]),
        )


LEAST_CARE = timedelta(hours=4)
LONGEST_DELAY = timedelta(hours=48)


def _decided(one: RequestArrived) -> RequestArrived | None:
    """What a régulateur makes of a delay that care hardly reaches; None: the permanence des soins sees to it.

    With less than `LEAST_CARE` of SNP hours before its end (a Saturday, a late afternoon) a P1 goes to the
    PDSA, anybody else is given 48 h, knowingly: see ADR 26.
    """
    openings = snp_openings(one.at, one.request.deadline)
    if sum((end - start for start, end in openings), timedelta()) >= LEAST_CARE:
        return one
    if one.request.priority is Priority.P1:
        return None
    deadline = max(one.request.deadline, one.at + LONGEST_DELAY)
    return replace(one, request=replace(one.request, deadline=deadline))


@dataclass(frozen=True, slots=True)
class _Traits:
    summer_demand: float
    summer_supply: float
    epidemic: float
    wave_week: float
    trend: float
    bridge: float

    @classmethod
    def drawn(cls, law: YearLaw, random: np.random.Generator) -> _Traits:
        uniform: Callable[[tuple[float, float]], float] = lambda span: float(random.uniform(*span))  # noqa: E731
        return cls(
            uniform(law.summer_demand),
            uniform(law.summer_supply),
            uniform(law.epidemic),
            uniform((1.0, 8.0)),
            uniform(law.trend),
            uniform(law.bridge),
        )


def _of_day(law: YearLaw, day: date, traits: list[_Traits]) -> TerritoryParameters:
    """The parameters of a day; the summer comes and goes over ten days, the wave over weeks."""
    mine = traits[day.year - law.first.year]
    p = law.parameters
    turn = 2 * np.pi * (day.timetuple().tm_yday - 15) / 365.25
    summer = _summer(day)
    wave = np.exp(-(((day.timetuple().tm_yday / 7 - mine.wave_week) / 2.5) ** 2))
    passed = (day - law.first).days / 365.25
    after = day.weekday() < 6 and _follows_holiday(day)
    factor = (1 + law.season * np.cos(turn)) * (1 + mine.trend) ** passed * (mine.bridge if after else 1.0)
    return replace(
        p,
        season=p.season * float(factor),
        epidemic=p.epidemic * float(1 + (mine.epidemic - 1) * wave),
        summer_demand=1 + (mine.summer_demand - 1) * summer,
        summer_supply=1 - (1 - mine.summer_supply) * summer,
    )


def _summer(day: date) -> float:
    """How much of the summer a day has, from 0 to 1."""
    begins, ends = date(day.year, 7, 1), date(day.year, 8, 31)
    return float(np.clip(min((day - begins).days + 5, (ends - day).days + 5) / 10, 0, 1))


def _follows_holiday(day: date) -> bool:
    before = day - timedelta(days=1)
    while before.weekday() == 6 or is_holiday(before):
        if is_holiday(before) and before.weekday() < 5:
            return True
        before -= timedelta(days=1)
    return False


def days_of(year: Year) -> tuple[date, date]:
    """Return the first and last local day on which somebody called."""
    return local_day(year.requests[0].at), local_day(year.requests[-1].at)
