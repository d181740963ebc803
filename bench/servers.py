"""PostgreSQL servers of a bench's own, from the embedded server's programs: a primary, and its replica."""

from __future__ import annotations

import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import sqlalchemy as sa

from snp.platform.postgres.binaries import Account, Binaries, choose_account, readable_binaries
from snp.platform.postgres.cluster import ENVIRONMENT
from snp.platform.postgres.layout import SYSTEM_HOME, make_private

PORTS = {"primary": 5441, "replica": 5442}
"""Names of socket files only: no server listens on the network."""

USER = "snp"
_SERVER = {
    "listen_addresses": "",
    "fsync": "on",
    "synchronous_commit": "on",
    "wal_level": "replica",
    "max_wal_senders": "5",
    "hot_standby": "on",
    "max_connections": "120",
}


class Pair:
    """A primary and its replica, in a directory of their own."""

    def __init__(self, home: Path, account: Account, binaries: Binaries) -> None:
        self._home = home
        self._account = account
        self._binaries = binaries
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def url(self, *names: str) -> sa.URL:
        """The address of one server, or of the one among several that accepts writes."""
        query: dict[str, str | list[str]]
        if len(names) == 1:
            query = {"host": str(self._home), "port": str(PORTS[names[0]])}
        else:
            query = {"host": [f"{self._home}:{PORTS[name]}" for name in names]}
            query["target_session_attrs"] = "read-write"
        return sa.make_url(f"postgresql+psycopg://{USER}@/postgres").update_query_dict(query)

    def connect(self, name: str) -> psycopg.Connection[tuple[object, ...]]:
        """A connection to one of the servers."""
        return psycopg.connect(
            host=str(self._home), port=PORTS[name], user=USER, dbname="postgres", autocommit=True
        )

    def start_primary(self) -> None:
        """Make the primary; it waits for no replica until there is one."""
        target = self._home / "primary"
        make_private(target, self._account)
        self._do("initdb", "-D", str(target), "-U", USER, "--encoding=UTF8", "--locale=C", "--auth=trust")
        self._start("primary", synchronous_standby_names="")

    def add_replica(self, *, synchronous: bool = True) -> None:
        """Copy the primary and follow it; synchronous: have it wait for the copy from now on."""
        target = self._home / "replica"
        make_private(target, self._account)
        self._do("pg_basebackup", "-D", str(target), "-R", "-X", "stream", "-h", str(self._home),
                 "-p", str(PORTS["primary"]), "-U", USER, "--checkpoint=fast")  # fmt: skip
        self._start("replica", synchronous_standby_names="")
        if synchronous:
            self._wait_for_replica()

    def _wait_for_replica(self) -> None:
        with self.connect("primary") as connection:
            connection.execute("ALTER SYSTEM SET synchronous_standby_names = '*'")
            connection.execute("SELECT pg_reload_conf()")
            deadline = time.monotonic() + 30
            while connection.execute("SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'"
                                     ).fetchone() != (1,):  # fmt: skip
                if time.monotonic() > deadline:
                    raise TimeoutError("the replica does not follow")
                time.sleep(0.05)

    def kill_primary(self) -> None:
        """Kill -9."""
        self._running.pop("primary").kill()

    def promote(self) -> float:
        """Promote the replica; the seconds until it accepts writes."""
        begun = time.perf_counter()
        with self.connect("replica") as connection:
            connection.execute("SELECT pg_promote(true, 30)")
        return time.perf_counter() - begun

    def stop(self) -> None:
        """End what still runs."""
        for server in self._running.values():
            server.send_signal(signal.SIGINT)
            server.wait(30)

    def _start(self, name: str, **more: str) -> None:
        wanted = _SERVER | {"unix_socket_directories": str(self._home), "port": str(PORTS[name])}
        if name == "replica":
            wanted |= more  # on the command line: what was copied from the primary must not hold here
        options = [part for key, value in wanted.items() for part in ("-c", f"{key}={value}")]
        with (self._home / f"{name}.log").open("wb") as told:
            self._running[name] = subprocess.Popen(
                [self._binaries.program("postgres"), "-D", str(self._home / name), *options],
                cwd=self._home,
                stdout=subprocess.DEVNULL,
                stderr=told,
                user=self._account.uid,
                group=self._account.gid,
                extra_groups=[] if self._account.uid is not None else None,
            )
        deadline = time.monotonic() + 30
        while True:
            try:
                self.connect(name).close()
            except psycopg.OperationalError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)
            else:
                return

    def _do(self, program: str, *arguments: str) -> None:
        done = self._account.run(
            [self._binaries.program(program), *arguments], cwd=self._home, env=ENVIRONMENT
        )
        if done.returncode:
            raise RuntimeError(done.stderr)


@contextmanager
def a_pair() -> Iterator[Pair]:
    """A primary with its replica, for the length of a block."""
    account = choose_account("nobody")
    with tempfile.TemporaryDirectory(prefix="snp-pair-") as folder:
        home = Path(folder)
        home.chmod(0o711)
        make_private(home / "run", account)
        pair = Pair(home / "run", account, readable_binaries(account, SYSTEM_HOME))
        try:
            yield pair
        finally:
            pair.stop()
