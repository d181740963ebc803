"""The rota part of docs/PERFORMANCE.md, from what `bench.rota` wrote."""

from __future__ import annotations

from typing import Any

from bench.tables import NOT_MEASURED, as_table, goals

_SECONDS = 60.0


def sections(rows: Any) -> list[str]:
    """The section; what was not run says so."""
    return [
        (
            "## Rotas\n\n"
            "Seeded instances with absences, days off, wishes, shares and earlier turns; every answer is "
            "judged by a checker that knows no solver.\n"
        ),
        _rotas(rows) if rows else NOT_MEASURED,
    ]


def _rotas(rows: list[dict[str, Any]]) -> str:
    groups: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in rows:
        groups.setdefault((row["scene"], row["by"]), []).append(row)
    lines = [
        {
            "rota": scene,
            "by": by,
            "seeds": len(found),
            "proven": sum(row["status"] == "optimal" for row in found),
            "worst gap": _per_cent(max(row["gap"] if row["gap"] is not None else 1.0 for row in found)),
            "slowest s": max(row["seconds"] for row in found),
            "violations": sum(row["violations"] for row in found),
        }
        for (scene, by), found in groups.items()
    ]
    asked = [
        (
            scene,
            "proven optimal" if not found[0]["asked_gap"] else f"within 2 % in {_SECONDS:.0f} s",
            _per_cent(max(row["gap"] if row["gap"] is not None else 1.0 for row in found)),
            all(row["gap"] is not None and row["gap"] <= row["asked_gap"] for row in found),
        )
        for (scene, by), found in groups.items()
        if by != "CP-SAT alone"
    ]
    return f"{as_table(lines)}\n{goals(asked)}"


def _per_cent(share: float) -> str:
    return f"{100 * share:.2f} %"
