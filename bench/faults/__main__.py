"""Faults, injected into the real service while clients book: what was lost, what was doubled, how long.

`python -m bench.faults` starts services of its own on the loopback, over databases of its own, and breaks
them: processes killed at random, the database restarted, the disk full, the clock moved, a partner slow or
away for a day. It prints one table, writes `bench/out/faults.json` with the form that was run, and leaves no
process behind, also on Ctrl-C and SIGTERM. Ends with 1 when an acknowledged booking is lost or doubled, or
something did not come back; with 3 when its bound of time is reached.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
from pathlib import Path

from bench.faults import disk, killing, partners
from bench.faults.ending import TimeIsUp, ended_by_signals
from bench.faults.killing import Kill
from bench.faults.lines import failures
from bench.faults.spoiling import Spoil
from bench.tables import OUT, Row, as_table

SHORT = (Kill.WORKER, Kill.LEADER, Kill.DATABASE, Kill.ALL)
TIMES, BOUND_SECONDS, SHORT_BOUND_SECONDS = 3, 900, 300


def campaign(*, short: bool, times: int, seed: int, spoilt: Spoil | None = None) -> list[Row]:
    """Every fault, a line for each kind; `short`: one of each kind of kill."""
    chance = random.Random(seed)
    kinds = [kind for kind in (SHORT if short else (*Kill,)) for _ in range(1 if short else times)]
    chance.shuffle(kinds)
    with tempfile.TemporaryDirectory(prefix="snp-faults-") as folder:
        home = Path(folder)
        home.chmod(0o711)
        rows = killing.rows(home / "killed", kinds, chance, spoilt=spoilt)
        if not short:
            rows += disk.rows()
            rows += partners.rows(home / "partners")
    return rows


def main() -> None:
    """Run the campaign from the command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.faults", description=__doc__)
    parser.add_argument("--short", action="store_true", help="about a minute: one of each kind of kill")
    parser.add_argument(
        "--times",
        type=int,
        default=TIMES,
        help="how often each kind of kill is injected (default: %(default)s)",
    )
    parser.add_argument("--seed", type=int, default=1, help="of the order and the moments of the kills")
    parser.add_argument(
        "--bound",
        type=int,
        metavar="SECONDS",
        help=f"give up after so long (default: {BOUND_SECONDS}, short: {SHORT_BOUND_SECONDS})",
    )
    parser.add_argument("--spoil", type=Spoil, choices=list(Spoil), help=argparse.SUPPRESS)
    given = parser.parse_args()
    bound = given.bound or (SHORT_BOUND_SECONDS if given.short else BOUND_SECONDS)
    begun = time.perf_counter()
    try:
        with ended_by_signals(seconds=bound):
            rows = campaign(short=given.short, times=given.times, seed=given.seed, spoilt=given.spoil)
    except TimeIsUp:
        print(f"not done within {bound} s", file=sys.stderr)
        sys.exit(3)
    except KeyboardInterrupt:
        sys.exit(130)
    print(as_table(rows), flush=True)
    form = "short" if given.short else "whole"
    told = {
        "form": form,
        "seed": given.seed,
        "times": given.times,
        "seconds": round(time.perf_counter() - begun),
    }
    if given.spoil is None:
        OUT.mkdir(exist_ok=True)
        (OUT / "faults.json").write_text(json.dumps(told | {"rows": rows}, indent=1) + "\n", encoding="utf-8")
    if broken := failures(rows):
        print(f"not outlived: {'; '.join(broken)}", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
