"""Backups: a base copy with its log (embedded server), or a dump (a server of one's own); and the way back.

A base copy and an archive of the write-ahead log give back any instant in between (point-in-time recovery).
Keys are never part of a backup: without them identities stay sealed, so they are kept elsewhere.
Source: PostgreSQL documentation, ch. 26 « Backup and Restore ».
"""

from __future__ import annotations

import json
import shutil
import subprocess
import tarfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from snp.platform import near
from snp.platform.address import normalise_url
from snp.platform.postgres.binaries import Binaries, find_binaries, readable_binaries
from snp.platform.postgres.cluster import ENVIRONMENT, write_access_rules
from snp.platform.postgres.doorway import owning
from snp.platform.postgres.failures import PostgresFailed
from snp.platform.postgres.layout import (
    Layout,
    discard_socket_directory,
    lay_out,
    make_private,
    make_socket_directory,
)
from snp.platform.postgres.server import Server
from snp.platform.settings import Settings

NOTE: Final = "snp-backup.json"
_COPY: Final = "copy"
_BASE, _WAL, _DUMP = "base.tar.gz", "pg_wal.tar.gz", "snp.dump"
_LETS_IN: Final = sa.text(f"SELECT to_regproc('{near.LET_IN}') IS NOT NULL")


class Kind(StrEnum):
    """A base copy of an embedded cluster, or a logical dump of a database."""

    BASE = "base"
    DUMP = "dump"


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup on disk; `taken_at` is ISO 8601 in UTC, `revision` the schema's, `key_ids` name no secret."""

    kind: Kind
    taken_at: str
    revision: str
    version: str
    key_ids: tuple[str, ...] = ()


def take_backup(
    settings: Settings, url: sa.URL, target: Path, *, revision: str, key_ids: Sequence[str], now: datetime
) -> Path:
    """Write a backup of the running database into a new folder under `target`, and return the folder.

    The folder appears under its name only once complete. Raises `PostgresFailed`.
    """
    stamp = now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    folder = target / f"snp-{stamp}"
    draft = target / f".snp-{stamp}.part"
    if folder.exists():
        raise PostgresFailed(f"{folder} existe déjà")
    target.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    binaries = find_binaries()
    kind = Kind.BASE if settings.database_url is None else Kind.DUMP
    address = _address(url)
    try:
        if kind is Kind.BASE:
            _run(
                [
                    *(binaries.program("pg_basebackup"), "--pgdata", str(draft / _COPY), "--dbname", address),
                    *("--format=tar", "--gzip", "--wal-method=stream", "--checkpoint=fast"),
                    *("--no-password", f"--label=snp-{stamp}"),
                ],
                url,
            )
        else:
            _run(
                [
                    *(binaries.program("pg_dump"), "--dbname", address, "--format=custom"),
                    *("--no-owner", "--no-privileges", "--no-password", "--file", str(draft / _DUMP)),
                ],
                url,
            )
    except PostgresFailed:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    noted = Backup(kind, now.astimezone(UTC).isoformat(), revision, binaries.version, tuple(key_ids))
    (draft / NOTE).write_text(json.dumps(asdict(noted), indent=2), encoding="utf-8")
    draft.rename(folder)
    return folder


def read_backup(folder: Path) -> Backup:
    """What a backup says of itself. Raises `PostgresFailed` for a folder that is none."""
    try:
        noted = json.loads((folder / NOTE).read_text(encoding="utf-8"))
        return Backup(**(noted | {"kind": Kind(noted["kind"]), "key_ids": tuple(noted["key_ids"])}))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise PostgresFailed(f"{folder} n’est pas une sauvegarde du service") from error


def list_backups(target: Path) -> list[tuple[Path, Backup]]:
    """The complete backups under a folder, oldest first."""
    return [(path.parent, read_backup(path.parent)) for path in sorted(target.glob(f"snp-*/{NOTE}"))]


def check_backup(folder: Path) -> None:
    """Compare every file of a base copy with its manifest, or read a dump to its end.

    Raises `PostgresFailed` with the first thing that is wrong.
    """
    binaries = find_binaries()
    if read_backup(folder).kind is Kind.BASE:
        _run([binaries.program("pg_verifybackup"), "--format=tar", "--no-parse-wal", str(folder / _COPY)])
    else:
        _run([binaries.program("pg_restore"), "--file=/dev/null", str(folder / _DUMP)])


def restore_dump(folder: Path, url: sa.URL | str) -> None:
    """Load a dump into an empty database, whole or not at all. Raises `PostgresFailed`."""
    engine = sa.create_engine(normalise_url(url), poolclass=sa.pool.NullPool)
    with engine.connect() as connection:
        if sa.inspect(connection).get_table_names():
            raise PostgresFailed("la base de données n’est pas vide : restaurez dans une base neuve")
    _run(
        [
            *(find_binaries().program("pg_restore"), "--dbname", _address(normalise_url(url))),
            *("--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error"),
            str(folder / _DUMP),
        ],
        normalise_url(url),
    )
    _let_in(engine)


def _let_in(engine: sa.Engine) -> None:
    """Give the role of the second lock its rights back: a dump holds none, and the server may not know it."""
    with engine.begin() as connection:
        if connection.scalar(_LETS_IN):
            connection.execute(sa.text(f"SELECT {near.LET_IN}()"))


def restore_base(
    folder: Path, settings: Settings, *, archive: Path | None = None, at: datetime | None = None
) -> None:
    """Bring a base copy back into the data folder of the settings, which must hold no database yet.

    With `archive` the log is replayed to its end, or to the instant `at`, which must not lie beyond it.
    Raises `PostgresFailed`; what was half restored is then removed.
    """
    if read_backup(folder).kind is not Kind.BASE:
        raise PostgresFailed(f"{folder} est une copie logique : nommez la base par SNP_DATABASE_URL")
    if at is not None and archive is None:
        raise PostgresFailed("revenir à un instant demande l’archive du journal : --archive")
    layout = lay_out(settings)
    with owning(layout):
        if layout.cluster.exists():
            raise PostgresFailed(f"{layout.cluster} existe déjà : nommez un dossier neuf par SNP_DATA_DIR")
        binaries = readable_binaries(layout.account, layout.home)
        make_private(layout.cluster, layout.account)
        try:
            _unpack(folder, layout)
            _replay(layout, binaries, settings, archive=archive, at=at)
        except BaseException:
            shutil.rmtree(layout.cluster, ignore_errors=True)
            raise


def _unpack(folder: Path, layout: Layout) -> None:
    """The files of the copy, owned by the server's account."""
    for name, place in ((_BASE, layout.cluster), (_WAL, layout.cluster / "pg_wal")):
        with tarfile.open(folder / _COPY / name) as packed:
            packed.extractall(place, filter="data")
    for path in (layout.cluster, *layout.cluster.rglob("*")):
        layout.account.own(path)
        path.chmod(0o700 if path.is_dir() else 0o600)


def _replay(
    layout: Layout, binaries: Binaries, settings: Settings, *, archive: Path | None, at: datetime | None
) -> None:
    """Start the server once, until it accepts writes: it replays what the copy and the archive hold."""
    own = layout.cluster / "postgresql.auto.conf"
    plain = own.read_text(encoding="utf-8")
    wanted = [plain]
    if archive is not None:
        copied = _readable_copy(archive, layout)
        wanted.append(
            f"restore_command = 'cp \"{copied}/%f\" \"%p\"'\nrecovery_target_timeline = 'latest'\n"
            # Without it the server would say that it is ready before all is replayed.
            "hot_standby = off\n"
        )
        if at is not None:
            wanted.append(
                f"recovery_target_time = '{at.astimezone(UTC).isoformat()}'\n"
                "recovery_target_action = 'promote'\n"
            )
        own.write_text("".join(wanted), encoding="utf-8")
        signal_file = layout.cluster / "recovery.signal"
        signal_file.touch(mode=0o600)
        layout.account.own(signal_file)
    write_access_rules(layout)
    sockets = make_socket_directory(layout)
    server = Server(layout, binaries, sockets, durable=settings.postgres_durable)
    try:
        server.start()
    finally:
        server.stop()
        discard_socket_directory(layout, sockets)
        own.write_text(plain, encoding="utf-8")
        shutil.rmtree(layout.home / "replayed", ignore_errors=True)


def _readable_copy(archive: Path, layout: Layout) -> Path:
    """The archive where the server's account can read it, for the length of the replay."""
    copied = layout.home / "replayed"
    shutil.rmtree(copied, ignore_errors=True)
    make_private(copied, layout.account)
    for segment in archive.iterdir():
        if segment.is_file() and not segment.name.endswith(".part"):
            layout.account.own(shutil.copyfile(segment, copied / segment.name))
    return copied


def _address(url: sa.URL) -> str:
    """The address without its password: every account of the machine may read a command line."""
    return url.set(drivername="postgresql", password=None).render_as_string(hide_password=False)


def _run(command: Sequence[str], url: sa.URL | None = None) -> None:
    """Run one of PostgreSQL's programs to its end; its last words become the failure."""
    secret = {"PGPASSWORD": str(url.password)} if url is not None and url.password else {}
    done = subprocess.run(  # noqa: S603 - fixed programs, no shell
        command,
        check=False,
        capture_output=True,
        text=True,
        env=ENVIRONMENT | secret,
        stdin=subprocess.DEVNULL,
    )
    if done.returncode != 0:
        said = (done.stderr.strip() or done.stdout.strip() or f"exit {done.returncode}").splitlines()
        raise PostgresFailed(f"{Path(command[0]).name} : {said[-1]}")
