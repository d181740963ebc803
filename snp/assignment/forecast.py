"""What may still arrive: requests and late slots, forecast from the past and from the day itself.

How many: a rate per hour of the week, shrunk towards the hour of its kind of day, itself towards a general
profile, times a level that follows the last day. What: shapes of requests and slots drawn again from those
seen, so place, priority, profession and delay keep their joint law. Works with weeks of history, two, or
none.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from snp.assignment.facts import Slot
from snp.assignment.stream import RequestArrived

PARIS = ZoneInfo("Europe/Paris")
HOUR = 3600.0
DAY = 86400.0


@dataclass(frozen=True)
class ForecastSettings:
    """How fast the forecast learns. Strengths are in hours of exposure, or in requests, of prior evidence."""

    weekday_strength: float = 4.0
    """Weeks of the hour's own evidence that weigh as much as the pooled hour of its kind of day."""
    pooled_strength: float = 2.0
    """Days of the pooled hour's evidence that weigh as much as the general profile."""
    level_strength: float = 40.0
    """Expected requests that weigh as much as the belief that today is like the past."""
    level_memory_h: float = 24.0
    """Half-life of today's evidence about the level."""
    level_range: tuple[float, float] = (0.4, 2.5)
    spread: float = 0.12
    """Coefficient of variation of the level from one sampled future to the next."""
    jitter_km: float = 1.5
    """How far from where one was seen the next request of the same shape may come from."""
    same_hour_strength: float = 30.0
    """Requests seen at an hour of day that weigh as much as those of all hours, when drawing shapes."""
    pool: int = 6000
    """Requests remembered."""
    demand_per_slot: float = 1.0
    """With nothing learnt: requests expected per published slot."""


DEFAULT_HOURS = np.array(
    [0.2] * 7 + [0.6, 2.0, 2.0, 1.8, 1.2, 0.9, 0.9, 1.6, 1.6, 1.2, 1.6, 1.4, 0.9, 0.5, 0.4, 0.3, 0.2]
)
"""A general profile of the day: peaks at 8–11, 14–16 and 17–19 h.

Source: assumed, no French profile is published.
"""


def kind_of_day(weekday: int) -> int:
    """0 for Monday to Friday, 1 for Saturday, 2 for Sunday."""
    return 0 if weekday < 5 else weekday - 4


@dataclass(slots=True)
class Forecast:
    """Learns with `saw_*`, draws with `requests` and `slots`. Times are seconds since the epoch."""

    settings: ForecastSettings = field(default_factory=ForecastSettings)
    began: float | None = None
    arrivals: list[RequestArrived] = field(default_factory=list)
    _times: list[float] = field(default_factory=list)
    _counts: NDArray[np.float64] = field(default_factory=lambda: np.zeros((7, 24)))
    _by_hour: list[list[int]] = field(default_factory=lambda: [[] for _ in range(24)])
    _published: dict[int, list[tuple[float, Slot]]] = field(default_factory=dict)
    """Local day number of the slot's start to (lead in seconds, slot)."""
    _recent: deque[float] = field(default_factory=deque)
    _live_from: float | None = None
    _first_slot: float | None = None
    _rates: tuple[float, NDArray[np.float64]] | None = None

    def begin(self, moment: float) -> None:
        """Evidence starts here: hours before were not watched, hours after count even when nothing came."""
        self.began = moment if self.began is None else min(self.began, moment)

    def go_live(self, moment: float) -> None:
        """From here on, arrivals also tell whether today is like the past."""
        self.begin(moment)
        self._live_from = moment

    def saw_request(self, arrival: RequestArrived) -> None:
        """Note a request, past or present."""
        local = arrival.at.astimezone(PARIS)
        moment = arrival.at.timestamp()
        self.begin(moment)
        self._counts[local.weekday(), local.hour] += 1
        self._by_hour[local.hour].append(len(self.arrivals))
        self.arrivals.append(arrival)
        self._times.append(moment)
        if self._live_from is not None:
            self._recent.append(moment)

    def saw_slot(self, slot: Slot, at: datetime) -> None:
        """Note a slot and how long before its start it was published."""
        if self._first_slot is None:
            self._first_slot = at.timestamp()
        day = slot.start.astimezone(PARIS).toordinal()
        self._published.setdefault(day, []).append(((slot.start - at).total_seconds(), slot))

    def rates(self, now: float) -> NDArray[np.float64]:
        """Expected requests per hour, shape (7, 24), before today's level."""
        if self._rates is not None and 0 <= now - self._rates[0] < 6 * HOUR:
            return self._rates[1]
        exposure = self._exposure(now)
        general = self._general(now, exposure)
        kinds = [[d for d in range(7) if kind_of_day(d) == k] for k in range(3)]
        rates = np.zeros((7, 24))
        s = self.settings
        for days in kinds:
            seen, hours = self._counts[days].sum(axis=0), exposure[days].sum(axis=0)
            pooled = (seen + s.pooled_strength * general) / (hours + s.pooled_strength)
            for day in days:
                own = self._counts[day] + s.weekday_strength * pooled
                weight = exposure[day] + s.weekday_strength
                rates[day] = own / weight
            # A weekday's volume is known better than each of its hours: restore it.
            for day in days:
                volume = (self._counts[day].sum() + pooled.sum()) / (exposure[day].mean() + 1.0)
                rates[day] *= volume / max(rates[day].sum(), 1e-9)
        self._rates = (now, rates)
        return rates

    def _exposure(self, now: float) -> NDArray[np.float64]:
        """Hours watched, by weekday and hour."""
        exposure = np.zeros((7, 24))
        if self.began is None or now <= self.began:
            return exposure
        first = datetime.fromtimestamp(self.began, PARIS)
        for h in range(int((now - self.began) / HOUR)):
            local = first + timedelta(hours=h)
            exposure[local.weekday(), local.hour] += 1
        return exposure

    def _general(self, now: float, exposure: NDArray[np.float64]) -> NDArray[np.float64]:
        """The profile of an average day: all that was seen, else what the slots suggest."""
        shape = DEFAULT_HOURS / DEFAULT_HOURS.sum()
        watched_days = exposure.sum() / 24
        prior = self.settings.demand_per_slot * self._slots_per_day(now)
        volume = (self._counts.sum() + prior) / (watched_days + 1.0)
        profile: NDArray[np.float64] = volume * shape
        return profile

    def _slots_per_day(self, now: float) -> float:
        today = datetime.fromtimestamp(now, PARIS).toordinal()
        counts = [len(slots) for day, slots in self._published.items() if today <= day <= today + 4]
        return float(np.mean(counts)) if counts else 0.0

    def level(self, now: float) -> float:
        """Today relative to the forecast, from the arrivals of the last hours, shrunk towards 1."""
        if self._live_from is None:
            return 1.0
        s = self.settings
        horizon = now - 3 * s.level_memory_h * HOUR
        while self._recent and self._recent[0] < horizon:
            self._recent.popleft()
        fade = np.log(2) / (s.level_memory_h * HOUR)
        seen = float(np.exp(-fade * (now - np.array(self._recent))).sum()) if self._recent else 0.0
        expected = self._expected(max(self._live_from, horizon), now, fade)
        low, high = s.level_range
        return float(np.clip((seen + s.level_strength) / (expected + s.level_strength), low, high))

    def _expected(self, since: float, now: float, fade: float) -> float:
        rates = self.rates(now)
        total = 0.0
        moment = since
        while moment < now:
            step = min(HOUR, now - moment)
            local = datetime.fromtimestamp(moment, PARIS)
            total += (
                rates[local.weekday(), local.hour] * step / HOUR * np.exp(-fade * (now - moment - step / 2))
            )
            moment += step
        return total

    def requests(
        self, now: float, until: float, random: np.random.Generator, *, inflation: float = 1.0
    ) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """One sampled future: rising arrival times, and the numbers in `arrivals` of the shapes they take."""
        if not self.arrivals:
            return np.zeros(0), np.zeros(0, dtype=np.int64)
        rates = self.rates(now)
        s = self.settings
        level = self.level(now) * inflation
        if s.spread:
            level *= random.gamma(1 / s.spread**2, s.spread**2)
        times: list[NDArray[np.float64]] = []
        hours: list[int] = []
        moment = now
        while moment < until:
            step = min(HOUR, until - moment)
            local = datetime.fromtimestamp(moment, PARIS)
            count = int(random.poisson(rates[local.weekday(), local.hour] * level * step / HOUR))
            times.append(moment + random.random(count) * step)
            hours.extend([local.hour] * count)
            moment += step
        arrivals = np.concatenate([np.zeros(0), *times])
        shapes = np.array([self._shape(hour, random) for hour in hours], dtype=np.int64)
        order = np.argsort(arrivals, kind="stable")
        return arrivals[order], shapes[order]

    def _shape(self, hour: int, random: np.random.Generator) -> int:
        known = self._by_hour[hour]
        if random.random() * (len(known) + self.settings.same_hour_strength) < len(known):
            return known[int(random.random() * len(known))]
        return int(random.random() * len(self.arrivals))

    def slots(self, now: float, until: float, random: np.random.Generator) -> list[tuple[float, float, Slot]]:
        """One sampled future of slots not yet published: (publication, start, shape), in any order.

        Each future day borrows the late slots of a past day, the same weekday when there is one: those whose
        lead is shorter than the time left to their start.
        """
        drawn: list[tuple[float, float, Slot]] = []
        first = datetime.fromtimestamp(now, PARIS)
        today = first.toordinal()
        for day in range(today, datetime.fromtimestamp(until, PARIS).toordinal() + 1):
            source = self._like(day, today, random)
            if source is None:
                continue
            shift = timedelta(days=day - source)
            for lead, slot in self._published[source]:
                start = (slot.start.astimezone(PARIS) + shift).timestamp()
                if now < start - lead < until and start <= until + 2 * DAY:
                    drawn.append((start - lead, start, slot))
        return drawn

    def _like(self, day: int, today: int, random: np.random.Generator) -> int | None:
        """A past day, fully seen, that the given day may look like."""
        if self._first_slot is None:
            return None
        began = datetime.fromtimestamp(self._first_slot, PARIS).toordinal() + 1
        weekday = (day - 1) % 7
        past = range(max(began, today - 28), today)
        for close in (
            [d for d in past if (d - 1) % 7 == weekday],
            [d for d in past if kind_of_day((d - 1) % 7) == kind_of_day(weekday)],
        ):
            if close:
                chosen = close[int(random.random() * len(close))]
                return chosen if chosen in self._published else None
        return None
