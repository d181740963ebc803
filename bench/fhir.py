"""The search of the national platform, measured beside the bare query of the same rows, and under its load.

`python -m bench.fhir` fills a database of its own, starts the service in a process of its own, prints the
tables and writes `bench/out/fhir.json`. Calls and queries take turns on the same practitioners, so that a
busy machine slows both; CPU time is told beside, which it does not.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import random
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import psutil
import psycopg
import uvicorn

from api.main import create_app
from api.migrations import migrate
from bench.assignment import as_table
from bench.fhir_department import BARE, INHABITANTS, PRACTITIONERS, an_rpps, fill
from snp.directory.reference import load_reference
from snp.platform.db import create_engine, create_session_factory
from snp.platform.logs import configure_logs
from snp.platform.postgres import database
from snp.platform.settings import Settings

OUT = Path(__file__).parent / "out" / "fhir.json"
PEAK_CALLS_AN_HOUR = 3000
"""Source: ANS, SAS guide, volume at peak."""
SYSTEM = "urn:oid:1.2.250.1.71.4.2.1"
Row = dict[str, Any]
Connection = psycopg.Connection[tuple[object, ...]]


class Caller:
    """A client that keeps its connection, as the platform does."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)

    def search(self, numbers: list[int], now: datetime, *, cpts: bool = False) -> bytes:
        """Search these practitioners over the three days that the platform asks for."""
        start, until = window(now)
        people = quote(",".join(f"{SYSTEM}|8{an_rpps(number)}" for number in numbers), safe=":")
        path = (
            f"/fhir/Slot?start=ge{written(start)}&start=le{written(until)}&status=free"
            f"&schedule.actor:Practitioner.identifier={people}"
            "&_include=Slot:schedule&_include:iterate=Schedule:actor"
        )
        if cpts:
            path += "&_include=Slot:service-type-reference&_include:iterate=HealthcareService:organization"
        self._connection.request("GET", path, headers={"Accept": "application/fhir+json"})
        answer = self._connection.getresponse()
        body = answer.read()
        assert answer.status == 200, body
        return body


def window(now: datetime) -> tuple[datetime, datetime]:
    return now, (now + timedelta(days=3)).replace(hour=22, minute=59, second=59, microsecond=0)


def written(instant: datetime) -> str:
    return quote(instant.isoformat(timespec="milliseconds"), safe=":")


def bare(connection: Connection, numbers: list[int], now: datetime) -> int:
    """Fetch the same rows by one prepared query; return how many."""
    start, until = window(now)
    values = {"rpps": [an_rpps(number) for number in numbers], "start": start, "until": until, "now": now}
    return len(connection.execute(BARE, values, prepare=True).fetchall())


def beside_rows(
    caller: Caller, connection: Connection, machine: Machine, now: datetime, calls: int
) -> list[Row]:
    """Searches for 1 and 25 practitioners, in both modes, each beside its query."""
    draw = random.Random(1)
    found = []
    for count in (1, 25):
        for cpts in (False, True):
            turns = []
            for turn in range(calls + 20):
                numbers = draw.sample(range(1, PRACTITIONERS + 1), count)
                machine.look()
                marks = [machine.mark()]
                body = caller.search(numbers, now, cpts=cpts)
                marks.append(machine.mark())
                rows = bare(connection, numbers, now)
                marks.append(machine.mark())
                assert json.loads(body)["total"] == rows
                if turn >= 20:  # the first calls pay for plans and caches
                    turns.append((marks, rows, len(body)))
            found.append(_beside(count, turns, cpts=cpts))
    return found


def _beside(count: int, turns: list[tuple[list[Mark], int, int]], *, cpts: bool) -> Row:
    slots, size = (np.mean([turn[at] for turn in turns]) for at in (1, 2))
    row: Row = {"practitioners": count, "mode": "CPTS" if cpts else "PS", "slots": round(slots)}
    wall = [[b.wall - a.wall for a, b in pairwise(marks)] for marks, _, _ in turns]
    for name, part in (("p50", 50), ("p99", 99)):
        call, query = (float(each) * 1e3 for each in np.percentile(wall, part, axis=0))
        row |= {
            f"{name} ms": round(call, 1),
            f"bare {name}": round(query, 1),
            f"{name} x": round(call / query, 1),
        }
    ours = np.median([b.service - a.service for (a, b, _), _, _ in turns]) * 1e3
    theirs = np.median([b.own - a.own for (_, a, b), _, _ in turns]) * 1e3
    return row | {
        "CPU ms": round(ours, 1),
        "bare CPU": round(theirs, 1),
        "CPU x": round(ours / theirs, 1),
        "KiB": round(size / 1024),
    }


@dataclass(frozen=True)
class Mark:
    """An instant, and the CPU seconds spent until then by the service's side and by the query's side."""

    wall: float
    service: float
    own: float


@dataclass
class Machine:
    """Who works for a search, and who for a query: the service or this program, each with its backends."""

    service: int
    postgres: int
    backend: int
    backends: list[int] = field(default_factory=list)

    def look(self) -> None:
        """See which backends the service has by now: too long a look to be taken within a measure."""
        children = psutil.Process(self.postgres).children()
        self.backends = [child.pid for child in children if child.pid != self.backend]

    def mark(self) -> Mark:
        """Read all the clocks."""
        service = sum(cpu_of(pid) for pid in (self.service, *self.backends))
        return Mark(time.perf_counter(), service, time.process_time() + cpu_of(self.backend))


def cpu_of(pid: int) -> float:
    """CPU seconds of a process so far, to the nanosecond; clocks are named as `clock_getcpuclockid` does."""
    try:
        return time.clock_gettime((~pid << 3) | 2)
    except OSError:
        return 0.0  # a helper that has just ended


def sustained_rows(caller: Caller, machine: Machine, now: datetime, seconds: float) -> list[Row]:
    """The platform's peak for a while: how much of the machine it takes."""
    draw = random.Random(2)
    pause = 3600 / PEAK_CALLS_AN_HOUR
    machine.look()
    before, times = machine.mark(), []
    while (lasted := time.perf_counter() - before.wall) < seconds:
        begun = time.perf_counter()
        numbers = draw.sample(range(1, PRACTITIONERS + 1), draw.randint(1, 25))
        caller.search(numbers, now, cpts=len(times) % 2 == 1)
        times.append(time.perf_counter() - begun)
        time.sleep(max(0.0, before.wall + len(times) * pause - time.perf_counter()))
    used = machine.mark().service - before.service
    cores = os.cpu_count() or 1
    return [
        {
            "calls an hour": round(len(times) / lasted * 3600),
            "seconds": round(lasted),
            "p50 ms": round(float(np.percentile(times, 50)) * 1e3, 1),
            "p99 ms": round(float(np.percentile(times, 99)) * 1e3, 1),
            "CPU s": round(used, 2),
            "share of one core": f"{used / lasted:.1%}",
            f"share of the machine ({cores} cores)": f"{used / lasted / cores:.1%}",
        }
    ]


@contextmanager
def department() -> Iterator[tuple[str, Settings, datetime, int]]:
    """A filled database for the length of the block."""
    with tempfile.TemporaryDirectory(prefix="snp-bench-") as folder:
        settings = Settings(
            _env_file=None, data_dir=Path(folder) / "data", postgres_durable=False, log_level="ERROR"
        )
        configure_logs(settings)
        with database(settings, own=True) as url:
            migrate(url)
            engine = create_engine(url, settings)
            with create_session_factory(engine)() as session, session.begin():
                load_reference(session)
            engine.dispose()
            now = datetime.now(UTC)
            monday = (now - timedelta(days=now.weekday())).replace(hour=6, minute=0, second=0, microsecond=0)
            with psycopg.connect(
                url.set(drivername="postgresql").render_as_string(hide_password=False)
            ) as filling:
                slots = fill(filling, monday)
            yield url.render_as_string(hide_password=False), settings, now, slots


@contextmanager
def served(url: str) -> Iterator[tuple[int, psutil.Process]]:
    """The service in a process of its own; its port, and the process."""
    command = [sys.executable, "-m", "bench.fhir", "--serve", url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        try:
            yield int(child.stdout.readline()), psutil.Process(child.pid)
        finally:
            child.terminate()


def serve(url: str) -> None:
    """Be the service over a database, on a free port that is printed first."""
    settings = Settings(_env_file=None, database_url=url, log_level="ERROR")
    configure_logs(settings)
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    app = create_app(settings, engine=create_engine(url, settings))
    print(listener.getsockname()[1], flush=True)
    uvicorn.Server(uvicorn.Config(app, access_log=False, log_level="warning")).run(sockets=[listener])


def run(calls: int, seconds: float) -> dict[str, list[Row]]:
    """All tables, by title."""
    found: dict[str, list[Row]] = {}
    with department() as (url, _, now, slots), served(url) as (port, server):
        plain = url.replace("postgresql+psycopg", "postgresql")
        with psycopg.connect(plain, autocommit=True, options="-c timezone=UTC") as connection:
            pid = connection.execute("SELECT pg_backend_pid()").fetchone()
            assert pid is not None
            postgres = psutil.Process(int(str(pid[0]))).parent()
            assert postgres is not None
            caller, machine = Caller(port), Machine(server.pid, postgres.pid, int(str(pid[0])))
            title = (
                f"a search beside its query: {INHABITANTS:,} inhabitants, {PRACTITIONERS} practitioners, "
                f"{slots:,} slots"
            )
            found[title] = beside_rows(caller, connection, machine, now, calls)
            print(f"\n## {title}\n{as_table(found[title])}", flush=True)
            title = f"the platform's peak, {PEAK_CALLS_AN_HOUR:,} calls an hour for 1 to 25 practitioners"
            found[title] = sustained_rows(caller, machine, now, seconds)
            print(f"\n## {title}\n{as_table(found[title])}", flush=True)
    return found


def main() -> None:
    """Run the benchmark from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=300)
    parser.add_argument("--seconds", type=float, default=60.0, help="how long the peak lasts")
    parser.add_argument("--serve", metavar="URL", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        serve(given.serve)
        return
    found = run(given.calls, given.seconds)
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
