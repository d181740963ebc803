"""Every statement on feeds, imported calendars, busy times and the absences they make."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, SQLModel

from slots.agenda.facts import Interval
from slots.feeds import tables  # noqa: F401 - declares the tables that are looked up below
from slots.feeds.facts import CalendarView, FetchFault
from snp.errors import NotFound
from snp.platform.columns import new_id

_TABLES = SQLModel.metadata.tables
feed: Final = _TABLES["calendar_feed"]
calendar: Final = _TABLES["imported_calendar"]
busy: Final = _TABLES["busy_time"]
made: Final = _TABLES["calendar_absence"]
absence: Final = _TABLES["absence"]


def insert_feed(
    session: Session, ident: UUID, practitioner_id: UUID, secret_hash: bytes, *, author: str, now: datetime
) -> None:
    """Write a feed."""
    session.execute(
        sa.insert(feed).values(
            id=ident,
            practitioner_id=practitioner_id,
            secret_hash=secret_hash,
            created_at=now,
            created_by=author,
        )
    )


def revoke_feeds(session: Session, practitioner_id: UUID, now: datetime) -> None:
    """Close the running feed of a practitioner."""
    session.execute(
        sa.update(feed)
        .where(feed.c.practitioner_id == practitioner_id, feed.c.revoked_at.is_(None))
        .values(revoked_at=now)
    )


def running_feed(
    session: Session, *, practitioner_id: UUID | None = None, secret_hash: bytes | None = None
) -> sa.Row[Any] | None:
    """The running feed of a practitioner, or of a secret."""
    statement = sa.select(feed).where(feed.c.revoked_at.is_(None))
    if practitioner_id is not None:
        statement = statement.where(feed.c.practitioner_id == practitioner_id)
    if secret_hash is not None:
        statement = statement.where(feed.c.secret_hash == secret_hash)
    return session.execute(statement).first()


def insert_calendar(session: Session, values: dict[str, Any]) -> None:
    """Write an imported calendar."""
    session.execute(sa.insert(calendar).values(**values))


def running_calendars(session: Session, practitioner_id: UUID) -> list[CalendarView]:
    """The calendars of a practitioner, in order of creation."""
    statement = sa.select(calendar).where(
        calendar.c.practitioner_id == practitioner_id, calendar.c.removed_at.is_(None)
    )
    return [_view(row) for row in session.execute(statement.order_by(calendar.c.id))]


def calendar_by_id(session: Session, ident: UUID, *, lock: bool = False) -> sa.Row[Any]:
    """A running calendar. Raises `NotFound`."""
    statement = sa.select(calendar).where(calendar.c.id == ident, calendar.c.removed_at.is_(None))
    row = session.execute(statement.with_for_update() if lock else statement).first()
    if row is None:
        raise NotFound("calendrier", ident)
    return row


def calendars_due(session: Session, checked_before: datetime, limit: int) -> Sequence[sa.Row[Any]]:
    """The calendars not looked at since an instant, those never looked at first."""
    statement = (
        sa.select(calendar)
        .where(
            calendar.c.removed_at.is_(None),
            sa.or_(calendar.c.checked_at.is_(None), calendar.c.checked_at <= checked_before),
        )
        .order_by(calendar.c.checked_at.asc().nulls_first(), calendar.c.id)
        .limit(limit)
    )
    return session.execute(statement).all()


def update_calendar(session: Session, ident: UUID, **values: Any) -> None:
    """Write what is now known of a calendar."""
    session.execute(sa.update(calendar).where(calendar.c.id == ident).values(**values))


def lock_addresses(session: Session, *, after: UUID | None, limit: int) -> Sequence[sa.Row[Any]]:
    """The sealed addresses of running calendars in order of id, locked."""
    statement = (
        sa.select(calendar.c.id, calendar.c.address)
        .where(calendar.c.removed_at.is_(None))
        .order_by(calendar.c.id)
        .limit(limit)
        .with_for_update()
    )
    return session.execute(statement if after is None else statement.where(calendar.c.id > after)).all()


def replace_busy(session: Session, calendar_id: UUID, times: Sequence[Interval]) -> None:
    """Write the busy times of a calendar over those it had."""
    session.execute(sa.delete(busy).where(busy.c.calendar_id == calendar_id))
    if times:
        session.execute(
            sa.insert(busy),
            [
                {"id": new_id(), "calendar_id": calendar_id, "start_at": one.start, "end_at": one.end}
                for one in times
            ],
        )


def busy_of(session: Session, practitioner_id: UUID, *, ends_after: datetime) -> list[Interval]:
    """The busy times of a practitioner's calendars that are not over, by start."""
    statement = (
        sa.select(busy.c.start_at, busy.c.end_at)
        .join(calendar, calendar.c.id == busy.c.calendar_id)
        .where(
            calendar.c.practitioner_id == practitioner_id,
            calendar.c.removed_at.is_(None),
            busy.c.end_at > ends_after,
        )
        .order_by(busy.c.start_at)
    )
    return [Interval(row.start_at, row.end_at) for row in session.execute(statement)]


def note_absence(session: Session, absence_id: UUID, practitioner_id: UUID) -> None:
    """Say that a calendar made an absence."""
    session.execute(sa.insert(made).values(absence_id=absence_id, practitioner_id=practitioner_id))


def absences_made(session: Session, practitioner_id: UUID) -> frozenset[UUID]:
    """The absences that calendars ever made in an agenda."""
    statement = sa.select(made.c.absence_id).where(made.c.practitioner_id == practitioner_id)
    return frozenset(session.execute(statement).scalars())


def running_absences_made(
    session: Session, practitioner_id: UUID, *, ends_after: datetime
) -> dict[UUID, Interval]:
    """Those of them that hold and are not over."""
    statement = (
        sa.select(absence.c.id, absence.c.start_at, absence.c.end_at)
        .join(made, made.c.absence_id == absence.c.id)
        .where(
            made.c.practitioner_id == practitioner_id,
            absence.c.lifted_at.is_(None),
            absence.c.end_at > ends_after,
        )
    )
    return {row.id: Interval(row.start_at, row.end_at) for row in session.execute(statement)}


def practitioners_with_calendars(session: Session) -> list[UUID]:
    """Who imports a calendar."""
    importing = sa.select(calendar.c.practitioner_id).where(calendar.c.removed_at.is_(None))
    return sorted(set(session.execute(importing).scalars()))


def _view(row: sa.Row[Any]) -> CalendarView:
    return CalendarView(
        id=row.id,
        practitioner_id=row.practitioner_id,
        host=row.host,
        created_at=row.created_at,
        read_at=row.read_at if row.fault or row.read_at is None else row.checked_at,
        fault=FetchFault(row.fault) if row.fault else None,
        failing_since=row.failing_since,
    )
