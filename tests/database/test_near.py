"""The second lock: a statement that forgets its filter shows nothing of the neighbour's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import sessionmaker
from sqlalchemy.pool import NullPool
from sqlmodel import Session, SQLModel

from api.doctor import separating
from api.migrations import migrate
from api.separation import CLOSED, CLOSED_TO_WRITING, LEFT_OPEN
from snp.platform import near
from snp.platform.db import create_engine, create_session_factory
from snp.platform.settings import Settings
from tests.support.database import empty_database, test_settings
from tests.support.near import TABLES, fill, row_of, stop_checking

pytestmark = pytest.mark.database

ROLE: Final = sa.text("SELECT current_user")
HERE: Final = uuid4()
ADDED_TO: Final = frozenset({"audit_entry", "outbox_message"})
"""A line of the audit and a message may be added for anybody; read, they are not."""


@dataclass
class Filled:
    """A session of somebody of `mine`, over a row of his and one of the neighbour's in each table."""

    session: Session
    mine: UUID
    theirs: UUID
    rows: dict[str, UUID]


@pytest.fixture
def filled(session: Session) -> Filled:
    mine, theirs = uuid4(), uuid4()
    stop_checking(session)
    fill(session, mine)
    rows = fill(session, theirs)
    near.bind(session, {mine})
    return Filled(session, mine, theirs, rows)


def names(session: Session, question: str) -> set[str]:
    return set(session.execute(sa.text(question)).scalars())


def count(session: Session, table: str) -> int:
    return int(session.execute(sa.select(sa.func.count()).select_from(TABLES[table])).scalar_one())


def touched(session: Session, statement: sa.Executable) -> int:
    """How many rows a statement changes, which is then undone."""
    with session.begin_nested() as savepoint:
        found = int(session.execute(statement).rowcount)  # type: ignore[attr-defined]
        savepoint.rollback()
    return found


def is_refused(session: Session, statement: sa.Executable) -> bool:
    """Tell whether row-level security refuses a statement, which is undone otherwise."""
    try:
        with session.begin_nested() as savepoint:
            session.execute(statement)
            savepoint.rollback()
    except DBAPIError as error:
        return "row-level security" in str(error.orig)
    return False


def test_every_table_says_where_it_stands_and_the_database_agrees(session: Session):
    told = [*CLOSED, *CLOSED_TO_WRITING, *LEFT_OPEN]
    assert sorted(told) == sorted(SQLModel.metadata.tables)
    closed = CLOSED | CLOSED_TO_WRITING
    assert names(session, "SELECT relname FROM pg_class WHERE relrowsecurity") == closed
    assert names(session, "SELECT tablename FROM pg_policies") == closed


def test_a_table_with_a_territory_is_closed_unless_it_is_the_directory_or_an_offer():
    declared = {name for name, table in SQLModel.metadata.tables.items() if "territory_id" in table.columns}
    assert declared - CLOSED - CLOSED_TO_WRITING == {
        "membership",
        "organisation_territory",
        "rota",
        "sharing_opt_out",
        "territory_commune",
        "territory_revision",
    }


def test_without_a_filter_nothing_of_the_neighbour_is_read(filled: Filled):
    seen = {name: count(filled.session, name) for name in TABLES}
    assert seen == dict.fromkeys(CLOSED, 1) | dict.fromkeys(CLOSED_TO_WRITING, 2)
    with near.reaching(filled.session, {filled.theirs}):
        assert {count(filled.session, name) for name in TABLES} == {2}
    assert {count(filled.session, name) for name in CLOSED} == {1}


def test_without_a_filter_nothing_of_the_neighbour_is_changed(filled: Filled):
    for name, table in TABLES.items():
        first = next(column for column in table.columns if not column.identity)
        assert touched(filled.session, sa.update(table).values({first.name: first})) == 1, name
        assert touched(filled.session, sa.delete(table)) == 1, name


def test_nothing_is_added_next_door_but_a_line_of_the_audit_and_a_message(filled: Filled):
    own = {name: uuid4() for name in TABLES} | {
        name: ident for name, ident in filled.rows.items() if name not in CLOSED_TO_WRITING
    }
    accepted = set()
    for name, table in TABLES.items():
        fresh = own | ({name: uuid4()} if _has_own_key(table) else {})
        statement = sa.insert(table).inline().values(row_of(table, filled.theirs, fresh))
        if not is_refused(filled.session, statement):
            accepted.add(name)
    assert accepted == ADDED_TO


def _has_own_key(table: sa.Table) -> bool:
    return "id" in table.columns and not table.columns["id"].foreign_keys


def test_a_row_is_not_handed_over_to_the_neighbour(filled: Filled):
    for name, table in TABLES.items():
        if "territory_id" in table.columns and name != "appointment":
            statement = sa.update(table).values(territory_id=filled.theirs)
            assert is_refused(filled.session, statement), name


def test_who_forgot_to_say_which_territories_gets_an_error(session: Session):
    stop_checking(session)
    fill(session, HERE)
    session.execute(sa.text(f"SET LOCAL ROLE {near.ROLE}"))
    for forgotten in ("SELECT 1", "SELECT set_config('snp.territories', '', true)"):
        session.execute(sa.text(forgotten))
        with (
            pytest.raises(DBAPIError, match=r"parameter .snp\.territories|malformed array literal"),
            session.begin_nested(),
        ):
            session.execute(sa.text("SELECT FROM patient"))


def test_every_transaction_of_a_session_is_bound_and_the_connection_goes_back_unbound(
    clean_database: sa.URL, settings: Settings
):
    engine = create_engine(clean_database, settings, pool_size=1, max_overflow=0)
    sessions = create_session_factory(engine)
    with sessions() as session:
        owner = session.scalar(ROLE)
        near.bind(session, {HERE})
        for _ in range(2):
            assert session.scalar(ROLE) == near.ROLE
            assert session.scalar(sa.text("SELECT current_setting('snp.territories')")) == f"{{{HERE}}}"
            session.commit()
        session.execute(sa.text("SET TRANSACTION READ ONLY"))
        with near.unbound(session):
            assert session.scalar(ROLE) == owner
            session.commit()
            assert session.scalar(ROLE) == owner
        assert session.scalar(ROLE) == near.ROLE
    with sessions() as other:
        assert other.scalar(ROLE) == owner
    engine.dispose()


def test_what_was_widened_is_narrow_again_whatever_happened(session: Session):
    near.bind(session, {HERE})

    def bounds() -> tuple[object, object]:
        told = session.scalar(sa.text("SELECT current_setting('snp.territories')"))
        return session.scalar(ROLE), told

    narrow = bounds()
    with pytest.raises(ValueError, match="refused"), near.unbound(session):
        raise ValueError("refused")
    assert bounds() == narrow
    with pytest.raises(DBAPIError), session.begin_nested(), near.reaching(session, {uuid4()}):
        session.execute(sa.text("SELECT 1 / 0"))
    assert bounds() == narrow
    with near.reaching(session, {uuid4()}), pytest.raises(DBAPIError), session.begin_nested():
        session.execute(sa.text("SELECT 1 / 0"))
    assert bounds() == narrow


def test_a_session_that_was_never_bound_is_asked_nothing(session: Session):
    owner = session.scalar(ROLE)
    with near.reaching(session, {HERE}), near.unbound(session):
        assert session.scalar(ROLE) == owner
    assert near.bound_to(session) is None


def test_a_table_of_a_later_revision_is_granted_by_itself(session: Session):
    session.execute(sa.text("CREATE TABLE novelty (id bigint GENERATED ALWAYS AS IDENTITY, what text)"))
    session.execute(sa.text("CREATE SEQUENCE novelty_number"))
    assert near.is_ready(session)
    near.bind(session, {HERE})
    session.execute(sa.text("INSERT INTO novelty (what) VALUES ('x')"))
    assert session.scalar(sa.text("SELECT nextval('novelty_number')")) == 1


def test_a_service_that_may_not_make_roles_goes_on_with_one_lock_until_it_is_granted(
    database_server: sa.URL, worker_name: str, committed: sessionmaker[Session]
):
    del committed  # the server knows the role by then
    tenant = f"tenant_{worker_name}"
    administrator = sa.create_engine(database_server, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with empty_database(database_server, f"snp_{tenant}") as url, administrator.connect() as connection:
        connection.exec_driver_sql(f"CREATE ROLE {tenant}")
        connection.exec_driver_sql(f"ALTER DATABASE snp_{tenant} OWNER TO {tenant}")
        theirs = url.update_query_dict({"options": f"-c role={tenant}"})
        migrate(theirs)
        engine = sa.create_engine(theirs, poolclass=NullPool)
        with Session(engine) as session:
            advice = separating.look(session, test_settings()).advice
            assert f"GRANT snp_near TO {tenant};" in advice
            assert not near.is_ready(session)
            assert not session.scalar(sa.text(f"SELECT {near.LET_IN}()"))
            assert session.scalar(sa.text("SELECT count(*) FROM patient")) == 0
        connection.exec_driver_sql(f"GRANT {near.ROLE} TO {tenant}")
        with Session(engine) as session:
            assert session.scalar(sa.text(f"SELECT {near.LET_IN}()"))
            near.bind(session, {HERE})
            assert session.scalar(ROLE) == near.ROLE
        connection.exec_driver_sql(f"DROP DATABASE snp_{tenant} WITH (FORCE)")
        connection.exec_driver_sql(f"DROP ROLE {tenant}")
