"""The coverage part of docs/PERFORMANCE.md, from what `bench.coverage` wrote."""

from __future__ import annotations

from typing import Any

from bench.coverage import ARMS, CALLS, GOAL_CALLS, GOAL_FORECAST, NONE, USUAL
from bench.tables import NOT_MEASURED, as_table, goals
from snp.simulation.compare import Figure, figure


def sections(rows: Any) -> list[str]:
    """The section; what was not run says so."""
    return [
        (
            "## Coverage\n\n"
            "Simulated years of the Pays de Retz with its summer, one a seed: means with 95 % intervals. The "
            "forecast is scored by its pinball loss against the best of the seasonal-naive ones; calls for "
            "slots against no call, and against as many slots given at the usual pace.\n"
        ),
        _coverage(rows) if rows else NOT_MEASURED,
    ]


def _coverage(rows: list[dict[str, Any]]) -> str:
    lines = [
        {
            "a year with": arm,
            "seeds": len(rows),
            "without a slot in time": str(_of(rows, arm, "unserved")),
            "slots": round(_of(rows, arm, "slots").mean),
            "asked for or added": round(_of(rows, arm, "given").mean),
        }
        for arm in ARMS
    ]
    ratio = figure([row["ratio"] for row in rows])
    asked = [
        ("forecast against seasonal-naive", f"< {GOAL_FORECAST}", str(ratio), ratio.mean < GOAL_FORECAST)
    ]
    for arm in (NONE, USUAL):
        share = figure([row["lived"][CALLS]["unserved"] / row["lived"][arm]["unserved"] for row in rows])
        goal = f"without a slot, against « {arm} »"
        asked.append((goal, f"≤ {GOAL_CALLS}", str(share), share.mean <= GOAL_CALLS))
    most = max(row["most_messages_a_week"] for row in rows)
    inside = figure([row["covered_80"] for row in rows])
    told = (
        f"\nNeed within the 80 % interval: {inside}. Messages to one practitioner: {most} a week at most.\n"
    )
    return f"{as_table(lines)}\n{goals(asked)}{told}"


def _of(rows: list[dict[str, Any]], arm: str, what: str) -> Figure:
    return figure([float(row["lived"][arm][what]) for row in rows])
