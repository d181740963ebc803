"""The stream of live updates: who may listen, what is said, and that two processes hear each other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx
import pytest

from api.live.hub import MOST_FOR_ONE
from api.main import create_app
from snp.platform.db import create_engine
from tests.http.web.test_desk import proposals
from tests.support.console import Console
from tests.support.http import RunningServer
from tests.support.pages import Service, Visitor

pytestmark = pytest.mark.database

SignIn = Callable[[str], Visitor]
PATIENCE = httpx.Timeout(20, read=30)


@pytest.fixture
def second(service: Service) -> Iterator[str]:
    """The address of another process on the same database."""
    wiring = service.wiring
    engine = create_engine(wiring.engine.url, wiring.settings)
    server = RunningServer(create_app(wiring.settings, engine=engine, keys=wiring.keys, clock=wiring.clock))
    server.start()
    yield server.url
    server.stop()
    engine.dispose()


@contextmanager
def listening(address: str, visitor: Visitor, **headers: str) -> Iterator[Iterator[str]]:
    """The lines of a stream, once the service listens."""
    with (
        httpx.Client(base_url=address, cookies=dict(visitor.cookies), timeout=PATIENCE) as client,
        client.stream("GET", "/en-direct?age=0", headers=headers) as answer,
    ):
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield answer.iter_lines()


def until(lines: Iterator[str], word: str) -> list[str]:
    told = []
    for line in lines:
        told.append(line)
        if line == word:
            return told
    raise AssertionError((word, told))


def test_a_slot_taken_in_one_process_is_told_by_another(
    signed_in: SignIn, second: str, service: Service
) -> None:
    regulateur = Console(signed_in("regulateur"))
    page = regulateur.decide(regulateur.call("Aubry"))
    with listening(second, signed_in("osnp")) as lines:
        until(lines, "event: slots")  # listening began
        regulateur.visitor.send(page.form("/retenir"))
        told = until(lines, "event: slots")
    assert not [line for line in told if "AUBRY" in line.upper() or "-" in line]


def test_a_dossier_opened_in_one_process_is_told_by_another(signed_in: SignIn, second: str) -> None:
    with listening(second, signed_in("osnp")) as lines:
        until(lines, "event: requests")
        Console(signed_in("arm")).call("Bizet")
        until(lines, "event: requests")


def test_a_desk_hears_of_slots_never_of_dossiers(signed_in: SignIn, service: Service) -> None:
    desk = signed_in("pharmacie")
    with listening(service.address, signed_in("infirmiers"), **{"Last-Event-ID": "3"}) as lines:
        until(lines, "event: slots")
        page = proposals(desk, "Corbet")
        desk.send(page.form("/retenir"))
        told = until(lines, "event: slots")
    assert not [line for line in told if "requests" in line]


def test_who_is_not_signed_in_hears_nothing(service: Service) -> None:
    answer = httpx.get(f"{service.address}/en-direct", timeout=PATIENCE)
    assert answer.status_code == 303


def test_one_account_opens_so_many_streams(service: Service, signed_in: SignIn) -> None:
    visitor = signed_in("guillou")
    with httpx.Client(base_url=service.address, cookies=dict(visitor.cookies), timeout=PATIENCE) as client:
        held = [
            client.send(client.build_request("GET", "/en-direct"), stream=True) for _ in range(MOST_FOR_ONE)
        ]
        refused = client.get("/en-direct")
        for one in held:
            one.close()
    assert [one.status_code for one in held] == [200] * MOST_FOR_ONE
    assert refused.status_code == 503
    assert int(refused.headers["retry-after"]) > 0


def test_the_proposals_of_a_desk_are_fetched_again_alone(signed_in: SignIn) -> None:
    desk = signed_in("pharmacie")
    page = proposals(desk, "Daniau")
    part = desk.see(f"{page.path}/propositions")
    assert "<html" not in part.html
    assert len(part.forms) == 5
