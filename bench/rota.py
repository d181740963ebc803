"""Rotas: an MSP of 8 doctors, two centres de SNP of 14, 12 weeks each; answers judged without a solver.

Run: python -m bench.rota [--seeds 5] [--limit 60] [--cp-sat]. Figures go to bench/out/rota.json.
`--cp-sat` adds the same rotas by CP-SAT alone, without the relaxation.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from typing import Any

from bench.rota_instances import centres, msp
from bench.tables import OUT
from slots.rota.checks import judge
from slots.rota.facts import RotaProblem
from slots.rota.solving import solve

Row = dict[str, Any]
SCENES: tuple[tuple[str, Callable[[int], RotaProblem], float], ...] = (
    ("MSP, 8 doctors × 12 weeks", msp, 0.0),
    ("2 centres, 14 doctors × 12 weeks", centres, 0.02),
)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seeds", type=int, default=5)
    options.add_argument("--limit", type=float, default=60.0)
    options.add_argument("--cp-sat", action="store_true")
    chosen = options.parse_args()
    rows = [
        measured(name, make(seed), seed, chosen.limit, relax=relax) | {"asked_gap": gap}
        for relax in ((True, False) if chosen.cp_sat else (True,))
        for name, make, gap in SCENES
        for seed in range(chosen.seeds)
    ]
    OUT.mkdir(exist_ok=True)
    (OUT / "rota.json").write_text(json.dumps(rows, indent=1), encoding="utf-8")


def measured(name: str, problem: RotaProblem, seed: int, limit: float, *, relax: bool) -> Row:
    """One rota, solved and judged."""
    started = time.perf_counter()
    answer = solve(problem, time_limit=limit, relax=relax)
    row = {
        "scene": name,
        "by": "relaxation, then CP-SAT" if relax else "CP-SAT alone",
        "seed": seed,
        "shifts": len(problem.shifts),
        "status": answer.status.value,
        "cost": None if answer.cost is None else answer.cost.total,
        "bound": answer.bound,
        "gap": answer.gap,
        "seconds": round(time.perf_counter() - started, 2),
        "violations": len(judge(problem, answer)),
    }
    print(
        f"{name:34} {row['by']:24} seed {seed}  {row['status']:10} cost {row['cost']} "
        f"bound {row['bound']}  gap {100 * (answer.gap or 0):5.2f} %  {row['seconds']:6.2f} s  "
        f"violations {row['violations']}",
        flush=True,
    )
    return row


if __name__ == "__main__":
    main()
