"""A simulated year lived with and without calls for slots: who goes without, for how many slots given.

The forecast, the risk, the choice of whom to ask and of what is proposed are those of the service, called as
its job calls them; only the answers of practitioners are drawn. Everybody is served alike in every arm: the
service's promise: a slot is named an hour before it starts, to the most pressed of those it suits.
"""

from __future__ import annotations

import heapq
import math
from bisect import insort
from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any

import numpy as np

from bench.coverage_forecast import HOURS, SETTINGS
from regulation.coverage import targeting
from regulation.coverage.forecasting import NEED_PER_INHABITANT_WEEK, Assumed, forecast, learn
from regulation.coverage.halves import HalfDay, OpenHalf, calendar_of, counted, open_halves, place_of
from regulation.coverage.shortage import Ahead, wanted
from regulation.coverage.supply import still_to_come, wait_of, waits_of
from regulation.coverage.targeting import Volunteer
from snp.assignment.facts import Audience, Mode, Request, Slot
from snp.assignment.stream import SlotPublished
from snp.days import PARIS, at_local, local, local_day
from snp.simulation.territory import GP
from snp.simulation.year import Year, YearLaw

TICKS = (time(7, 45), time(10, 30), time(13, 15), time(16, 30))
"""When the job looks ahead; the service does it more often."""
MINUTES, REACH_KM = 15, 25.0
NOTICE = timedelta(hours=1)


@dataclass(frozen=True)
class Answers:
    """How practitioners answer: assumed, nobody has measured it.

    `answers`: share of messages answered at all; `accepts`: share of the moments put to who answers that he
    accepts; `hours`: median time to answer.
    """

    answers: float = 0.5
    accepts: float = 0.3
    hours: float = 2.0


@dataclass
class Lived:
    """What a year came to."""

    arm: str
    seed: int
    requests: int = 0
    served: int = 0
    slots: int = 0
    given: int = 0
    messages: int = 0
    calls: int = 0
    most_messages_a_week: int = 0
    by_week: dict[date, tuple[int, int]] = field(default_factory=dict)

    @property
    def unserved(self) -> float:
        """Share of those who sought a slot and had none within their delay."""
        return 1 - self.served / max(self.requests, 1)


@dataclass
class _Call:
    halves: dict[HalfDay, int]
    gained: Counter[HalfDay] = field(default_factory=Counter)
    asked: set[str] = field(default_factory=set)
    last_wave: datetime | None = None

    def missing(self) -> dict[HalfDay, int]:
        return {half: n - self.gained[half] for half, n in self.halves.items() if n > self.gained[half]}


class World:
    """One arm of one seed: general practitioners only, as calls are by profession."""

    def __init__(self, law: YearLaw, year: Year, seed: int, arm: str, answers: Answers) -> None:
        self.law, self.seed, self.answers, self.arm = law, seed, answers, arm
        self.random = np.random.default_rng([seed, 99])
        self.events: list[tuple[datetime, int, str, Any]] = []
        self.count = 0
        self.lived = Lived(arm, seed)
        self.free: list[tuple[datetime, str]] = []
        self.slots: dict[str, Slot] = {}
        self.published: list[tuple[datetime, datetime]] = []
        self.waiting: list[tuple[datetime, str]] = []
        self.requests: dict[str, Request] = {}
        self.arrivals: list[datetime] = []
        self.waits: list[int] = []
        self.spots: list[tuple[float, float]] = []
        self.carers = {name: (lat, lon) for name, job, lat, lon in year.carers if job == GP}
        self.habits: dict[str, list[datetime]] = defaultdict(list)
        self.messages: dict[str, list[datetime]] = defaultdict(list)
        self.calls: list[_Call] = []
        self.past_answers = [0, 0]
        self.last_opened = datetime.min.replace(tzinfo=PARIS)
        days = (law.first.replace(year=law.first.year + law.years) - law.first).days
        self.halves = open_halves(law.first, days + 16, HOURS)
        self.calendar = calendar_of(self.halves, SETTINGS, HOURS)
        self.assumed = Assumed(sum(one.population for one in law.communes) * NEED_PER_INHABITANT_WEEK)
        self.weeks: dict[date, list[int]] = defaultdict(lambda: [0, 0])
        for event in year.requests:
            if GP in event.request.professions:
                self.at(event.at, "request", event.request)
        for slot in year.slots:
            if slot.slot.profession == GP:
                self.at(slot.at, "slot", slot.slot)

    def at(self, when: datetime, kind: str, what: Any) -> None:
        self.count += 1
        heapq.heappush(self.events, (when, self.count, kind, what))

    def live(self) -> Lived:
        while self.events:
            now, _, kind, what = heapq.heappop(self.events)
            self._expire(now)
            match kind:
                case "request":
                    self._arrive(what, now)
                case "slot":
                    self._publish(what, now)
                case "name":
                    self._name(what)
                case "tick":
                    self._tick(now)
                case "answer":
                    self._answer(*what, now=now)
        self.lived.by_week = {week: (both[0], both[1]) for week, both in sorted(self.weeks.items())}
        return self.lived

    # Patients ---------------------------------------------------------------------------------------------
    def _arrive(self, request: Request, now: datetime) -> None:
        self.lived.requests += 1
        self.weeks[_week(now)][0] += 1
        self.arrivals.append(now)
        self.waits.append(wait_of(now, request.deadline, self._near(now)))
        self.spots.append((request.lat, request.lon))
        insort(self.waiting, (request.deadline, request.id))
        self.requests[request.id] = request

    def _publish(self, slot: Slot, now: datetime, *, extra: bool = False) -> None:
        if slot.start <= now:
            return
        self.lived.slots += 1
        self.lived.given += extra
        self.slots[slot.id] = slot
        self.published.append((slot.start, now))
        self.habits[slot.practitioner].append(slot.start)
        insort(self.free, (slot.start, slot.id))
        self.at(max(now, slot.start - NOTICE), "name", slot)

    def _name(self, slot: Slot) -> None:
        """Give a slot, an hour before it starts, to the most pressed of those it suits."""
        self.free.remove((slot.start, slot.id))
        for n, (deadline, ident) in enumerate(self.waiting):
            if slot.start <= deadline and _suits(self.requests[ident], slot):
                del self.waiting[n]
                self._serve(self.requests.pop(ident).earliest)
                return

    def _serve(self, asked_at: datetime) -> None:
        self.lived.served += 1
        self.weeks[_week(asked_at)][1] += 1

    def _expire(self, now: datetime) -> None:
        while self.waiting and self.waiting[0][0] <= now:
            self.requests.pop(self.waiting.pop(0)[1])

    # Calls ------------------------------------------------------------------------------------------------
    def with_calls(self) -> World:
        for day in dict.fromkeys(one.half.day for one in self.halves[: -16 * 2]):
            if (day - self.law.first).days >= 14:
                for clock in TICKS:
                    if HOURS.of(day).closes > clock:  # type: ignore[union-attr]
                        self.at(at_local(day, clock), "tick", None)
        return self

    def _near(self, now: datetime) -> list[OpenHalf]:
        here = place_of(now, self.halves)
        return self.halves[here : here + 30]

    def _tick(self, now: datetime) -> None:
        self.calls = [
            one for one in self.calls if one.missing() and targeting.closes_at(list(one.halves)) > now
        ]
        here = place_of(now, self.halves)
        last = self.halves[here].half.day + timedelta(days=SETTINGS.days_ahead)
        ahead = [one for one in self.halves[here : here + 30] if one.half.day <= last]
        today = next(n for n, one in enumerate(self.halves) if one.half.day == self.halves[here].half.day)
        if now.astimezone(PARIS).time() < time(12) or not hasattr(self, "model"):
            counts = counted(self.arrivals, self.halves[:today])
            self.model = learn(counts, self.calendar.part(slice(0, today)), self.assumed)
        told = forecast(self.model, self.calendar.part(slice(here, here + len(ahead))))
        free = np.zeros(len(ahead))
        for start, _ in self.free:
            if (place := place_of(start, ahead)) < len(ahead):
                free[place] += 1
        left = max(self.halves[here].end - max(now, self.halves[here].start), timedelta())
        covered, stranded = self._stranded()
        waiting = [0] * 5
        for request in covered:
            waiting[wait_of(now, request.deadline, ahead)] += 1
        facts = Ahead(
            forecast=told,
            free=free,
            to_come=still_to_come(self._recent(now), ahead, now),
            waits=waits_of(self.waits[-400:]),
            waiting=waiting,
            first_share=left / (self.halves[here].end - self.halves[here].start),
        )
        allowed = [one.end - targeting.LEAST_NOTICE > now for one in ahead]
        late = [wait_of(now, one.deadline, ahead) for one in stranded]
        asked = wanted(facts, allowed, least_risk=SETTINGS.shortage_percent / 100, stranded=late)
        running = Counter[HalfDay]()
        for call in self.calls:
            running.update(call.missing())
        new = {
            one.half: n - running[one.half]
            for one, n in zip(ahead, asked, strict=True)
            if n > running[one.half]
        }
        new = _less(
            new,
            sum(running.values())
            - sum(min(running[one.half], n) for one, n in zip(ahead, asked, strict=True)),
        )
        pressing = len(stranded) > sum(running.values())
        if new and (pressing or now - self.last_opened >= targeting.CALL_GAP):
            self.last_opened = now
            self.calls.append(_Call(new))
            self.lived.calls += 1
        for call in self.calls:
            if call.last_wave is None or now - call.last_wave >= targeting.WAVE_GAP:
                self._ask(call, now)

    def _stranded(self) -> tuple[list[Request], list[Request]]:
        """Those who wait, the most pressed first: those that something free suits, and those it does not."""
        free, covered, stranded = [ident for _, ident in self.free], [], []
        for deadline, ident in self.waiting:
            request = self.requests[ident]
            fits = (
                one for one in free if self.slots[one].start <= deadline and _suits(request, self.slots[one])
            )
            found = next(fits, None)
            if found is None:
                stranded.append(request)
            else:
                free.remove(found)
                covered.append(request)
        return covered, stranded

    def _recent(self, now: datetime) -> list[tuple[datetime, datetime]]:
        return [pair for pair in self.published[-400:] if pair[0] >= now - timedelta(weeks=6)]

    def _ask(self, call: _Call, now: datetime) -> None:
        missing = call.missing()
        size = targeting.wave_size(
            sum(missing.values()), asked=self.past_answers[0], gained=self.past_answers[1]
        )
        halves = sorted(missing)
        need = [(one.lat, one.lon, 20.0) for one in self._stranded()[1]]
        need += [(lat, lon, 1.0) for lat, lon in self.spots[-60:]]
        volunteers = [self._volunteer(name, call, need, now) for name in self.carers]
        chosen = [one for one in targeting.ranked(volunteers, halves) if one.why_not is None][:size]
        call.last_wave = now
        for standing in chosen:
            who = standing.volunteer.who
            minutes = MINUTES * min(targeting.in_a_row(MINUTES), max(missing.values()))
            options = targeting.moments(
                standing.volunteer, halves, minutes, earliest=now + targeting.LEAST_NOTICE
            )
            mine = {
                start + timedelta(minutes=m) for start in self.habits[who] for m in (-MINUTES, 0, MINUTES)
            }
            options = [one for one in options if one[0] not in mine][: targeting.MOST_PROPOSALS]
            if not options:
                continue
            call.asked.add(who)
            self.messages[who].append(now)
            self.lived.messages += 1
            self.past_answers[0] += 1
            if self.random.random() < self.answers.answers:
                hours = self.answers.hours * math.exp(self.random.normal(0, 0.8))
                self.at(now + timedelta(hours=hours), "answer", (call, who, options))

    def _volunteer(
        self, name: str, call: _Call, need: list[tuple[float, float, float]], now: datetime
    ) -> Volunteer[str]:
        habits: dict[int, Counter[time]] = defaultdict(Counter)
        since = now - timedelta(weeks=targeting.WEEKS_READ)
        recent = [start for start in self.habits[name] if start >= since]
        for start in recent:
            shown = local(start)
            habits[HalfDay(shown.date(), shown.time() >= time(13)).cell][shown.time()] += 1
        sent = sum(at > now - timedelta(days=7) for at in self.messages[name])
        self.lived.most_messages_a_week = max(self.lived.most_messages_a_week, sent)
        lat, lon = self.carers[name]
        return Volunteer(
            name,
            habits,
            given=len(recent),
            near=targeting.share_within(
                [_km(lat, lon, one[0], one[1]) for one in need], [one[2] for one in need], REACH_KM
            ),
            messages=sent,
            most_messages=SETTINGS.messages_a_week,
            asked_before=name in call.asked,
        )

    def _answer(
        self, call: _Call, who: str, options: list[tuple[datetime, datetime]], *, now: datetime
    ) -> None:
        for start, end in options:
            shown = local(start)
            half = HalfDay(shown.date(), shown.time() >= time(13))
            if (
                call.missing().get(half, 0) <= 0
                or start <= now
                or self.random.random() >= self.answers.accepts
            ):
                continue
            lat, lon = self.carers[who]
            at = start
            while at < end:
                call.gained[half] += 1
                self.past_answers[1] += 1
                slot = _slot(f"call-{who}-{at.isoformat()}", who, at, lat=lat, lon=lon)
                self._publish(slot, now, extra=True)
                at = slot.end

    # The same number of slots, without calls --------------------------------------------------------------
    def with_more(self, slots: int, pool: tuple[SlotPublished, ...]) -> World:
        """Give so many more slots, drawn from `pool` without looking: what practitioners publish unasked."""
        chosen = self.random.choice(len(pool), slots, replace=False)
        for number in sorted(chosen.tolist()):
            event = pool[number]
            self.at(event.at, "slot", replace(event.slot, id=f"more-{number}"))
        self.lived.given = slots
        return self


def _less(new: dict[HalfDay, int], too_many: int) -> dict[HalfDay, int]:
    """What is still missing once slots already called for elsewhere are counted."""
    kept = {}
    for half, n in sorted(new.items()):
        taken = min(n, max(too_many, 0))
        too_many -= taken
        if n - taken:
            kept[half] = n - taken
    return kept


def _slot(ident: str, who: str, start: datetime, *, lat: float, lon: float) -> Slot:
    end = start + timedelta(minutes=MINUTES)
    return Slot(
        id=ident, practitioner=who, profession=GP, mode=Mode.AMB, start=start, end=end, lat=lat, lon=lon,
        audiences=frozenset({Audience.REGULATION, Audience.DESK}),
    )  # fmt: skip


def _suits(request: Request, slot: Slot) -> bool:
    assert request.max_km is not None
    return _km(request.lat, request.lon, slot.lat, slot.lon) <= request.max_km


def _km(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    mean = math.radians((lat + other_lat) / 2)
    return 111.2 * math.hypot(lat - other_lat, (lon - other_lon) * math.cos(mean))


def _week(at: datetime) -> date:
    day = local_day(at)
    return day - timedelta(days=day.weekday())
