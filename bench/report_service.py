"""The parts of docs/PERFORMANCE.md on the service: the search of the national platform, and the pages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bench.tables import NOT_MEASURED, Row, as_table, goals

P99_MS, TIMES_BARE = 50, 4


def sections(fhir: dict[str, Any] | None, pages: Sequence[Row] | None) -> list[str]:
    """The sections, in order; what was not run says so."""
    return [
        (
            "## The search of the SAS platform\n\n"
            "`GET /fhir/Slot` through the real server, beside one prepared query for the same rows; calls and"
            " queries take turns. `x` is the ratio of the two.\n"
        ),
        _fhir(fhir),
        (
            "## Pages\n\n"
            "The demonstration through the real command, each role signed in; `/healthz` is what any answer "
            "costs.\n"
        ),
        as_table(pages) if pages else NOT_MEASURED,
    ]


def _fhir(found: dict[str, Any] | None) -> str:
    if not found:
        return NOT_MEASURED
    (title, beside), (peak_title, peak) = found.items()
    many = [row for row in beside if row["practitioners"] == 25]
    asked = [
        goal
        for row in many
        for goal in (
            (
                f"25 practitioners, {row['mode']}: p99",
                f"< {P99_MS} ms",
                f"{row['p99 ms']} ms",
                row["p99 ms"] < P99_MS,
            ),
            (
                f"25 practitioners, {row['mode']}: beside the bare query, p99",
                f"<= {TIMES_BARE} times",
                f"{row['p99 x']} times",
                row["p99 x"] <= TIMES_BARE,
            ),
        )
    ]
    return (
        f"{title.capitalize()}.\n\n{as_table(beside)}\n{goals(asked)}\n{peak_title.capitalize()}.\n\n"
        f"{as_table(peak)}"
    )
