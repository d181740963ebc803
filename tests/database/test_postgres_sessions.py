"""Engines keep their limits, and the database's refusals become ours."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.orm import sessionmaker
from sqlalchemy.pool import NullPool
from sqlmodel import Session

from snp.errors import Conflict
from snp.platform.db import (
    LOCK_NOT_AVAILABLE,
    DatabaseBusy,
    create_engine,
    create_session_factory,
    refusing,
    retrying,
    sqlstate,
)
from snp.terms import RPPS
from tests.support.database import test_settings

pytestmark = pytest.mark.database


class Taken(Conflict):
    slug = "taken"


@pytest.fixture
def pairs(committed: sessionmaker[Session]) -> sessionmaker[Session]:
    """A small table with every kind of constraint."""
    with committed.begin() as session:
        session.execute(
            sa.text(
                "CREATE TABLE pair (id int CONSTRAINT pk_pair PRIMARY KEY, span int4range,"
                " CONSTRAINT ck_pair__positive CHECK (id > 0),"
                " CONSTRAINT ex_pair__span EXCLUDE USING gist (span WITH &&))"
            )
        )
        session.execute(sa.text("INSERT INTO pair VALUES (1, '[0,10)'), (2, '[10,20)')"))
    return committed


def insert(session: Session, ident: int, span: str = "[100,110)") -> None:
    session.execute(sa.text("INSERT INTO pair VALUES (:id, :span)"), {"id": ident, "span": span})


@pytest.mark.parametrize(
    ("ident", "span", "constraint"),
    [(1, "[100,110)", "pk_pair"), (-1, "[100,110)", "ck_pair__positive"), (3, "[5,15)", "ex_pair__span")],
)
def test_a_named_constraint_becomes_the_refusal_it_means(
    pairs: sessionmaker[Session], ident: int, span: str, constraint: str
):
    with pairs() as session, pytest.raises(Taken), refusing({constraint: Taken}):
        insert(session, ident, span)


def test_a_constraint_that_means_nothing_to_the_caller_is_passed_on(pairs: sessionmaker[Session]):
    with pairs() as session, pytest.raises(IntegrityError), refusing({"uq_other": Taken}):
        insert(session, 1)


def test_after_a_savepoint_the_work_can_go_on(pairs: sessionmaker[Session]):
    with pairs.begin() as session:
        with pytest.raises(Taken), refusing({"pk_pair": Taken}), session.begin_nested():
            insert(session, 1)
        insert(session, 3)
    with pairs() as session:
        assert session.execute(sa.text("SELECT count(*) FROM pair")).scalar_one() == 3


def test_a_lock_that_does_not_come_is_a_refusal_too(pairs: sessionmaker[Session]):
    lock = sa.text("SELECT FROM pair WHERE id = 1 FOR UPDATE")
    with pairs() as one, pairs() as other:
        one.execute(lock)
        other.execute(sa.text("SET LOCAL lock_timeout = '20ms'"))
        with pytest.raises(Taken), refusing({LOCK_NOT_AVAILABLE: Taken}):
            other.execute(lock)


def test_a_deadlock_is_tried_again(pairs: sessionmaker[Session]):
    both_hold = threading.Barrier(2)
    first_try = threading.local()

    def swap(here: int, there: int) -> None:
        with pairs.begin() as session:
            session.execute(sa.text("SET LOCAL deadlock_timeout = '20ms'"))
            session.execute(sa.text("UPDATE pair SET span = span WHERE id = :id"), {"id": here})
            if not getattr(first_try, "done", False):
                first_try.done = True
                both_hold.wait()
            session.execute(sa.text("UPDATE pair SET span = span WHERE id = :id"), {"id": there})

    done: list[int] = []

    def work(here: int, there: int) -> None:
        retrying(lambda: swap(here, there))
        done.append(here)

    threads = [threading.Thread(target=work, args=pair) for pair in ((1, 2), (2, 1))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done) == [1, 2]


def test_work_that_always_fails_to_serialise_ends_as_busy(committed: sessionmaker[Session]):
    tries = []

    def work() -> None:
        tries.append(1)
        with committed() as session:
            session.execute(sa.text("DO $$ BEGIN RAISE serialization_failure; END $$"))

    with pytest.raises(DatabaseBusy):
        retrying(work, attempts=3, first_pause_seconds=0.001)
    assert len(tries) == 3


def test_another_failure_is_not_tried_again(committed: sessionmaker[Session]):
    tries = []

    def work() -> None:
        tries.append(1)
        with committed() as session:
            session.execute(sa.text("SELECT 1/0"))

    with pytest.raises(DBAPIError):
        retrying(work)
    assert len(tries) == 1


def test_a_session_speaks_utc_and_keeps_instants(session: Session):
    assert session.execute(sa.text("SHOW timezone")).scalar_one() == "UTC"
    instant = session.execute(sa.text("SELECT timestamptz '2026-07-01 09:00+02'")).scalar_one()
    assert instant == datetime(2026, 7, 1, 7, tzinfo=UTC)
    assert instant.utcoffset() == timedelta(0)


def test_a_statement_that_lasts_too_long_is_cut(clean_database: sa.URL):
    engine = create_engine(
        clean_database, test_settings(database_statement_timeout_ms=30), poolclass=NullPool
    )
    with engine.connect() as connection, pytest.raises(OperationalError) as cut:
        connection.execute(sa.text("SELECT pg_sleep(30)"))
    assert sqlstate(cut.value) == "57014"


def test_behind_a_pooler_nothing_is_asked_of_the_session(clean_database: sa.URL):
    settings = test_settings(database_behind_pgbouncer=True, database_statement_timeout_ms=30)
    engine = create_engine(clean_database, settings, poolclass=NullPool)
    with engine.connect() as connection:
        for _ in range(8):
            connection.execute(sa.text("SELECT 1"))
        assert connection.execute(sa.text("SHOW statement_timeout")).scalar_one() == "0"
        assert connection.execute(sa.text("SELECT count(*) FROM pg_prepared_statements")).scalar_one() == 0


def test_a_lost_connection_is_replaced_without_a_word(clean_database: sa.URL):
    engine = create_engine(clean_database, test_settings())
    sessions = create_session_factory(engine)
    with sessions() as session:
        backend = session.execute(sa.text("SELECT pg_backend_pid()")).scalar_one()
    with create_engine(clean_database, test_settings(), poolclass=NullPool).connect() as other:
        other.execute(sa.text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": backend})
    with sessions() as session:
        assert session.execute(sa.text("SELECT pg_backend_pid()")).scalar_one() != backend
    engine.dispose()


def test_an_identifier_is_stored_as_its_text(session: Session):
    read = session.execute(
        sa.text("SELECT CAST(:value AS text)"), {"value": RPPS("10003456786")}
    ).scalar_one()
    assert read == "10003456786"


def test_what_one_test_commits_the_next_does_not_see(session: Session):
    session.execute(sa.text("CREATE TABLE trace (id int)"))
    session.commit()
    session.execute(sa.text("INSERT INTO trace VALUES (1)"))
    session.rollback()
    assert session.execute(sa.text("SELECT count(*) FROM trace")).scalar_one() == 0


def test_and_indeed_the_trace_is_gone(session: Session):
    assert session.execute(sa.text("SELECT to_regclass('trace')")).scalar_one() is None
