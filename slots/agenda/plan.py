"""From a pattern to the dated slots it asks for, and from those to what must change in the agenda. Pure.

`plan` expands in local time; `reconcile` compares with the slots that exist, so that expanding again changes
nothing and editing keeps every slot somebody took.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from uuid import UUID

from slots.agenda import recurrence
from slots.agenda.facts import ExceptionKind, ExceptionView, Interval, Notice, NoticeCode, Offer
from slots.agenda.ground import Ground
from slots.agenda.recurrence import Recurrence
from slots.agenda.rules import in_a_row, release_of
from snp.assignment.facts import Mode
from snp.days import local_day, say_day, say_instant


@dataclass(frozen=True, slots=True)
class Opening:
    """A pattern as the expansion reads it; `slot_minutes` is decided."""

    recurrence: Recurrence
    first_day: date
    last_day: date | None
    starts_at: time
    patients: int
    slot_minutes: int
    offer: Offer
    exceptions: Mapping[date, ExceptionView]


@dataclass(frozen=True, slots=True)
class PlannedSlot:
    """A slot an occurrence asks for. `hidden_by_id`: the absence it falls in."""

    day: date
    no: int
    time: Interval
    busy_until: datetime
    release_at: datetime | None
    territory_ids: frozenset[UUID]
    hidden_by_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """The slots asked for, in order of start, and why others are not."""

    slots: tuple[PlannedSlot, ...]
    notices: tuple[Notice, ...]


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


def plan(opening: Opening, ground: Ground, *, start: date, end: date, now: datetime) -> Plan:
    """Expand the occurrences whose own day is in `[start, end)` into slots that start after `now`.

    An occurrence on a public holiday, outside the SNP hours of a territory, at a time that does not exist, or
    already due for release gives no slot and a notice. One in an absence gives hidden slots and a notice.
    """
    slots: list[PlannedSlot] = []
    notices: list[Notice] = []
    for day, begins, patients in _occurrences(opening, start=start, end=end):
        if begins is None:
            notices.append(notice(NoticeCode.NO_SUCH_TIME, day, None))
            continue
        asked, refused = _slots_of(opening, ground, day, begins, patients=patients, now=now)
        slots += asked
        notices += refused
    return Plan(tuple(sorted(slots, key=lambda slot: slot.time.start)), tuple(notices))


def occurs_on(opening: Opening, day: date) -> bool:
    """Whether the pattern, before exceptions, has an occurrence on this day."""
    return any(True for _ in _rule_days(opening, start=day, end=day + timedelta(days=1)))


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


def _occurrences(opening: Opening, *, start: date, end: date) -> Iterator[tuple[date, datetime | None, int]]:
    """Yield each occurrence's own day, the instant it begins (None: no such time) and its patients."""
    for day, instant in _rule_days(opening, start=start, end=end):
        exception = opening.exceptions.get(day)
        if exception is None:
            yield day, instant, opening.patients
        elif exception.kind is ExceptionKind.MOVED:
            at = exception.moved_starts_at or opening.starts_at
            moved = recurrence.instant_of(exception.moved_day or day, at)
            yield day, moved, exception.patients or opening.patients


def _rule_days(opening: Opening, *, start: date, end: date) -> Iterator[tuple[date, datetime | None]]:
    if opening.last_day is not None:
        end = min(end, opening.last_day + timedelta(days=1))
    return recurrence.occurrences(
        opening.recurrence, opening.first_day, opening.starts_at, start=start, end=end
    )


def _slots_of(
    opening: Opening, ground: Ground, day: date, begins: datetime, *, patients: int, now: datetime
) -> tuple[list[PlannedSlot], list[Notice]]:
    offer = opening.offer
    notices: dict[NoticeCode, datetime] = {}
    members = ground.members_on(local_day(begins), offer.territory_ids)
    if not members:
        return [], [notice(NoticeCode.NOT_A_MEMBER, day, begins)]
    slots: list[PlannedSlot] = []
    row = in_a_row(
        begins, patients=patients, minutes=opening.slot_minutes, buffer_minutes=offer.buffer_minutes
    )
    for no, span in enumerate(row, start=1):
        release_at = release_of(span.start, offer.release_minutes)
        refusal = _refusal(ground, span, members, release_at, now)
        absence = ground.absence_over(span)
        if absence is not None and refusal is None:
            notices.setdefault(NoticeCode.DURING_ABSENCE, span.start)
        if refusal is not None:
            notices.setdefault(refusal, span.start)
        elif span.start > now:
            busy_until = span.end + timedelta(minutes=offer.buffer_minutes)
            slots.append(PlannedSlot(day, no, span, busy_until, release_at, members, absence))
    return slots, [notice(code, day, at) for code, at in notices.items()]


def _refusal(
    ground: Ground, span: Interval, members: Iterable[UUID], release_at: datetime | None, now: datetime
) -> NoticeCode | None:
    if span.start <= now:
        return None
    if ground.closed_to(span, members) is not None:
        return NoticeCode.HOLIDAY if ground.is_holiday(span, members) else NoticeCode.OUTSIDE_SNP_HOURS
    if release_at is not None and release_at <= now:
        return NoticeCode.ALREADY_RELEASED
    return None


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


_SENTENCES = {
    NoticeCode.HOLIDAY: "{day} est férié : rien n’est ouvert.",
    NoticeCode.OUTSIDE_SNP_HOURS: "{start} sort des horaires de soins non programmés : rien n’est ouvert.",
    NoticeCode.NO_SUCH_TIME: "{day}, cette heure n’existe pas (changement d’heure) : rien n’est ouvert.",
    NoticeCode.OVERLAP: "{start} : un autre créneau occupe déjà ce moment.",
    NoticeCode.DURING_ABSENCE: "{start} tombe pendant une absence : les créneaux restent masqués.",
    NoticeCode.NOT_A_MEMBER: "{day} : plus membre d’aucun territoire de cette plage.",
    NoticeCode.ALREADY_RELEASED: "{start} : le délai de restitution est déjà passé.",
    NoticeCode.KEPT_TAKEN: "{start} est pris : le créneau reste, pour qui l’a pris.",
}


def notice(code: NoticeCode, day: date, start: datetime | None, slot_id: UUID | None = None) -> Notice:
    """Return a notice with its French sentence."""
    said = _SENTENCES[code].format(
        day=say_day(day).capitalize(), start=say_instant(start).capitalize() if start else ""
    )
    return Notice(code, day, said, start, slot_id)
