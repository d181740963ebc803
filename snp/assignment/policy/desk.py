"""The facts of a live day as they stand now: what is published, who holds what, who waits, who was promised.

One desk serves one policy. It refuses answers that break the format's rules and decides nothing itself.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from snp.assignment.facts import Slot
from snp.assignment.policy.slot_table import Need, SlotTable
from snp.assignment.rules import breaks_sessions, broken_rule
from snp.assignment.stream import Answer, RequestArrived
from snp.errors import SnpError


class AnswerNotAllowed(SnpError):
    """A policy gave an answer that the rules forbid: a fault of the policy, never of the stream."""

    slug = "answer-not-allowed"
    fr = "La réponse calculée enfreint une règle : {problem}"

    def __init__(self, problem: str) -> None:
        super().__init__(problem, problem=problem)


class SlotWatcher(Protocol):
    """Told of every change of the slots, by column, as it happens."""

    def slot_opened(self, column: int) -> None:
        """A column became free: published, or given back."""

    def slot_closed(self, column: int) -> None:
        """A free column was taken, withdrawn, or its slot started."""


class NobodyWatches:
    """For policies that look at the desk only when asked."""

    def slot_opened(self, column: int) -> None:
        """Nothing to note."""

    def slot_closed(self, column: int) -> None:
        """Nothing to note."""


@dataclass(slots=True)
class Caller:
    """A request met so far: as it arrived, compiled, and where it stands."""

    arrival: RequestArrived
    need: Need
    slots: tuple[str, ...] = ()
    promised: bool = False
    waiting: bool = False
    answered: bool = False
    at_once: bool = False
    """Asked for a time at once: a promise is no answer."""
    seen: bool = False
    """The first slot given has begun."""
    gone: bool = False
    """Cancelled by the patient: asks for nothing any more."""


@dataclass(slots=True)
class Desk:
    """Published slots and requests met, kept true event after event."""

    table: SlotTable = field(default_factory=SlotTable)
    watcher: SlotWatcher = field(default_factory=NobodyWatches)
    callers: dict[str, Caller] = field(default_factory=dict)
    holder: dict[str, str] = field(default_factory=dict)
    """Slot id to the request that holds it."""
    _starts: list[tuple[float, str]] = field(default_factory=list)

    def publish(self, slot: Slot) -> None:
        """A slot becomes known and free."""
        column = self.table.add(slot)
        heapq.heappush(self._starts, (float(self.table.start[column]), slot.id))
        self.watcher.slot_opened(column)

    def withdraw(self, slot_id: str) -> Caller | None:
        """A slot is taken back; returns the caller who loses it, now without any slot.

        A slot that already started is past: nothing happens.
        """
        column = self.table.column.get(slot_id)
        if column is None:
            return None
        if self.table.free[column]:
            self._close(column)
        self.table.drop(column)
        holder = self.holder.pop(slot_id, None)
        if holder is None:
            return None
        caller = self.callers[holder]
        self._give_back(caller, except_for=slot_id)
        caller.answered = False
        return caller

    def cancel(self, request_id: str) -> Caller | None:
        """A patient gives up: slots are freed; returns the caller, None when the request was never met."""
        caller = self.callers.get(request_id)
        if caller is None or caller.seen:
            return None
        self._give_back(caller)
        caller.gone, caller.waiting, caller.promised = True, False, False
        return caller

    def expire(self, now: float) -> None:
        """Forget the slots that started before `now`: nothing can be given in them any more."""
        while self._starts and self._starts[0][0] < now:
            _, slot_id = heapq.heappop(self._starts)
            column = self.table.column.get(slot_id)
            if column is None or self.table.start[column] >= now:
                continue
            if self.table.free[column]:
                self._close(column)
            self.table.drop(column)
            holder = self.holder.pop(slot_id, None)
            if holder is not None:
                self.callers[holder].seen = True

    def next_start(self) -> float:
        """When the next slot begins, in seconds since the epoch; infinity when none is published."""
        return self._starts[0][0] if self._starts else float("inf")

    def meet(self, arrival: RequestArrived) -> Caller:
        """A request arrives."""
        caller = Caller(arrival, self.table.compile(arrival.request))
        self.callers[arrival.request.id] = caller
        return caller

    def record(self, answer: Answer, now: datetime) -> None:
        """Make an answer a fact.

        Raises: `AnswerNotAllowed` when a slot is not free, does not suit, or the answer came before.
        """
        caller = self.callers[answer.request]
        if caller.slots or caller.gone:
            raise AnswerNotAllowed(f"request {answer.request} was already served")
        if caller.answered and not (caller.promised or caller.waiting):
            raise AnswerNotAllowed(f"request {answer.request} was already refused for good")
        if answer.slots:
            self._take(caller, answer.slots, now)
        caller.answered = True
        caller.promised = answer.promise
        caller.waiting = not answer.slots and not answer.promise and caller.arrival.waiting_list

    def _take(self, caller: Caller, slot_ids: tuple[str, ...], now: datetime) -> None:
        request = caller.arrival.request
        slots = []
        for i, slot_id in enumerate(slot_ids):
            column = self.table.column.get(slot_id)
            if column is None or not self.table.free[column]:
                raise AnswerNotAllowed(f"slot {slot_id} is not free")
            slot = self.table.slot_at(column)
            rule = broken_rule(request, slot, now, later_session=i > 0)
            if rule is not None:
                raise AnswerNotAllowed(f"slot {slot_id} does not suit request {request.id} ({rule})")
            slots.append(slot)
        problem = breaks_sessions(request, slots)
        if problem is not None:
            raise AnswerNotAllowed(f"request {request.id}: {problem}")
        for slot_id in slot_ids:
            self._close(self.table.column[slot_id])
            self.holder[slot_id] = request.id
        caller.slots = slot_ids

    def _give_back(self, caller: Caller, except_for: str | None = None) -> None:
        for slot_id in caller.slots:
            column = self.table.column.get(slot_id)
            if (
                slot_id == except_for
                or column is None
                or self.holder.get(slot_id) != caller.arrival.request.id
            ):
                continue
            del self.holder[slot_id]
            self.table.free[column] = True
            self.watcher.slot_opened(column)
        caller.slots = ()

    def _close(self, column: int) -> None:
        self.table.free[column] = False
        self.watcher.slot_closed(column)
