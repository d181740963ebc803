"""A real PgBouncer that lends its connections for a transaction, in front of a server on a socket."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import sqlalchemy as sa

NAMES = (os.environ.get("SNP_PGBOUNCER", ""), "pgbouncer", "/usr/sbin/pgbouncer")
PORT = 6543
SERVER_CONNECTIONS = 4


def pgbouncer_path() -> str | None:
    """Where PgBouncer is; None when there is none."""
    return next((path for name in NAMES if name and (path := shutil.which(name))), None)


@contextmanager
def running_pgbouncer(folder: Path, server: sa.URL, user: str) -> Iterator[sa.URL]:
    """The address of a PgBouncer in front of a server whose socket is in `folder`, until the block ends.

    `user` runs it: PgBouncer refuses to be root.
    """
    program = pgbouncer_path()
    assert program is not None
    host, port = server.query["host"], server.query["port"]
    configuration = folder / "pgbouncer.ini"
    configuration.write_text(
        f"[databases]\npostgres = host={host} port={port} user={server.username} dbname=postgres\n"
        f"[pgbouncer]\nlisten_port = {PORT}\nunix_socket_dir = {folder}\nauth_type = any\n"
        f"pool_mode = transaction\ndefault_pool_size = {SERVER_CONNECTIONS}\nmax_client_conn = 200\n"
        f"logfile = {folder}/pgbouncer.log\n",
        encoding="utf-8",
    )
    configuration.chmod(0o644)
    command = [program, "-q", *(["-u", user] if os.geteuid() == 0 else []), str(configuration)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    address = server.set(query={"host": str(folder), "port": str(PORT)})
    try:
        _await(process, address)
        yield address
    finally:
        process.terminate()
        process.wait(30)


def _await(process: subprocess.Popen[bytes], address: sa.URL) -> None:
    deadline = time.monotonic() + 30
    while True:
        assert process.poll() is None, "PgBouncer did not start"
        try:
            psycopg.connect(address.set(drivername="postgresql").render_as_string()).close()
        except psycopg.OperationalError:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        else:
            return
