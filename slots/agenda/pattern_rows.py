"""Every statement on patterns and their exceptions."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlmodel import Session

from slots.agenda.facts import ExceptionKind, ExceptionView, Offer, PatternFilter, PatternView, SasView
from slots.agenda.statements import any_of, pattern, pattern_exception, practitioner
from snp.assignment.facts import Audience, Mode
from snp.platform.columns import new_id


def insert(session: Session, values: dict[str, Any], *, author: str, now: datetime) -> UUID:
    """Write a pattern."""
    ident = new_id()
    session.execute(sa.insert(pattern).values(id=ident, created_at=now, created_by=author, **values))
    return ident


def update(session: Session, pattern_id: UUID, **values: Any) -> None:
    """Write values on a pattern; the edit counts in its version."""
    session.execute(
        sa.update(pattern).where(pattern.c.id == pattern_id).values(**values, version=pattern.c.version + 1)
    )


def mark_expanded(session: Session, pattern_id: UUID, until: date) -> None:
    """Say up to which day (excluded) a pattern is expanded; no edit of it."""
    session.execute(sa.update(pattern).where(pattern.c.id == pattern_id).values(expanded_until=until))


def by_id(session: Session, pattern_id: UUID, *, lock: bool = False) -> PatternView | None:
    """The pattern of an id with its exceptions."""
    statement = sa.select(pattern).where(pattern.c.id == pattern_id)
    row = session.execute(statement.with_for_update() if lock else statement).first()
    return _with_exceptions(session, [_view(row)])[0] if row else None


def page(session: Session, wanted: PatternFilter, *, after: UUID | None, limit: int) -> list[PatternView]:
    """Patterns in order of creation, one more than `limit` when there are more."""
    statement = sa.select(pattern)
    if wanted.practitioner_ids is not None:
        statement = statement.where(pattern.c.practitioner_id.in_(wanted.practitioner_ids))
    if wanted.territory_ids is not None:
        statement = statement.where(any_of(pattern.c.territory_ids, wanted.territory_ids, sa.Uuid()))
    if wanted.running is not None:
        statement = statement.where(pattern.c.ended_at.is_(None) == wanted.running)
    if after is not None:
        statement = statement.where(pattern.c.id > after)
    rows = session.execute(statement.order_by(pattern.c.id).limit(limit + 1))
    return _with_exceptions(session, [_view(row) for row in rows])


def due(session: Session, until: date) -> list[UUID]:
    """Running patterns of active practitioners not yet expanded up to `until`, the furthest behind first."""
    statement = (
        sa.select(pattern.c.id)
        .join(practitioner, sa.and_(practitioner.c.id == pattern.c.practitioner_id, practitioner.c.active))
        .where(
            pattern.c.ended_at.is_(None),
            pattern.c.first_day < until,
            sa.or_(pattern.c.expanded_until.is_(None), pattern.c.expanded_until < until),
            sa.or_(
                pattern.c.last_day.is_(None),
                pattern.c.expanded_until.is_(None),
                pattern.c.last_day >= pattern.c.expanded_until,
            ),
        )
        .order_by(pattern.c.expanded_until.nulls_first(), pattern.c.id)
    )
    return list(session.execute(statement).scalars())


def put_exception(
    session: Session, pattern_id: UUID, exception: ExceptionView, *, author: str, now: datetime
) -> None:
    """Write an exception in place of any the same day had."""
    values = {
        "kind": exception.kind,
        "moved_day": exception.moved_day,
        "moved_starts_at": exception.moved_starts_at,
        "patients": exception.patients,
        "created_at": now,
        "created_by": author,
    }
    statement = postgresql.insert(pattern_exception).values(
        pattern_id=pattern_id, day=exception.day, **values
    )
    session.execute(statement.on_conflict_do_update(index_elements=["pattern_id", "day"], set_=values))


def remove_exception(session: Session, pattern_id: UUID, day: date) -> None:
    """Let a day be again what its pattern says."""
    session.execute(
        sa.delete(pattern_exception).where(
            pattern_exception.c.pattern_id == pattern_id, pattern_exception.c.day == day
        )
    )


def hand_exceptions_over(session: Session, pattern_id: UUID, new_pattern_id: UUID, *, start: date) -> None:
    """Give the exceptions of a pattern from a day on to the pattern that follows it."""
    session.execute(
        sa.update(pattern_exception)
        .where(pattern_exception.c.pattern_id == pattern_id, pattern_exception.c.day >= start)
        .values(pattern_id=new_pattern_id)
    )


def _with_exceptions(session: Session, patterns: list[PatternView]) -> list[PatternView]:
    found = _exceptions(session, [each.id for each in patterns])
    return [replace(each, exceptions=tuple(found.get(each.id, ()))) for each in patterns]


def _exceptions(session: Session, pattern_ids: Collection[UUID]) -> dict[UUID, list[ExceptionView]]:
    statement = sa.select(pattern_exception).where(pattern_exception.c.pattern_id.in_(pattern_ids))
    found: dict[UUID, list[ExceptionView]] = {}
    for row in session.execute(statement.order_by(pattern_exception.c.day)):
        found.setdefault(row.pattern_id, []).append(
            ExceptionView(row.day, ExceptionKind(row.kind), row.moved_day, row.moved_starts_at, row.patients)
        )
    return found


def _view(row: sa.Row[Any]) -> PatternView:
    offer = Offer(
        site_id=row.site_id,
        mode=Mode(row.mode),
        audiences=frozenset(map(Audience, row.audiences)),
        territory_ids=frozenset(row.territory_ids),
        reasons=frozenset(row.reasons),
        sas=frozenset(map(SasView, row.sas)),
        slot_minutes=row.slot_minutes,
        buffer_minutes=row.buffer_minutes,
        release_minutes=row.release_minutes,
    )
    return PatternView(
        id=row.id,
        practitioner_id=row.practitioner_id,
        offer=offer,
        rrule=row.rrule,
        first_day=row.first_day,
        last_day=row.last_day,
        starts_at=row.starts_at,
        patients=row.patients,
        slot_minutes=row.slot_minutes,
        replaces_id=row.replaces_id,
        ended_at=row.ended_at,
        expanded_until=row.expanded_until,
        version=row.version,
        created_at=row.created_at,
        created_by=row.created_by,
    )
