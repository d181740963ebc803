"""The parts of docs/PERFORMANCE.md on load, history, faults and failover."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bench.tables import NOT_MEASURED, Row, as_table, goals

RATIO, HALF_P99_MS = 0.25, 50


def sections(
    load: Mapping[str, Any] | None,
    history: Mapping[str, Any] | None,
    faults: Sequence[Row] | None,
    failover: Sequence[Row] | None,
) -> list[str]:
    """The sections, in order; what was not run says so."""
    return [
        "## Bookings under load\n",
        _load(load) if load else NOT_MEASURED,
        "## The same work after years\n",
        _history(history) if history else NOT_MEASURED,
        (
            "## Faults\n\nInjected into the real service while clients book (`python -m bench.faults`). A "
            "booking is acknowledged once its confirmation was answered 201.\n"
        ),
        as_table(faults) if faults else NOT_MEASURED,
        (
            "## Failover\n\nThe primary is killed with -9 under booking load, its synchronous replica "
            "promoted (`python -m bench.failover`).\n"
        ),
        as_table(failover) if failover else NOT_MEASURED,
    ]


def _load(found: Mapping[str, Any]) -> str:
    """The rates beside pgbench, and the loads."""
    text = (
        "`python -m bench.load`: a booking is two calls (hold, confirm), each under an idempotency key, by "
        f"{found['clients']} clients on {found['workers']} processes of the real service with keys, checks, "
        f"audit, outbox and logs. pgbench runs the {found['statements']} statements of a booking, as they "
        "were captured, in one transaction, on the same database, in turn with the service. CPU: the service "
        "with PostgreSQL, against pgbench with PostgreSQL; it hardly depends on how busy the machine is.\n\n"
        f"{as_table(found['beside'])}\n{as_table(found['loads'])}\n"
    )
    if found["pgbench"] is None:
        text += "pgbench is absent here (Debian: `postgresql`): the limit is not measured.\n\n"
    return text + goals(_asked(found))


def _asked(found: Mapping[str, Any]) -> list[tuple[str, str, str, bool | None]]:
    ratios = sorted(row["ratio"] for row in found["beside"] if "ratio" in row)
    ratio = ratios[len(ratios) // 2] if ratios else None
    half = found["loads"][-1]
    errors = sum(row["errors"] for row in (*found["beside"], *found["loads"]))
    return [
        (
            "share of pgbench's rate, median of the turns",
            f">= {RATIO}",
            str(ratio),
            None if ratio is None else ratio >= RATIO,
        ),
        (
            "p99 of a call at half load",
            f"< {HALF_P99_MS} ms",
            f"{half['call p99']} ms",
            half["call p99"] < HALF_P99_MS,
        ),
        ("errors other than conflicts", "0", str(errors), errors == 0),
    ]


def _history(found: Mapping[str, Any]) -> str:
    worst = max(row["ratio"] for row in found["rows"])
    return (
        f"`python -m bench.history`: {found['a_day']:,} appointments a "
        f"day; the past grows, what is open today stays the same.\n\n{as_table(found['sizes'])}\n"
        f"{as_table(found['rows'])}\n"
        + goals(
            [
                (
                    "three years cost what a day costs, dearest work",
                    f"<= {found['flat']} times",
                    f"{worst} times",
                    worst <= found["flat"],
                )
            ]
        )
    )
