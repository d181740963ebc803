"""Plays a stream to a policy, one event at a time: the policy is never handed what has not happened yet.

The loop owns the facts (what is published, who holds what) and refuses answers that break the format's rules;
a policy only proposes. An instant asked for by a policy comes after every event of the same instant.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from snp.assignment.policy.desk import Caller, Desk
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

    def decide(self, caller: Caller, now: datetime) -> Answer | None:
        """Answer a caller, also one whose slot was withdrawn; None to answer later, by `answer_by`."""

    def follow_up(self, now: datetime) -> Iterator[Answer]:
        """Answers that the last event makes possible for others: waiting list, promises. Each is recorded
        before the next is asked for."""

    def next_wake(self) -> datetime | None:
        """When the policy wants to act next if nothing happens before."""

    def wake(self, now: datetime) -> Iterator[Answer]:
        """Act at an instant asked for."""

    def prepare(self, now: datetime) -> None:
        """Bring prices up to date between events, off the caller's time."""


def replay(stream: Stream, policy: Policy) -> Iterator[Answer]:
    """Answers in decision order, each given before the next event is read."""
    yield from play(stream.header, stream.events, policy)


def play(header: Header, events: Iterable[Event], policy: Policy) -> Iterator[Answer]:
    """As `replay`, from any source of events in time order."""
    desk = Desk()
    policy.open_on(desk, header)
    day = _Day(desk, policy)
    for event in events:
        past = event.at < header.history_until
        if not past:
            yield from day.wake_before(event.at)
        desk.expire(event.at.timestamp())
        policy.learn(event)
        if past:
            day.remember(event)
        else:
            yield from day.live(event)
    yield from day.wake_before(header.end, inclusive=True)


class _Day:
    """One policy at one desk."""

    def __init__(self, desk: Desk, policy: Policy) -> None:
        self.desk, self.policy = desk, policy

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
        began = time.perf_counter()
        match event:
            case SlotPublished():
                self.desk.publish(event.slot)
            case SlotWithdrawn():
                caller = self.desk.withdraw(event.slot_id)
                if caller is not None:
                    yield from self._answer(caller, event.at, began)
            case RequestArrived():
                yield from self._answer(self.desk.meet(event), event.at, began)
            case AppointmentCancelled():
                self.desk.cancel(event.request_id)
        yield from self._recorded(self.policy.follow_up(event.at), event.at)
        self.policy.prepare(event.at)

    def wake_before(self, moment: datetime, *, inclusive: bool = False) -> Iterator[Answer]:
        while True:
            due = self.policy.next_wake()
            if due is None or due > moment or (due == moment and not inclusive):
                return
            self.desk.expire(due.timestamp())
            yield from self._recorded(self.policy.wake(due), due)
            self.policy.prepare(due)

    def _answer(self, caller: Caller, now: datetime, began: float) -> Iterator[Answer]:
        answer = self.policy.decide(caller, now)
        if answer is None:
            return
        self.desk.record(answer, now)
        yield replace(answer, decision_ms=(time.perf_counter() - began) * 1000)

    def _recorded(self, answers: Iterator[Answer], now: datetime) -> Iterator[Answer]:
        began = time.perf_counter()
        for answer in answers:
            self.desk.record(answer, now)
            yield replace(answer, decision_ms=(time.perf_counter() - began) * 1000)
            began = time.perf_counter()
