"""A line of the table for each fault, the same columns for all, and what makes a campaign fail."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import UTC, datetime

from bench.faults.counting import Count
from bench.tables import Row

NEVER = "never"
AFTER = "after all the kills"
"""The line on what had settled, which counts the bookings of all kills together."""


def progress(text: str) -> None:
    """Tell whoever watches how far the campaign is; not part of the table."""
    print(f"{datetime.now(UTC):%H:%M:%S} {text}", file=sys.stderr, flush=True)


def line(
    fault: str,
    *,
    times: int,
    seen: Count,
    recovery: Sequence[float | None],
    note: str = "",
    settled: bool = True,
) -> Row:
    """What a fault did; `recovery`: seconds each time, None in vain. `settled`: all else came back too."""
    known = [taken for taken in recovery if taken is not None]
    worst = NEVER if len(known) < len(recovery) else (f"{max(known):.2f}" if known else None)
    return {
        "fault": fault,
        "times": times,
        "acknowledged": seen.acknowledged,
        "found": seen.found,
        "lost": seen.lost,
        "doubled": seen.doubled,
        "longest recovery s": worst,
        "settled": "yes" if settled else "**no**",
        "note": note,
    }


def not_injected(fault: str, reason: str) -> Row:
    """A fault that this machine does not allow; said, and no failure."""
    return line(fault, times=0, seen=Count(0, 0, 0), recovery=[], note=f"not injected: {reason}")


def failures(rows: Sequence[Row]) -> list[str]:
    """The faults that something did not outlive: lost, doubled, never recovered, or not settled."""
    return [
        str(row["fault"])
        for row in rows
        if row["lost"] or row["doubled"] or row["longest recovery s"] == NEVER or row["settled"] != "yes"
    ]
