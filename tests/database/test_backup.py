"""A backup comes back: whole, at any instant that the archive holds, or not at all."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.pool import NullPool
from sqlmodel import Session

from api.doctor import separating
from api.doctor.facts import Level
from snp.platform import near
from snp.platform.postgres import PostgresFailed, database
from snp.platform.postgres import backup as backups
from snp.platform.postgres.backup import Kind
from snp.platform.settings import Environment, Settings
from tests.support.database import empty_database, test_settings

pytestmark = pytest.mark.database
NOW = datetime(2026, 11, 26, 8, 30, tzinfo=UTC)


@dataclass(frozen=True)
class Kept:
    """A base copy with two lines in it or after it, the archive, and the instants between the lines."""

    place: Path
    folder: Path
    archive: Path
    after_the_second: datetime


def settings_for(data_dir: Path, archive: Path | None = None) -> Settings:
    return Settings(
        _env_file=None,
        environment=Environment.TEST,
        data_dir=data_dir,
        database_url=None,
        postgres_archive=archive,
    )


@contextmanager
def connected(url: sa.URL) -> Iterator[sa.Connection]:
    engine = sa.create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        yield connection


def write(connection: sa.Connection, text: str) -> None:
    connection.execute(sa.text("INSERT INTO line (text) VALUES (:text)"), {"text": text})


def lines(settings: Settings) -> list[str]:
    with database(settings) as url, connected(url) as connection:
        return list(connection.scalars(sa.text("SELECT text FROM line ORDER BY id")))


def archived(connection: sa.Connection) -> None:
    """Wait until the log of what was written so far is in the archive."""
    wanted = connection.scalar(sa.text("SELECT pg_walfile_name(pg_switch_wal())"))
    deadline = time.monotonic() + 30
    while (connection.scalar(sa.text("SELECT last_archived_wal FROM pg_stat_archiver")) or "") < wanted:
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.fixture(scope="module")
def kept() -> Iterator[Kept]:
    place = Path(tempfile.mkdtemp(prefix="snp-backup-"))
    place.chmod(0o755)
    settings = settings_for(place / "data", place / "archive of the log")
    with database(settings, own=True) as url, connected(url) as connection:
        connection.execute(sa.text("CREATE TABLE line (id int GENERATED ALWAYS AS IDENTITY, text text)"))
        write(connection, "in the copy")
        folder = backups.take_backup(settings, url, place / "kept", revision="r1", key_ids=("k1",), now=NOW)
        write(connection, "after the copy")
        instant = connection.scalar(sa.text("SELECT clock_timestamp()"))
        write(connection, "too late")
        archived(connection)
    yield Kept(place, folder, place / "archive of the log", instant)
    shutil.rmtree(place)


def test_a_copy_says_what_it_is_and_is_judged(kept: Kept) -> None:
    [(folder, noted)] = backups.list_backups(kept.place / "kept")

    assert folder == kept.folder
    assert folder.name == "snp-20261126T083000Z"
    assert (noted.kind, noted.revision, noted.key_ids) == (Kind.BASE, "r1", ("k1",))
    backups.check_backup(folder)


def test_a_damaged_copy_is_told(kept: Kept, tmp_path: Path) -> None:
    damaged = shutil.copytree(kept.folder, tmp_path / "damaged")
    packed = damaged / "copy" / "base.tar.gz"
    packed.write_bytes(packed.read_bytes()[:-2000])

    with pytest.raises(PostgresFailed):
        backups.check_backup(damaged)


def test_the_copy_alone_brings_back_what_it_held(kept: Kept) -> None:
    settings = settings_for(kept.place / "alone")

    backups.restore_base(kept.folder, settings)

    assert lines(settings) == ["in the copy"]


def test_the_archive_brings_back_any_instant(kept: Kept) -> None:
    settings = settings_for(kept.place / "instant")

    backups.restore_base(kept.folder, settings, archive=kept.archive, at=kept.after_the_second)

    assert lines(settings) == ["in the copy", "after the copy"]
    assert not list((kept.place / "instant").rglob("recovery.signal"))


def test_the_archive_brings_back_all_that_was_committed(kept: Kept) -> None:
    settings = settings_for(kept.place / "all")

    backups.restore_base(kept.folder, settings, archive=kept.archive)

    assert lines(settings) == ["in the copy", "after the copy", "too late"]


def test_an_instant_that_was_not_kept_is_refused_and_leaves_nothing(kept: Kept) -> None:
    settings = settings_for(kept.place / "beyond")

    with pytest.raises(PostgresFailed):
        backups.restore_base(
            kept.folder, settings, archive=kept.archive, at=kept.after_the_second + timedelta(days=1)
        )
    backups.restore_base(kept.folder, settings)

    assert lines(settings) == ["in the copy"]


def test_a_database_that_is_there_is_never_overwritten(kept: Kept) -> None:
    with pytest.raises(PostgresFailed, match="existe déjà"):
        backups.restore_base(kept.folder, settings_for(kept.place / "data"))


def test_a_dump_comes_back_closed_on_a_server_that_never_knew_the_role(
    clean_database: sa.URL, kept: Kept, tmp_path: Path
) -> None:
    source = test_settings(database_url=clean_database.render_as_string(hide_password=False))
    folder = backups.take_backup(source, clean_database, tmp_path, revision="r1", key_ids=(), now=NOW)
    elsewhere = settings_for(kept.place / "elsewhere")
    with database(elsewhere, own=True) as server, empty_database(server, "loaded") as target:
        with connected(target) as connection:
            assert connection.scalar(sa.text("SELECT count(*) FROM pg_roles WHERE rolname = 'snp_near'")) == 0

        backups.restore_dump(folder, target)

        with Session(sa.create_engine(target, poolclass=NullPool)) as session:
            assert near.is_ready(session)
            assert separating.look(session, elsewhere).level is Level.WELL


def test_a_database_of_ones_own_is_dumped_and_comes_back_into_an_empty_one(
    database_server: sa.URL, tmp_path: Path
) -> None:
    with (
        empty_database(database_server, "dumped") as source,
        empty_database(database_server, "loaded") as target,
    ):
        with connected(source) as connection:
            connection.execute(sa.text("CREATE TABLE line (id int GENERATED ALWAYS AS IDENTITY, text text)"))
            write(connection, "dumped")
        settings = test_settings(database_url=source.render_as_string(hide_password=False))
        folder = backups.take_backup(settings, source, tmp_path, revision="r1", key_ids=(), now=NOW)
        backups.check_backup(folder)

        backups.restore_dump(folder, target)

        with connected(target) as connection:
            assert list(connection.scalars(sa.text("SELECT text FROM line"))) == ["dumped"]
        with pytest.raises(PostgresFailed, match="vide"):
            backups.restore_dump(folder, target)
