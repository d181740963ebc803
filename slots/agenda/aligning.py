"""Bring the slots of a pattern in line with it: load, plan, reconcile, write.

No pattern does it elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from slots.agenda import pattern_rows, recurrence, repository
from slots.agenda.facts import Interval, Notice, PatternView, Publication, SlotEventKind, SlotState
from slots.agenda.ground import Ground
from slots.agenda.plan import Opening, Plan, PlannedSlot, plan
from slots.agenda.publishing import slot_row
from slots.agenda.reconciling import ExistingSlot, Reconciliation, reconcile
from slots.agenda.refusals import PatternNotFound
from snp.assignment.facts import Mode
from snp.days import at_local, local_day
from snp.platform.actors import Actor


def align(
    session: Session,
    ground: Ground,
    pattern_id: UUID,
    *,
    start: date,
    end: date | None = None,
    horizon_days: int | None = None,
    by: Actor,
    now: datetime,
) -> Publication:
    """Bring the slots of the pattern's occurrences of `[start, end)` in line with it.

    `end` None: up to the horizon, or to what was expanded before if that is further. A pattern that was ended
    asks for nothing.
    """
    found = _read(session, pattern_id)
    until = end or max(horizon(now, horizon_days or 0), found.expanded_until or start, start)
    rows = repository.slots_of_pattern(session, pattern_id, start=start, end=until)
    begun = {row.occurrence_day for row in rows if row.start_at <= now}
    ahead = [row for row in rows if row.occurrence_day not in begun]
    existing = _existing(session, ahead, now)
    asked = Plan((), ())
    if found.ended_at is None:
        asked = plan(opening_of(found), ground, start=start, end=until, now=now)
    planned = [slot for slot in asked.slots if slot.day not in begun]
    decided = (SlotState.WITHDRAWN, SlotState.RELEASED)
    todo = reconcile(
        existing,
        planned,
        offer=found.offer,
        decided=frozenset(
            (row.occurrence_day, row.occurrence_no)
            for row in ahead
            if row.state in decided and row.occurrence_no is not None
        ),
        others=_others(session, ground.practitioner_id, planned, existing),
    )
    published = _apply(session, ground, found, todo, rows=ahead, by=by, now=now)
    if end is None and horizon_days is not None:
        pattern_rows.mark_expanded(session, pattern_id, until)
    return Publication(
        slots=tuple(repository.views(session, published, now)),
        withdrawn=todo.withdraw,
        notices=_in_order([*asked.notices, *todo.notices]),
        pattern=_read(session, pattern_id),
    )


def _apply(
    session: Session,
    ground: Ground,
    found: PatternView,
    todo: Reconciliation,
    *,
    rows: Sequence[sa.Row[Any]],
    by: Actor,
    now: datetime,
) -> list[UUID]:
    """Write a reconciliation; returns the slots now published on the pattern's terms."""
    repository.update(
        session, todo.withdraw, state=SlotState.WITHDRAWN, occurrence_no=None, hidden_by_id=None
    )
    repository.update(session, todo.close, closing=True, occurrence_no=None)
    repository.add_events(session, todo.withdraw, SlotEventKind.WITHDRAWN, author=by.ident, now=now)
    repository.add_events(session, todo.close, SlotEventKind.CHANGED, author=by.ident, now=now)
    common = slot_row(ground, found.offer) | {"pattern_id": found.id}
    away = {row.id for row in rows if row.closing and row.hidden_by_id is not None}
    rewritten = {ident: common | _timed(slot) | {"closing": ident in away} for ident, slot in todo.rewrite}
    repository.rewrite(session, rewritten)
    repository.add_events(session, rewritten.keys(), SlotEventKind.CHANGED, author=by.ident, now=now)
    fresh = [
        common
        | _timed(slot)
        | {
            "hidden_by_id": slot.hidden_by_id,
            "state": SlotState.HIDDEN if slot.hidden_by_id else SlotState.OPEN,
        }
        for slot in todo.publish
    ]
    return [*rewritten, *repository.insert(session, fresh, author=by.ident, now=now)]


def _timed(slot: PlannedSlot) -> dict[str, Any]:
    return {
        "occurrence_day": slot.day,
        "occurrence_no": slot.no,
        "start_at": slot.time.start,
        "end_at": slot.time.end,
        "busy_until": slot.busy_until,
        "release_at": slot.release_at,
        "territory_ids": sorted(slot.territory_ids),
    }


def _existing(session: Session, rows: Sequence[sa.Row[Any]], now: datetime) -> list[ExistingSlot]:
    """The live or hidden slots among locked rows, and which of them somebody has."""
    live = [row for row in rows if row.state in (SlotState.OPEN, SlotState.HIDDEN)]
    occupied = repository.occupied(session, [row.id for row in live], now)
    return [
        ExistingSlot(
            id=row.id,
            time=Interval(row.start_at, row.end_at),
            busy_until=row.busy_until,
            site_id=row.site_id,
            mode=Mode(row.mode),
            is_open=row.state == SlotState.OPEN,
            is_occupied=row.id in occupied,
            day=row.occurrence_day,
        )
        for row in live
    ]


def _others(
    session: Session,
    practitioner_id: UUID,
    planned: Sequence[PlannedSlot],
    existing: Sequence[ExistingSlot],
) -> list[Interval]:
    if not planned:
        return []
    hull = Interval(min(slot.time.start for slot in planned), max(slot.busy_until for slot in planned))
    return repository.busy_times(session, practitioner_id, hull, but=[slot.id for slot in existing])


def opening_of(found: PatternView) -> Opening:
    """Return a pattern as the expansion reads it."""
    return Opening(
        recurrence=recurrence.parse(found.rrule),
        first_day=found.first_day,
        last_day=found.last_day,
        starts_at=found.starts_at,
        patients=found.patients,
        slot_minutes=found.slot_minutes,
        offer=found.offer,
        exceptions={exception.day: exception for exception in found.exceptions},
    )


def horizon(now: datetime, horizon_days: int) -> date:
    """The first local day that is not expanded yet."""
    return local_day(now) + timedelta(days=horizon_days)


def _in_order(notices: Sequence[Notice]) -> tuple[Notice, ...]:
    def place(told: Notice) -> tuple[datetime, str]:
        return told.start or at_local(told.day, time()), told.code

    return tuple(sorted(notices, key=place))


def _read(session: Session, pattern_id: UUID) -> PatternView:
    found = pattern_rows.by_id(session, pattern_id)
    if found is None:
        raise PatternNotFound(pattern_id)
    return found
