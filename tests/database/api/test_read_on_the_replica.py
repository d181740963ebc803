"""Figures come from a replica while it is young enough, and say of when they are; else from the primary."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import pypdf
import pytest

from api.migrations import migrate
from bench.servers import Pair, a_pair
from snp.platform.actors import Role
from tests.support.pages import TUESDAY, Service, Visitor, open_account, running_service

pytestmark = pytest.mark.database

BOUND_SECONDS = 30.0
"""A busy machine may take seconds to follow; what is too old is tried beside the replica itself."""
PAGES = (
    "/coordination",
    "/coordination/tableau",
    "/coordination/couverture",
    "/coordination/indicateurs",
    "/coordination/indicateurs/creneaux-publies",
)
REPORT = "/coordination/indicateurs/rapport?format="


@pytest.fixture(scope="module")
def pair() -> Iterator[Pair]:
    with a_pair() as pair:
        pair.start_primary()
        migrate(pair.url("primary"))
        pair.add_replica(synchronous=False)
        yield pair


@pytest.fixture(scope="module")
def service(pair: Pair) -> Iterator[Service]:
    replica = pair.url("replica").render_as_string(hide_password=False)
    bound = {"database_replica_url": replica, "database_replica_staleness_seconds": BOUND_SECONDS}
    with running_service(pair.url("primary"), **bound) as running:
        open_account(running, "coordination", Role.COORDINATOR)
        yield running


@pytest.fixture
def visitor(service: Service) -> Iterator[Visitor]:
    visitor = Visitor(service)
    visitor.sign_in("coordination")
    yield visitor
    visitor.close()


def test_pages_and_reports_say_of_when_their_data_are(visitor: Visitor, service: Service) -> None:
    service.clock.instant = TUESDAY + timedelta(minutes=5, seconds=40)
    _until(lambda: "Données de 10 h 05." in visitor.see(PAGES[0]).text)

    for address in PAGES[1:]:
        assert "Données de 10 h 05." in visitor.see(address).text, address
    assert "données de 10" in visitor.ask("GET", f"{REPORT}csv", None).text
    paper = pypdf.PdfReader(io.BytesIO(visitor.ask("GET", f"{REPORT}pdf", None).content))
    assert "données de 10" in paper.pages[0].extract_text().replace("\n", " ")


def test_who_has_just_written_reads_where_it_was_written(visitor: Visitor) -> None:
    _until(lambda: "Données de" in visitor.see(PAGES[0]).text)

    for address in PAGES[:1] + PAGES[2:]:
        assert "Données de" not in visitor.see(f"{address}?info=reglages-enregistres").text, address


def _until(done: Callable[[], bool], *, seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < deadline
        threading.Event().wait(0.1)
