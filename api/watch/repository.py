"""Every statement of the watch: the looks themselves, and the rows that remember them."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, select

from api.watch.facts import Invariant, Look
from api.watch.tables import InvariantLook

SAMPLE: Final = 20
_LIMIT_MS: Final = 10_000


def look(session: Session, invariant: Invariant, *, now: datetime) -> Look:
    """Run one invariant, within ten seconds. Raises `DBAPIError`."""
    session.execute(sa.text(f"SET LOCAL statement_timeout = {_LIMIT_MS}"))
    session.execute(sa.text("SET LOCAL transaction_read_only = on"))
    statement = f"SELECT id, count(*) OVER () FROM ({invariant.statement}) AS broken LIMIT {SAMPLE}"  # noqa: S608 - a text of ours
    bound = {"now": now} if ":now" in invariant.statement else {}
    rows = session.execute(sa.text(statement), bound).all()
    return Look(invariant.code, now, rows[0][1] if rows else 0, tuple(row[0] for row in rows))


def remember(session: Session, seen: Look) -> None:
    """Keep a look in place of the one before."""
    values = {"code": seen.code, "at": seen.at, "broken": seen.count, "sample": list(seen.sample)}
    statement = insert(InvariantLook).values(values)
    session.execute(statement.on_conflict_do_update(index_elements=["code"], set_=values))


def looks(session: Session) -> list[Look]:
    """The last look at each invariant, by code."""
    rows = session.exec(select(InvariantLook).order_by(col(InvariantLook.code)))
    return [Look(row.code, row.at, row.broken, tuple(row.sample)) for row in rows]
