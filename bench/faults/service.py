"""The service as an operator starts it, to be killed: `snp run` with workers and its embedded database."""

from __future__ import annotations

import os
import signal
import subprocess
import time
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
LEASE_SECONDS = 10
"""Shorter than in production (120), so that what a killed process was sending is seen to be taken over."""


class Victim:
    """One service over one data directory, started again as often as needed on the same port."""

    def __init__(self, folder: Path) -> None:
        self.settings = Settings(_env_file=None, data_dir=folder, log_level="ERROR")
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
        self._process = subprocess.Popen(
            command, env=environment | told, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        return until_ready(self.port)

    def stop(self) -> None:
        """End it in order."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(60)

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

    def kill_leader(self) -> None:
        """Kill -9 the process that runs the jobs."""
        for pid in self.leaders():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def kill_database(self) -> None:
        """Kill -9 the first process of PostgreSQL; its backends end as they notice."""
        marker = lay_out(self.settings).cluster / "postmaster.pid"
        os.kill(int(marker.read_text(encoding="utf-8").split("\n", 1)[0]), signal.SIGKILL)

    def kill_all(self) -> None:
        """Kill -9 everything at once, as when the power fails, and start again."""
        assert self._process is not None
        everyone = [self._parent(), *self._parent().children(recursive=True)]
        for process in everyone:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        self._process.wait()
        psutil.wait_procs(everyone, timeout=10)
        self.start()

    def await_one_leader(self, *, seconds: float = 30.0) -> int:
        """Return how many lead once somebody does; 0 in vain."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            with suppress(psycopg.Error, OSError):
                found = len(self.leaders())
                if found:
                    return found
            time.sleep(0.1)
        return 0

    def _parent(self) -> psutil.Process:
        assert self._process is not None
        return psutil.Process(self._process.pid)
