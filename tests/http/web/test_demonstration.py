"""The demonstration says what hour it shows and how to sign in; a real service says neither."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa

from api.demo.accounts import PASSWORD, SIGN_INS
from api.web.demonstration import sign_ins
from api.wiring import Wiring
from snp.platform.clock import ShiftedClock
from snp.platform.db import create_engine
from snp.platform.keys import load_keys
from snp.platform.settings import Environment
from tests.support import database as support
from tests.support.pages import Service, Visitor, running_service

pytestmark = pytest.mark.database

PAGES = ("/", "/connexion", "/rendez-vous", "/nulle-part", "/comptoir/dossiers/x")
HOUR = "Démonstration : l’horloge montre"


@pytest.fixture(scope="module")
def shown(database_server: sa.URL, worker_name: str) -> Iterator[Service]:
    """A service that shows the demonstration, three days ahead."""
    with (
        support.clone_of_template(database_server, f"{worker_name}_shown") as url,
        running_service(url, demo=True) as running,
    ):
        running.wiring.clock = ShiftedClock(timedelta(days=3))
        yield running


@pytest.fixture
def guest(shown: Service) -> Iterator[Visitor]:
    """Somebody who looks at the demonstration."""
    someone = Visitor(shown)
    yield someone
    someone.close()


@pytest.mark.parametrize("address", PAGES)
def test_every_page_says_which_hour_the_demonstration_shows(guest: Visitor, address: str) -> None:
    assert HOUR in guest.see(address).text


def test_the_sign_in_page_of_the_demonstration_offers_each_role(guest: Visitor) -> None:
    offered = guest.see("/connexion").forms[-1]
    assert ("mot_de_passe", PASSWORD) in offered.fields
    assert [login for _, login in offered.buttons] == [one.login for one in SIGN_INS]


@pytest.mark.parametrize("address", ["/connexion", "/rendez-vous", "/nulle-part"])
def test_a_real_service_says_nothing_of_a_demonstration(visitor: Visitor, address: str) -> None:
    page = visitor.see(address)
    assert "Démonstration" not in page.text
    assert PASSWORD not in page.html


def test_a_service_in_production_offers_no_sign_in_whatever_its_settings() -> None:
    settings = support.test_settings(demo=True)
    engine = create_engine(sa.make_url("postgresql+psycopg://nobody@127.0.0.1/none"), settings)
    wiring = Wiring(settings=settings, engine=engine, keys=load_keys(settings))
    assert sign_ins(wiring) == (SIGN_INS, PASSWORD)
    wiring.settings = settings.model_copy(update={"environment": Environment.PRODUCTION})
    assert sign_ins(wiring) == ((), "")
    engine.dispose()
