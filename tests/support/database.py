"""A real PostgreSQL for the suite.

One server for all workers, one migrated template, a clone for whoever needs one.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import sqlalchemy as sa
from psycopg import sql

from api.migrations import migrate
from snp.platform.address import normalise_url
from snp.platform.leadership import advisory_key
from snp.platform.postgres import database
from snp.platform.settings import Environment, Settings

KEPT = frozenset({"SNP_TEST_DATABASE_URL", "SNP_CHROMIUM", "SNP_NGINX", "SNP_PGBOUNCER", "SNP_SAS_GUIDE"})
"""The variables that a developer may set for the suite."""

RUN_VARIABLE = "SNP_TEST_RUN"
"""Names one run of the suite; set by the process that the developer started, inherited by its workers."""


def test_settings(**changes: object) -> Settings:
    """Settings that owe nothing to the machine's environment, on a throw-away database."""
    values: dict[str, object] = {
        "environment": Environment.TEST,
        "data_dir": run_directory(),
        "postgres_durable": False,
        "database_url": os.environ.get("SNP_TEST_DATABASE_URL"),
        "database_pool_size": 5,
        "rate_per_key": 0,
        "rate_per_address": 0,
    }
    return Settings(_env_file=None, **(values | changes))


test_settings.__test__ = False


def run_directory() -> Path:
    """Where this run keeps its server; outside pytest's own directories, which nobody but root may enter."""
    return Path(tempfile.gettempdir()) / f"snp-tests-{os.environ[RUN_VARIABLE]}"


def forget_run() -> None:
    """Remove what the run left on disk."""
    shutil.rmtree(run_directory(), ignore_errors=True)


@contextmanager
def running_server() -> Iterator[sa.URL]:
    """The address of the server.

    `SNP_TEST_DATABASE_URL`, or the embedded one shared by this run's workers.
    """
    with database(test_settings()) as url:
        yield url


@contextmanager
def clone_of_template(server: sa.URL, name: str) -> Iterator[sa.URL]:
    """A migrated database of one's own for the length of the block."""
    clone = f"{_template_name()}_{name}"
    _ensure_template(server)
    with _administrator(server) as connection:
        connection.execute(_statement("DROP DATABASE IF EXISTS {} WITH (FORCE)", clone))
        connection.execute(_statement("CREATE DATABASE {} TEMPLATE {}", clone, _template_name()))
    try:
        yield normalise_url(server).set(database=clone)
    finally:
        with _administrator(server) as connection:
            connection.execute(_statement("DROP DATABASE IF EXISTS {} WITH (FORCE)", clone))


@contextmanager
def empty_database(server: sa.URL, name: str) -> Iterator[sa.URL]:
    """A database without a single table, for the length of the block."""
    with _administrator(server) as connection:
        connection.execute(_statement("DROP DATABASE IF EXISTS {} WITH (FORCE)", name))
        connection.execute(_statement("CREATE DATABASE {} TEMPLATE template0", name))
    try:
        yield normalise_url(server).set(database=name)
    finally:
        with _administrator(server) as connection:
            connection.execute(_statement("DROP DATABASE IF EXISTS {} WITH (FORCE)", name))


def drop_template(server: sa.URL) -> None:
    """Leave nothing on a server that outlives the run; a worker still to come makes the template again."""
    with _administrator(server) as connection, _alone(connection):
        connection.execute(_statement("DROP DATABASE IF EXISTS {}", _template_name()))


def _ensure_template(server: sa.URL) -> None:
    """Migrate the template once per run; it bears its name only when it is complete."""
    name = _template_name()
    with _administrator(server) as connection, _alone(connection):
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone():
            return
        draft = f"{name}_draft"
        connection.execute(_statement("DROP DATABASE IF EXISTS {} WITH (FORCE)", draft))
        connection.execute(_statement("CREATE DATABASE {} TEMPLATE template0", draft))
        migrate(normalise_url(server).set(database=draft))
        connection.execute(_statement("ALTER DATABASE {} RENAME TO {}", draft, name))


@contextmanager
def _administrator(server: sa.URL) -> Iterator[psycopg.Connection]:
    address = server.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address, autocommit=True) as connection:
        yield connection


@contextmanager
def _alone(connection: psycopg.Connection) -> Iterator[None]:
    """Keep the other workers out; the lock goes with the connection."""
    key = advisory_key(_template_name())
    connection.execute("SELECT pg_advisory_lock(%s)", (key,))
    try:
        yield
    finally:
        connection.execute("SELECT pg_advisory_unlock(%s)", (key,))


def _template_name() -> str:
    return f"snp_test_{os.environ[RUN_VARIABLE]}"


def _statement(text: str, *names: str) -> sql.Composed:
    return sql.SQL(text).format(*map(sql.Identifier, names))
