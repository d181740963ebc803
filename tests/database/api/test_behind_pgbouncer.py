"""The service behind PgBouncer in transaction mode: bookings through it, locks and announcements past it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from api.jobs.runner import JobRunner
from api.main import create_app
from api.migrations import migrate
from api.wiring import Wiring
from bench.faults.counting import count
from bench.faults.crowd import Crowd
from bench.load import stage
from bench.servers import a_pair
from snp.directory.reference import load_reference
from snp.platform.db import create_engine
from snp.platform.keys import load_keys
from tests.support.database import test_settings
from tests.support.http import RunningServer
from tests.support.pgbouncer import SERVER_CONNECTIONS, pgbouncer_path, running_pgbouncer

pytestmark = pytest.mark.skipif(
    pgbouncer_path() is None, reason="no PgBouncer: `sh scripts/pgbouncer.sh` installs one"
)


@pytest.fixture
def behind() -> Iterator[Wiring]:
    """The parts of a service behind a pooler that lends connections for a transaction."""
    with a_pair() as pair:
        pair.start_primary()
        direct = pair.url("primary")
        migrate(direct)
        home = Path(str(direct.query["host"]))
        with running_pgbouncer(home, direct, "nobody") as pooled:
            settings = test_settings(
                database_url=pooled.render_as_string(),
                database_direct_url=direct.render_as_string(),
                database_behind_pgbouncer=True,
            )
            engine = create_engine(pooled, settings)
            service = Wiring(settings=settings, engine=engine, keys=load_keys(settings))
            with service.transaction() as session:
                load_reference(session)
            yield service
            service.dispose()


def test_bookings_by_many_clients_share_few_connections_and_none_is_lost(behind: Wiring) -> None:
    now = datetime.now(UTC)
    direct = behind.direct_url.set(drivername="postgresql").render_as_string()
    with psycopg.connect(direct) as connection:
        stage.fill(connection, 800, now)
    _, key = stage.make_key(behind, now)
    app = create_app(behind.settings, engine=behind.engine, keys=behind.keys, clock=behind.clock)
    server = RunningServer(app)
    server.start()
    port = int(server.url.rpartition(":")[2])

    with Crowd(port, key, first=0, clients=8) as crowd:
        while len(crowd.acknowledged) < 40:
            threading.Event().wait(0.02)
    server.stop()

    seen = count(direct, crowd.acknowledged)
    assert (seen.lost, seen.doubled, crowd.refused) == (0, 0, 0)
    with psycopg.connect(direct) as connection:
        pooled = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'snp'"
        ).fetchone()
    assert pooled is not None
    assert 1 <= pooled[0] <= SERVER_CONNECTIONS


def test_the_scheduler_is_elected_past_the_pooler(behind: Wiring) -> None:
    first, second = JobRunner(behind, (), watch_seconds=0.05), JobRunner(behind, (), watch_seconds=0.05)
    first.start()
    while not first.leads:
        threading.Event().wait(0.01)
    second.start()
    threading.Event().wait(0.2)

    assert first.leads
    assert not second.leads
    first.stop()
    second.stop()
