"""`database(settings)`: an address to connect to, whoever runs the server.

One process owns an embedded database and runs its server; a lock that dies with the process says which one.
While it lives, other commands read its notice and use its server; when nobody lives, a command is the owner
for as long as it lasts.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import psycopg
import sqlalchemy as sa
from psycopg import sql

from snp.platform.address import normalise_url
from snp.platform.events import Event
from snp.platform.logs import log
from snp.platform.postgres.binaries import readable_binaries
from snp.platform.postgres.cluster import DATABASE, USER, prepare_cluster, write_access_rules
from snp.platform.postgres.failures import PostgresFailed
from snp.platform.postgres.layout import (
    PORT,
    Layout,
    discard_socket_directory,
    lay_out,
    make_private,
    make_socket_directory,
)
from snp.platform.postgres.server import Server
from snp.platform.settings import Settings

_PATIENCE_SECONDS: Final = 330.0
_PAUSE_SECONDS: Final = 0.05


class DataDirectoryInUse(PostgresFailed):
    """Another service owns this embedded database."""


@dataclass(frozen=True, slots=True)
class Notice:
    """What the owner tells the others: who it is, whether it stays, and where its server listens."""

    owner: int
    command: str
    stays: bool
    socket_directory: str

    @property
    def url(self) -> sa.URL:
        """The address of the owner's server."""
        query = {"host": self.socket_directory, "port": str(PORT)}
        return sa.URL.create("postgresql+psycopg", username=USER, database=DATABASE, query=query)


@contextmanager
def database(settings: Settings, *, own: bool = False) -> Iterator[sa.URL]:
    """The address of the database for the length of the block: the one of the settings, or the embedded one.

    With `own` the caller means to be the service itself: it runs the server or raises `DataDirectoryInUse`,
    and takes the server along when it ends. Without, a running server is used; when there is none it is
    started, and stopped at the end once no other command uses it. Raises `PostgresFailed`.
    """
    if settings.database_url is not None:
        yield normalise_url(settings.database_url.get_secret_value())
        return
    layout = lay_out(settings)
    with ExitStack() as stack:
        notice = _own_or_join(layout, settings, stack, own=own)
        yield notice.url


def _own_or_join(layout: Layout, settings: Settings, stack: ExitStack, *, own: bool) -> Notice:
    """Become the owner or a client, whichever comes first; what must end with the block goes on the stack."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        lock = _lock(layout.owner_lock, fcntl.LOCK_EX)
        if lock is not None:
            stack.callback(os.close, lock)
            return stack.enter_context(_serving(layout, settings, stays=own))
        notice = _read_notice(layout)
        if notice is not None and own and notice.stays:
            raise DataDirectoryInUse(
                f"{layout.home} is in use by process {notice.owner} ({notice.command}): "
                "stop it first, or set SNP_DATA_DIR to another place"
            )
        if notice is not None and not own and (joined := _join(layout, notice)) is not None:
            stack.callback(os.close, joined)
            return notice
        if time.monotonic() > deadline:
            raise PostgresFailed(f"{layout.home} is locked by a process whose database does not answer")
        time.sleep(_PAUSE_SECONDS)


@contextmanager
def _serving(layout: Layout, settings: Settings, *, stays: bool) -> Iterator[Notice]:
    """Run the server for the length of the block; the owner's lock is held around it."""
    if (left := _read_notice(layout)) is not None:
        discard_socket_directory(layout, Path(left.socket_directory))
    layout.notice.unlink(missing_ok=True)
    binaries = readable_binaries(layout.account, layout.home)
    prepare_cluster(layout, binaries, durable=settings.postgres_durable)
    write_access_rules(layout)
    socket_directory = make_socket_directory(layout)
    archive = settings.postgres_archive
    if archive is not None:
        archive.parent.mkdir(parents=True, exist_ok=True)
        make_private(archive, layout.account)
    server = Server(layout, binaries, socket_directory, durable=settings.postgres_durable, archive=archive)
    try:
        server.start()
        notice = Notice(os.getpid(), Path(sys.argv[0]).name or "python", stays, str(socket_directory))
        _create_database(notice.url)
        _publish(layout, notice)
        log(Event.DATABASE_STARTED, version=binaries.version)
        yield notice
        if not stays:
            _await_clients(layout)
    finally:
        layout.notice.unlink(missing_ok=True)
        server.stop()
        discard_socket_directory(layout, socket_directory)
        log(Event.DATABASE_STOPPED)


@contextmanager
def owning(layout: Layout) -> Iterator[None]:
    """Keep every other process away from an embedded database for the length of the block.

    Raises `DataDirectoryInUse` when one is at it.
    """
    lock = _lock(layout.owner_lock, fcntl.LOCK_EX)
    if lock is None:
        raise DataDirectoryInUse(f"{layout.home} is in use by another process")
    try:
        yield
    finally:
        os.close(lock)


def _join(layout: Layout, notice: Notice) -> int | None:
    """A shared lock that keeps a passing owner waiting, once its server was seen to answer."""
    lock = _lock(layout.clients_lock, fcntl.LOCK_SH)
    if lock is None:
        return None
    try:
        psycopg.connect(_conninfo(notice.url), connect_timeout=5).close()
    except psycopg.OperationalError:
        os.close(lock)
        return None
    return lock


def _await_clients(layout: Layout) -> None:
    """Wait for the commands that joined us; those that come later find no notice and take over."""
    layout.notice.unlink(missing_ok=True)
    while (lock := _lock(layout.clients_lock, fcntl.LOCK_EX)) is None:
        time.sleep(_PAUSE_SECONDS)
    os.close(lock)


def _create_database(url: sa.URL) -> None:
    with psycopg.connect(_conninfo(url.set(database="postgres")), autocommit=True) as connection:
        if connection.execute("SELECT FROM pg_database WHERE datname = %s", (DATABASE,)).fetchone() is None:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))


def _lock(path: Path, kind: int) -> int | None:
    """A descriptor holding the lock, or None when somebody else does. Closing it, or dying, gives it back."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        if error.errno in {errno.EWOULDBLOCK, errno.EACCES}:
            return None
        raise
    return descriptor


def _publish(layout: Layout, notice: Notice) -> None:
    draft = layout.notice.with_suffix(".new")
    draft.write_text(json.dumps(asdict(notice)), encoding="utf-8")
    draft.chmod(0o600)
    draft.replace(layout.notice)


def _read_notice(layout: Layout) -> Notice | None:
    with contextlib.suppress(OSError, ValueError, TypeError):
        return Notice(**json.loads(layout.notice.read_text(encoding="utf-8")))
    return None


def _conninfo(url: sa.URL) -> str:
    return url.set(drivername="postgresql").render_as_string(hide_password=False)
