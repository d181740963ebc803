"""A streaming replica that may answer what can be a few seconds old; the primary answers whatever it cannot.

How old it is is told without any clock but ours: what the primary had written at an instant, and whether the
replica has played that since. Writes nothing.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from snp.platform.db import create_engine, create_session_factory
from snp.platform.settings import Settings

LOOK_EVERY_SECONDS: Final = 1.0
AGE_SECONDS: Final = "age_seconds"
"""Under this name a session of the replica tells (`Session.info`) how old its data may be, in seconds."""
_WRITTEN: Final = sa.text("SELECT pg_current_wal_lsn() - '0/0'::pg_lsn")
_PLAYED: Final = sa.text(
    "SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() - '0/0'::pg_lsn END"
)


class Replica:
    """The replica of a primary, with what is known of how far behind it is."""

    def __init__(self, primary: sa.Engine, replica: sa.Engine, *, bound_seconds: float) -> None:
        self._primary = primary
        self._replica = replica
        self._sessions = create_session_factory(replica)
        self._bound = bound_seconds
        self._written: deque[tuple[float, int]] = deque()
        self._lock = threading.Lock()
        self._looked = float("-inf")
        self._fresh_at = float("-inf")

    def is_fresh(self) -> bool:
        """Tell whether its answers are known to be younger than the bound; looks once a second at most."""
        now = time.monotonic()
        with self._lock:
            due = now - self._looked >= LOOK_EVERY_SECONDS
            if due:
                self._looked = now
        if due:
            self._look(now)
        return time.monotonic() - self._fresh_at <= self._bound

    @contextmanager
    def reading(self) -> Iterator[Session | None]:
        """Open a session that only reads on the replica; None where the primary must answer."""
        session = self._sessions() if self.is_fresh() else None
        try:
            if session is not None:
                session.connection(execution_options={"postgresql_readonly": True})
                session.info[AGE_SECONDS] = max(0.0, time.monotonic() - self._fresh_at)
        except DBAPIError:
            self._fresh_at = float("-inf")
            session = None
        try:
            yield session
        except DBAPIError:
            self._fresh_at = float("-inf")  # who asks again is answered by the primary
            raise
        finally:
            if session is not None:
                session.close()

    def dispose(self) -> None:
        """Give its connections back."""
        self._replica.dispose()

    def _look(self, now: float) -> None:
        """Note what the primary has written by now, and up to when the replica has played it."""
        try:
            with self._primary.connect() as primary:
                written = int(primary.scalar(_WRITTEN))
            with self._replica.connect() as replica:
                played = replica.scalar(_PLAYED)
        except DBAPIError:
            return
        if played is None:  # it was promoted: no replica any more
            self._fresh_at = float("-inf")
            return
        self._written.append((now, written))
        while self._written and self._written[0][1] <= int(played):
            self._fresh_at = self._written.popleft()[0]


def replica_of(settings: Settings, primary: sa.Engine) -> Replica | None:
    """Return the replica of the settings, where there is one."""
    if settings.database_replica_url is None:
        return None
    engine = create_engine(settings.database_replica_url.get_secret_value(), settings)
    return Replica(primary, engine, bound_seconds=settings.database_replica_staleness_seconds)
