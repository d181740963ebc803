"""Every statement on dated shifts, who holds them, and the slots published for that."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlmodel import Session

from slots.rota.facts import Half, Kind, Shift
from slots.rota.repository import TABLES
from slots.rota.terms import Cause, ShiftView, TurnView
from snp.platform.columns import new_id

shift: Final = TABLES["rota_shift"]
turn: Final = TABLES["rota_turn"]
turn_slot: Final = TABLES["rota_turn_slot"]


def shifts(
    session: Session,
    *,
    rota_id: UUID | None = None,
    shift_ids: Collection[UUID] | None = None,
    start: datetime | None = None,
    end: datetime | None = None,
) -> list[ShiftView]:
    """The shifts of a rota that start in `[start, end)`, or of these identifiers, with who holds them."""
    statement = sa.select(shift)
    if rota_id is not None:
        statement = statement.where(shift.c.rota_id == rota_id)
    if shift_ids is not None:
        statement = statement.where(shift.c.id.in_(shift_ids))
    if start is not None:
        statement = statement.where(shift.c.start_at >= start)
    if end is not None:
        statement = statement.where(shift.c.start_at < end)
    rows = list(session.execute(statement.order_by(shift.c.start_at, shift.c.site_id, shift.c.id)))
    held: dict[UUID, list[TurnView]] = {}
    for one in turns(session, shift_ids=[row.id for row in rows]):
        held.setdefault(one.shift_id, []).append(one)
    return [_shift(row, tuple(held.get(row.id, ()))) for row in rows]


def turns(
    session: Session, *, shift_ids: Collection[UUID] | None = None, turn_ids: Collection[UUID] | None = None
) -> list[TurnView]:
    """The running turns of these shifts or identifiers, in order of making."""
    statement = sa.select(turn).where(turn.c.ended_at.is_(None))
    if shift_ids is not None:
        statement = statement.where(turn.c.shift_id.in_(shift_ids))
    if turn_ids is not None:
        statement = statement.where(turn.c.id.in_(turn_ids))
    return [_turn(row) for row in session.execute(statement.order_by(turn.c.id))]


def put_shifts(
    session: Session, rota_id: UUID, wanted: Collection[Shift], patients: Mapping[str, int]
) -> None:
    """Write shifts that are not there yet; those that begin alike at a place take the new terms."""
    if not wanted:
        return
    rows = [
        {
            "id": new_id(),
            "rota_id": rota_id,
            "site_id": UUID(each.place),
            "day": each.day,
            "half": each.half,
            "start_at": each.start,
            "end_at": each.end,
            "least": each.least,
            "most": each.most,
            "patients": patients[each.id],
            "kinds": sorted(each.kinds),
        }
        for each in wanted
    ]
    statement = upsert(shift).values(rows)
    changed = {key: statement.excluded[key] for key in ("end_at", "least", "most", "patients", "kinds")}
    session.execute(
        statement.on_conflict_do_update(index_elements=["rota_id", "site_id", "start_at"], set_=changed)
    )


def insert_turn(
    session: Session,
    shift_id: UUID,
    practitioner_id: UUID,
    cause: Cause,
    *,
    plan_id: UUID | None,
    author: str,
    now: datetime,
) -> UUID:
    """Put a carer on a shift."""
    ident = new_id()
    session.execute(
        sa.insert(turn).values(
            id=ident,
            shift_id=shift_id,
            practitioner_id=practitioner_id,
            cause=cause,
            plan_id=plan_id,
            since=now,
            created_by=author,
        )
    )
    return ident


def end_turns(session: Session, turn_ids: Collection[UUID], *, author: str, now: datetime) -> None:
    """Take carers off their shifts."""
    session.execute(sa.update(turn).where(turn.c.id.in_(turn_ids)).values(ended_at=now, ended_by=author))


def mark_published(session: Session, turn_id: UUID, trouble: str | None, now: datetime) -> None:
    """Say that the slots of a turn were published, and what was in the way of some."""
    session.execute(sa.update(turn).where(turn.c.id == turn_id).values(published_at=now, trouble=trouble))


def add_slots(session: Session, turn_id: UUID, slot_ids: Collection[UUID]) -> None:
    """Note the slots that were published for a turn."""
    if slot_ids:
        session.execute(sa.insert(turn_slot), [{"slot_id": ident, "turn_id": turn_id} for ident in slot_ids])


def slots_of(session: Session, turn_ids: Collection[UUID]) -> list[UUID]:
    """The slots that were published for turns."""
    statement = sa.select(turn_slot.c.slot_id).where(turn_slot.c.turn_id.in_(turn_ids))
    return list(session.scalars(statement.order_by(turn_slot.c.slot_id)))


def due(session: Session, rota_id: UUID, start: datetime, end: datetime) -> list[tuple[ShiftView, TurnView]]:
    """The turns whose shift starts in `(start, end)` and whose slots were never published, by start."""
    statement = (
        sa.select(shift.c.id, turn.c.id.label("turn_id"))
        .join(turn, turn.c.shift_id == shift.c.id)
        .where(
            shift.c.rota_id == rota_id,
            shift.c.start_at > start,
            shift.c.start_at < end,
            turn.c.ended_at.is_(None),
            turn.c.published_at.is_(None),
        )
        .order_by(shift.c.start_at, turn.c.id)
    )
    pairs = list(session.execute(statement))
    views = {each.id: each for each in shifts(session, shift_ids={pair.id for pair in pairs})}
    return [
        (views[pair.id], next(one for one in views[pair.id].turns if one.id == pair.turn_id))
        for pair in pairs
    ]


def held_before(
    session: Session, rota_id: UUID, start: datetime, end: datetime
) -> dict[UUID, dict[Kind, int]]:
    """How many shifts that start in `[start, end)` each carer holds, by kind."""
    statement = (
        sa.select(turn.c.practitioner_id, shift.c.kinds)
        .join(shift, shift.c.id == turn.c.shift_id)
        .where(
            shift.c.rota_id == rota_id,
            shift.c.start_at >= start,
            shift.c.start_at < end,
            turn.c.ended_at.is_(None),
        )
    )
    counts: dict[UUID, dict[Kind, int]] = {}
    for practitioner_id, kinds in session.execute(statement):
        mine = counts.setdefault(practitioner_id, {})
        for kind in (Kind.ALL, *map(Kind, kinds)):
            mine[kind] = mine.get(kind, 0) + 1
    return counts


def last_held(session: Session, rota_id: UUID) -> datetime | None:
    """When the last shift that somebody holds begins."""
    statement = (
        sa.select(sa.func.max(shift.c.start_at))
        .join(turn, turn.c.shift_id == shift.c.id)
        .where(shift.c.rota_id == rota_id, turn.c.ended_at.is_(None))
    )
    found: datetime | None = session.scalar(statement)
    return found


def _shift(row: sa.Row[Any], held: tuple[TurnView, ...]) -> ShiftView:
    return ShiftView(
        id=row.id,
        rota_id=row.rota_id,
        site_id=row.site_id,
        day=row.day,
        half=Half(row.half),
        start=row.start_at,
        end=row.end_at,
        least=row.least,
        most=row.most,
        patients=row.patients,
        kinds=frozenset(map(Kind, row.kinds)),
        turns=held,
    )


def _turn(row: sa.Row[Any]) -> TurnView:
    return TurnView(
        id=row.id,
        shift_id=row.shift_id,
        practitioner_id=row.practitioner_id,
        cause=Cause(row.cause),
        plan_id=row.plan_id,
        since=row.since,
        published_at=row.published_at,
        trouble=row.trouble,
    )
