"""Faults, injected into the real service while clients book: what was lost, what was doubled, how long.

`python -m bench.faults` starts services of its own on the loopback, over databases of its own, and breaks
them: processes killed at random, the disk full, the clock moved, a partner slow or away for a day. It prints
a table, writes `bench/out/faults.json`, and ends with 1 if an acknowledged booking is lost or doubled.
`--short` is the half minute that the suite runs.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
from pathlib import Path

from bench.faults import killing, partners
from bench.faults.killing import Kill
from bench.tables import Row, as_table

OUT = Path(__file__).parent.parent / "out" / "faults.json"
SHORT = (Kill.WORKER, Kill.LEADER, Kill.DATABASE)
LONG = (*Kill,)


def campaign(*, short: bool, times: int, seed: int) -> list[Row]:
    """Every fault; a line for each kind, and one for all."""
    chance = random.Random(seed)
    kinds = [kind for kind in (SHORT if short else LONG) for _ in range(1 if short else times)]
    chance.shuffle(kinds)
    with tempfile.TemporaryDirectory(prefix="snp-faults-") as folder:
        Path(folder).chmod(0o711)
        rows = killing.rows(Path(folder) / "killed", kinds, chance)
        if not short:
            rows += killing.disk_rows(Path(folder))
            rows += partners.rows(Path(folder) / "partners")
    return rows


def main() -> None:
    """Run the campaign from the command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.faults", description=__doc__)
    parser.add_argument("--short", action="store_true", help="half a minute: one fault of each kind of kill")
    parser.add_argument("--times", type=int, default=5, help="how often each kind of kill is injected")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    found = campaign(short=given.short, times=given.times, seed=given.seed)
    print(as_table(found), flush=True)
    if not given.short:
        OUT.parent.mkdir(exist_ok=True)
        OUT.write_text(json.dumps(found, indent=1) + "\n")
    if any(row["lost"] or row["doubled"] for row in found):
        sys.exit(1)


if __name__ == "__main__":
    main()
