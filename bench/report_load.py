"""The parts of docs/PERFORMANCE.md on load, history, faults and failover."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

from bench.faults.lines import AFTER, failures
from bench.tables import NOT_MEASURED, Row, as_table, goals

RATIO, HALF_P99_MS = 0.25, 50
_COUNTED = ("acknowledged", "lost", "doubled")


def sections(
    load: Mapping[str, Any] | None,
    history: Mapping[str, Any] | None,
    faults: Mapping[str, Any] | None,
    failover: Sequence[Row] | None,
) -> list[str]:
    """The sections, in order; what was not run says so."""
    return [
        "## Bookings under load\n",
        _load(load) if load else NOT_MEASURED,
        "## The same work after years\n",
        past(history) if history else NOT_MEASURED,
        (
            "## Faults\n\nInjected into the real service while clients book (`python -m bench.faults`). A "
            "booking is acknowledged once its confirmation was answered 201.\n"
        ),
        told(faults) if faults else NOT_MEASURED,
        (
            "## Failover\n\nThe primary is killed with -9 under booking load, its synchronous replica "
            "promoted (`python -m bench.failover`).\n"
        ),
        as_table(failover) if failover else NOT_MEASURED,
    ]


def told(faults: Mapping[str, Any]) -> str:
    """The table of a campaign of faults, the form that was run, and what is asked."""
    rows = faults["rows"]
    each = [row for row in rows if row["fault"] != AFTER]  # which counts the kills together once more
    acknowledged, lost, doubled = (sum(row[key] for row in each) for key in _COUNTED)
    kills = f"each kind of kill {faults['times']} times" if faults["form"] == "whole" else "one of each kind"
    head = f"Form: {faults['form']} ({kills}), seed {faults['seed']}, {faults['seconds']} s.\n\n"
    wanted = [
        ("acknowledged bookings lost", "0", f"{lost} of {acknowledged:,}", lost == 0),
        ("doubled", "0", str(doubled), doubled == 0),
        ("came back", "all", "; ".join(failures(rows)) or "all", not failures(rows)),
    ]
    return f"{head}{as_table(rows)}\n{goals(wanted)}"


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
    return text + goals(asked(found))


def asked(found: Mapping[str, Any]) -> list[tuple[str, str, str, bool | None]]:
    """What is asked of the load, and what was measured."""
    ratios = sorted(row["ratio"] for row in found["beside"] if "ratio" in row)
    ratio = round(median(ratios), 3) if ratios else None
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


def past(found: Mapping[str, Any]) -> str:
    """The table of what three years cost, and what is asked."""
    grown = [row["work"] for row in found["rows"] if row["grows"]]
    flat = [row for row in found["rows"] if row["stretch"] is None]
    goal = (
        f"three years cost what a day costs: {found['flat']} times the time and the rows at most, no table "
        "read from end to end"
    )
    tables = f"{as_table(found['sizes'])}\n{as_table([_without(row, 'grows') for row in found['rows']])}\n"
    return (
        f"`python -m bench.history`: {found['a_day']:,} appointments a day; the past grows, what is open "
        "today stays the same. Rows read: of the tables that the years fill, over a day and three years. "
        "A work that is to read a stretch of the past reads no more once it is that long.\n\n"
        f"{tables}{goals([(goal, 'all', '; '.join(grown) or f'all of {len(flat)}', not grown)])}"
    )


def _without(row: Row, name: str) -> Row:
    return {key: value for key, value in row.items() if key != name}
