"""One process among many, elected by a PostgreSQL advisory lock on a connection of its own.

Schedules nothing itself.
"""

from __future__ import annotations

import hashlib
import os
from types import TracebackType
from typing import Self

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool
from sqlmodel import Session

from snp.platform.address import normalise_url

APPLICATION = "snp-leader"
"""How the server names a connection that may lead, before the number of its process."""

_CONNECT_ARGS = {
    "connect_timeout": 5,
    "prepare_threshold": None,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
}


class Leadership:
    """The right to be the only one, for as long as a dedicated connection lives.

    The lock dies with the connection, so a killed leader is replaced as soon as the server sees it gone.
    The address must reach the server itself: a transaction pooler would lend the connection, and with it
    the lock, to others.
    """

    def __init__(self, url: sa.URL | str, name: str) -> None:
        self._key = advisory_key(name)
        self._engine = sa.create_engine(
            normalise_url(url),
            poolclass=NullPool,
            isolation_level="AUTOCOMMIT",
            connect_args=_CONNECT_ARGS | {"application_name": f"{APPLICATION} {os.getpid()}"},
        )
        self._connection: sa.Connection | None = None

    def acquire(self) -> bool:
        """Try to become (or make sure to still be) the only one.

        Never waits, never raises for a lost server.
        """
        if self.held():
            return True
        try:
            self._connection = self._engine.connect()
            if self._ask("SELECT pg_is_in_recovery()") or not self._ask("SELECT pg_try_advisory_lock(:key)"):
                self.release()
                return False
        except DBAPIError:
            self.release()
            return False
        return True

    def held(self) -> bool:
        """True while the server confirms that the connection lives and that the lock is ours."""
        if self._connection is None:
            return False
        try:
            return self._ask(
                "SELECT NOT pg_is_in_recovery() AND EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory'"
                " AND pid = pg_backend_pid() AND granted AND (classid::bigint << 32) | objid::bigint = :key)"
            )
        except DBAPIError:
            self.release()
            return False

    def release(self) -> None:
        """Give the right back by closing the connection; does nothing when it was not held."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.invalidate()
            connection.close()

    def _ask(self, question: str) -> bool:
        assert self._connection is not None
        statement = sa.text(question)
        parameters = {"key": self._key} if ":key" in question else {}
        return bool(self._connection.execute(statement, parameters).scalar())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def is_held_by_anyone(session: Session, name: str) -> bool:
    """Tell whether some process of this database holds the right."""
    statement = sa.text(
        "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted"
        " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        " AND (classid::bigint << 32) | objid::bigint = :key)"
    )
    return bool(session.connection().scalar(statement, {"key": advisory_key(name)}))


def advisory_key(name: str) -> int:
    """A stable 63-bit advisory-lock key for a name; positive, so that `pg_locks` shows it unchanged."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big") >> 1
