"""Hears what committed transactions announce (LISTEN/NOTIFY), on one connection of its own for the process.

Knows no payload. What is announced while the connection is down is lost: `resumed` then says so.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Final

import psycopg
import sqlalchemy as sa
from psycopg import sql
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from snp.platform.address import normalise_url
from snp.platform.events import Event
from snp.platform.logs import log

_CONNECT_ARGS: Final = {
    "application_name": "snp-live",
    "connect_timeout": 5,
    "prepare_threshold": None,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
}
_LOOK_UP_SECONDS: Final = 0.5
_FIRST_PAUSE_SECONDS: Final = 0.1
_LONGEST_PAUSE_SECONDS: Final = 5.0


class Listener:
    """A thread that listens on one channel, and comes back by itself when the server was away.

    `heard` gets each payload; `resumed` is called each time listening begins. Both run on the thread of the
    listener and must be quick. The address must reach the server itself: a transaction pooler delivers no
    notification.
    """

    def __init__(
        self,
        url: sa.URL | str,
        channel: str,
        *,
        heard: Callable[[str], None],
        resumed: Callable[[], None],
    ) -> None:
        self._engine = sa.create_engine(
            normalise_url(url), poolclass=NullPool, isolation_level="AUTOCOMMIT", connect_args=_CONNECT_ARGS
        )
        self._channel = channel
        self._heard = heard
        self._resumed = resumed
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="snp-live", daemon=True)

    def start(self) -> None:
        """Begin to listen; returns at once."""
        self._thread.start()

    def stop(self) -> None:
        """Stop listening and close the connection."""
        self._stopping.set()
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join()

    def _run(self) -> None:
        pause = _FIRST_PAUSE_SECONDS
        while not self._stopping.is_set():
            try:
                self._listen()
                pause = _FIRST_PAUSE_SECONDS
            except (DBAPIError, psycopg.Error) as error:
                log(Event.LISTENER_LOST, level=logging.WARNING, error=error)
                self._stopping.wait(pause)
                pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)

    def _listen(self) -> None:
        """Listen until told to stop. Raises when the connection is lost."""
        with self._engine.connect() as lent:
            connection = lent.connection.driver_connection
            assert isinstance(connection, psycopg.Connection)
            connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(self._channel)))
            self._resumed()
            while not self._stopping.is_set():
                for notice in connection.notifies(timeout=_LOOK_UP_SECONDS):
                    self._heard(notice.payload)
                    if self._stopping.is_set():
                        break
            lent.invalidate()
