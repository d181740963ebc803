"""What busy times do to an agenda: they are absences that come and go by themselves.

Only a busy time that meets a slot becomes one: a full calendar of ordinary patients leaves no trace here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlmodel import Session

from slots.agenda import service as agenda
from slots.agenda.facts import Interval, SlotFilter, SlotState
from slots.agenda.repository import lock_agenda
from slots.feeds import repository
from slots.feeds.reading import merge
from snp.platform.actors import Actor

LABEL: Final = "Calendrier"
AHEAD: Final = timedelta(days=62)
MOST_SLOTS: Final = 200


def align(session: Session, practitioner_id: UUID, *, by: Actor, now: datetime) -> tuple[UUID, ...]:
    """Hide the free slots that busy times meet, bring back those that none meets any more.

    Somebody's slot stays for who has it, and is not offered again while the busy time stands. Returns the
    slots now hidden that were not; doing it twice changes nothing.
    """
    lock_agenda(session, practitioner_id)
    busy = merge(repository.busy_of(session, practitioner_id, ends_after=now))
    standing = repository.running_absences_made(session, practitioner_id, ends_after=now)
    if not busy and not standing:
        return ()
    wanted = frozenset(meeting(busy, _slots(session, practitioner_id, now)))
    hidden: list[UUID] = []
    for span in sorted(wanted - set(standing.values()), key=lambda one: one.start):
        outcome = agenda.add_absence(
            session, practitioner_id, span.start, span.end, label=LABEL, by=by, now=now
        )
        repository.note_absence(session, outcome.absence.id, practitioner_id)
        hidden += outcome.hidden
    for ident, span in standing.items():
        if span not in wanted:
            agenda.lift_absence(session, ident, by=by, now=now)
    return tuple(hidden)


def absences_of_calendars(session: Session, practitioner_id: UUID) -> frozenset[UUID]:
    """Return the absences that calendars made, and not their practitioner."""
    return repository.absences_made(session, practitioner_id)


def practitioners_to_align(session: Session) -> list[UUID]:
    """Return whose agendas follow a calendar."""
    return repository.practitioners_with_calendars(session)


def meeting(busy: Iterable[Interval], slots: Collection[Interval]) -> list[Interval]:
    """Return the busy times that meet a slot, in their order. Pure."""
    spans = list(slots)
    return [span for span in busy if any(span.overlaps(one) for one in spans)]


def _slots(session: Session, practitioner_id: UUID, now: datetime) -> list[Interval]:
    query = SlotFilter(
        practitioner_ids=frozenset({practitioner_id}),
        starts_from=now,
        starts_before=now + AHEAD,
        states=frozenset({SlotState.OPEN, SlotState.HIDDEN}),
    )
    found: list[Interval] = []
    cursor = None
    while True:
        page = agenda.list_slots(session, query, now=now, cursor=cursor, limit=MOST_SLOTS)
        found += (Interval(one.start, one.end) for one in page.items)
        cursor = page.next_cursor
        if cursor is None:
            return found
