"""What must change in an agenda so that it holds what a pattern asks for, and nothing taken is lost. Pure.

Expanding again changes nothing; editing keeps every slot somebody took.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from slots.agenda.facts import Interval, Notice, NoticeCode, Offer
from slots.agenda.plan import PlannedSlot, notice
from snp.assignment.facts import Mode


@dataclass(frozen=True, slots=True)
class ExistingSlot:
    """A slot of the pattern that has not started, open or hidden."""

    id: UUID
    time: Interval
    busy_until: datetime
    site_id: UUID
    mode: Mode
    is_open: bool
    is_occupied: bool
    day: date


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """What must change.

    Slots to publish, to rewrite on new terms, to withdraw, to keep only for their takers.
    """

    publish: tuple[PlannedSlot, ...]
    rewrite: tuple[tuple[UUID, PlannedSlot], ...]
    withdraw: tuple[UUID, ...]
    close: tuple[UUID, ...]
    notices: tuple[Notice, ...]


def reconcile(
    existing: Sequence[ExistingSlot],
    planned: Sequence[PlannedSlot],
    *,
    offer: Offer,
    decided: frozenset[tuple[date, int]],
    others: Sequence[Interval],
) -> Reconciliation:
    """Compare what exists with what is asked for.

    A planned slot finds the existing one of the same time; a taken one must also keep its site and mode,
    since somebody counts on them. A free slot that nothing asks for is withdrawn; a taken one is closed: it
    stays for who has it. `decided`: occurrences whose slot was withdrawn or released by itself and is not
    offered again. `others`: busy times `[start, busy_until)` of the practitioner's other open slots. What
    overlaps them, a closed slot or an earlier slot of the plan is not published, with a notice.
    """
    wanted = [slot for slot in planned if (slot.day, slot.no) not in decided]
    by_time = {slot.time: slot for slot in existing}
    pairs = {
        found.id: (found, slot)
        for slot in reversed(wanted)
        if (found := by_time.get(slot.time)) is not None and _may_become(found, offer)
    }
    closed = [slot for slot in existing if slot.id not in pairs and slot.is_occupied]
    busy = Busy([*others, *(Interval(slot.time.start, slot.busy_until) for slot in closed)])
    rewrite, dropped = _fit(pairs.values(), busy)
    matched = {slot.time for _, slot in pairs.values()}
    publish, lost = _place([slot for slot in wanted if slot.time not in matched], busy)
    free = [slot for slot in existing if slot.id not in pairs and not slot.is_occupied]
    return Reconciliation(
        publish=tuple(publish),
        rewrite=tuple(rewrite),
        withdraw=tuple(slot.id for slot in [*free, *dropped]),
        close=tuple(slot.id for slot in closed),
        notices=(
            *(notice(NoticeCode.KEPT_TAKEN, slot.day, slot.time.start, slot.id) for slot in closed),
            *(notice(NoticeCode.OVERLAP, slot.day, slot.time.start) for slot in lost),
            *(notice(NoticeCode.OVERLAP, slot.day, slot.time.start, slot.id) for slot in dropped),
        ),
    )


class Busy:
    """Disjoint busy times, kept in order, that tell at once whether another one meets them."""

    def __init__(self, spans: Iterable[Interval] = ()) -> None:
        self._spans = sorted((span.start, span.end) for span in spans)

    def meets(self, span: Interval) -> bool:
        """Whether the span overlaps one of them."""
        before = bisect_left(self._spans, (span.end,))
        return before > 0 and self._spans[before - 1][1] > span.start

    def add(self, span: Interval) -> None:
        """Take in a span that meets none of them."""
        insort(self._spans, (span.start, span.end))


def restorable(
    hidden: Sequence[tuple[UUID, Interval]], live: Sequence[Interval]
) -> tuple[tuple[UUID, ...], tuple[UUID, ...]]:
    """Split hidden slots (with their busy times) into those that may open again and those in conflict.

    The earliest goes first where two of them overlap; at equal starts the lower id.
    """
    busy, back, conflicting = Busy(live), [], []
    for slot_id, span in sorted(hidden, key=lambda slot: (slot[1].start, slot[0])):
        if busy.meets(span):
            conflicting.append(slot_id)
        else:
            back.append(slot_id)
            busy.add(span)
    return tuple(back), tuple(conflicting)


def _may_become(slot: ExistingSlot, offer: Offer) -> bool:
    return not slot.is_occupied or (slot.site_id, slot.mode) == (offer.site_id, offer.mode)


def _fit(
    pairs: Iterable[tuple[ExistingSlot, PlannedSlot]], busy: Busy
) -> tuple[list[tuple[UUID, PlannedSlot]], list[ExistingSlot]]:
    """Put existing slots on their new terms; a free one whose new buffer meets another slot is dropped.

    Somebody counts on a taken one: it stays, with the shorter of its buffers.
    """
    rewrite: list[tuple[UUID, PlannedSlot]] = []
    dropped: list[ExistingSlot] = []
    for found, asked in sorted(pairs, key=lambda pair: (not pair[0].is_occupied, pair[1].time.start)):
        slot = asked
        if found.is_occupied and busy.meets(_busy(asked)):
            slot = replace(asked, busy_until=min(found.busy_until, asked.busy_until))
        if found.is_open and busy.meets(_busy(slot)) and not found.is_occupied:
            dropped.append(found)
            continue
        rewrite.append((found.id, slot))
        if found.is_open:
            busy.add(_busy(slot))
    return rewrite, dropped


def _place(wanted: Iterable[PlannedSlot], busy: Busy) -> tuple[list[PlannedSlot], list[PlannedSlot]]:
    """Split new slots into those that find their place and those that meet another; hidden ones need none."""
    placed: list[PlannedSlot] = []
    lost: list[PlannedSlot] = []
    for slot in wanted:
        if slot.hidden_by_id is not None:
            placed.append(slot)
        elif busy.meets(_busy(slot)):
            lost.append(slot)
        else:
            placed.append(slot)
            busy.add(_busy(slot))
    return placed, lost


def _busy(slot: PlannedSlot) -> Interval:
    return Interval(slot.time.start, slot.busy_until)
