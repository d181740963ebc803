"""Whether what is asked all day grows dearer as the years pass: over a day, a month, three years.

`python -m bench.history` makes three databases of its own that hold the same present and a past of a day, a
month and three years of a department at the national rate (60,000 appointments a day over 100), does the
same work over each in turn, and prints the medians with their ratio to the first day. PostgreSQL says how
many rows of the past each statement read, and none may read a table of the past from end to end. Writes
`bench/out/history.json`; ends with 1 when a work grows.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import psycopg
import sqlalchemy as sa
from psycopg import sql
from sqlmodel import Session

from api.wiring import Wiring
from bench.faults.ending import TimeIsUp, ended_by_signals
from bench.history import past
from bench.history.plans import Plans, look
from bench.history.works import STRETCHES, Asking
from bench.load.served import Stage, plain, staged
from bench.load.stage import SLOTS_A_CARER, TERRITORIES, territory_id
from bench.tables import OUT, Row, as_table
from snp.platform.db import create_engine

A_DAY = 600
OPEN_TODAY = 6_000
AGES = {"1 day": 1, "1 month": 30, "3 years": 1_095}
KIB_AN_APPOINTMENT = 8
"""What an appointment takes, with the requests that end without one; half as much again while it is made."""

FLAT, FLAT_MS, FLAT_ROWS = 2.0, 5.0, 1_000
"""A cost is said not to grow up to this ratio, or so many milliseconds and rows; 3 years are 1,095 days."""

BOOKED, BOUND_SECONDS = 40, 1_800
ROUNDS, ROUND_SECONDS, SLOW_SECONDS, WARM = 3, 0.5, 1.0, 2
Works = Mapping[str, Callable[[Session, int], object]]


@dataclass(frozen=True, slots=True)
class Age:
    """One of the databases."""

    name: str
    days: int
    asking: Asking

    @property
    def address(self) -> str:
        """As psycopg takes it."""
        return plain(self.asking.service.engine.url)


@contextmanager
def aged(at: Stage, name: str, days: int, *, a_day: int) -> Iterator[Age]:
    """A copy of the stage with a past of so many days."""
    now = datetime.now(UTC)
    database = f"past_{days}"
    with psycopg.connect(plain(at.url.set(database="postgres")), autocommit=True) as connection:
        template = sql.Identifier(at.url.database or "")
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(database), template)
        )
    url = at.url.set(database=database)
    carers = -(-OPEN_TODAY // SLOTS_A_CARER // TERRITORIES) * TERRITORIES
    with psycopg.connect(plain(url), autocommit=True) as connection:
        past.fill(connection, now, days=days, a_day=a_day, carers=carers)
    settings = at.service.settings
    engine = create_engine(url, settings)
    service = Wiring(settings=settings, engine=engine, keys=at.service.keys, clock=at.service.clock)
    try:
        yield Age(name, days, Asking(service, now - timedelta(days=days, hours=29), territory_id(0)))
    finally:
        engine.dispose()


def sizes(ages: list[Age], a_day: int) -> Iterator[Row]:
    """What each database holds."""
    for age in ages:
        with psycopg.connect(age.address) as connection:
            row = connection.execute("SELECT pg_database_size(current_database())").fetchone()
            assert row is not None
            yield {
                "history": age.name,
                "appointments": age.days * a_day,
                "requests": age.days * a_day * 8 // 3,
                "MiB": int(str(row[0])) >> 20,
            }


def tables(age: Age) -> Iterator[Row]:
    """What each table that grows holds, with its indexes."""
    with psycopg.connect(age.address) as connection:
        rows = connection.execute(
            "SELECT relname, n_live_tup, pg_total_relation_size(relid) FROM pg_stat_user_tables "
            "WHERE relname = ANY(%s) ORDER BY relname",
            [list(past.GROWING)],
        )
        for name, count, size in rows.fetchall():
            yield {"table": name, "rows": count, "bytes a row": round(size / count) if count else None}


def written(age: Age) -> int:
    """Bytes that a booking adds to the write-ahead log, full pages not counted."""
    place = "SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn"
    with psycopg.connect(age.address, autocommit=True) as connection:
        before = connection.execute(place).fetchone()
        for turn in range(BOOKED):
            with age.asking.service.transaction() as session:
                age.asking.book(session, turn)
        after = connection.execute(place).fetchone()
    assert before is not None
    assert after is not None
    return round((float(str(after[0])) - float(str(before[0]))) / BOOKED)


def timed(age: Age, work: Callable[[Session, int], object], first: int) -> list[float]:
    """A work done again and again for a moment, or once where it is slow; milliseconds, caches warm."""
    taken: list[float] = []
    until = time.perf_counter() + ROUND_SECONDS
    turn = first
    while len(taken) <= WARM or time.perf_counter() < until:
        with age.asking.service.sessions() as session:
            begun = time.perf_counter()
            work(session, turn % (OPEN_TODAY // TERRITORIES))
            taken.append((time.perf_counter() - begun) * 1e3)
            session.rollback()
        turn += 1
        if taken[0] > SLOW_SECONDS * 1e3:
            return taken
    return taken[WARM:]


def compared(ages: Sequence[Age], of: Callable[[Asking], Works], rounds: int) -> dict[str, Row]:
    """Every work over each of the databases, the ages taking turns: medians in milliseconds."""
    taken: dict[tuple[str, str], list[float]] = {}
    for turn in range(rounds):
        order = [*ages[turn % len(ages) :], *ages[: turn % len(ages)]]
        for name in of(ages[0].asking):
            for age in order:
                taken.setdefault((name, age.name), []).extend(timed(age, of(age.asking)[name], turn * 97))
    return {
        name: {f"{age.name}, ms": round(float(np.median(taken[name, age.name])), 2) for age in ages}
        for name in of(ages[0].asking)
    }


def planned(age: Age, works: Works) -> dict[str, Plans]:
    """What each work reads of the past."""

    def once(work: Callable[[Session, int], object]) -> Callable[[], None]:
        def do() -> None:
            with age.asking.service.sessions() as session:
                work(session, 41)
                session.rollback()

        return do

    engine: sa.Engine = age.asking.service.engine
    return {name: look(engine, age.address, once(work)) for name, work in works.items()}


def judged(name: str, times: Row, plans: Sequence[Plans]) -> Row:
    """A line of the table; `grows`: whether the last age costs more than the first by what cannot be chance.

    A work that is to read a stretch of the past, of a bounded length, is not held to the first day.
    """
    first, *_, last = times.values()
    rows = [one.rows for one in plans]
    dearer = last / first > FLAT and last > FLAT_MS
    reads_more = rows[-1] > FLAT * rows[0] and rows[-1] > FLAT_ROWS
    stretch = STRETCHES.get(name)
    return {
        "work": name,
        **times,
        "ratio": round(last / first, 2),
        "rows read": f"{rows[0]:,} → {rows[-1]:,}",
        "read end to end": ", ".join(sorted({table for table, _ in plans[-1].end_to_end})) or None,
        "stretch": stretch,
        "grows": stretch is None and ((dearer and reads_more) or bool(plans[-1].end_to_end)),
    }


def run(*, a_day: int, rounds: int) -> dict[str, Any]:
    """The tables."""
    begun = time.perf_counter()
    with staged(OPEN_TODAY, durable=False) as at, ExitStack() as stack:
        at.service.engine.dispose()
        ages = []
        for name, days in AGES.items():
            ages.append(stack.enter_context(aged(at, name, days, a_day=a_day)))
            print(f"{name} made after {time.perf_counter() - begun:.0f} s", flush=True)
        held = list(sizes(ages, a_day))
        ends = (ages[0], ages[-1])
        plans = [planned(age, {**age.asking.works(), **age.asking.jobs()}) for age in ends]
        print(f"plans of the first and the last read after {time.perf_counter() - begun:.0f} s", flush=True)
        kept = list(tables(ages[-1]))
        times = compared(ages, Asking.works, rounds) | compared(ages, Asking.jobs, 1)
        wal = written(ages[-1])
    rows = [judged(name, taken, [one[name] for one in plans]) for name, taken in times.items()]
    print(f"\n{as_table(held)}\n{as_table(rows)}", flush=True)
    return {
        "a_day": a_day,
        "flat": FLAT,
        "seconds": round(time.perf_counter() - begun),
        "sizes": held,
        "tables": kept,
        "wal_bytes_a_booking": wal,
        "rows": rows,
        "end_to_end": {name: plan.end_to_end for name, plan in plans[-1].items() if plan.end_to_end},
    }


def main() -> None:
    """Run the benchmark from the command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.history", description=__doc__)
    parser.add_argument("--a-day", type=int, default=A_DAY, help="appointments a day (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="how often each work takes its turn")
    parser.add_argument(
        "--bound", type=int, default=BOUND_SECONDS, metavar="SECONDS", help="give up after that"
    )
    given = parser.parse_args()
    needed = given.a_day * AGES["3 years"] * KIB_AN_APPOINTMENT * 3 // 2 >> 20
    free = shutil.disk_usage(tempfile.gettempdir()).free >> 30
    if free < needed:
        sys.exit(
            f"{needed} GiB are needed in {tempfile.gettempdir()}, {free} are free: try a smaller --a-day"
        )
    try:
        with ended_by_signals(seconds=given.bound):
            found = run(a_day=given.a_day, rounds=given.rounds)
    except TimeIsUp:
        print(f"not done within {given.bound} s", file=sys.stderr)
        sys.exit(3)
    except KeyboardInterrupt:
        sys.exit(130)
    OUT.mkdir(exist_ok=True)
    (OUT / "history.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    if any(row["grows"] for row in found["rows"]):
        sys.exit(1)


if __name__ == "__main__":
    main()
