"""The judge of a live day, written without any policy: whether every answer was allowed when given.

Recomputes the facts from the stream by the scalar rules. Says nothing about how good the answers are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from snp.assignment.facts import Request, Slot
from snp.assignment.rules import breaks_household, breaks_sessions, broken_rule
from snp.assignment.stream import (
    Answer,
    AppointmentCancelled,
    Event,
    RequestArrived,
    SlotPublished,
    SlotWithdrawn,
    Stream,
)


def stream_violations(stream: Stream, answers: Sequence[Answer]) -> list[str]:
    """What is wrong with the answers to a stream, one line each; empty when all are allowed.

    Answers and events of the same instant are taken in the order that makes the answers right, if there is
    one: a request's own answer follows it, everything else follows the events.
    """
    return list(_Judge(stream).judge(answers))


@dataclass(slots=True)
class _Case:
    """One request: what it holds, and whether an answer is still due."""

    arrival: RequestArrived
    due: datetime | None
    slots: tuple[str, ...] = ()
    promised: bool = False
    refused: bool = False
    gone: bool = False


@dataclass(slots=True)
class _Judge:
    stream: Stream
    published: dict[str, Slot] = field(default_factory=dict)
    taken: dict[str, str] = field(default_factory=dict)
    cases: dict[str, _Case] = field(default_factory=dict)

    def judge(self, answers: Sequence[Answer]) -> Iterator[str]:
        pending = list(answers)[::-1]
        for event in self.stream.events:
            while pending and pending[-1].at < event.at:
                yield from self._answer(pending.pop())
            yield from self._overdue(event.at)
            self._happen(event)
            while pending and pending[-1].at == event.at and self._is_for(pending[-1], event):
                yield from self._answer(pending.pop())
        while pending:
            yield from self._answer(pending.pop())
        yield from self._overdue(None)
        yield from self._households()

    def _is_for(self, answer: Answer, event: Event) -> bool:
        """Whether an answer of this very instant is due to this event rather than to a later one."""
        case = self.cases.get(answer.request)
        return case is not None and case.due == event.at and case.arrival.request.household is None

    def _happen(self, event: Event) -> None:
        past = event.at < self.stream.header.history_until
        match event:
            case SlotPublished():
                self.published[event.slot.id] = event.slot
            case SlotWithdrawn():
                self._withdraw(event)
            case RequestArrived() if not past:
                self.cases[event.request.id] = _Case(event, event.answer_by)
            case AppointmentCancelled() if event.request_id in self.cases:
                case = self.cases[event.request_id]
                for slot in case.slots:
                    self.taken.pop(slot, None)
                case.gone, case.due = True, None
            case _:
                pass

    def _withdraw(self, event: SlotWithdrawn) -> None:
        slot = self.published.pop(event.slot_id, None)
        holder = self.taken.pop(event.slot_id, None)
        if holder is None or slot is None or slot.start < event.at:
            return
        case = self.cases[holder]
        for other in case.slots:
            self.taken.pop(other, None)
        case.slots, case.promised, case.refused, case.due = (), False, False, event.at

    def _overdue(self, before: datetime | None) -> Iterator[str]:
        for ident, case in self.cases.items():
            if case.due is not None and (before is None or case.due < before):
                yield f"request {ident}: not answered by {case.due.isoformat()}"
                case.due = None

    def _answer(self, answer: Answer) -> Iterator[str]:
        case = self.cases.get(answer.request)
        if case is None:
            yield f"request {answer.request}: answered before it arrived"
            return
        place = f"request {answer.request} at {answer.at.isoformat()}"
        if case.gone:
            yield f"{place}: answered after it was cancelled"
        if case.slots or (case.refused and not case.arrival.waiting_list and not case.promised):
            yield f"{place}: answered again"
        if case.due is not None and answer.at > case.due:
            yield f"{place}: answered too late"
        if answer.promise and (case.arrival.notice_min is None or case.promised):
            yield f"{place}: promised, though it may not be"
        if case.promised and not answer.slots and not answer.broken:
            yield f"{place}: a promise was dropped"
        if answer.slots:
            yield from self._take(answer, case, place)
        case.due = None
        case.promised = answer.promise
        case.refused = not answer.slots and not answer.promise

    def _take(self, answer: Answer, case: _Case, place: str) -> Iterator[str]:
        request: Request = case.arrival.request
        slots: list[Slot] = []
        for i, ident in enumerate(answer.slots):
            slot = self.published.get(ident)
            if slot is None:
                yield f"{place}: slot {ident} is not published"
                return
            if ident in self.taken:
                yield f"{place}: slot {ident} is held by {self.taken[ident]}"
            rule = broken_rule(request, slot, answer.at, later_session=i > 0)
            if rule is not None:
                yield f"{place}: slot {ident} does not suit ({rule})"
            slots.append(slot)
            self.taken[ident] = answer.request
        problem = breaks_sessions(request, slots)
        if problem is not None:
            yield f"{place}: {problem}"
        if case.promised and slots[0].start - answer.at < timedelta(minutes=case.arrival.notice_min or 0):
            yield f"{place}: slot {slots[0].id} named too late for its promise"
        case.slots = answer.slots

    def _households(self) -> Iterator[str]:
        """Slots that a household still holds at the end make one unbroken run."""
        runs: dict[str, list[str]] = {}
        for case in self.cases.values():
            if case.arrival.request.household is not None and case.slots and not case.gone:
                runs.setdefault(case.arrival.request.household, []).extend(case.slots)
        known = {e.slot.id: e.slot for e in self.stream.events if isinstance(e, SlotPublished)}
        for household, idents in runs.items():
            problem = breaks_household([known[ident] for ident in idents])
            if problem is not None:
                yield f"household {household}: {problem}"
