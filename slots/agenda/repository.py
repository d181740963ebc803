"""Every statement on slots and their story; the exclusion constraint becomes OverlappingSlot."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from slots.agenda.facts import (
    Interval,
    LockedSlot,
    SlotEventKind,
    SlotEventView,
    SlotFilter,
    SlotState,
    SlotView,
)
from slots.agenda.refusals import OverlappingSlot
from slots.agenda.statements import (
    any_of,
    is_free,
    locked_slot,
    occupancy,
    practitioner,
    same_practitioner,
    slot,
    slot_event,
    slot_view,
)
from slots.appointments.statements import is_held, is_taken
from snp.errors import SnpError
from snp.platform.columns import new_id
from snp.platform.db import refusing
from snp.platform.fixed import Fixed, any_uuid


def lock_agenda(session: Session, practitioner_id: UUID) -> None:
    """Make publishers of one agenda follow each other, so that overlaps are told and never deadlock.

    Bookings only reference the practitioner's row: this lock does not hold them up.
    """
    session.execute(
        sa.select(practitioner.c.id)
        .where(practitioner.c.id == practitioner_id)
        .with_for_update(key_share=True)
    )


def lock(session: Session, slot_ids: Collection[UUID], *, skip_locked: bool = False) -> list[LockedSlot]:
    """Lock slots in order of id; with `skip_locked`, only those nobody else is working on."""
    if not slot_ids:
        return []
    statement = _LOCK_AT_REST if skip_locked else _LOCK
    return [locked_slot(row) for row in statement.run(session, ids=list(slot_ids))]


def read(session: Session, slot_ids: Collection[UUID]) -> list[LockedSlot]:
    """Read slots without a lock."""
    return [locked_slot(row) for row in _READ.run(session, ids=list(slot_ids))]


_THESE: Final = sa.select(slot).where(slot.c.id == any_uuid("ids"))
_READ: Final = Fixed(_THESE)
_LOCK: Final = Fixed(_THESE.order_by(slot.c.id).with_for_update())
_LOCK_AT_REST: Final = Fixed(_THESE.order_by(slot.c.id).with_for_update(skip_locked=True))


def occupied(session: Session, slot_ids: Collection[UUID], now: datetime) -> frozenset[UUID]:
    """Those of the slots that somebody has."""
    taken = sa.or_(is_taken(slot.c.id), is_held(slot.c.id, now))
    return frozenset(session.execute(sa.select(slot.c.id).where(slot.c.id.in_(slot_ids), taken)).scalars())


def slots_in(session: Session, practitioner_id: UUID, span: Interval) -> list[UUID]:
    """The open slots of a practitioner that overlap a span, started or not."""
    statement = sa.select(slot.c.id).where(
        slot.c.practitioner_id == practitioner_id,
        slot.c.state == SlotState.OPEN.value,
        slot.c.start_at < span.end,
        slot.c.end_at > span.start,
    )
    return list(session.execute(statement).scalars())


def busy_times(
    session: Session, practitioner_id: UUID, span: Interval, *, but: Collection[UUID] = ()
) -> list[Interval]:
    """The busy times `[start, busy_until)` of a practitioner's open slots that meet a span."""
    statement = sa.select(slot.c.start_at, slot.c.busy_until).where(
        same_practitioner(practitioner_id),
        sa.func.tstzrange(slot.c.start_at, slot.c.busy_until).op("&&")(
            sa.func.tstzrange(span.start, span.end)
        ),
        slot.c.state == SlotState.OPEN.value,
        slot.c.id.not_in(but),
    )
    return [Interval(row.start_at, row.busy_until) for row in session.execute(statement)]


def insert(session: Session, rows: Sequence[dict[str, Any]], *, author: str, now: datetime) -> list[UUID]:
    """Write slots and the first line of their story; raises OverlappingSlot."""
    if not rows:
        return []
    written: list[dict[str, Any]] = [
        {"id": new_id(), "created_at": now, "created_by": author} | row for row in rows
    ]
    starts = min(row["start_at"] for row in written)
    with refusing(overlap_at(starts)):
        session.execute(sa.insert(slot), written)
    ids = [row["id"] for row in written]
    hidden = [row["id"] for row in written if row.get("state") is SlotState.HIDDEN]
    add_events(session, ids, SlotEventKind.PUBLISHED, author=author, now=now)
    add_events(session, hidden, SlotEventKind.HIDDEN, author=author, now=now)
    return ids


def update(session: Session, slot_ids: Collection[UUID], **values: Any) -> None:
    """Write the same values on several slots; each edit counts in their version."""
    if slot_ids:
        session.execute(
            sa.update(slot).where(slot.c.id.in_(slot_ids)).values(**values, version=slot.c.version + 1)
        )


def rewrite(session: Session, rows: Mapping[UUID, dict[str, Any]]) -> None:
    """Write other values on each of several slots, in order of id; raises OverlappingSlot.

    Occurrence numbers are cleared first, as they may pass from one slot to another.
    """
    if not rows:
        return
    update(session, rows.keys(), occurrence_no=None)
    keys = next(iter(rows.values())).keys()
    statement = (
        sa.update(slot)
        .where(slot.c.id == sa.bindparam("slot_id"))
        .values({key: sa.bindparam(f"new_{key}", type_=slot.c[key].type) for key in keys})
    )
    parameters = [
        {"slot_id": ident, **{f"new_{key}": value for key, value in rows[ident].items()}}
        for ident in sorted(rows)
    ]
    with refusing(overlap_at(min(row["start_at"] for row in rows.values()))):
        session.connection().execute(statement, parameters)


def add_events(
    session: Session,
    slot_ids: Collection[UUID],
    event: SlotEventKind,
    *,
    author: str,
    now: datetime,
    reason: str | None = None,
) -> None:
    """Add a line to the story of each slot."""
    if slot_ids:
        session.execute(
            sa.insert(slot_event),
            [
                {"id": new_id(), "slot_id": ident, "event": event, "at": now, "author": author}
                | {"reason": reason}
                for ident in slot_ids
            ],
        )


def story(session: Session, slot_id: UUID) -> tuple[SlotEventView, ...]:
    """The story of a slot, oldest first."""
    statement = sa.select(slot_event).where(slot_event.c.slot_id == slot_id).order_by(slot_event.c.id)
    return tuple(
        SlotEventView(SlotEventKind(row.event), row.at, row.author, row.reason)
        for row in session.execute(statement)
    )


def last_changes(session: Session, slot_ids: Collection[UUID]) -> dict[UUID, datetime]:
    """When something last happened to each slot."""
    statement = (
        sa.select(slot_event.c.slot_id, sa.func.max(slot_event.c.at).label("at"))
        .where(slot_event.c.slot_id.in_(slot_ids))
        .group_by(slot_event.c.slot_id)
    )
    return {row.slot_id: row.at for row in session.execute(statement)}


def views(session: Session, slot_ids: Collection[UUID], now: datetime) -> list[SlotView]:
    """Slots as they stand, by start."""
    statement = sa.select(slot, occupancy(now)).where(slot.c.id.in_(slot_ids))
    return [slot_view(row) for row in session.execute(statement.order_by(slot.c.start_at, slot.c.id))]


def page(
    session: Session,
    wanted: SlotFilter,
    *,
    now: datetime,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[SlotView]:
    """Slots by start, one more than `limit` when there are more."""
    statement = sa.select(slot, occupancy(now)).where(*_conditions(wanted, now))
    if after is not None:
        keys = sa.tuple_(slot.c.start_at, slot.c.id)
        statement = statement.where(keys > sa.tuple_(sa.literal(after[0]), sa.literal(after[1])))
    statement = statement.order_by(slot.c.start_at, slot.c.id).limit(limit + 1)
    return [slot_view(row) for row in session.execute(statement)]


def due_for_release(session: Session, now: datetime, limit: int) -> list[UUID]:
    """Free slots whose release time has come, the earliest first."""
    statement = (
        sa.select(slot.c.id)
        .where(slot.c.state == SlotState.OPEN.value, slot.c.release_at <= now, is_free(now))
        .order_by(slot.c.release_at)
        .limit(limit)
    )
    return list(session.execute(statement).scalars())


def slots_of_pattern(
    session: Session, pattern_id: UUID, *, start: date, end: date | None = None
) -> list[sa.Row[Any]]:
    """Every slot of a pattern whose occurrence day is in `[start, end)`, in any state, locked, by id."""
    statement = sa.select(slot).where(slot.c.pattern_id == pattern_id, slot.c.occurrence_day >= start)
    if end is not None:
        statement = statement.where(slot.c.occurrence_day < end)
    return list(session.execute(statement.order_by(slot.c.id).with_for_update()).all())


def repoint(session: Session, pattern_id: UUID, new_pattern_id: UUID, *, start: date) -> None:
    """Give the slots of a pattern from a day on to the pattern that follows it."""
    session.execute(
        sa.update(slot)
        .where(slot.c.pattern_id == pattern_id, slot.c.occurrence_day >= start)
        .values(pattern_id=new_pattern_id)
    )


def hidden_by(session: Session, absence_id: UUID) -> list[sa.Row[Any]]:
    """Slots that an absence hides, or would hide once freed, locked in order of id."""
    statement = sa.select(slot).where(slot.c.hidden_by_id == absence_id)
    return list(session.execute(statement.order_by(slot.c.id).with_for_update()).all())


def overlap_at(start: datetime) -> Mapping[str, Callable[[], SnpError]]:
    """What the exclusion constraint means."""
    return {"ex_slot__no_overlap": lambda: OverlappingSlot(start)}


def _conditions(wanted: SlotFilter, now: datetime) -> list[sa.ColumnElement[bool]]:
    c = slot.c
    sets = ((c.practitioner_id, wanted.practitioner_ids), (c.state, wanted.states), (c.id, wanted.slot_ids))
    conditions: list[sa.ColumnElement[bool]] = [
        column.in_(values) for column, values in sets if values is not None
    ]
    values = (
        (c.site_id, wanted.site_id),
        (c.pattern_id, wanted.pattern_id),
        (c.profession, wanted.profession),
    )
    conditions += [column == value for column, value in values if value is not None]
    if wanted.territory_ids is not None:
        conditions.append(any_of(c.territory_ids, wanted.territory_ids, sa.Uuid()))
    if wanted.starts_from is not None:
        conditions.append(c.start_at >= wanted.starts_from)
    if wanted.starts_before is not None:
        conditions.append(c.start_at < wanted.starts_before)
    if wanted.occupancy is not None:
        conditions.append(occupancy(now).element == wanted.occupancy.value)
    return conditions
