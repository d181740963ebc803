"""The real service over a real database, for the length of a bench: `snp run` with several workers."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx
import psutil
import psycopg
import sqlalchemy as sa

from api.migrations import migrate
from api.wiring import Wiring
from bench.load import stage
from snp.directory.reference import load_reference
from snp.platform.db import create_engine
from snp.platform.keys import load_keys
from snp.platform.logs import configure_logs
from snp.platform.postgres import database
from snp.platform.settings import Settings

READY_SECONDS = 90.0
COMMAND = [sys.executable, "-c", "from api.cli import main; main()", "run", "--no-demo"]


@dataclass(frozen=True, slots=True)
class Stage:
    """A filled database with the parts of a service over it, and the key of a caller."""

    url: sa.URL
    service: Wiring
    key_id: str
    key: str


@contextmanager
def staged(bookings: int, *, durable: bool = True) -> Iterator[Stage]:
    """A database of its own, durable as in production, with that many bookings to make."""
    with tempfile.TemporaryDirectory(prefix="snp-load-") as folder:
        Path(folder).chmod(0o711)  # the server's account must pass, or the cluster would stand elsewhere
        settings = Settings(
            _env_file=None, data_dir=Path(folder) / "data", log_level="ERROR", postgres_durable=durable
        )
        configure_logs(settings)
        with database(settings, own=True) as url:
            migrate(url)
            service = Wiring(settings=settings, engine=create_engine(url, settings), keys=load_keys(settings))
            now = datetime.now(UTC)
            with service.transaction() as session:
                load_reference(session)
            with psycopg.connect(plain(url)) as connection:
                stage.fill(connection, bookings, now)
            ident, key = stage.make_key(service, now)
            try:
                yield Stage(url, service, str(ident), key)
            finally:
                service.engine.dispose()


@contextmanager
def running(at: Stage, workers: int, **settings: str) -> Iterator[tuple[int, psutil.Process]]:
    """The service on a free port, until the end of the block; its port and its first process."""
    port = free_port()
    told = {
        "SNP_DATA_DIR": str(at.service.settings.data_dir),
        "SNP_DATABASE_URL": at.url.render_as_string(hide_password=False),
        "SNP_LOG_LEVEL": "INFO",
        "SNP_RATE_PER_KEY": "0",  # all the clients are one address, with one key
        "SNP_RATE_PER_ADDRESS": "0",
    }
    command = [*COMMAND, f"--port={port}", f"--workers={workers}"]
    with subprocess.Popen(
        command, env=os.environ | told | settings, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            until_ready(port)
            yield port, psutil.Process(process.pid)
        finally:
            process.terminate()


def until_ready(port: int, *, seconds: float = READY_SECONDS) -> float:
    """Wait until the service answers; how long that took."""
    begun = time.perf_counter()
    while True:
        try:
            if httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=5).status_code == httpx.codes.OK:
                return time.perf_counter() - begun
        except httpx.TransportError:
            pass
        if time.perf_counter() - begun > seconds:
            raise TimeoutError(f"the service was not ready within {seconds:.0f} s")
        time.sleep(0.05)


def free_port() -> int:
    """Return a port that nobody has at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def plain(url: sa.URL) -> str:
    """The address as psycopg and pgbench take it."""
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


def postmaster(url: sa.URL) -> psutil.Process:
    """The server's first process."""
    with psycopg.connect(plain(url)) as connection:
        row = connection.execute("SELECT pg_backend_pid()").fetchone()
        assert row is not None
        parent = psutil.Process(int(str(row[0]))).parent()
    assert parent is not None
    return parent


def cpu_seconds(*roots: psutil.Process) -> float:
    """What these processes and all below them have used so far; those that ended count in their parents."""
    total = 0.0
    for root in roots:
        for process in (root, *root.children(recursive=True)):
            try:
                used = process.cpu_times()
            except psutil.NoSuchProcess:
                continue
            total += used.user + used.system + used.children_user + used.children_system
    return total
