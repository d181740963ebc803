"""How many bookings a second the service makes, beside pgbench running the same statements.

`python -m bench.load` starts a database and the real service of its own: keys, checks, audit, outbox,
idempotency, logs as in production. Service and pgbench take turns over the same database, so that a busy
machine slows both; CPU time is told beside, which it does not. Writes `bench/out/load.json`.

The jobs that plan are left to another process (`SNP_JOBS=false`): the stage keeps thousands of requests that
all seek at once, which is the bench's own doing. The outbox is delivered meanwhile.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import numpy as np
import psutil
import psycopg
import sqlalchemy as sa

from bench.faults.counting import drained
from bench.load import clients, pgbench, statements
from bench.load.served import Stage, cpu_seconds, plain, postmaster, running, staged
from bench.load.stage import TERRITORIES
from bench.tables import Row, as_table

OUT = Path(__file__).parent.parent / "out" / "load.json"
WARM, CAPTURED = 2_001, 2_011
"""Numbers of the two bookings whose statements are written down; beyond those of carers and territories."""

FIRST = 3_000
DRAINED_WITHIN = 120
CROWDED = 8
"""How many slots are fought for, one after the other: each loser gets fresh proposals, which are computed."""


@dataclass(slots=True)
class Numbers:
    """Hands out bookings that nobody has made yet."""

    next: int = FIRST

    def take(self, count: int) -> int:
        """Return the first of `count` fresh numbers."""
        first, self.next = self.next, self.next + count
        return first


@dataclass(frozen=True, slots=True)
class Bench:
    """What a round needs."""

    stage: Stage
    port: int
    service: psutil.Process
    postgres: psutil.Process
    numbers: Numbers
    crowd: int

    def closed(self, count: int) -> tuple[clients.Tally, float, float]:
        """`count` bookings of slots of their own by as many clients as asked; seconds, CPU seconds."""
        first = self.numbers.take(count)
        return self._measured(
            lambda: clients.closed_loop(self.port, self.stage.key, clients.distinct(first, count), self.crowd)
        )

    def contended(self, count: int) -> tuple[clients.Tally, float, float]:
        """The same where all clients want the same slot, one slot after the other."""
        first = self.numbers.take(count * TERRITORIES)
        work = clients.contended(first - first % TERRITORIES + TERRITORIES, count, self.crowd)
        return self._measured(lambda: clients.closed_loop(self.port, self.stage.key, work, self.crowd))

    def opened(self, count: int, rate: float) -> tuple[clients.Tally, float, float]:
        """Bookings that begin at a steady rate."""
        first = self.numbers.take(count)
        return self._measured(
            lambda: clients.open_loop(self.port, self.stage.key, clients.distinct(first, count), rate)
        )

    def _measured(self, work: object) -> tuple[clients.Tally, float, float]:
        before = cpu_seconds(self.service, self.postgres)
        tally, seconds = asyncio.run(clients.timed(work))  # type: ignore[arg-type]
        return tally, seconds, cpu_seconds(self.service, self.postgres) - before


def told(name: str, tally: clients.Tally, seconds: float, cpu: float) -> Row:
    """A line on what came of bookings."""
    made = max(1, len(tally.seconds))
    p50, p99 = (np.percentile(tally.seconds or [0.0], part) * 1e3 for part in (50, 99))
    calls50, calls99 = (np.percentile(tally.calls or [0.0], part) * 1e3 for part in (50, 99))
    return {
        "load": name,
        "bookings": len(tally.seconds),
        "conflicts": tally.conflicts,
        "errors": len(tally.errors),
        "bookings/s": round(len(tally.seconds) / seconds, 1),
        "booking p50 ms": round(float(p50), 1),
        "p99": round(float(p99), 1),
        "call p50 ms": round(float(calls50), 1),
        "call p99": round(float(calls99), 1),
        "CPU ms a booking": round(cpu / made * 1e3, 2),
    }


def rounds(bench: Bench, program: str | None, script: Path, *, count: int, times: int) -> list[Row]:
    """The service and pgbench, turn by turn."""
    rows = []
    for turn in range(1, times + 1):
        tally, seconds, cpu = bench.closed(count)
        rate = len(tally.seconds) / seconds
        row: Row = {
            "round": turn,
            "service/s": round(rate, 1),
            "CPU ms": round(cpu / len(tally.seconds) * 1e3, 2),
            "errors": len(tally.errors),
        }
        if program is not None:
            each = count * 2 // bench.crowd
            before = cpu_seconds(bench.postgres) + _of_children()
            run = pgbench.run(
                program,
                bench.stage.url,
                script,
                clients=bench.crowd,
                each=each,
                first=bench.numbers.take(each * bench.crowd),
                seed=turn,
            )
            used = cpu_seconds(bench.postgres) + _of_children() - before
            own = used / (each * bench.crowd) * 1e3
            row |= {
                "pgbench/s": round(run.rate, 1),
                "pgbench CPU ms": round(own, 2),
                "ratio": round(rate / run.rate, 3),
                "CPU ratio": round(own / (cpu / len(tally.seconds) * 1e3), 3),
            }
        rows.append(row)
        print(row, flush=True)
    return rows


def analysed(url: sa.URL) -> None:
    """Count the rows as autovacuum does within a minute: a service that has lived does not plan for none."""
    with psycopg.connect(plain(url), autocommit=True) as connection:
        connection.execute("ANALYZE")


def _of_children() -> float:
    times = os.times()
    return times.children_user + times.children_system


def run(*, crowd: int, workers: int, count: int, times: int) -> dict[str, object]:
    """All the figures."""
    program = pgbench.find()
    bookings = FIRST + times * count * 3 + count * 6 + TERRITORIES * crowd * (CROWDED + 2)
    with staged(bookings) as at, tempfile.TemporaryDirectory() as folder:
        sent = statements.capture(at.service, at.key, WARM, CAPTURED)
        script = Path(folder) / "booking.sql"
        each = count * 2 // crowd
        script.write_text(
            statements.script(sent, CAPTURED, frozenset({UUID(at.key_id)}), stride=each), encoding="utf-8"
        )
        with running(at, workers, SNP_JOBS="false") as (port, service):
            bench = Bench(at, port, service, postmaster(at.url), Numbers(), crowd)
            bench.closed(count // 2)  # plans, caches, connections
            analysed(at.url)
            beside = rounds(bench, program, script, count=count, times=times)
            most = max(float(row["service/s"]) for row in beside)
            loads = [
                told(f"{crowd} clients, distinct slots", *bench.closed(count)),
                told(f"{crowd} clients, one slot at a time", *bench.contended(crowd * CROWDED)),
            ]
            # What full load left in the outbox is not part of half load, which delivers its own.
            behind = drained(plain(at.url), seconds=DRAINED_WITHIN)
            print(f"outbox drained in {behind} s", flush=True)
            loads.append(told("half of the best rate, open arrivals", *bench.opened(count, most / 2)))
    print(f"\n{as_table(beside)}\n{as_table(loads)}", flush=True)
    return {
        "clients": crowd,
        "workers": workers,
        "statements": len(sent),
        "pgbench": program,
        "beside": beside,
        "loads": loads,
    }


def main() -> None:
    """Run the benchmark from the command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.load", description=__doc__)
    parser.add_argument("--clients", type=int, default=32)
    parser.add_argument("--workers", type=int, default=2, help="processes of the service")
    parser.add_argument("--bookings", type=int, default=1600, help="in each measure")
    parser.add_argument("--rounds", type=int, default=5, help="turns of service and pgbench")
    given = parser.parse_args()
    found = run(crowd=given.clients, workers=given.workers, count=given.bookings, times=given.rounds)
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
