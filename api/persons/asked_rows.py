"""Every statement on the rights that patients ask for."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as insert_into
from sqlmodel import Session, SQLModel, col

import regulation.intake.service  # noqa: F401 - declares the table of requests
from api.persons.facts import AskedView, PersonRight
from api.persons.tables import RightAsked
from snp.platform.columns import new_id

A: Final = SQLModel.metadata.tables["right_asked"]
R: Final = SQLModel.metadata.tables["request"]


def insert(session: Session, values: dict[str, Any]) -> UUID | None:
    """Write what is asked for; None while the same is open."""
    statement = insert_into(A).values(id=new_id(), **values).on_conflict_do_nothing().returning(A.c.id)
    return session.execute(statement).scalar_one_or_none()


def get(session: Session, ask_id: UUID, *, lock: bool = False) -> RightAsked | None:
    """Return one, locked to be changed where asked."""
    return session.get(RightAsked, ask_id, with_for_update=True if lock else None, populate_existing=lock)


def of_request(session: Session, request_id: UUID, *, limit: int) -> tuple[AskedView, ...]:
    """Those of a request, the last one first."""
    statement = _select().where(A.c.request_id == request_id).order_by(A.c.asked_at.desc(), A.c.id.desc())
    return tuple(map(_view, session.execute(statement.limit(limit))))


def of_patient(session: Session, patient_id: UUID, *, limit: int) -> tuple[AskedView, ...]:
    """Those of a patient, the last one first."""
    statement = _select().where(A.c.patient_id == patient_id).order_by(A.c.asked_at.desc(), A.c.id.desc())
    return tuple(map(_view, session.execute(statement.limit(limit))))


def listed(
    session: Session, territories: Collection[UUID] | None, *, skip: int, limit: int
) -> tuple[AskedView, ...]:
    """What waits, the oldest first, then what was answered, the last first."""
    waits = sa.case((A.c.answered_at.is_(None), 0), else_=1)
    age = sa.func.extract("epoch", sa.func.coalesce(A.c.answered_at, A.c.asked_at))
    place = sa.case((A.c.answered_at.is_(None), age), else_=-age)
    statement = _select().order_by(waits, place, A.c.id).offset(skip).limit(limit)
    if territories is not None:
        statement = statement.where(A.c.territory_id.in_(list(territories)))
    return tuple(map(_view, session.execute(statement)))


def delete_answered(session: Session, before: datetime) -> int:
    """Delete what was answered before an instant; how many."""
    statement = sa.delete(RightAsked).where(col(RightAsked.answered_at) < before)
    return len(session.execute(statement.returning(col(RightAsked.id))).all())


def _select() -> sa.Select[Any]:
    wanted = (A.c.id, A.c.territory_id, A.c.wanted.label("right"), A.c.asked_at, A.c.answered_at)
    return sa.select(*wanted, R.c.number).join(R, R.c.id == A.c.request_id)


def _view(row: Any) -> AskedView:
    return AskedView(**{**row._asdict(), "right": PersonRight(row.right)})
