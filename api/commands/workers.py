"""Several processes that answer on one socket, watched by the one that was started.

The parent owns the database, the demonstration and the socket, and answers nothing itself; each child is the
whole service over the same database, jobs included: the lock elects which one of them schedules.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from api.wiring import Wiring
from snp.platform.events import Event
from snp.platform.logs import log
from snp.platform.settings import Settings

_RESTART_PAUSE_SECONDS: Final = 1.0
_LOOK_SECONDS: Final = 0.2
_SHARED_CONNECTIONS: Final = 110
"""Of the 150 that the embedded server accepts: the others are for elections, live pages and commands."""

_LEAST_SHARE: Final = 6
_CHILD: Final = "from api.commands.worker import main; main()"


def serve_by_workers(service: Wiring, listener: socket.socket, count: int, *, grace_seconds: float) -> None:
    """Keep `count` workers answering on a bound socket until this process is interrupted.

    A worker that dies is replaced. Workers end by themselves when this process is gone, however it went.
    """
    alive, ours = os.pipe()
    start = _starter(service, listener, alive, count)
    workers = [start() for _ in range(count)]
    try:
        while True:
            time.sleep(_LOOK_SECONDS)
            for place, worker in enumerate(workers):
                status = worker.poll()
                if status is not None:
                    log(Event.WORKER_ENDED, level=logging.WARNING, status=status)
                    time.sleep(_RESTART_PAUSE_SECONDS)
                    workers[place] = start()
    finally:
        _end(workers, grace_seconds)
        os.close(ours)
        os.close(alive)


def _starter(service: Wiring, listener: socket.socket, alive: int, count: int) -> _Start:
    settings = service.settings
    url = service.engine.url.render_as_string(hide_password=False)
    told = {
        "SNP_HOST": settings.host,
        "SNP_PORT": str(settings.port),
        "SNP_DEMO": str(settings.demo),
        "SNP_UNIX_SOCKET": "" if settings.unix_socket is None else str(settings.unix_socket),
        "SNP_DATABASE_URL": url,
    }
    if settings.database_url is None:
        told |= _shares(settings, count)
    return _Start(told, listener.fileno(), alive)


def _shares(settings: Settings, count: int) -> dict[str, str]:
    """Let so many processes live with the connections that the embedded server accepts."""
    size, most = settings.database_pool_size, max(_LEAST_SHARE, _SHARED_CONNECTIONS // count)
    size = min(size, most)
    overflow = min(settings.database_pool_overflow, most - size)
    return {"SNP_DATABASE_POOL_SIZE": str(size), "SNP_DATABASE_POOL_OVERFLOW": str(overflow)}


class _Start:
    """Starts one worker more."""

    def __init__(self, told: dict[str, str], listener: int, alive: int) -> None:
        self._told = told
        self._listener = listener
        self._alive = alive

    def __call__(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603 - this program itself
            [sys.executable, "-c", _CHILD, str(self._listener), str(self._alive)],
            env=os.environ | self._told,
            pass_fds=(self._listener, self._alive),
            stdin=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is for the parent, which ends them in order
        )


def _end(workers: Sequence[subprocess.Popen[bytes]], grace_seconds: float) -> None:
    for worker in workers:
        worker.terminate()
    deadline = time.monotonic() + grace_seconds
    for worker in workers:
        with suppress(subprocess.TimeoutExpired):
            worker.wait(max(0.1, deadline - time.monotonic()))
        if worker.poll() is None:
            worker.kill()
            worker.wait()


def end_with_parent(alive: int) -> None:
    """End this process politely once the other end of a pipe is closed: its parent is gone."""

    def wait() -> None:
        with suppress(OSError):
            os.read(alive, 1)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, name="snp-parent", daemon=True).start()
