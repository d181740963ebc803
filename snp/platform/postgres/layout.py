"""Where the files of the embedded database are, and who may touch them. Starts nothing."""

from __future__ import annotations

import hashlib
import os
import pwd
import shutil
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from snp.platform.postgres.binaries import Account, choose_account
from snp.platform.postgres.failures import PostgresFailed
from snp.platform.settings import Settings

SYSTEM_HOME: Final = Path("/var/lib/snp")
"""Where root keeps clusters whose data directory the unprivileged account cannot reach (such as /root/…)."""

PORT: Final = 5432
"""Only the name of the socket file: nothing listens on the network."""

_LONGEST_SOCKET_PATH: Final = 103  # macOS; Linux allows 107


@dataclass(frozen=True, slots=True)
class Layout:
    """The files of one embedded database and the account that runs it."""

    home: Path
    account: Account

    @property
    def cluster(self) -> Path:
        """PostgreSQL's own data directory."""
        return self.home / "cluster"

    @property
    def log(self) -> Path:
        """What the server writes; no statement and no value ever goes there."""
        return self.home / "postgres.log"

    @property
    def owner_lock(self) -> Path:
        """Locked by the process that runs the server, for as long as it lives."""
        return self.home / "owner.lock"

    @property
    def clients_lock(self) -> Path:
        """Shared by the commands that use somebody else's server."""
        return self.home / "clients.lock"

    @property
    def notice(self) -> Path:
        """Where the owner says how to reach its server."""
        return self.home / "server.json"


def lay_out(settings: Settings) -> Layout:
    """Choose the account and the home, and make the home: ours alone, or passable when we are root."""
    account = choose_account(settings.postgres_account)
    home = settings.data_dir / "postgres"
    if account.uid is not None and not _passable(settings.data_dir, account):
        digest = hashlib.sha256(os.fsencode(settings.data_dir)).hexdigest()[:12]
        home = SYSTEM_HOME / f"postgres-{digest}"
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise PostgresFailed(f"cannot make {home}: {error.strerror}; set SNP_DATA_DIR") from error
    owner = home.stat().st_uid
    if owner != os.geteuid():
        raise PostgresFailed(f"{home} belongs to {_name_of(owner)}: run as that account or set SNP_DATA_DIR")
    home.chmod(0o700 if account.uid is None else 0o711)
    return _keeping_the_cluster_owner(Layout(home, account))


def make_private(path: Path, account: Account) -> Path:
    """Make a directory that only the account (and root) can enter."""
    path.mkdir(mode=0o700, exist_ok=True)
    if stat.S_ISLNK(path.lstat().st_mode):
        raise PostgresFailed(f"{path} is a symbolic link: remove it")
    account.own(path)
    path.chmod(0o700)
    return path


def make_socket_directory(layout: Layout) -> Path:
    """The directory of the socket.

    In the home, or a temporary one where the home's path is too long for it.
    """
    wanted = layout.home / "run"
    if len(os.fsencode(wanted / f".s.PGSQL.{PORT}")) <= _LONGEST_SOCKET_PATH:
        return make_private(wanted, layout.account)
    return make_private(Path(tempfile.mkdtemp(prefix="snp-postgres-")), layout.account)


def discard_socket_directory(layout: Layout, directory: Path) -> None:
    """Remove a temporary socket directory; the one in the home stays."""
    if directory.parent != layout.home:
        shutil.rmtree(directory, ignore_errors=True)


def _passable(path: Path, account: Account) -> bool:
    """Tell whether the account can pass through the nearest part of a path that exists."""
    existing = next(place for place in (path, *path.parents) if place.exists())
    return account.may("-x", existing)


def _keeping_the_cluster_owner(layout: Layout) -> Layout:
    """A cluster made under one account stays with it, even after the setting changed."""
    if layout.account.uid is None or not layout.cluster.exists():
        return layout
    owner = layout.cluster.stat().st_uid
    if owner in {0, layout.account.uid}:
        return layout
    return Layout(layout.home, choose_account(_name_of(owner)))


def _name_of(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
