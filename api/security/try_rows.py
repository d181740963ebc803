"""Every statement on tries at the doors and failures at unknown logins. Decides nothing, commits nothing."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col

from api.security.tables import DoorTry, UnknownLogin
from api.security.tries import Tries


def locked(session: Session, name: bytes, now: datetime) -> Tries:
    """Return the tries remembered under a name, locked; none yet, from now on, where there is nothing."""
    fresh = insert(DoorTry).values(name=name, since=now, count=0, closed=0)
    session.execute(fresh.on_conflict_do_nothing())
    row = session.execute(
        sa.select(col(DoorTry.since), col(DoorTry.count), col(DoorTry.closed))
        .where(col(DoorTry.name) == name)
        .with_for_update()
    ).one()
    return Tries(*row)


def write(session: Session, name: bytes, tries: Tries) -> None:
    """Remember the tries of a name."""
    values = {"since": tries.since, "count": tries.count, "closed": tries.closed}
    session.execute(sa.update(DoorTry).where(col(DoorTry.name) == name).values(**values))


def give_back(session: Session, name: bytes) -> None:
    """Take one try back."""
    counted = (col(DoorTry.name) == name, col(DoorTry.count) > 0)
    session.execute(sa.update(DoorTry).where(*counted).values(count=col(DoorTry.count) - 1))


def unknown_login(session: Session, name: bytes, now: datetime) -> UnknownLogin:
    """Return what is remembered of a login that nobody has, locked."""
    fresh = insert(UnknownLogin).values(name=name, failures=0, last_at=now)
    session.execute(fresh.on_conflict_do_nothing())
    return session.get_one(UnknownLogin, name, with_for_update=True)


def prune(session: Session, *, tries_before: datetime, logins_before: datetime) -> int:
    """Forget tries and failures whose last trace is older than an instant each; return how many."""
    tries = session.execute(sa.delete(DoorTry).where(col(DoorTry.since) < tries_before))
    logins = session.execute(sa.delete(UnknownLogin).where(col(UnknownLogin.last_at) < logins_before))
    return tries.rowcount + logins.rowcount  # type: ignore[attr-defined,no-any-return]
