"""docs/PERFORMANCE.md, made from what the benchmarks last wrote: `python -m bench.report`.

Figures come from bench/out. A part that was not run here keeps what the page said of it, with its date; one
that never was is said to be not measured.
"""

from __future__ import annotations

from pathlib import Path

from bench import report_assignment, report_coverage, report_live, report_load, report_rota, report_service
from bench.kept import page as made
from bench.kept import sections
from bench.tables import machine, read

PAGE = Path(__file__).parent.parent / "docs" / "PERFORMANCE.md"
HEAD = """# Performance

Made by `make bench` from seeded instances; do not edit by hand. Every goal stands beside its figure, reached
or missed, and each part says when it was measured. Times are wall-clock unless said; a machine busy with
other work makes them longer. Repeat a part with `make bench ARGS="assignment"`, `ARGS="live"`, `ARGS="fhir"`,
`ARGS="pages"`, `ARGS="rota"`, `ARGS="coverage"`, `ARGS="load"`, `ARGS="history"`, `ARGS="faults"` or
`ARGS="failover"`; a part that was not repeated stays as it was.

Machine: """


def page(before: str) -> str:
    """The whole page; `before`: as it was."""
    scores, robustness, speed = read("live-scores"), read("live-robustness"), read("live-speed")
    load, history, faults, failover = (read(name) for name in ("load", "history", "faults", "failover"))
    parts = [
        *sections(report_assignment.sections(read("assignment")), "assignment"),
        *sections(
            report_live.sections(scores, robustness, speed), "live-scores", "live-robustness", "live-speed"
        ),
        *sections(report_service.sections(read("fhir"), read("pages")), "fhir", "pages"),
        *sections(report_rota.sections(read("rota")), "rota"),
        *sections(report_coverage.sections(read("coverage")), "coverage"),
        *sections(
            report_load.sections(load, history, faults, failover), "load", "history", "faults", "failover"
        ),
    ]
    return made(f"{HEAD}{machine()}.\n", parts, before)


def main() -> None:
    """Write the page."""
    before = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    PAGE.write_text(page(before), encoding="utf-8")
    print(f"written: {PAGE}")


if __name__ == "__main__":
    main()
