"""The drill of a primary that dies: the replica is promoted, writes resume, nothing acknowledged is lost.

`python -m bench.failover` makes a primary and a synchronous streaming replica of its own from the embedded
server's programs, starts the service on the address that names both (libpq tries them in turn and takes the
one that accepts writes), books, kills the primary with -9, promotes the replica, and counts. Writes
`bench/out/failover.json`; ends with 1 if a booking is lost or doubled or writes did not resume, with 3 at its
bound of time. Ctrl-C and SIGTERM leave no process behind.

The commit is synchronous: it is acknowledged once the replica has written it to its disk.
Source: PostgreSQL 18 documentation, §26.2.8, synchronous replication.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from api.migrations import migrate
from api.wiring import Wiring
from bench.faults.counting import count
from bench.faults.crowd import Crowd
from bench.faults.ending import TimeIsUp, ended_by_signals
from bench.load import stage
from bench.load.served import Stage, plain, running
from bench.servers import a_pair
from bench.tables import Row, as_table
from snp.directory.reference import load_reference
from snp.platform.db import create_engine
from snp.platform.keys import load_keys
from snp.platform.logs import configure_logs
from snp.platform.settings import Settings

OUT = Path(__file__).parent / "out" / "failover.json"
BOOKINGS, BOUND_SECONDS = 4_000, 600


def drill(*, seconds: float) -> Row:
    """Book, kill, promote, book; what was lost and how long nothing could be written."""
    with a_pair() as pair, tempfile.TemporaryDirectory(prefix="snp-failover-") as folder:
        pair.start_primary()
        settings = Settings(_env_file=None, data_dir=Path(folder) / "data", log_level="ERROR")
        configure_logs(settings)
        migrate(pair.url("primary"))
        both = pair.url("primary", "replica")
        service = Wiring(settings=settings, engine=create_engine(both, settings), keys=load_keys(settings))
        with service.transaction() as session:
            load_reference(session)
        with psycopg.connect(plain(pair.url("primary"))) as connection:
            stage.fill(connection, BOOKINGS, datetime.now(UTC))
        ident, key = stage.make_key(service, datetime.now(UTC))
        service.engine.dispose()
        pair.add_replica()
        at = Stage(both, service, str(ident), key)
        with running(at, 2) as (port, _), Crowd(port, key, first=0) as crowd:
            crowd.wait_for_next(0.0, seconds=30)
            time.sleep(seconds)
            before = len(crowd.acknowledged)
            since = time.perf_counter()
            pair.kill_primary()
            promoted = pair.promote()
            resumed = crowd.wait_for_next(since, seconds=60)
            time.sleep(seconds)
            crowd.__exit__(None, None, None)
            seen = count(plain(pair.url("replica")), crowd.acknowledged)
    return {
        "acknowledged before": before,
        "after": len(crowd.acknowledged) - before,
        "found": seen.found,
        "lost": seen.lost,
        "doubled": seen.doubled,
        "promotion s": round(promoted, 2),
        "writes resumed after s": None if resumed is None else round(resumed, 2),
    }


def main() -> None:
    """Run the drill from the command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.failover", description=__doc__)
    parser.add_argument("--seconds", type=float, default=4.0, help="how long is booked on either side")
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument(
        "--bound", type=int, default=BOUND_SECONDS, metavar="SECONDS", help="give up after that"
    )
    given = parser.parse_args()
    try:
        with ended_by_signals(seconds=given.bound):
            found = [{"drill": turn} | drill(seconds=given.seconds) for turn in range(1, given.times + 1)]
    except TimeIsUp:
        print(f"not done within {given.bound} s", file=sys.stderr)
        sys.exit(3)
    except KeyboardInterrupt:
        sys.exit(130)
    print(as_table(found), flush=True)
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps(found, indent=1) + "\n")
    if any(row["lost"] or row["doubled"] or row["writes resumed after s"] is None for row in found):
        sys.exit(1)


if __name__ == "__main__":
    main()
