"""The second lock between territories: what a session may see is bounded by PostgreSQL itself (ADR 105).

A session that is bound acts under the role `snp_near`, whose row-level policies let through what belongs to
the territories of `snp.territories`. Both are set for one transaction at a time, and again in each that the
session begins. A session that was never bound acts as the owner of the tables. Knows no table and no actor.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Final, TypeAlias
from uuid import UUID

import psycopg
import sqlalchemy as sa
from psycopg.pq import TransactionStatus
from sqlalchemy.orm import SessionTransaction
from sqlmodel import Session

from snp.platform.fixed import send

Territories: TypeAlias = frozenset[UUID]

ROLE: Final = "snp_near"
LET_IN: Final = "snp_near_let_in"
"""The function of the database that makes the role, where it may, and gives it its rights."""

_OWNER: Final = "none"
_STANDING: Final = "near"
_SET: Final = "SELECT set_config('role', %s, true), set_config('snp.territories', %s, true)"
_READY: Final = sa.text("SELECT snp_near_is_ready()")


def bind(session: Session, territories: Collection[UUID]) -> None:
    """Bound a session to these territories until it is closed, whatever transactions it begins."""
    _stand(session, frozenset(territories))


def bound_to(session: Session) -> Territories | None:
    """Return the territories that a session is bounded to now; None while it acts as the owner."""
    found: Territories | None = session.info.get(_STANDING)
    return found


def follow(session: Session, other: Session) -> None:
    """Bound a session as another one is by now."""
    territories = bound_to(other)
    if territories is not None:
        bind(session, territories)


def is_ready(session: Session) -> bool:
    """Tell whether the role is there, may be taken by who is connected, and was let in to the tables."""
    return bool(session.connection().scalar(_READY))


@contextmanager
def reaching(session: Session, territories: Collection[UUID]) -> Iterator[None]:
    """Widen a bound session to these territories too, for the part of an act that happens next door."""
    own = bound_to(session)
    if own is None or own.issuperset(territories):
        yield
        return
    with _standing(session, own.union(territories)):
        yield


@contextmanager
def unbound(session: Session) -> Iterator[None]:
    """Let a bound session act as the owner, for what no list of territories can name beforehand."""
    if bound_to(session) is None:
        yield
        return
    with _standing(session, None):
        yield


@contextmanager
def _standing(session: Session, territories: Territories | None) -> Iterator[None]:
    before = bound_to(session)
    _stand(session, territories)
    try:
        yield
    finally:
        _stand(session, before)


def _stand(session: Session, territories: Territories | None) -> None:
    session.info[_STANDING] = territories
    if session.in_transaction() and session.is_active:
        _tell(session.connection(), territories)


@sa.event.listens_for(Session, "after_begin")
def _begun(session: Session, transaction: SessionTransaction, connection: sa.Connection) -> None:
    territories = bound_to(session)
    if territories is not None and not transaction.nested:
        _tell(connection, territories)


def _tell(connection: sa.Connection, territories: Territories | None) -> None:
    """Say it to the transaction. One that failed takes no statement: what undoes it brings back what was."""
    driver = connection.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    if driver.info.transaction_status is TransactionStatus.INERROR:
        return
    role = _OWNER if territories is None else ROLE
    send(connection, _SET, (role, _as_array(territories or ())))


def _as_array(territories: Collection[UUID]) -> str:
    return f"{{{','.join(sorted(map(str, territories)))}}}"
