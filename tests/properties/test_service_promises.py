"""Promises of the service survive any bookings and cancellations; only withdrawals may break one.

A day is played at the pace of the job: slots are published, taken, given back, requests promised, cancelled;
what the circle refuses is not done. Every promise must get a slot that suits, with its notice.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from snp.assignment.rules import broken_rule
from snp.assignment.surety import Circle, Pledge, Surety
from tests.support.surety import NOW, a_pledge, a_surety

TICK = timedelta(minutes=1)
NOTICE = 30


@dataclass
class Day:
    """Free slots, slots taken by others, open promises, and what was named."""

    now: datetime = NOW
    free: dict[str, Surety] = field(default_factory=dict)
    taken: dict[str, Surety] = field(default_factory=dict)
    open: dict[str, Pledge] = field(default_factory=dict)
    named: dict[str, tuple[Pledge, Surety, datetime]] = field(default_factory=dict)
    made: int = 0
    withdrawn: int = 0

    def circle(self) -> Circle:
        ahead = [s for s in self.free.values() if s.slot.start > self.now]
        return Circle(self.open.values(), ahead, now=self.now)

    def publish(self, hours: int) -> None:
        ident = f"s{len(self.free) + len(self.taken) + len(self.named)}-{hours}-{self.now:%H%M}"
        surety = a_surety(ident, hours)
        if surety.slot.start > self.now:
            self.free[ident] = surety

    def promise(self, hours: int) -> None:
        self.made += 1
        pledge = a_pledge(f"r{self.made}", hours, notice=NOTICE)
        if self.circle().has_room_for(pledge):
            self.open[pledge.request.id] = pledge

    def take(self, number: int) -> None:
        idents = sorted(self.free)
        if idents:
            ident = idents[number % len(idents)]
            if self.circle().can_spare([ident]):
                self.taken[ident] = self.free.pop(ident)

    def give_back(self, number: int) -> None:
        idents = sorted(self.taken)
        if idents:
            ident = idents[number % len(idents)]
            self.free[ident] = self.taken.pop(ident)

    def cancel(self, number: int) -> None:
        idents = sorted(self.open)
        if idents:
            del self.open[idents[number % len(idents)]]

    def withdraw(self, number: int) -> None:
        idents = sorted(self.free)
        if idents:
            del self.free[idents[number % len(idents)]]
            self.withdrawn += 1

    def tick(self) -> None:
        """The job: slots are named when their last call comes."""
        for ident, slot_id in self.circle().due(lambda _slot: 0.0).items():
            self.named[ident] = (self.open.pop(ident), self.free.pop(slot_id), self.now)

    def until_the_end(self) -> None:
        while self.open and self.now < NOW + timedelta(hours=30):
            self.tick()
            self.now += TICK


ACTS = st.tuples(
    st.sampled_from(["publish", "publish", "promise", "promise", "take", "give_back", "cancel"]),
    st.integers(1, 9),
)


def play(acts: list[tuple[str, int]]) -> Day:
    day = Day()
    for act, number in acts:
        getattr(day, act)(number)
        for _ in range(number):
            day.tick()
            day.now += TICK
    day.until_the_end()
    return day


@settings(max_examples=60, deadline=None)
@given(st.lists(ACTS, max_size=20))
def test_no_booking_nor_cancellation_breaks_a_promise(acts: list[tuple[str, int]]):
    day = play(acts)
    assert day.open == {}, "every promise that was not cancelled has its slot"
    for pledge, surety, at in day.named.values():
        assert broken_rule(pledge.request, surety.slot, at) is None
        assert surety.slot.start - at >= timedelta(minutes=NOTICE)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.one_of(ACTS, st.tuples(st.just("withdraw"), st.integers(1, 9))), max_size=20))
def test_withdrawals_break_at_most_as_many_promises_as_slots_withdrawn(acts: list[tuple[str, int]]):
    day = play(acts)
    assert len(day.open) <= day.withdrawn
