"""docs/GROWTH.md: its tables of costs, made from what was measured: `python -m bench.growth`.

Figures come from `bench/out` (load, history, fhir, assignment); each is kept with its day in
`bench/units.json`, so that one that was not measured this time stays. What follows for a department and for
France is computed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from math import isnan
from pathlib import Path
from statistics import median
from typing import Any, Final

from bench.tables import OUT, Row, as_table, read
from snp.platform.settings import Settings

PAGE: Final = Path(__file__).parent.parent / "docs" / "GROWTH.md"
KEPT: Final = Path(__file__).parent / "units.json"
DAYS, YEARS, AUDIT_YEARS = 365, 3, 20
SECONDS_OF_A_DAY, PEAK = 36_000, 3 * 1.25 * 1.4
"""Ten open hours; the busiest at 3 times the mean, Monday 1.25, an epidemic 1.4."""

ALL_ELSE = 8
"""All that is asked besides (requests, pages, searches, messages), in CPU of as many bookings."""

SCALES: Final = {"two CPTS": 10, "a department": 600, "France": 60_000}
PROCESSES: Final = {"two CPTS": 1, "a department": 2, "France": 16}
AUDIT = "audit_entry"


def _search(found: Any) -> float:
    beside = next(iter(found.values()))
    return float(next(row["CPU ms"] for row in beside if row["practitioners"] == 25 and row["mode"] == "PS"))


def _kib(found: Mapping[str, Any]) -> float:
    first, *_, last = found["sizes"]
    return float((last["MiB"] - first["MiB"]) * 1024 / (last["appointments"] - first["appointments"]))


def _audit(found: Mapping[str, Any]) -> float:
    """Bytes of audit for an appointment, with the requests that end without one."""
    lines = next(row for row in found["tables"] if row["table"] == AUDIT)
    return float(lines["rows"] * lines["bytes a row"] / found["sizes"][-1]["appointments"])


UNITS: Final[Mapping[str, tuple[str, str, Callable[[Any], float]]]] = {
    "booking_cpu_ms": (
        "a booking over the API, everything on, service and PostgreSQL together: ms of CPU",
        "load",
        lambda found: found["loads"][0]["CPU ms a booking"],
    ),
    "bare_cpu_ms": (
        "the same statements by pgbench, PostgreSQL alone: ms of CPU",
        "load",
        lambda found: median(row["pgbench CPU ms"] for row in found["beside"]),
    ),
    "wal_bytes": (
        "a booking in the write-ahead log, full pages not counted: bytes",
        "history",
        lambda found: found["wal_bytes_a_booking"],
    ),
    "search_cpu_ms": ("a search of the SAS platform, 25 practitioners: ms of CPU", "fhir", _search),
    "kept_kib": (
        "an appointment kept (slot, requests, patients, hold, story, audit, indexes): KiB of disk",
        "history",
        _kib,
    ),
    "audit_bytes": ("of which the audit: bytes", "history", _audit),
    "batch_s": (
        "a batch of the engine over a department, once a quarter of an hour: s",
        "assignment",
        lambda found: found["department"][0]["seconds"],
    ),
}


def units() -> dict[str, dict[str, Any]]:
    """Every unit cost that was ever measured, the latest of each, with its day."""
    kept: dict[str, dict[str, Any]] = json.loads(KEPT.read_text("utf-8")) if KEPT.exists() else {}
    for name, (_, source, of) in UNITS.items():
        found = read(source)
        if not found:
            continue
        day = datetime.fromtimestamp((OUT / f"{source}.json").stat().st_mtime, UTC).date()
        try:
            kept[name] = {"value": float(f"{of(found):.3g}"), "measured": day.isoformat()}
        except KeyError:
            continue  # figures of an older form of that bench
    return kept


def costs(kept: Mapping[str, Mapping[str, Any]]) -> list[Row]:
    """The table of unit costs."""
    return [
        {
            "unit": text,
            "cost": f"{kept[name]['value']:,g}" if name in kept else "not measured",
            "measured": kept[name]["measured"] if name in kept else None,
            "by": f"`bench.{source}`",
        }
        for name, (text, source, _) in UNITS.items()
    ]


def follows(kept: Mapping[str, Mapping[str, Any]], settings: Settings) -> list[Row]:
    """What the unit costs make at each scale."""
    value = {name: kept[name]["value"] if name in kept else float("nan") for name in UNITS}
    most = settings.database_pool_size + settings.database_pool_overflow

    def row(what: str, of: Callable[[str, int], str]) -> Row:
        return {"": what} | {scale: of(scale, a_day) for scale, a_day in SCALES.items()}

    def a_second(a_day: int) -> float:
        return a_day / SECONDS_OF_A_DAY * PEAK

    def cores(a_day: int, times: float) -> str:
        return _shown(a_second(a_day) * times * value["booking_cpu_ms"] / 1e3)

    def gib(size: float) -> str:
        return _shown(size / 2**30)

    return [
        row("appointments a day", lambda _, a_day: f"{a_day:,}"),
        row("bookings at the peak, a second", lambda _, a_day: _shown(a_second(a_day))),
        row("cores for bookings at the peak", lambda _, a_day: cores(a_day, 1)),
        row(f"cores for all else, counted {ALL_ELSE} times that", lambda _, a_day: cores(a_day, ALL_ELSE)),
        row("processes of the API", lambda scale, _: str(PROCESSES[scale])),
        row("connections to PostgreSQL at most", lambda scale, _: f"{PROCESSES[scale] * most:,}"),
        row(
            "write-ahead log of bookings, MiB a day",
            lambda _, a_day: _shown(a_day * value["wal_bytes"] / 2**20),
        ),
        row(
            f"disk after {YEARS} years, GiB",
            lambda _, a_day: gib(a_day * DAYS * YEARS * value["kept_kib"] * 1024),
        ),
        row(
            f"audit kept for {AUDIT_YEARS} years in place of {settings.audit_kept_days // DAYS}, GiB",
            lambda _, a_day: gib(a_day * DAYS * AUDIT_YEARS * value["audit_bytes"]),
        ),
    ]


def _shown(size: float) -> str:
    """Two digits, whole from ten on; below one in a hundred, and what was not measured, in words."""
    if isnan(size):
        return "not measured"
    if size < 0.01:
        return "< 0.01"
    return f"{size:.2g}" if size < 10 else f"{size:,.0f}"


def page(before: str, kept: Mapping[str, Mapping[str, Any]], settings: Settings) -> str:
    """The page with its two tables made anew; the rest is as it was."""
    for name, rows in (("costs", costs(kept)), ("follows", follows(kept, settings))):
        begin, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
        text = f"{begin}\n\n{as_table(rows)}\n{end}"
        before = re.sub(f"{begin}.*?{end}", lambda _, text=text: text, before, flags=re.DOTALL)  # type: ignore[misc]
    return before


def main() -> None:
    """Keep what was measured, and write the page."""
    kept = units()
    KEPT.write_text(json.dumps(kept, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    settings = Settings(_env_file=None)
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8"), kept, settings), encoding="utf-8")
    print(f"written: {PAGE}")


if __name__ == "__main__":
    main()
