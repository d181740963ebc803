"""Kill -9 at random under booking load, a database that restarts, a power failure."""

from __future__ import annotations

import asyncio
import random
import signal
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

import orjson
import psycopg

from api.wiring import Wiring
from bench.faults.counting import count, drained, until_none
from bench.faults.crowd import Acknowledged, Crowd
from bench.faults.lines import AFTER, line, progress
from bench.faults.service import Victim
from bench.faults.spoiling import Spoil, spoil
from bench.load import stage
from bench.load.clients import CREATED, Caller
from bench.load.served import plain
from bench.load.stage import request_id, slot_id
from bench.tables import Row
from snp.directory.reference import load_reference
from snp.platform.db import create_engine
from snp.platform.keys import load_keys

BOOKINGS = 8_000
CLIENTS, PAUSE_SECONDS = 6, 0.05
RECOVERED_SECONDS = 60.0
SETTLED_SECONDS = 90.0
FORGOTTEN = 5
"""How many holds nobody confirms: the job must end them after the last kill."""

_RUN_OUT = (
    "UPDATE hold SET created_at = now() - interval '2 hours', expires_at = now() WHERE id = ANY(%s::uuid[])"
)
_STANDING = (
    "SELECT count(*) FROM hold JOIN request ON request.id = hold.request_id "
    "WHERE hold.id = ANY(%s::uuid[]) AND (hold.ended_as IS DISTINCT FROM 'expired' OR request.state = 'held')"
)


class Kill(StrEnum):
    """What is killed."""

    WORKER = "kill -9: a process of the API"
    LEADER = "kill -9: the process that leads the jobs"
    DATABASE = "kill -9: PostgreSQL, the service lives on"
    RESTART = "PostgreSQL restarted, the service lives on"
    ALL = "kill -9: everything at once, started again"


@dataclass(slots=True)
class Played:
    """A service that is being booked, and by whom; `spoilt`: what is done behind its back in the end."""

    victim: Victim
    crowd: Crowd
    address: str
    spoilt: Spoil | None = None

    def stopped(self) -> list[Acknowledged]:
        """Send the clients away; what they were told."""
        self.crowd.__exit__(None, None, None)
        told = list(self.crowd.acknowledged)
        if self.spoilt is not None:
            spoil(self.address, self.spoilt, told)
        return told


def rows(folder: Path, kinds: Sequence[Kill], chance: random.Random, *, spoilt: Spoil | None) -> list[Row]:
    """One service, killed again and again; a line for each kind of kill, in the end what has settled."""
    times: dict[Kill, list[float | None]] = defaultdict(list)
    parts: dict[Kill, list[tuple[int, int]]] = defaultdict(list)
    with playing(folder) as played:
        played.spoilt = spoilt
        crowd, begun = played.crowd, 0
        forgotten = _forget_to_confirm(played)
        for kind in kinds:
            time.sleep(chance.uniform(0.3, 1.0))
            times[kind].append(taken := _kill(played, kind))
            progress(f"{kind}: back {_said(taken)}")
            time.sleep(0.5)
            parts[kind].append((begun, len(crowd.acknowledged)))
            begun = len(crowd.acknowledged)
        with psycopg.connect(played.address) as connection:
            connection.execute(_RUN_OUT, [forgotten])
        leaders = played.victim.await_leader()
        told = played.stopped()
        progress(f"{len(told)} bookings acknowledged; waiting for holds to run out and the outbox to drain")
        ended = until_none(played.address, _STANDING, forgotten, seconds=SETTLED_SECONDS)
        outbox = drained(played.address, seconds=SETTLED_SECONDS)
        parts[kinds[-1]].append((begun, len(told)))
        found = [
            line(
                str(kind),
                times=len(taken),
                seen=count(played.address, [one for a, b in parts[kind] for one in told[a:b]]),
                recovery=taken,
            )
            for kind, taken in times.items()
        ]
        whole = count(played.address, told)
    state = (
        f"{len(leaders)} leader; {len(forgotten)} holds that ran out ended {_said(ended)}; "
        f"outbox drained {_said(outbox)}"
    )
    settled = len(leaders) == 1 and ended is not None and outbox is not None
    after = line(AFTER, times=len(kinds), seen=whole, recovery=[], note=state, settled=settled)
    return [*found, after]


@contextmanager
def playing(folder: Path, *, bookings: int = BOOKINGS) -> Iterator[Played]:
    """A service that is being booked, for the length of a block."""
    victim = Victim(folder)
    try:
        victim.start()
        progress("the service answers")
        url = victim.url()
        engine = create_engine(url, victim.settings)
        service = Wiring(settings=victim.settings, engine=engine, keys=load_keys(victim.settings))
        with service.transaction() as session:
            load_reference(session)
        with psycopg.connect(plain(url)) as connection:
            stage.fill(connection, bookings, datetime.now(UTC))
        _, key = stage.make_key(service, datetime.now(UTC))
        engine.dispose()
        with Crowd(victim.port, key, FORGOTTEN, clients=CLIENTS, pause_seconds=PAUSE_SECONDS) as crowd:
            if crowd.wait_for_next(0.0, seconds=RECOVERED_SECONDS) is None:
                raise TimeoutError("nothing was booked before the first fault")
            yield Played(victim, crowd, plain(url))
    finally:
        victim.stop()


def _kill(played: Played, kind: Kill) -> float | None:
    """Kill once; the seconds until a booking begun afterwards is acknowledged, and until somebody leads."""
    victim, since = played.victim, time.perf_counter()
    match kind:
        case Kill.WORKER:
            victim.kill_worker()
        case Kill.LEADER:
            gone = victim.kill_leader()
            since = time.perf_counter()
            if not victim.await_leader(other_than=gone, seconds=RECOVERED_SECONDS):
                return None
        case Kill.DATABASE:
            victim.kill_database()
        case Kill.RESTART:
            victim.kill_database(signal.SIGINT)
        case Kill.ALL:
            victim.kill_all()
    booked = played.crowd.wait_for_next(since, seconds=RECOVERED_SECONDS)
    return None if booked is None else time.perf_counter() - since


def _forget_to_confirm(played: Played) -> list[str]:
    """Hold a few slots as a client that then goes away; the holds."""

    async def hold() -> list[str]:
        caller = Caller(played.victim.port, played.crowd.key)
        bundles = []
        for number in range(FORGOTTEN):
            wanted = orjson.dumps({"request_id": request_id(number), "slot_ids": [slot_id(number)]})
            status, answer = await caller.post("/api/v1/holds", wanted, f"forgotten-{number}")
            assert status == CREATED, answer
            bundles.append(str(orjson.loads(answer)["bundle_id"]))
        caller.close()
        return bundles

    bundles = asyncio.run(hold())
    with psycopg.connect(played.address) as connection:
        found = connection.execute("SELECT id::text FROM hold WHERE bundle_id = ANY(%s::uuid[])", [bundles])
        return [str(row[0]) for row in found]


def _said(seconds: float | None) -> str:
    return "**never**" if seconds is None else f"within {seconds:.1f} s"
