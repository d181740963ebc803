"""What happens when things go wrong at the edge: failed commits, faults of ours, more callers than places."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
import sqlalchemy as sa

from api.wiring import Wiring
from snp.platform.db import create_engine
from tests.support.database import test_settings
from tests.support.http import Service, World, a_patient, expect, refused


@contextmanager
def failing_commits(engine: sa.Engine) -> Iterator[None]:
    """A database that takes statements and refuses to commit them."""

    def refuse(_connection: sa.Connection) -> None:
        raise RuntimeError("Maëlle Guérin, 06 12 34 56 78")

    sa.event.listen(engine, "commit", refuse)
    try:
        yield
    finally:
        sa.event.remove(engine, "commit", refuse)


def test_a_failed_commit_is_never_told_as_a_success(world: World) -> None:
    body = {"territory_id": str(world.territory.id), "patient": a_patient()}
    caller = world.caller("arm")

    with failing_commits(world.service.wiring.engine):
        answer = caller.post("/api/v1/requests", json=body)

    refused(answer, 500, "internal")
    assert expect(caller.get("/api/v1/requests"), 200)["items"] == []


def test_a_fault_of_ours_says_nothing_of_what_happened(
    world: World, capfd: pytest.CaptureFixture[str]
) -> None:
    caller = world.caller("arm")

    with failing_commits(world.service.wiring.engine):
        answer = caller.get("/api/v1/requests")

    problem = refused(answer, 500, "internal")
    assert set(problem) == {"type", "title", "title_fr", "status", "detail", "instance"}
    said = capfd.readouterr()
    assert "Guérin" not in answer.text + said.out + said.err
    assert "RuntimeError" in said.out + said.err


def test_more_callers_than_connections_are_all_served(service: Service, world: World) -> None:
    key = world.key("arm")
    engine = create_engine(
        service.wiring.engine.url, test_settings(database_pool_size=1, database_pool_overflow=0)
    )
    small = Wiring(
        settings=test_settings(database_pool_size=1, database_pool_overflow=0),
        engine=engine,
        keys=service.wiring.keys,
        clock=service.clock,
    )
    service.app.state.wiring = small

    def ask(_: int) -> int:
        with service.caller(key) as caller:
            return caller.get("/api/v1/requests").status_code

    with ThreadPoolExecutor(60) as crowd:
        answers = list(crowd.map(ask, range(120)))

    engine.dispose()
    assert answers == [200] * 120
