"""The engine, the session and what is done with the database's refusals. Knows no table and no rule.

Conventions: one colour (synchronous) and sessions in UTC; what columns look like is in
`snp.platform.columns`.
"""

from __future__ import annotations

import random
import select
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final, TypeVar

import orjson
import psycopg
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry
from sqlmodel import Session

from snp.errors import SnpError
from snp.platform.address import normalise_url
from snp.platform.settings import Settings

T = TypeVar("T")

PING_AFTER_SECONDS: Final = 1.0

LOCK_NOT_AVAILABLE: Final = "55P03"
"""SQLSTATE of a lock that did not come in time; usable as a key of `refusing`."""

_WORTH_RETRYING: Final = frozenset({"40001", "40P01"})


class DatabaseBusy(SnpError):
    """The work met other work so many times that it gave up; asking again later is right."""

    slug = "busy"
    fr = "Le service est très sollicité : réessayez dans quelques secondes."


def create_engine(url: sa.URL | str, settings: Settings, **options: Any) -> sa.Engine:
    """An engine on a PostgreSQL database, with the pool and the time limits of the settings.

    `options` go to `sqlalchemy.create_engine` and win over the defaults (tests pass `poolclass=NullPool`).
    Behind a transaction pooler the limits must be set on the role: a pooler drops session settings.
    """
    connect: dict[str, Any] = {"application_name": "snp", "connect_timeout": 10}
    if settings.database_behind_pgbouncer:
        connect["prepare_threshold"] = None
    else:
        connect["options"] = (
            "-c timezone=UTC"
            f" -c statement_timeout={settings.database_statement_timeout_ms}"
            f" -c lock_timeout={settings.database_lock_timeout_ms}"
        )
    defaults: dict[str, Any] = {"connect_args": connect, "json_serializer": _to_json}
    defaults["json_deserializer"] = orjson.loads
    if "poolclass" not in options:
        defaults |= {
            "pool_size": settings.database_pool_size,
            "max_overflow": settings.database_pool_overflow,
            "pool_timeout": settings.database_pool_timeout_seconds,
        }
    engine = sa.create_engine(normalise_url(url), **(defaults | options))
    _ping_the_idle(engine)
    return engine


def _ping_the_idle(engine: sa.Engine) -> None:
    """Ask a connection whether it still lives before it is lent, when it rested or the server has spoken.

    One that was in use a moment ago and whose socket is silent is not asked: under load that would be a round
    trip a transaction. A server that goes away says so, or closes the socket: either can be read.
    """

    def rested(_connection: object, record: ConnectionPoolEntry) -> None:
        record.info["rests_since"] = time.monotonic()

    def lent(connection: Any, record: ConnectionPoolEntry, _proxy: object) -> None:
        since = record.info.get("rests_since")
        if since is None:
            return
        if time.monotonic() - since < PING_AFTER_SECONDS and not _has_something_to_read(connection):
            return
        try:
            engine.dialect.do_ping(connection)
        except Exception as error:
            raise sa.exc.InvalidatePoolError from error

    sa.event.listen(engine, "checkin", rested)
    sa.event.listen(engine, "checkout", lent)


def _has_something_to_read(connection: Any) -> bool:
    """Tell whether the server has sent something that nobody asked for; a closed socket can be read too."""
    try:
        return bool(select.select([connection.fileno()], [], [], 0)[0])
    except (OSError, ValueError, psycopg.Error):
        return True


def create_session_factory(bind: sa.Engine | sa.Connection) -> sessionmaker[Session]:
    """Sessions that keep their objects readable after a commit; who opens one commits it."""
    return sessionmaker(bind, class_=Session, expire_on_commit=False)


def violated_constraint(error: DBAPIError) -> str | None:
    """The name of the constraint that refused the statement, when one did."""
    diagnostic = getattr(error.orig, "diag", None)
    return getattr(diagnostic, "constraint_name", None)


def sqlstate(error: DBAPIError) -> str | None:
    """The five-character PostgreSQL code of the failure."""
    return getattr(error.orig, "sqlstate", None)


@contextmanager
def refusing(refusals: Mapping[str, Callable[[], SnpError]]) -> Iterator[None]:
    """Turn the database's refusals into ours: constraint name (or SQLSTATE) to the refusal it means.

    The statements must be sent inside the block (`session.flush()` when the unit of work holds them). The
    transaction is dead afterwards; a caller who means to go on wraps the block in `session.begin_nested()`.
    """
    try:
        yield
    except DBAPIError as error:
        for key in (violated_constraint(error), sqlstate(error)):
            if key is not None and key in refusals:
                refusal = refusals[key]()
                raise refusal from error
        raise


def retrying(work: Callable[[], T], *, attempts: int = 5, first_pause_seconds: float = 0.01) -> T:
    """Run a whole transaction, again when PostgreSQL asks for it (serialization failure, deadlock).

    `work` must open and close its own transaction. Pauses double and are jittered. Raises `DatabaseBusy` at
    the end.
    """
    pause = first_pause_seconds
    for attempt in range(1, attempts + 1):
        try:
            return work()
        except DBAPIError as error:
            if sqlstate(error) not in _WORTH_RETRYING:
                raise
            if attempt == attempts:
                raise DatabaseBusy(f"gave up after {attempts} attempts") from error
        time.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311 - jitter, not a secret
        pause *= 2
    raise AssertionError("unreachable")


def _to_json(value: object) -> str:
    return orjson.dumps(value).decode()
