"""The real server over the certification set."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from api.fhir.fixtures import load_fixtures
from snp.platform.db import create_engine, create_session_factory
from snp.platform.keys import Keys
from tests.support.database import clone_of_template, test_settings
from tests.support.fhir import Platform
from tests.support.http import NOW, RunningServer, Service, service_over


@pytest.fixture(scope="session")
def certified_database(database_server: sa.URL, worker_name: str) -> Iterator[sa.URL]:
    """A database with the certification set in it."""
    with clone_of_template(database_server, f"{worker_name}_certified_{secrets.token_hex(4)}") as url:
        engine = create_engine(url, test_settings(), poolclass=NullPool)
        with create_session_factory(engine)() as session, session.begin():
            load_fixtures(session, now=NOW)
        engine.dispose()
        yield url


@pytest.fixture
def certified(certified_database: sa.URL, running_server: RunningServer, keys: Keys) -> Iterator[Service]:
    """The service over the certification set itself: for tests that only read."""
    with service_over(certified_database, running_server, keys) as service:
        yield service


@pytest.fixture(params=["PS", "CPTS"])
def platform(request: pytest.FixtureRequest, certified: Service) -> Platform:
    """The platform in each of its two modes."""
    return Platform(certified.caller(), certified.clock.now(), cpts=request.param == "CPTS")


@pytest.fixture
def by_cpts(certified: Service) -> Platform:
    """The platform that asks for members of CPTS."""
    return Platform(certified.caller(), certified.clock.now(), cpts=True)


@pytest.fixture
def individually(certified: Service) -> Platform:
    """The platform that asks for individual practitioners."""
    return Platform(certified.caller(), certified.clock.now(), cpts=False)
