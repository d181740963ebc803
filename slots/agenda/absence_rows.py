"""Every statement on absences."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from slots.agenda.facts import AbsenceView
from slots.agenda.statements import absence
from snp.platform.columns import new_id


def insert(
    session: Session,
    practitioner_id: UUID,
    start: datetime,
    end: datetime,
    *,
    label: str | None,
    author: str,
    now: datetime,
) -> AbsenceView:
    """Write an absence."""
    row = session.execute(
        sa.insert(absence)
        .values(
            id=new_id(),
            practitioner_id=practitioner_id,
            start_at=start,
            end_at=end,
            label=label,
            created_at=now,
            created_by=author,
        )
        .returning(absence)
    ).one()
    return _view(row)


def lift(session: Session, absence_id: UUID, now: datetime) -> AbsenceView:
    """Say that an absence no longer holds."""
    row = session.execute(
        sa.update(absence)
        .where(absence.c.id == absence_id)
        .values(lifted_at=now, version=absence.c.version + 1)
        .returning(absence)
    ).one()
    return _view(row)


def by_id(session: Session, absence_id: UUID) -> AbsenceView | None:
    """The absence of an id."""
    row = session.execute(sa.select(absence).where(absence.c.id == absence_id)).first()
    return _view(row) if row else None


def running(session: Session, practitioner_id: UUID, *, ends_after: datetime) -> list[AbsenceView]:
    """The absences of a practitioner that hold and are not over, by start."""
    statement = sa.select(absence).where(
        absence.c.practitioner_id == practitioner_id,
        absence.c.lifted_at.is_(None),
        absence.c.end_at > ends_after,
    )
    return [_view(row) for row in session.execute(statement.order_by(absence.c.start_at, absence.c.id))]


def page(
    session: Session,
    *,
    practitioner_ids: Collection[UUID] | None,
    ends_after: datetime | None,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[AbsenceView]:
    """Absences by start, one more than `limit` when there are more."""
    statement = sa.select(absence)
    if practitioner_ids is not None:
        statement = statement.where(absence.c.practitioner_id.in_(practitioner_ids))
    if ends_after is not None:
        statement = statement.where(absence.c.end_at > ends_after)
    if after is not None:
        keys = sa.tuple_(absence.c.start_at, absence.c.id)
        statement = statement.where(keys > sa.tuple_(sa.literal(after[0]), sa.literal(after[1])))
    rows = session.execute(statement.order_by(absence.c.start_at, absence.c.id).limit(limit + 1))
    return [_view(row) for row in rows]


def _view(row: sa.Row[Any]) -> AbsenceView:
    return AbsenceView(
        id=row.id,
        practitioner_id=row.practitioner_id,
        start=row.start_at,
        end=row.end_at,
        label=row.label,
        lifted_at=row.lifted_at,
        version=row.version,
        created_at=row.created_at,
        created_by=row.created_by,
    )
