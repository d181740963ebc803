"""The batch part of docs/PERFORMANCE.md: every table of `bench.assignment`, its goals beside it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bench.tables import NOT_MEASURED, Row, as_table, goals

P95_MS, TIMES_FASTER, BUILDING, TIMES_PER_REQUEST, COUNTRY_S, MEMORY_MIB = 150, 20, 25, 3, 120, 2048


def sections(found: dict[str, Any] | None) -> list[str]:
    """The sections, in order; what was not run says so."""
    found = found or {}
    limit_s = found.get("limit_s", 0)
    return [
        (
            "## Batch: 300 slots, 400 requests, a tenth coupled\n\n"
            "Seeds of one generator (`bench/assignment_instances.py`); sessions and households beside single "
            "requests. CPU time is less disturbed by what else the machine does.\n"
        ),
        _coupled(found.get("coupled")),
        (
            "## Batch: 3,000 slots, 4,000 requests, tight; and its peers\n\n"
            "The same instance in the same run. Peers stop after "
            f"{found.get('cap_s', 0):.0f} s. Building is finding the suitable pairs and laying out the "
            "network; peers are given the pairs.\n"
        ),
        _department(found.get("department")),
        "## Batch: growing\n\nEach size in a process of its own; the memory includes the instance itself.\n",
        _scale(found.get("scale")),
        (
            "## Batch: other shapes\n\n"
            "300 x 400 unless said, by a second generator (`bench/assignment_shapes.py`), "
            f"limit {limit_s:g} s. Set packing is hard: what is not proven within the limit is answered "
            "with bounds.\n"
        ),
        _shapes(found.get("shapes")),
    ]


def _coupled(rows: Sequence[Row] | None) -> str:
    if not rows:
        return NOT_MEASURED
    row = rows[0]
    asked = [
        ("proven optimal", "all", f"{row['proven optimal']} of {row['seeds']}", _all(row)),
        ("p95", f"< {P95_MS} ms", f"{row['p95 ms']} ms", row["p95 ms"] < P95_MS),
        ("p95, CPU", f"< {P95_MS} ms", f"{row['p95 cpu ms']} ms", row["p95 cpu ms"] < P95_MS),
    ]
    return f"{as_table(rows)}\n{goals(asked)}"


def _all(row: Row) -> bool:
    return bool(row["proven optimal"] == row["seeds"])


def _department(rows: Sequence[Row] | None) -> str:
    if not rows:
        return NOT_MEASURED
    ours, *peers = rows
    building = int(str(ours["of which building"]).rstrip("%"))
    asked = [("building the model", f"< {BUILDING} %", f"{building} %", building < BUILDING)]
    for peer in peers:
        at_least = "" if peer["reached"] == "all levels" else "more than "
        asked.append(
            (
                f"faster than {peer['solver']}",
                f">= {TIMES_FASTER} times",
                f"{at_least}{peer['times ours']} times",
                peer["times ours"] >= TIMES_FASTER,
            )
        )
    return f"{as_table(rows)}\n{goals(asked)}"


def _scale(rows: Sequence[Row] | None) -> str:
    if not rows:
        return NOT_MEASURED
    first, *others = rows
    asked = []
    for row in others:
        times = row["us per request"] / first["us per request"]
        asked += [
            (f"{row['size']}: proven optimal", "yes", row["status"], row["status"] == "optimal"),
            (
                f"{row['size']}: time per request, against {first['size']}",
                f"<= {TIMES_PER_REQUEST} times",
                f"{times:.1f} times",
                times <= TIMES_PER_REQUEST,
            ),
            (
                f"{row['size']}: seconds",
                f"< {COUNTRY_S} s",
                f"{row['seconds']} s",
                row["seconds"] < COUNTRY_S,
            ),
            (
                f"{row['size']}: memory",
                f"< {MEMORY_MIB} MiB",
                f"{row['peak MiB']} MiB",
                row["peak MiB"] < MEMORY_MIB,
            ),
        ]
    return f"{as_table(rows)}\n{goals(asked)}"


def _shapes(rows: Sequence[Row] | None) -> str:
    return as_table(rows) if rows else NOT_MEASURED
