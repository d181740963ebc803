"""Every statement on emergency accesses; decides nothing, never commits."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, SQLModel

import regulation.intake.service  # noqa: F401 - declares the table of requests
from regulation.emergency import tables
from regulation.emergency.facts import EmergencyAccess
from snp.platform.actors import Role

A = SQLModel.metadata.tables[str(tables.EmergencyAccessRow.__tablename__)]
R = SQLModel.metadata.tables["request"]


def insert(session: Session, values: dict[str, Any]) -> None:
    """Write an access."""
    session.execute(sa.insert(A).values(**values))


def get(session: Session, access_id: UUID) -> EmergencyAccess | None:
    """The access of an id."""
    row = session.execute(_select().where(A.c.id == access_id)).one_or_none()
    return None if row is None else _access(row)


def running(session: Session, request_id: UUID, opened_by: str, now: datetime) -> EmergencyAccess | None:
    """The access that somebody already has to a dossier."""
    statement = _select().where(
        A.c.request_id == request_id, A.c.opened_by == opened_by, A.c.opened_at <= now, A.c.expires_at > now
    )
    row = session.execute(statement.order_by(A.c.opened_at.desc()).limit(1)).one_or_none()
    return None if row is None else _access(row)


def newest(
    session: Session,
    territories: Collection[UUID] | None,
    *,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[EmergencyAccess]:
    """The accesses to dossiers of these territories, newest first, older than `after`; None: of all."""
    statement = _select().order_by(A.c.opened_at.desc(), A.c.id.desc()).limit(limit)
    if territories is not None:
        statement = statement.where(A.c.territory_id.in_(list(territories)))
    if after is not None:
        statement = statement.where(sa.tuple_(A.c.opened_at, A.c.id) < after)
    return [_access(row) for row in session.execute(statement)]


def delete_older(session: Session, before: datetime) -> int:
    """Delete the accesses opened before an instant; how many."""
    gone = session.execute(sa.delete(A).where(A.c.opened_at < before).returning(A.c.id))
    return len(gone.all())


def _select() -> sa.Select[Any]:
    return sa.select(*(column for column in A.c), R.c.number).join(R, R.c.id == A.c.request_id)


def _access(row: Any) -> EmergencyAccess:
    return EmergencyAccess(**{**row._asdict(), "role": Role(row.role)})
