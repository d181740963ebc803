"""A partner that is slow, or away for a day: the service in this process, with a clock that can be moved.

The clock jumps here too: it is the one that the service was given. libfaketime would move it under every
process, but breaks Python's sleep (`clock_nanosleep`) unless it moves the monotonic clock as well, which no
machine does.
"""

from __future__ import annotations

import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import orjson
import psycopg
import uvicorn
from pydantic import SecretStr

from api.main import create_app
from api.migrations import migrate
from api.wiring import Wiring
from bench.faults.counting import count
from bench.faults.crowd import Acknowledged, Crowd
from bench.faults.lines import line, progress
from bench.load import stage
from bench.load.served import free_port, plain, until_ready
from bench.tables import Row
from snp.directory.reference import load_reference
from snp.platform.clock import SteppedClock
from snp.platform.db import create_engine
from snp.platform.keys import load_keys
from snp.platform.logs import configure_logs
from snp.platform.postgres import database
from snp.platform.settings import Settings, WebhookSettings

SECRET = "de quoi signer ce qui part"
SLOW_SECONDS = 2.0
BOOKINGS = 6_000
DRAIN_SECONDS = 90.0
_LEFT = "SELECT count(*) FROM outbox_message WHERE state = 'pending' AND due_at <= %s"
_DEAD = "SELECT count(*) FROM outbox_message WHERE state = 'dead'"
_HELD = "SELECT count(*) FROM hold WHERE ended_at IS NULL AND expires_at <= %s"


@dataclass
class Partner:
    """Another system that listens to webhooks, as slowly as it is told to, or not at all."""

    port: int = field(default_factory=free_port)
    pause_seconds: float = 0.0
    heard: Counter[str] = field(default_factory=Counter)
    _server: ThreadingHTTPServer | None = None

    def open(self) -> None:
        """Begin to answer."""
        partner = self

        class Listener(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                time.sleep(partner.pause_seconds)
                partner.heard[orjson.loads(body)["data"]["appointment_id"]] += 1
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), Listener)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Stop answering: connections are refused."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None


@dataclass
class Played:
    """A service in this process."""

    clock: SteppedClock
    partner: Partner
    port: int
    key: str
    address: str
    next: int = 0

    def book(self, seconds: float) -> tuple[list[Acknowledged], float]:
        """Book for a while; what was acknowledged, and the longest that a booking took."""
        with Crowd(self.port, self.key, first=self.next, clients=4, pause_seconds=0.05) as crowd:
            time.sleep(seconds)
        self.next += crowd.used
        slowest = max((one.told - one.begun for one in crowd.acknowledged), default=0.0)
        return crowd.acknowledged, slowest

    def number(self, statement: str, *values: object) -> int:
        """Return a count from the database."""
        with psycopg.connect(self.address) as connection:
            row = connection.execute(statement, values).fetchone()
        assert row is not None
        return int(str(row[0]))

    def drained(self) -> bool:
        """Tell whether nothing that is due by the service's clock is left to be sent."""
        return self.number(_LEFT, self.clock.now()) == 0

    def until(self, done: Callable[[], bool], *, seconds: float = DRAIN_SECONDS) -> float | None:
        """Wait for something; the seconds it took, None in vain. The clock runs at its own pace meanwhile."""
        begun = time.perf_counter()
        while time.perf_counter() - begun < seconds:
            if done():
                return time.perf_counter() - begun
            self.clock.advance(timedelta(seconds=2))
            time.sleep(0.1)
        return None


def rows(folder: Path) -> list[Row]:
    """The faults of others, one after the other."""
    progress("partners, slow and away")
    with playing(folder) as played:
        return [slow(played), away(played), jump(played, ahead=True), jump(played, ahead=False)]


def slow(played: Played) -> Row:
    """Every message takes the partner two seconds: who books does not notice."""
    played.partner.open()
    played.partner.pause_seconds = SLOW_SECONDS
    acknowledged, slowest = played.book(4.0)
    played.partner.pause_seconds = 0.0
    taken = played.until(played.drained)
    told, all_told = _told(played, acknowledged)
    return line(
        f"a partner that takes {SLOW_SECONDS:.0f} s a message",
        times=1,
        seen=count(played.address, acknowledged),
        recovery=[taken],
        note=f"slowest booking {slowest:.2f} s; {told}",
        settled=all_told,
    )


def away(played: Played) -> Row:
    """Nobody answers for a day of the service's clock, then the partner is back."""
    played.partner.close()
    acknowledged, slowest = played.book(4.0)
    for _ in range(24):
        played.clock.advance(timedelta(hours=1))
        time.sleep(0.15)
    played.partner.open()
    taken = played.until(played.drained)
    told, all_told = _told(played, acknowledged)
    dead = played.number(_DEAD)
    return line(
        "a partner away for a day",
        times=1,
        seen=count(played.address, acknowledged),
        recovery=[taken],
        note=f"24 h of the service's own clock; slowest booking {slowest:.2f} s; {told}; {dead} given up",
        settled=all_told and dead == 0,
    )


def jump(played: Played, *, ahead: bool) -> Row:
    """The clock jumps by ten minutes: holds run out, or nothing happens; bookings go on."""
    before, _ = played.book(1.5)
    step = timedelta(minutes=10 if ahead else -10)
    played.clock.advance(step)
    since = time.perf_counter()
    after, _ = played.book(1.5)
    taken = after[0].told - since if after else None
    settled = played.until(lambda: played.number(_HELD, played.clock.now() - timedelta(minutes=1)) == 0)
    name = f"the clock jumps {'ahead' if ahead else 'back'} by ten minutes"
    note = "the clock that the service was given is moved, not the machine's; "
    note += "no hold stands that ran out" if settled is not None else "**holds that ran out stand**"
    return line(
        name,
        times=1,
        seen=count(played.address, [*before, *after]),
        recovery=[taken],
        note=note,
        settled=settled is not None,
    )


@contextmanager
def playing(folder: Path) -> Iterator[Played]:
    """A service in this process over a database of its own, jobs and delivery included."""
    partner, clock = Partner(), SteppedClock(datetime.now(UTC))
    told = WebhookSettings(url=f"http://127.0.0.1:{partner.port}/", secret=SecretStr(SECRET))
    settings = Settings(_env_file=None, data_dir=folder, log_level="CRITICAL", webhooks=[told])
    configure_logs(settings)
    with database(settings, own=True) as url:
        migrate(url)
        engine, keys = create_engine(url, settings), load_keys(settings)
        service = Wiring(settings=settings, engine=engine, keys=keys, clock=clock)
        with service.transaction() as session:
            load_reference(session)
        with psycopg.connect(plain(url)) as connection:
            stage.fill(connection, BOOKINGS, clock.now() + timedelta(hours=26))
            connection.execute("UPDATE request SET earliest = %s", [clock.now()])
        _, key = stage.make_key(service, clock.now())
        app = create_app(settings, engine=engine, keys=keys, clock=clock, jobs=True)
        with _answering(app) as port:
            try:
                yield Played(clock, partner, port, key, plain(url))
            finally:
                partner.close()


@contextmanager
def _answering(app: object) -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, access_log=False, log_config=None))  # type: ignore[arg-type]
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        port = listener.getsockname()[1]
        until_ready(port)
        try:
            yield port
        finally:
            server.should_exit = True
            thread.join(30)


def _told(played: Played, acknowledged: list[Acknowledged]) -> tuple[str, bool]:
    """How many of the bookings the partner was told of, how many more than once; whether of all."""
    heard = [played.partner.heard[one.appointment] for one in acknowledged]
    told = f"{sum(map(bool, heard))} of {len(heard)} told, {sum(n > 1 for n in heard)} more than once"
    return told, all(heard)
