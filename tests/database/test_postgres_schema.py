"""The revisions and the declared tables describe the same database, down to the last constraint."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy.pool import NullPool
from sqlmodel import SQLModel

from api.migrations import current_is_head, heads, import_tables, is_compared, migrate
from snp.platform.db import create_engine
from snp.platform.settings import Settings
from tests.support.database import empty_database

pytestmark = pytest.mark.database

CONSTRAINTS = """
SELECT conrelid::regclass::text, conname, contype::text, pg_get_constraintdef(oid)
FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype <> 'n' ORDER BY 1, 2
"""
INDEXES = """
SELECT tablename, indexname, indexdef FROM pg_indexes
WHERE schemaname = 'public' AND tablename <> 'alembic_version' ORDER BY 1, 2
"""
COLUMNS = """
SELECT table_name, column_name, data_type, udt_name, character_maximum_length, is_nullable, column_default,
       is_identity, generation_expression
FROM information_schema.columns
WHERE table_schema = 'public' AND table_name <> 'alembic_version' ORDER BY 1, 2
"""
TRIGGERS = """
SELECT tgrelid::regclass::text, tgname, pg_get_triggerdef(oid) FROM pg_trigger
WHERE NOT tgisinternal ORDER BY 1, 2
"""
UNNAMED = """
SELECT conrelid::regclass::text, conname FROM pg_constraint
WHERE connamespace = 'public'::regnamespace AND contype <> 'n'
  AND conname !~ '^(pk|fk|uq|ck|ex)_' AND conrelid::regclass::text <> 'alembic_version'
"""


@pytest.fixture(scope="module")
def migrated(database_url: sa.URL, settings: Settings) -> Iterator[sa.Connection]:
    engine = create_engine(database_url, settings, poolclass=NullPool)
    with engine.connect() as connection:
        yield connection


@pytest.fixture(scope="module")
def declared(database_server: sa.URL, settings: Settings, worker_name: str) -> Iterator[sa.Connection]:
    import_tables()
    with empty_database(database_server, f"snp_declared_{worker_name}") as url:
        engine = create_engine(url, settings, poolclass=NullPool)
        with engine.begin() as connection:
            SQLModel.metadata.create_all(connection)
        with engine.connect() as connection:
            yield connection


def rows(connection: sa.Connection, question: str) -> set[tuple[object, ...]]:
    return {tuple(row) for row in connection.execute(sa.text(question.replace(":", r"\:")))}


def test_there_is_one_newest_revision():
    assert len(heads()) == 1


def test_a_migrated_database_stands_at_the_newest_revision(database_url: sa.URL):
    assert current_is_head(database_url)


def test_migrating_again_changes_nothing(database_url: sa.URL):
    assert migrate(database_url) == heads()[0]


def test_autogenerate_finds_nothing_to_do(migrated: sa.Connection):
    import_tables()
    options = {"compare_type": True, "compare_server_default": True, "include_object": is_compared}
    context = MigrationContext.configure(migrated, opts=options)
    assert compare_metadata(context, SQLModel.metadata) == []


@pytest.mark.parametrize(
    "question", [CONSTRAINTS, INDEXES, COLUMNS], ids=["constraints", "indexes", "columns"]
)
def test_the_revisions_and_the_tables_agree_on(
    question: str, migrated: sa.Connection, declared: sa.Connection
):
    by_revisions, by_tables = rows(migrated, question), rows(declared, question)
    by_revisions = {row for row in by_revisions if row[0] != "alembic_version"}
    assert by_revisions - by_tables == set(), "only the revisions make these"
    assert by_tables - by_revisions == set(), "only the tables declare these"


def test_every_constraint_bears_a_name_of_ours(migrated: sa.Connection):
    assert rows(migrated, UNNAMED) == set()


def test_the_audit_is_append_only(migrated: sa.Connection):
    triggers = {row[1] for row in rows(migrated, TRIGGERS)}
    assert "audit_entry_is_append_only" in triggers


def test_revisions_can_be_undone_and_redone(clean_database: sa.URL, settings: Settings):
    from alembic import command
    from api import migrations

    engine = create_engine(clean_database, settings, poolclass=NullPool)
    with engine.connect() as connection:
        config = migrations._config()
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
    with engine.connect() as connection:
        assert rows(connection, COLUMNS) == set()
    assert migrate(clean_database) == heads()[0]
