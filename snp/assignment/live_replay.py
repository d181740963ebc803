"""Plays a stream to a policy, one event at a time: the policy is never handed what has not happened yet.

The loop owns the facts (what is published, who holds what) and refuses answers that break the format's rules;
a policy only proposes. An instant asked for by a policy comes after every event of the same instant.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

from snp.assignment.policy.desk import Caller, Desk
from snp.assignment.policy.households import answer_late_member
from snp.assignment.stream import (
    Answer,
    AppointmentCancelled,
    Event,
    Header,
    RequestArrived,
    SlotPublished,
    SlotWithdrawn,
    Stream,
)


class Policy(Protocol):
    """What the loop asks of a policy. The desk is up to date when a method is called."""

    name: str

    def open_on(self, desk: Desk, header: Header) -> None:
        """Begin a day on this desk."""

    def learn(self, event: Event) -> None:
        """Take note of an event, of the past or just now."""

    def decide(self, caller: Caller, now: datetime, *, last: bool) -> Answer | None:
        """Answer a caller, also one whose slot was withdrawn.

        None to be asked again, unless this is the last time.
        """

    def decide_household(self, members: Sequence[Caller], now: datetime) -> list[Answer]:
        """Answer the members of a household together."""

    def follow_up(self, now: datetime) -> Iterator[Answer]:
        """Answers that the last event makes possible for others.

        Each is recorded before the next is asked for.
        """

    def next_wake(self) -> datetime | None:
        """When the policy wants to act next if nothing happens before."""

    def wake(self, now: datetime) -> Iterator[Answer]:
        """Act at an instant asked for."""

    def prepare(self, now: datetime) -> None:
        """Bring prices up to date between events, off the caller's time."""

    def close(self, now: datetime) -> Iterator[Answer]:
        """The stream ends: settle what is still open with the slots that are there."""


Clock = Callable[[], float]
"""Seconds, from any origin."""


def replay(stream: Stream, policy: Policy, *, clock: Clock = time.perf_counter) -> Iterator[Answer]:
    """Answers in decision order, each given before the next event is read; decisions are timed by `clock`."""
    yield from play(stream.header, stream.events, policy, clock=clock)


def play(
    header: Header, events: Iterable[Event], policy: Policy, *, clock: Clock = time.perf_counter
) -> Iterator[Answer]:
    """As `replay`, from any source of events in time order."""
    desk = Desk()
    policy.open_on(desk, header)
    day = _Day(desk, policy, clock)
    for event in events:
        past = event.at < header.history_until
        if not past:
            yield from day.until(event.at)
        desk.expire(event.at.timestamp())
        policy.learn(event)
        if past:
            day.remember(event)
        else:
            yield from day.live(event)
    yield from day.until(None, end=header.end)
    yield from day.close(header.end)


@dataclass(slots=True)
class _Day:
    """One policy at one desk."""

    desk: Desk
    policy: Policy
    clock: Clock
    undecided: dict[str, Caller] = field(default_factory=dict)
    """Requests that the policy may still answer later, by `answer_by`."""
    families: dict[str, list[Caller]] = field(default_factory=dict)
    """Members of each household so far, and in `gathering` those to be answered together."""
    gathering: dict[str, list[Caller]] = field(default_factory=dict)
    latest: datetime | None = None
    """The last instant at which anything happened."""

    def remember(self, event: Event) -> None:
        """The past leaves its slots; its requests were somebody else's to answer."""
        match event:
            case SlotPublished():
                self.desk.publish(event.slot)
            case SlotWithdrawn():
                self.desk.withdraw(event.slot_id)
            case _:
                pass

    def live(self, event: Event) -> Iterator[Answer]:
        """One event, its own answer if it asks for one, then what it makes possible."""
        self.latest = event.at
        match event:
            case SlotPublished():
                self.desk.publish(event.slot)
            case SlotWithdrawn():
                loser = self.desk.withdraw(event.slot_id)
                if loser is not None:
                    yield from self._ask(loser, event.at, last=True)
            case RequestArrived():
                yield from self._meet(event)
            case AppointmentCancelled():
                self._cancel(event)
        if not isinstance(event, RequestArrived):
            for caller in list(self.undecided.values()):
                yield from self._ask(caller, event.at, last=False)
        yield from self._recorded(self.policy.follow_up(event.at), event.at)
        self.policy.prepare(event.at)

    def until(self, moment: datetime | None, end: datetime | None = None) -> Iterator[Answer]:
        """Everything that falls due before `moment`, or up to `end` and whatever was asked by then."""
        while True:
            due = [at for at in (self.policy.next_wake(), self._next_answer()) if at is not None]
            if not due or (moment is not None and min(due) >= moment):
                return
            now = min(due)
            if moment is None and end is not None and now > end and not self.undecided and not self.gathering:
                return
            self.latest = now
            self.desk.expire(now.timestamp())
            yield from self._answer_due(now)
            yield from self._recorded(self.policy.wake(now), now)
            self.policy.prepare(now)

    def close(self, end: datetime) -> Iterator[Answer]:
        """Settle what is still open when the stream ends, or at its last instant when that is later."""
        now = end if self.latest is None else max(end, self.latest)
        self.desk.expire(now.timestamp())
        yield from self._recorded(self.policy.close(now), now)

    def _meet(self, arrival: RequestArrived) -> Iterator[Answer]:
        caller = self.desk.meet(arrival)
        household = arrival.request.household
        if household is None:
            yield from self._ask(caller, arrival.at, last=arrival.answer_by <= arrival.at)
            return
        family = self.families.setdefault(household, [])
        family.append(caller)
        if household in self.gathering or len(family) == 1:
            self.gathering.setdefault(household, []).append(caller)
        else:
            yield from self._ask(caller, arrival.at, last=True)

    def _cancel(self, event: AppointmentCancelled) -> None:
        caller = self.desk.cancel(event.request_id)
        if caller is None or not caller.gone:
            return
        self.undecided.pop(event.request_id, None)
        for members in self.gathering.values():
            members[:] = [member for member in members if member is not caller]

    def _next_answer(self) -> datetime | None:
        due = [caller.arrival.answer_by for caller in self.undecided.values()]
        due += [min(c.arrival.answer_by for c in members) for members in self.gathering.values() if members]
        return min(due, default=None)

    def _answer_due(self, now: datetime) -> Iterator[Answer]:
        for caller in [c for c in self.undecided.values() if c.arrival.answer_by <= now]:
            yield from self._ask(caller, now, last=True)
        for household, members in list(self.gathering.items()):
            if members and min(c.arrival.answer_by for c in members) > now:
                continue
            del self.gathering[household]
            if members:
                yield from self._recorded(iter(self.policy.decide_household(members, now)), now)

    def _ask(self, caller: Caller, now: datetime, *, last: bool) -> Iterator[Answer]:
        began = self.clock()
        household = caller.arrival.request.household
        if household is not None:
            answer: Answer | None = answer_late_member(self.desk, caller, self.families[household], now)
        else:
            answer = self.policy.decide(caller, now, last=last)
        if answer is None:
            self.undecided[caller.arrival.request.id] = caller
            return
        took = self.clock() - began
        self.undecided.pop(caller.arrival.request.id, None)
        self.desk.record(answer, now)
        yield replace(answer, decision_ms=took * 1000)

    def _recorded(self, answers: Iterator[Answer], now: datetime) -> Iterator[Answer]:
        began = self.clock()
        for answer in answers:
            took = self.clock() - began
            self.desk.record(answer, now)
            yield replace(answer, decision_ms=took * 1000)
            began = self.clock()
