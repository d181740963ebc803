"""A real replica answers while it is known to be young enough; otherwise the primary does."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa

from bench.servers import Pair, a_pair
from snp.platform.db import create_engine
from snp.platform.replica import Replica
from tests.support.database import test_settings

BOUND_SECONDS = 2.0


@pytest.fixture(scope="module")
def pair() -> Iterator[Pair]:
    with a_pair() as pair:
        pair.start_primary()
        pair.add_replica(synchronous=False)
        yield pair


@pytest.fixture
def replica(pair: Pair) -> Iterator[Replica]:
    settings = test_settings()
    primary = create_engine(pair.url("primary"), settings)
    made = Replica(primary, create_engine(pair.url("replica"), settings), bound_seconds=BOUND_SECONDS)
    yield made
    made.dispose()
    primary.dispose()


def test_a_replica_that_follows_answers_and_writes_nothing(replica: Replica) -> None:
    _until(replica.is_fresh)

    with replica.reading() as session:
        assert session is not None
        assert session.scalar(sa.text("SELECT pg_is_in_recovery()")) is True
        with pytest.raises(sa.exc.DBAPIError):
            session.execute(sa.text("CREATE TABLE forbidden (id int)"))


def test_a_replica_that_stops_playing_is_left_once_it_is_too_old(pair: Pair, replica: Replica) -> None:
    _until(replica.is_fresh)
    with pair.connect("replica") as following, pair.connect("primary") as leading:
        following.execute("SELECT pg_wal_replay_pause()")
        leading.execute("CREATE TABLE IF NOT EXISTS novelty (id int)")
        leading.execute("INSERT INTO novelty VALUES (1)")

        _until(lambda: not replica.is_fresh())
        with replica.reading() as session:
            assert session is None
        following.execute("SELECT pg_wal_replay_resume()")

    _until(replica.is_fresh)


def test_a_replica_that_does_not_answer_leaves_the_answer_to_the_primary(pair: Pair) -> None:
    settings = test_settings()
    primary = create_engine(pair.url("primary"), settings)
    nobody = create_engine("postgresql+psycopg://snp@/postgres?host=/nowhere", settings)
    away = Replica(primary, nobody, bound_seconds=BOUND_SECONDS)

    with away.reading() as session:
        assert session is None
    primary.dispose()


def _until(done: Callable[[], bool], *, seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < deadline
        threading.Event().wait(0.05)
