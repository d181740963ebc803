"""The server as our child: started, watched, started again when it dies, stopped cleanly.

A thread of its own starts the child and waits for it: the kernel ties a child's life to the *thread* that
made it, so that thread must live as long as the server is wanted.
"""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import BinaryIO, Final

import psutil

from snp.platform.events import Event
from snp.platform.logs import log
from snp.platform.postgres import child as child_program
from snp.platform.postgres.binaries import Binaries
from snp.platform.postgres.cluster import ENVIRONMENT, server_command
from snp.platform.postgres.failures import PostgresFailed
from snp.platform.postgres.layout import Layout

_READY_WITHIN_SECONDS: Final = 300.0
_STOP_STEPS: Final = ((signal.SIGINT, 30.0), (signal.SIGQUIT, 10.0), (signal.SIGKILL, 10.0))
_PAUSE_SECONDS: Final = 0.005
_LONGEST_LOG_BYTES: Final = 5_000_000
_START_ATTEMPTS: Final = 40
_START_PAUSE_SECONDS: Final = 0.25
_STABLE_AFTER_SECONDS: Final = 60.0
_MOST_RESTARTS: Final = 5


class Server:
    """One supervised PostgreSQL; `start`, then `stop`, once."""

    def __init__(
        self,
        layout: Layout,
        binaries: Binaries,
        socket_directory: Path,
        *,
        durable: bool,
        archive: Path | None = None,
        watchdog: bool = sys.platform != "linux",
    ) -> None:
        self._layout = layout
        self._command = server_command(layout, binaries, socket_directory, durable=durable, archive=archive)
        self._socket_directory = socket_directory
        self._watchdog = watchdog
        self._log_start = 0
        self._pipe: int | None = None
        self._child: subprocess.Popen[bytes] | None = None
        self._stopping = threading.Event()
        self._settled = threading.Event()
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._supervise, name="postgres-supervisor", daemon=True)

    def start(self) -> None:
        """Return once connections are accepted, or raise `PostgresFailed`."""
        self._thread.start()
        self._settled.wait()
        if self._failure is not None:
            raise PostgresFailed(str(self._failure)) from self._failure

    def stop(self) -> None:
        """Fast shutdown: clients are sent away, a checkpoint is written; harsher when that takes too long."""
        self._stopping.set()
        for step, seconds in _STOP_STEPS:
            child = self._child
            if child is not None:
                child.send_signal(step)
            self._thread.join(seconds)
            if not self._thread.is_alive():
                break
        self._release_watchdog()

    @property
    def pid(self) -> int | None:
        """The server's process, while there is one."""
        return self._child.pid if self._child is not None else None

    def _supervise(self) -> None:
        try:
            self._launch_until_ready()
            self._settled.set()
            self._keep_running()
        except BaseException as error:  # noqa: BLE001 - told to `start`, or logged when nobody waits
            self._failure = error
            if self._settled.is_set():
                log(Event.DATABASE_LOST, level=logging.CRITICAL, error=error)
        finally:
            self._settled.set()

    def _keep_running(self) -> None:
        """Start the server again each time it dies, unless it cannot live."""
        restarts, started = 0, time.monotonic()
        while (status := self._wait()) is not None:
            stable = time.monotonic() - started > _STABLE_AFTER_SECONDS
            restarts, started = 1 if stable else restarts + 1, time.monotonic()
            if restarts > _MOST_RESTARTS:
                raise PostgresFailed(f"PostgreSQL died {restarts} times in a row")
            self._launch_until_ready()
            if not self._stopping.is_set():
                log(Event.DATABASE_RESTARTED, level=logging.WARNING, status=status, attempt=restarts)

    def _wait(self) -> int | None:
        """The exit status of a server that died by itself; None when it was told to stop."""
        status = self._child.wait() if self._child is not None else 0
        return None if self._stopping.is_set() else status

    def _launch_until_ready(self) -> None:
        """Start the server, again while the last backends and the shared memory of a dead one fade."""
        for attempt in range(1, _START_ATTEMPTS + 1):
            if self._stopping.is_set():
                return
            end_orphan(self._layout.cluster, self._socket_directory)
            self._child = self._launch()
            if self._await_ready(self._child):
                return
            if self._stopping.is_set():
                self._child.send_signal(signal.SIGINT)
                return
            complaint = self._complaint()
            if attempt == _START_ATTEMPTS or "shared memory block" not in complaint:
                raise PostgresFailed(f"PostgreSQL did not start: {complaint} (see {self._layout.log})")
            time.sleep(_START_PAUSE_SECONDS)

    def _launch(self) -> subprocess.Popen[bytes]:
        account = self._layout.account
        command = [sys.executable, "-I", "-S", child_program.__file__]
        command += ["--owner", str(os.getpid()), "--data-directory", str(self._layout.cluster)]
        if account.uid is not None:
            command += ["--uid", str(account.uid), "--gid", str(account.gid)]
        reading: int | None = None
        if self._watchdog:
            self._release_watchdog()
            reading, self._pipe = os.pipe()
            command += ["--watchdog-pipe", str(reading)]
        try:
            with self._open_log() as output:
                return subprocess.Popen(  # noqa: S603 - a fixed program, no shell
                    [*command, "--", *self._command],
                    cwd=self._layout.home,
                    env=ENVIRONMENT,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    pass_fds=() if reading is None else (reading,),
                    start_new_session=True,  # Ctrl-C is for us; the server is stopped last
                )
        finally:
            if reading is not None:
                os.close(reading)

    def _open_log(self) -> BinaryIO:
        path = self._layout.log
        if path.exists() and path.stat().st_size > _LONGEST_LOG_BYTES:
            path.replace(path.with_suffix(".log.1"))
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW
        output = os.fdopen(os.open(path, flags, 0o600), "ab")
        self._log_start = output.seek(0, os.SEEK_END)
        return output

    def _await_ready(self, child: subprocess.Popen[bytes]) -> bool:
        """True once the server says so in its pid file; False when it ended first.

        Recovery may take a while.
        """
        deadline = time.monotonic() + _READY_WITHIN_SECONDS
        pid_file = self._layout.cluster / "postmaster.pid"
        while child.poll() is None:
            lines = _lines(pid_file)
            if len(lines) >= 8 and lines[0].strip() == str(child.pid) and lines[7].strip() == "ready":
                return True
            if self._stopping.is_set():
                return False
            if time.monotonic() > deadline:
                child.send_signal(signal.SIGQUIT)
                raise PostgresFailed(f"PostgreSQL was not ready within {_READY_WITHIN_SECONDS:.0f} s")
            time.sleep(_PAUSE_SECONDS)
        return False

    def _complaint(self) -> str:
        """What this attempt left in the log: its fatal line, or its last one."""
        with contextlib.suppress(OSError):
            lines = self._layout.log.read_bytes()[self._log_start :].decode(errors="replace").splitlines()
            fatal = [line for line in lines if "FATAL" in line or "PANIC" in line]
            return (fatal or lines or ["no reason was given"])[-1]
        return "no reason was given"

    def _release_watchdog(self) -> None:
        """Tell the watchdog, where there is one, that this is not a death."""
        pipe, self._pipe = self._pipe, None
        if pipe is not None:
            with contextlib.suppress(OSError):
                os.write(pipe, child_program.ORDERLY)
            os.close(pipe)


def end_orphan(cluster: Path, socket_directory: Path) -> None:
    """Make way for a new server: wait for one whose owner was killed, remove what one that is gone left.

    PostgreSQL itself would take a zombie, or a stranger that got its number, for a running server. To be
    called with the owner's lock held, so that whatever still runs belongs to nobody.
    """
    pid_file = cluster / "postmaster.pid"
    lines = _lines(pid_file)
    if lines and lines[0].strip().isdigit() and (process := running_postgres(int(lines[0]))) is not None:
        _end(process, cluster)
    pid_file.unlink(missing_ok=True)
    for left in socket_directory.glob(".s.PGSQL.*"):
        left.unlink(missing_ok=True)


def _end(process: psutil.Process, cluster: Path) -> None:
    """Stop a server that nobody owns, the gentlest way that works."""
    for step, seconds in _STOP_STEPS:
        try:
            process.send_signal(step)
            process.wait(seconds)
        except psutil.TimeoutExpired:
            continue
        except psutil.NoSuchProcess:
            return
        except psutil.AccessDenied as error:
            raise PostgresFailed(f"process {process.pid} runs {cluster} and is not ours to stop") from error
        return
    raise PostgresFailed(f"process {process.pid} runs {cluster} and does not end")


def running_postgres(pid: int) -> psutil.Process | None:
    """The living PostgreSQL under that number.

    None for nothing, a zombie, or a stranger that got the number.
    """
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE or "postgres" not in process.name():
            return None
    except psutil.NoSuchProcess:
        return None
    return process


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
