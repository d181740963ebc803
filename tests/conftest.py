"""What every test may ask for. A test that asks for no database starts none."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator

import hypothesis
import pytest
import sqlalchemy as sa
from sqlalchemy.orm import sessionmaker
from sqlalchemy.pool import NullPool
from sqlmodel import Session

from snp.platform.db import create_engine, create_session_factory
from snp.platform.settings import Settings
from tests.support import database as support

# No deadline: a busy machine is no defect. Reproducible where nobody watches, exploring where somebody does.
hypothesis.settings.register_profile("suite", deadline=None, derandomize="CI" in os.environ)
hypothesis.settings.load_profile("suite")


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        for name in [name for name in os.environ if name.startswith("SNP_") and name not in support.KEPT]:
            del os.environ[name]  # a suite owes nothing to the settings of the machine
        os.environ[support.RUN_VARIABLE] = uuid.uuid4().hex[:12]


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        support.forget_run()


@pytest.fixture(scope="session")
def settings() -> Settings:
    """Settings of a test service; they owe nothing to the machine."""
    return support.test_settings()


@pytest.fixture(scope="session")
def database_server() -> Iterator[sa.URL]:
    """The server itself, for tests that make databases of their own."""
    with support.running_server() as url:
        yield url
        support.drop_template(url)


@pytest.fixture(scope="session")
def database_url(database_server: sa.URL, worker_name: str) -> Iterator[sa.URL]:
    """A migrated database of this worker.

    Whoever commits into it spoils it for the others: see `committed`.
    """
    with support.clone_of_template(database_server, worker_name) as url:
        yield url


@pytest.fixture(scope="session")
def engine(database_url: sa.URL, settings: Settings) -> Iterator[sa.Engine]:
    """An engine on the worker's database."""
    engine = create_engine(database_url, settings)
    yield engine
    engine.dispose()


@pytest.fixture
def session(engine: sa.Engine) -> Iterator[Session]:
    """A session whose commits are savepoints: everything is undone when the test ends."""
    with engine.connect() as connection:
        outer = connection.begin()
        factory = sessionmaker(
            connection, class_=Session, expire_on_commit=False, join_transaction_mode="create_savepoint"
        )
        with factory() as session:
            yield session
        outer.rollback()


@pytest.fixture
def clean_database(database_server: sa.URL, worker_name: str) -> Iterator[sa.URL]:
    """A migrated database for this test alone, to commit into and to race on with real connections."""
    with support.clone_of_template(database_server, f"{worker_name}_own") as url:
        yield url


@pytest.fixture
def committed(clean_database: sa.URL, settings: Settings) -> Iterator[sessionmaker[Session]]:
    """Sessions that really commit, each on a connection of its own, into this test's own database."""
    engine = create_engine(clean_database, settings, poolclass=NullPool)
    yield create_session_factory(engine)
    engine.dispose()


@pytest.fixture(scope="session")
def worker_name() -> str:
    """Which of the parallel workers this is; `main` when there is only one."""
    return os.environ.get("PYTEST_XDIST_WORKER", "main")
