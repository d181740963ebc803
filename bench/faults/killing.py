"""Kill -9 at random under booking load, power failure, and a disk that is full."""

from __future__ import annotations

import os
import random
import subprocess
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

import psycopg

from api.wiring import Wiring
from bench.faults.counting import count, drained, expired
from bench.faults.crowd import Acknowledged, Crowd
from bench.faults.service import Victim
from bench.load import stage
from bench.load.served import plain
from bench.tables import Row
from snp.directory.reference import load_reference
from snp.platform.db import create_engine
from snp.platform.keys import load_keys

BOOKINGS = 12_000
RECOVERED_SECONDS = 60.0
SETTLED_SECONDS = 60.0
DISK_MIB = 160


class Kill(StrEnum):
    """What is killed."""

    WORKER = "kill -9: a process of the API"
    LEADER = "kill -9: the process that leads the jobs"
    DATABASE = "kill -9: PostgreSQL, the service lives on"
    ALL = "kill -9: everything at once, started again"


def rows(folder: Path, kinds: Sequence[Kill], chance: random.Random) -> list[Row]:
    """One service, killed again and again; a line for each kind of kill, in the end what has settled."""
    times: dict[Kill, list[float | None]] = defaultdict(list)
    with playing(folder) as (victim, crowd):
        told: dict[Kill, int] = defaultdict(int)
        for kind in kinds:
            time.sleep(chance.uniform(0.3, 1.0))
            before = len(crowd.acknowledged)
            times[kind].append(_kill(victim, crowd, kind))
            time.sleep(0.5)
            told[kind] += len(crowd.acknowledged) - before
        leaders = victim.await_one_leader()
        acknowledged = _stopped(crowd)
        address = plain(victim.url())
        seen = count(address, acknowledged)
        holds = expired(address, seconds=SETTLED_SECONDS)
        outbox = drained(address, seconds=SETTLED_SECONDS)
    found = [_row(str(kind), len(taken), told[kind], recovery=taken) for kind, taken in times.items()]
    state = f"{leaders} leader; holds {_said(holds)}; outbox {_said(outbox)}"
    last = _row("all kills of one service", len(kinds), len(acknowledged), recovery=[], note=state)
    return [*found, last | {"found": seen.found, "lost": seen.lost(acknowledged), "doubled": seen.doubled}]


def disk_rows(folder: Path) -> list[Row]:
    """A database on a small disk of its own that fills up under load, and is made room on."""
    disk = folder / "disk"
    disk.mkdir()
    disk.chmod(0o711)
    if os.geteuid() != 0 or _mount(disk) is not None:
        note = "not injected: a small file system is mounted for it, which needs root"
        return [_row("disk full", 0, 0, recovery=[], note=note)]
    try:
        with playing(disk / "data") as (victim, crowd):
            time.sleep(1.0)
            ballast = disk / "ballast"
            _fill(ballast)
            time.sleep(4.0)
            blocked = len(crowd.acknowledged)
            time.sleep(1.0)
            during = len(crowd.acknowledged) - blocked
            ballast.unlink()
            taken = crowd.wait_for_next(time.perf_counter(), seconds=RECOVERED_SECONDS)
            time.sleep(0.5)
            acknowledged = _stopped(crowd)
            seen = count(plain(victim.url()), acknowledged)
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=False)
    note = f"{during} acknowledged in the last second of the full disk"
    row = _row("disk full for 5 s", 1, len(acknowledged), recovery=[taken], note=note)
    return [row | {"found": seen.found, "lost": seen.lost(acknowledged), "doubled": seen.doubled}]


@contextmanager
def playing(folder: Path, *, bookings: int = BOOKINGS) -> Iterator[tuple[Victim, Crowd]]:
    """A service that is being booked, for the length of a block."""
    victim = Victim(folder)
    victim.start()
    try:
        url = victim.url()
        engine = create_engine(url, victim.settings)
        service = Wiring(settings=victim.settings, engine=engine, keys=load_keys(victim.settings))
        with service.transaction() as session:
            load_reference(session)
        with psycopg.connect(plain(url)) as connection:
            stage.fill(connection, bookings, datetime.now(UTC))
        _, key = stage.make_key(service, datetime.now(UTC))
        engine.dispose()
        with Crowd(victim.port, key, first=0) as crowd:
            if crowd.wait_for_next(0.0, seconds=RECOVERED_SECONDS) is None:
                raise TimeoutError("nothing was booked before the first fault")
            yield victim, crowd
    finally:
        victim.stop()


def _kill(victim: Victim, crowd: Crowd, kind: Kill) -> float | None:
    """Kill once; the seconds until a booking that was begun afterwards is acknowledged."""
    if kind is Kill.LEADER:
        victim.await_one_leader()
    since = time.perf_counter()
    match kind:
        case Kill.WORKER:
            victim.kill_worker()
        case Kill.LEADER:
            victim.kill_leader()
        case Kill.DATABASE:
            victim.kill_database()
        case Kill.ALL:
            victim.kill_all()
    return crowd.wait_for_next(since, seconds=RECOVERED_SECONDS)


def _stopped(crowd: Crowd) -> list[Acknowledged]:
    crowd.__exit__(None, None, None)
    return list(crowd.acknowledged)


def _row(
    fault: str,
    injected: int,
    acknowledged: int,
    *,
    recovery: Sequence[float | None],
    note: str = "",
) -> Row:
    """A line of the table. Bookings found, lost and doubled are counted once for a whole service."""
    known = [taken for taken in recovery if taken is not None]
    worst = "never" if len(known) < len(recovery) else (f"{max(known):.2f}" if known else None)
    return {
        "fault": fault,
        "injected": injected,
        "acknowledged": acknowledged,
        "found": None,
        "lost": None,
        "doubled": None,
        "longest recovery s": worst,
        "note": note,
    }


def _said(seconds: float | None) -> str:
    return "**not settled**" if seconds is None else f"settled within {seconds:.1f} s"


def _mount(disk: Path) -> str | None:
    """Mount a small file system; None when that worked."""
    command = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MIB}m,mode=711", "tmpfs", str(disk)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stderr if done.returncode else None


def _fill(ballast: Path) -> None:
    """Write until there is no room left."""
    block = b"\0" * 65536
    with ballast.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(block)
        except OSError:
            return
