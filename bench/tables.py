"""What is measured, written down: Markdown tables, a goal beside a figure, the machine it was measured on."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

OUT = Path(__file__).parent / "out"
NOT_MEASURED = "Not measured.\n"

Row = Mapping[str, Any]


def as_table(rows: Sequence[Row]) -> str:
    """Rows as a Markdown table; the first says the columns."""
    head = list(rows[0])
    lines = [head, ["---"] * len(head), *([shown(row.get(key)) for key in head] for row in rows)]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines) + "\n"


def shown(value: object) -> str:
    """A cell: nothing as a dash, large whole numbers with separators."""
    if value is None:
        return "-"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


def verdict(reached: bool | None) -> str:
    """Whether a goal is reached, said plainly."""
    if reached is None:
        return "not measured"
    return "reached" if reached else "**missed**"


def goals(rows: Iterable[tuple[str, str, str, bool | None]]) -> str:
    """What is asked, what was measured, and whether that is enough."""
    return as_table(
        [
            {"goal": goal, "asked": asked, "measured": measured, "": verdict(reached)}
            for goal, asked, measured, reached in rows
        ]
    )


def read(name: str) -> Any:
    """The figures of a benchmark that was run, or None."""
    path = OUT / f"{name}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def machine() -> str:
    """The machine in one sentence."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3
    packages = ", ".join(f"{name} {_version(name)}" for name in ("ortools", "numpy", "highspy"))
    return (
        f"{_processor()}, {os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()}, "
        f"Python {platform.python_version()}, {packages}"
    )


def place() -> str:
    """The processor and its cores."""
    return f"{_processor()}, {os.cpu_count()} cores"


def _processor() -> str:
    described = Path("/proc/cpuinfo")
    if described.exists():
        for line in described.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "absent"
