"""Old and new code run side by side while a release goes out: the last revision leaves the old one alive.

A revision that is known to be safe although a constraint changed says so: a module-level `compatible` names
the constraint and why old code is not refused (ADR 93).
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from api.migrations import migrate, scripts
from tests.support.database import empty_database
from tests.support.schema_shape import Shape, missed, shape_of

CONTRACTIONS = {
    "ALTER TABLE site DROP COLUMN phone": "site.phone is gone",
    "ALTER TABLE site RENAME COLUMN phone TO telephone": "site.phone is gone",
    "ALTER TABLE hold ALTER COLUMN session_no TYPE bigint": "hold.session_no was integer and is bigint",
    "ALTER TABLE site ALTER COLUMN phone SET NOT NULL": (
        "site.phone refuses the nulls that old code may write"
    ),
    "ALTER TABLE hold ADD COLUMN why text NOT NULL": "hold.why must be given, and old code does not know it",
    "ALTER TABLE hold ADD CONSTRAINT ck_hold__short CHECK (session_no < 3)": (
        "hold: ck_hold__short binds what old code writes"
    ),
    "CREATE UNIQUE INDEX uq_hold__request ON hold (request_id)": (
        "hold: uq_hold__request binds what old code writes"
    ),
}
EXPANSIONS = (
    "ALTER TABLE hold ADD COLUMN why text",
    "ALTER TABLE hold ADD COLUMN why text NOT NULL DEFAULT ''",
    "ALTER TABLE hold ADD COLUMN why text CHECK (why <> '')",
    "ALTER TABLE site ALTER COLUMN address DROP NOT NULL",
    "CREATE INDEX ix_hold__why ON hold (created_by)",
    "CREATE TABLE novelty (id uuid PRIMARY KEY, hold_id uuid NOT NULL REFERENCES hold)",
)


@pytest.fixture
def connection(database_url: sa.URL) -> Iterator[sa.Connection]:
    engine = sa.create_engine(database_url, poolclass=NullPool)
    with engine.connect() as connection, connection.begin() as transaction:
        yield connection
        transaction.rollback()


def _shape(url: sa.URL) -> Shape:
    with sa.create_engine(url, poolclass=NullPool).connect() as connection:
        return shape_of(connection)


@pytest.mark.parametrize(("statement", "told"), CONTRACTIONS.items())
def test_what_old_code_would_miss_is_seen(connection: sa.Connection, statement: str, told: str) -> None:
    before = shape_of(connection)
    connection.execute(sa.text(statement))

    assert list(missed(before, shape_of(connection))) == [told]


@pytest.mark.parametrize("statement", EXPANSIONS)
def test_what_only_adds_leaves_old_code_alive(connection: sa.Connection, statement: str) -> None:
    before = shape_of(connection)
    connection.execute(sa.text(statement))

    assert list(missed(before, shape_of(connection))) == []


def test_the_last_revision_leaves_the_code_before_it_alive(database_server: sa.URL, worker_name: str) -> None:
    last = scripts().get_revision(scripts().get_current_head() or "")
    assert isinstance(last.down_revision, str)
    with empty_database(database_server, f"snp_before_{worker_name}") as url:
        migrate(url, last.down_revision)
        before = _shape(url)
        migrate(url)
        after = _shape(url)

    explained = getattr(last.module, "compatible", {})
    unexplained = [told for told in missed(before, after) if not any(name in told for name in explained)]
    assert unexplained == []
