"""The policies of today, for comparison: first come, nearest, and the national platform's ordering.

Each answers at once with a free suitable slot if there is one; none looks ahead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

import numpy as np

from snp.assignment.policy.desk import Caller, Desk
from snp.assignment.policy.households import answer_household
from snp.assignment.policy.runs import earliest_sessions, no_cost
from snp.assignment.policy.slot_table import Floats, Ints
from snp.assignment.stream import Answer, Event, Header

NEAR_KM, WIDENED_KM = 15.0, 30.0
"""Radii of the national platform's search. Source: the `snp-stream/1` format, policy `sas`."""


class AnswerAtOnce:
    """A policy that gives one of the free suitable slots, or refuses; `choose` picks among rising starts."""

    def __init__(
        self, name: str, choose: Callable[[Ints, Floats, Desk], int | None], *, lists: bool = False
    ) -> None:
        self.name = name
        self._choose = choose
        self._lists = lists
        self.desk = Desk()

    def open_on(self, desk: Desk, header: Header) -> None:
        """Begin a day on this desk."""
        del header
        self.desk = desk

    def learn(self, event: Event) -> None:
        """Nothing is learnt."""

    def decide(self, caller: Caller, now: datetime, *, last: bool) -> Answer | None:
        """Give what is chosen among the free suitable slots; never puts an answer off."""
        del last
        request = caller.arrival.request
        slots = self._slots_for(caller, now)
        if not slots:
            return Answer(now, request.id, reason="no_suitable_slot")
        return Answer(now, request.id, slots, reason="served")

    def decide_household(self, members: Sequence[Caller], now: datetime) -> list[Answer]:
        """Give the earliest run that suits all."""
        return answer_household(self.desk, members, now, no_cost, np.inf)

    def _slots_for(self, caller: Caller, now: datetime) -> tuple[str, ...]:
        request = caller.arrival.request
        if request.sessions > 1:
            return earliest_sessions(self.desk.table, caller.need, now)
        columns, km = self.desk.table.suitable(caller.need, now.timestamp())
        chosen = self._choose(columns, km, self.desk) if len(columns) else None
        return () if chosen is None else (self.desk.table.slot_at(int(columns[chosen])).id,)

    def follow_up(self, now: datetime) -> Iterator[Answer]:
        """Serve the waiting list in order of arrival, when the policy keeps one."""
        if not self._lists:
            return
        for caller in list(self.desk.callers.values()):
            if caller.waiting and not caller.slots:
                slots = self._slots_for(caller, now)
                if slots:
                    yield Answer(now, caller.arrival.request.id, slots, reason="served_from_waiting_list")

    def next_wake(self) -> datetime | None:
        """Never acts on its own."""
        return None

    def wake(self, now: datetime) -> Iterator[Answer]:
        """Never called."""
        del now
        return iter(())

    def prepare(self, now: datetime) -> None:
        """Nothing to prepare."""

    def close(self, now: datetime) -> Iterator[Answer]:
        """Whoever could be served has been."""
        del now
        return iter(())


def _earliest(_columns: Ints, _km: Floats, _desk: Desk) -> int:
    return 0


def _nearest(_columns: Ints, km: Floats, _desk: Desk) -> int:
    return int(np.argmin(km))


def first_come(*, waiting_list: bool = False) -> AnswerAtOnce:
    """First come, first served: the earliest suitable slot.

    `waiting_list` serves the refused when a slot frees.
    """
    return AnswerAtOnce("fcfs", _earliest, lists=waiting_list)


def nearest() -> AnswerAtOnce:
    """The nearest suitable slot, the earliest of equals."""
    return AnswerAtOnce("nearest", _nearest)


def sas_ordering(seed: int) -> AnswerAtOnce:
    """A random practitioner with a slot within 15 km, else within 30 km, and the earliest slot there."""
    random = np.random.default_rng(seed)

    def choose(columns: Ints, km: Floats, desk: Desk) -> int | None:
        for radius in (NEAR_KM, WIDENED_KM):
            within = np.flatnonzero(km <= radius)
            if len(within):
                practitioners = desk.table.practitioner[columns[within]]
                lot = random.choice(np.unique(practitioners))
                return int(within[np.argmax(practitioners == lot)])
        return None

    return AnswerAtOnce("sas", choose)
