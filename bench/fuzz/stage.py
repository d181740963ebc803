"""The service that is driven: over a small CPTS in a database of its own, with a key for each role."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy.pool import NullPool

from api.main import create_app
from snp.platform.clock import SteppedClock
from snp.platform.db import create_engine, create_session_factory
from snp.platform.keys import load_keys
from snp.platform.logs import configure_logs
from tests.support.database import clone_of_template, forget_run, running_server, test_settings
from tests.support.http import (
    NOW,
    RunningServer,
    World,
    book,
    furnish,
    publish,
    seeking_request,
    service_over,
)

ROLES = ("administrator", "coordinator", "regulateur", "osnp", "practitioner", "pharmacy")


@dataclass(frozen=True)
class Stage:
    """Where to ask, by whom, and what the service says of itself."""

    document: Mapping[str, Any]
    address: str
    keys: Mapping[str, str]


@contextmanager
def a_stage() -> Iterator[Stage]:
    """A running service with something in it, for the length of the block."""
    settings = test_settings(log_level="CRITICAL")
    configure_logs(settings)
    with running_server() as server_url, clone_of_template(server_url, f"fuzz_{secrets.token_hex(4)}") as url:
        engine = create_engine(url, settings, poolclass=NullPool)
        with create_session_factory(engine)() as session, session.begin():
            places = furnish(session)
        app = create_app(settings, engine=engine, clock=SteppedClock(NOW))
        server = RunningServer(app)
        server.start()
        try:
            with service_over(url, server, load_keys(settings)) as service:
                world = World(service, places)
                play(world)
                keys = {role: world.key(role) for role in ROLES}
                yield Stage(app.openapi(), server.url, keys)
        finally:
            server.stop()
            engine.dispose()
    forget_run()


def play(world: World) -> None:
    """Publish slots, bring requests, book one."""
    for hour in (10, 11, 14):
        publish(world, f"2026-11-25T{hour}:00:00+01:00")
    book(world, seeking_request(world)["id"])
