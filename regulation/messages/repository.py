"""Every statement on the choices of reminders; decides nothing, never commits."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, select

import regulation.intake.service  # noqa: F401 - declares the table of requests
from regulation.messages.facts import ReminderWay
from regulation.messages.tables import ReminderChoice


def choices(session: Session, request_ids: Collection[UUID]) -> list[ReminderChoice]:
    """The choices of these requests, by request."""
    statement = select(ReminderChoice).where(col(ReminderChoice.request_id).in_(list(request_ids)))
    return list(session.exec(statement.order_by(col(ReminderChoice.request_id))).all())


def put(
    session: Session, request_id: UUID, way: ReminderWay, address: bytes | None, chosen_at: datetime
) -> None:
    """Write a choice over the one before."""
    values = {"way": way, "address": address, "chosen_at": chosen_at}
    statement = insert(ReminderChoice).values(request_id=request_id, **values)
    session.execute(statement.on_conflict_do_update(index_elements=["request_id"], set_=values))


def delete(session: Session, request_ids: Collection[UUID]) -> None:
    """Delete the choices of these requests."""
    session.execute(sa.delete(ReminderChoice).where(col(ReminderChoice.request_id).in_(list(request_ids))))


def sealed(session: Session, *, after: UUID | None, limit: int) -> list[ReminderChoice]:
    """Choices that hold an address, by request, locked, for another key to seal."""
    statement = select(ReminderChoice).where(col(ReminderChoice.address).is_not(None))
    if after is not None:
        statement = statement.where(col(ReminderChoice.request_id) > after)
    ordered = statement.order_by(col(ReminderChoice.request_id)).limit(limit)
    return list(session.exec(ordered.with_for_update()).all())
