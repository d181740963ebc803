"""From a pattern to the dated slots it asks for, in local time, with notices of what it cannot have. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from slots.agenda import recurrence
from slots.agenda.facts import ExceptionKind, ExceptionView, Interval, Notice, NoticeCode, Offer
from slots.agenda.ground import Ground
from slots.agenda.recurrence import Recurrence
from slots.agenda.rules import in_a_row, release_of
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
