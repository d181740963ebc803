"""docs/PERFORMANCE.md, made from what the benchmarks last wrote: `python -m bench.report`.

Figures come from bench/out only. A part that was not run is said to be not measured.
"""

from __future__ import annotations

from pathlib import Path

from bench import report_assignment, report_coverage, report_live, report_load, report_rota, report_service
from bench.tables import machine, read

PAGE = Path(__file__).parent.parent / "docs" / "PERFORMANCE.md"
HEAD = """# Performance

Made by `make bench` from seeded instances; do not edit by hand. Every goal stands beside its figure, reached
or missed. Times are wall-clock unless said; a machine busy with other work makes them longer. Repeat a part
with `make bench ARGS="assignment"`, `ARGS="live"`, `ARGS="fhir"`, `ARGS="pages"`, `ARGS="rota"`,
`ARGS="coverage"`, `ARGS="load"`, `ARGS="history"`, `ARGS="faults"` or `ARGS="failover"`.

Machine: """


def page() -> str:
    """The whole page."""
    parts = [
        f"{HEAD}{machine()}.\n",
        *report_assignment.sections(read("assignment")),
        *report_live.sections(read("live-scores"), read("live-robustness"), read("live-speed")),
        *report_service.sections(read("fhir"), read("pages")),
        *report_rota.sections(read("rota")),
        *report_coverage.sections(read("coverage")),
        *report_load.sections(read("load"), read("history"), read("faults"), read("failover")),
    ]
    return "\n".join(parts)


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")
    print(f"written: {PAGE}")


if __name__ == "__main__":
    main()
