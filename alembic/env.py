"""Runs the revisions under time limits, one process at a time; knows no address of its own.

`api.migrations` hands over a connection. Alone on the command line (`alembic revision --autogenerate -m
"add x"`), the database of the settings is used.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.pool import NullPool
from sqlmodel import SQLModel

from alembic import context
from api.migrations import import_tables, is_compared
from snp.platform.db import create_engine
from snp.platform.leadership import advisory_key
from snp.platform.postgres import database
from snp.platform.settings import get_settings

LOCK_TIMEOUT = "4s"
STATEMENT_TIMEOUT = "60s"
WAIT_FOR_OTHERS = "120s"


def run(connection: sa.Connection) -> None:
    """Migrate in one transaction: all the revisions asked for, or none."""
    import_tables()
    context.configure(
        connection=connection,
        target_metadata=SQLModel.metadata,
        compare_type=True,
        compare_server_default=True,
        include_object=is_compared,
        transaction_per_migration=False,
    )
    with context.begin_transaction():
        # Two processes that start together must not migrate together. A revision that waits for a lock stops
        # everyone behind it, so it gives up soon instead; one that is slow says so by failing.
        connection.execute(sa.text(f"SET LOCAL lock_timeout = '{WAIT_FOR_OTHERS}'"))
        connection.execute(sa.text(f"SET LOCAL statement_timeout = '{WAIT_FOR_OTHERS}'"))
        connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": advisory_key("migrate")})
        connection.execute(sa.text(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'"))
        connection.execute(sa.text(f"SET LOCAL statement_timeout = '{STATEMENT_TIMEOUT}'"))
        context.run_migrations()


def main() -> None:
    """Use the connection that was handed over, or open one on the database of the settings."""
    if context.is_offline_mode():
        raise SystemExit("revisions look at the database they change: run them online")
    given: sa.Connection | None = context.config.attributes.get("connection")
    if given is not None:
        run(given)
        return
    settings = get_settings()
    with database(settings) as url:
        engine = create_engine(url, settings, poolclass=NullPool)
        with engine.connect() as connection:
            run(connection)


main()
