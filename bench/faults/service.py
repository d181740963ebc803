"""The service as an operator starts it, to be killed: `snp run` with workers and its embedded database."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

import psutil
import psycopg
import sqlalchemy as sa

from bench.load.served import COMMAND, free_port, plain, until_ready
from snp.platform.leadership import APPLICATION
from snp.platform.postgres import database
from snp.platform.postgres.layout import lay_out
from snp.platform.settings import Settings

WORKERS = 2
STOP_SECONDS = 20
READY_SECONDS = 180.0
LEASE_SECONDS = 10
"""Shorter than in production (120), so that what a killed process was sending is seen to be taken over."""


class Victim:
    """One service over one data directory, started again as often as needed on the same port."""

    def __init__(self, folder: Path) -> None:
        self.settings = Settings(_env_file=None, data_dir=folder, log_level="ERROR")
        self.log = folder.with_name(f"{folder.name}.log")
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> float:
        """Start it and wait until it answers; how long that took."""
        told = {
            "SNP_DATA_DIR": str(self.settings.data_dir),
            "SNP_LOG_LEVEL": "ERROR",
            "SNP_ENVIRONMENT": "test",
            "SNP_RATE_PER_KEY": "0",
            "SNP_RATE_PER_ADDRESS": "0",
            "SNP_OUTBOX_LEASE_SECONDS": str(LEASE_SECONDS),
        }
        environment = {name: value for name, value in os.environ.items() if not name.startswith("SNP_")}
        command = [*COMMAND, f"--port={self.port}", f"--workers={WORKERS}"]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(command, env=environment | told, stdout=log, stderr=log)
        return self._until_ready()

    def _until_ready(self) -> float:
        """Wait until it answers. Raises `RuntimeError` when it ended, `TimeoutError` when it is too slow."""
        assert self._process is not None
        begun = time.perf_counter()
        while time.perf_counter() - begun < READY_SECONDS:
            if self._process.poll() is not None:
                raise RuntimeError(f"the service ended: {self.log.read_text(encoding='utf-8')[-500:]}")
            with suppress(TimeoutError):
                until_ready(self.port, seconds=1.0)
                return time.perf_counter() - begun
        raise TimeoutError(f"the service was not ready within {READY_SECONDS:.0f} s")

    def stop(self) -> None:
        """End it in order; what does not end is killed, whatever it started with it."""
        if self._process is None or self._process.poll() is not None:
            return
        everyone = self._everyone()
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        _, alive = psutil.wait_procs(everyone, timeout=5)
        for process in alive:
            with suppress(psutil.NoSuchProcess):
                process.kill()

    def url(self) -> sa.URL:
        """Return how its database is reached, as any command of the machine finds it."""
        with database(self.settings) as url:
            return url

    def workers(self) -> list[psutil.Process]:
        """Return the processes that answer."""
        return [
            child for child in self._parent().children() if "api.commands.worker" in " ".join(child.cmdline())
        ]

    def leaders(self) -> list[int]:
        """Return the processes that hold the scheduler's lock, by their number: one, or none for a moment."""
        statement = (
            "SELECT DISTINCT split_part(application_name, ' ', 2)::int FROM pg_stat_activity a "
            "JOIN pg_locks l ON l.pid = a.pid AND l.locktype = 'advisory' AND l.granted "
            "WHERE a.application_name LIKE %s"
        )
        with psycopg.connect(plain(self.url())) as connection:
            return [int(str(row[0])) for row in connection.execute(statement, [f"{APPLICATION} %"])]

    def kill_worker(self) -> None:
        """Kill -9 a process that answers."""
        self.workers()[-1].kill()

    def kill_leader(self) -> list[int]:
        """Kill -9 the process that runs the jobs; its number."""
        found = self.await_leader()
        for pid in found:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return found

    def kill_database(self, how: signal.Signals = signal.SIGKILL) -> None:
        """Kill -9 the first process of PostgreSQL, or have it end; the service starts it again."""
        marker = lay_out(self.settings).cluster / "postmaster.pid"
        os.kill(int(marker.read_text(encoding="utf-8").split("\n", 1)[0]), how)

    def kill_all(self) -> None:
        """Kill -9 everything at once, as when the power fails, and start again."""
        assert self._process is not None
        everyone = self._everyone()
        for process in everyone:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        self._process.wait()
        psutil.wait_procs(everyone, timeout=10)
        self.start()

    def await_leader(self, *, other_than: Collection[int] = (), seconds: float = 30.0) -> list[int]:
        """Return who leads once somebody does, other than who was killed; nobody in vain."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            with suppress(psycopg.Error, OSError):
                found = self.leaders()
                if found and not set(found) & set(other_than):
                    return found
            time.sleep(0.1)
        return []

    def _everyone(self) -> list[psutil.Process]:
        return [self._parent(), *self._parent().children(recursive=True)]

    def _parent(self) -> psutil.Process:
        assert self._process is not None
        return psutil.Process(self._process.pid)
