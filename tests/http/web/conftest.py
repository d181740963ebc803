"""One service for the tests of a module; each test brings its own visitors and patients."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa

from snp.platform.actors import Role
from tests.support import database as support
from tests.support.pages import Service, Visitor, open_account, running_service

ACCOUNTS = {
    "pharmacie": Role.PHARMACY,
    "infirmiers": Role.NURSE_PRACTICE,
    "osnp": Role.OSNP,
    "arm": Role.ARM,
    "regulateur": Role.REGULATEUR,
    "coordination": Role.COORDINATOR,
    "guillou": Role.PRACTITIONER,
    "admin": Role.ADMINISTRATOR,
    "dpo": Role.DPO,
}


@pytest.fixture(scope="module")
def service(database_server: sa.URL, worker_name: str) -> Iterator[Service]:
    """A running service over a database of this module's own."""
    with (
        support.clone_of_template(database_server, f"{worker_name}_pages") as url,
        running_service(url) as running,
    ):
        yield running


@pytest.fixture(scope="module")
def opened() -> set[str]:
    """The accounts that this module already opened."""
    return set()


@pytest.fixture
def visitor(service: Service) -> Iterator[Visitor]:
    """Somebody who is not signed in."""
    someone = Visitor(service)
    yield someone
    someone.close()


@pytest.fixture
def signed_in(service: Service, opened: set[str]) -> Iterator[Callable[[str], Visitor]]:
    """Give a visitor signed in under a login."""
    visitors: list[Visitor] = []

    def sign_in(login: str) -> Visitor:
        if login not in opened:
            open_account(service, login, ACCOUNTS[login])
            opened.add(login)
        visitors.append(Visitor(service))
        visitors[-1].sign_in(login)
        return visitors[-1]

    yield sign_in
    for one in visitors:
        one.close()
