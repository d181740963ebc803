"""The batch engine, measured: a CPTS with sessions and households, other shapes, a department, and larger.

`python -m bench.assignment` prints the tables and writes `bench/out/assignment.json`, table by table. Each
large size runs in a process of its own, so that its memory is its own. Peers get the same instances: CP-SAT
where ours ran; HiGHS apart, as its library and that inside OR-Tools cannot be loaded together.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from bench.assignment_instances import COUNTRY, CPTS, DEPARTMENT, REGION, Shape, draw
from bench.assignment_shapes import SHAPES_OF_ANY_KIND
from bench.tables import OUT, as_table, read
from snp.assignment.arrays import arrays_of
from snp.assignment.candidates import suitable_pairs
from snp.assignment.columns import groups_of
from snp.assignment.facts import Status
from snp.assignment.flow import network_of
from snp.assignment.network import scaled
from snp.assignment.parts import FlowPart, parts_of
from snp.assignment.solving import solve

TABLES = ("coupled", "department", "scale", "shapes")
SHAPES = {"cpts": CPTS, "department": DEPARTMENT, "region": REGION, "country": COUNTRY}
Row = dict[str, Any]


def coupled_rows(seeds: int) -> list[Row]:
    """300 slots and 400 requests, a tenth of them in households or with sessions: seconds over seeds."""
    solve(draw(CPTS, 10_000))  # imports and caches are not part of the measure
    seconds, proven, cpu = [], 0, []
    for seed in range(seeds):
        instance = draw(CPTS, seed)
        started, started_cpu = time.perf_counter(), time.process_time()
        answer = solve(instance)
        seconds.append(time.perf_counter() - started)
        cpu.append(time.process_time() - started_cpu)
        proven += answer.status is Status.OPTIMAL
    return [
        {
            "seeds": seeds,
            "proven optimal": proven,
            "p50 ms": _ms(np.percentile(seconds, 50)),
            "p95 ms": _ms(np.percentile(seconds, 95)),
            "max ms": _ms(max(seconds)),
            "p50 cpu ms": _ms(np.percentile(cpu, 50)),
            "p95 cpu ms": _ms(np.percentile(cpu, 95)),
        }
    ]


def department_rows(cap_s: float) -> list[Row]:
    """3,000 slots and 4,000 requests: ours beside HiGHS and CP-SAT."""
    from bench.assignment_peers import cp_sat, highs  # noqa: PLC0415 - beside its use

    instance = draw(DEPARTMENT, 1)
    runs = [solve(instance) for _ in range(6)]
    answer = runs[-1]
    ours = float(np.median([run.wall_s for run in runs[1:]]))  # the first pays for imports
    prepared, built = stages(DEPARTMENT, 1)
    rows: list[Row] = [
        {
            "solver": "ours",
            "seconds": round(ours, 3),
            "of which building": f"{(prepared + built) / ours:.0%}",
            "times ours": 1.0,
            "served": "/".join(map(str, answer.served.values())),
            "reached": "all levels",
        }
    ]
    rows.extend(
        {
            "solver": peer.name,
            "seconds": round(peer.seconds, 3),
            "times ours": round(peer.seconds / ours, 1),
            "served": "/".join(map(str, peer.served)) if peer.served else "-",
            "reached": peer.reached,
        }
        for peer in (highs(DEPARTMENT, 1, cap_s), cp_sat(DEPARTMENT, 1, cap_s))
    )
    return rows


def stages(shape: Shape, seed: int) -> tuple[float, float]:
    """Seconds to find the suitable pairs of an instance, and to make networks of them; singles only."""
    instance = draw(shape, seed)
    started = time.perf_counter()
    arrays = arrays_of(instance)
    pairs = suitable_pairs(arrays)
    prepared = time.perf_counter()
    for part in parts_of(arrays, pairs, groups_of(arrays, pairs)):
        if isinstance(part, FlowPart):
            scaled(network_of(part.matching)[1])
    return prepared - started, time.perf_counter() - prepared


def scale_rows(names: list[str]) -> list[Row]:
    """Growing instances, each in a process of its own."""
    rows = []
    for name in names:
        print(f"   {name}", file=sys.stderr, flush=True)
        command = [sys.executable, "-m", "bench.assignment", "--one", name]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        rows.append(json.loads(done.stdout))
    return rows


def one(name: str) -> Row:
    """Solve one large instance, and say how long and how large."""
    solve(draw(CPTS, 10_000))  # imports and caches are not part of the measure
    shape = SHAPES[name]
    instance = draw(shape, 1)
    before = _peak_mib()
    started, started_cpu = time.perf_counter(), time.process_time()
    answer = solve(instance)
    seconds = time.perf_counter() - started
    return {
        "size": f"{shape.slots:,} x {shape.requests:,}",
        "status": answer.status.value,
        "seconds": round(seconds, 2),
        "cpu seconds": round(time.process_time() - started_cpu, 2),
        "us per request": round(seconds / shape.requests * 1e6, 1),
        "instance MiB": before,
        "peak MiB": _peak_mib(),
        "served": "/".join(map(str, answer.served.values())),
    }


def shape_rows(seeds: int, limit_s: float) -> list[Row]:
    """Instances of other shapes, of which some are hard: how many are proven within the limit, how fast."""
    rows = []
    for name, make in SHAPES_OF_ANY_KIND.items():
        print(f"   {name}", file=sys.stderr, flush=True)
        cpu, late, proven = [], [], 0
        for seed in range(seeds):
            instance = make(seed)
            started, started_cpu = time.perf_counter(), time.process_time()
            answer = solve(instance, time_limit=limit_s)
            cpu.append(time.process_time() - started_cpu)
            late.append(time.perf_counter() - started - limit_s)
            proven += answer.status is Status.OPTIMAL
        rows.append(
            {
                "shape": name,
                "proven": f"{proven} of {seeds}",
                "median cpu ms": _ms(np.median(cpu)),
                "max cpu ms": _ms(max(cpu)),
                "over the limit ms": max(0.0, _ms(max(late))),
            }
        )
    return rows


def run(given: argparse.Namespace) -> None:
    """All tables, written as they come."""
    tables: list[tuple[str, str, Callable[[], list[Row]]]] = [
        ("coupled", "300 x 400, a tenth coupled", lambda: coupled_rows(given.seeds)),
        ("department", "3,000 x 4,000 and its peers", lambda: department_rows(given.cap)),
        ("scale", "growing", lambda: scale_rows(given.sizes)),
        ("shapes", "other shapes", lambda: shape_rows(given.shape_seeds, given.limit)),
    ]
    OUT.mkdir(exist_ok=True)
    found: dict[str, Any] = (read("assignment") or {}) | {"cap_s": given.cap, "limit_s": given.limit}
    for name, title, rows_of in tables:
        if name in given.tables:
            print(f"\n## {title}", flush=True)
            found[name] = rows_of()
            print(as_table(found[name]), flush=True)
            (OUT / "assignment.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def _ms(seconds: float) -> float:
    return round(float(seconds) * 1e3, 1)


def _peak_mib() -> int:
    """The most memory held so far; on Linux of this program alone, not of the one that started it."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) // 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def main() -> None:
    """Run the benchmark from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=40)
    parser.add_argument("--cap", type=float, default=60.0, help="seconds that a peer may take")
    parser.add_argument("--sizes", nargs="*", default=["department", "region", "country"], choices=SHAPES)
    parser.add_argument("--shape-seeds", type=int, default=3)
    parser.add_argument("--limit", type=float, default=5.0, help="time limit for other shapes")
    parser.add_argument("--tables", nargs="*", default=TABLES, choices=TABLES)
    parser.add_argument("--one", choices=SHAPES)
    given = parser.parse_args()
    if given.one:
        print(json.dumps(one(given.one)))
    else:
        run(given)


if __name__ == "__main__":
    main()
