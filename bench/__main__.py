"""`make bench`: every table, one after the other, each in a process of its own so that memory is told apart.

Arguments name parts: `make bench ARGS="assignment"` or `ARGS="live fhir"`; without any, all are run. In the
end docs/PERFORMANCE.md is made anew; `ARGS="report"` does only that.
"""

from __future__ import annotations

import subprocess
import sys

REPORT = "report"
PARTS = (
    "assignment",
    "live",
    "fhir",
    "pages",
    "rota",
    "coverage",
    "load",
    "history",
    "faults",
    "failover",
    "growth",
    REPORT,
)


def main() -> int:
    """Run the parts that were named; the worst exit code."""
    wanted = sys.argv[1:] or list(PARTS)
    unknown = [name for name in wanted if name not in PARTS]
    if unknown:
        print(f"unknown part: {', '.join(unknown)} (known: {', '.join(PARTS)})", file=sys.stderr)
        return 2
    measured = [name for name in wanted if name != REPORT]
    return max(
        subprocess.run([sys.executable, "-m", f"bench.{name}"], check=False).returncode
        for name in (*measured, REPORT)
    )


if __name__ == "__main__":
    sys.exit(main())
