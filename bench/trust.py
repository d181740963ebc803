"""docs/TRUST.md: what was tried against the service, with counts: `python -m bench.trust [--run]`.

Figures come from `bench/out` (faults, failover, load, history, fuzz) and from the code itself: routes and
roles that the rights tests walk, cases that pytest collects. With `--run` the short campaigns are run first:
faults, failover, and a minute of fuzzing. What was not run keeps what the page said of it, with its date.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bench import kept
from bench.kept import Section
from bench.report_load import asked, past, told
from bench.tables import NOT_MEASURED, Row, as_table, goals, machine, read
from snp.platform.actors import ATTENDED_ROLES

PAGE = Path(__file__).parent.parent / "docs" / "TRUST.md"
RIGHTS = PAGE.with_name("RIGHTS.md")
METHODS = tuple(f"| {method} |" for method in ("GET", "POST", "PUT", "PATCH", "DELETE"))
FAULTS = "`python -m bench.faults`: a booking is acknowledged once its confirmation was answered 201. "
RUNS = (("bench.faults", "--short"), ("bench.failover",), ("bench.fuzz", "--seconds", "60"))
HEAD = """# What was tried against it

Made by `python -m bench.trust` from the last campaigns and the tests themselves; do not edit by hand. Run all
of it again, bounded and on the loopback only: `python -m bench.trust --run`. Promises, and what is left open:
[the threat model](THREAT-MODEL.md); who may do what: [the table of rights](RIGHTS.md).

Machine: """

CASES = (
    (
        "each route × each role, and strangers",
        ("tests/http/test_rights.py", "tests/http/web/test_page_rights.py"),
    ),
    ("the OpenAPI document and the FHIR door, driven", ("tests/http/test_schema_driven.py",)),
    ("readers fed what is spoiled", ("tests/properties/test_readers.py",)),
    (
        "raw requests, smuggling, bounds",
        ("tests/http/test_raw_requests.py", "tests/unit/api/test_bounding.py"),
    ),
    ("internal addresses asked from outside (SSRF)", ("tests/unit/slots/feeds/test_ical_client.py",)),
    (
        "one slot, many claimants, real connections",
        ("tests/database/regulation/test_races.py", "tests/database/slots/test_races.py"),
    ),
    ("processes killed under load, in the suite", ("tests/database/api/test_faults.py",)),
    ("the audit changed by hand", ("tests/database/test_audit_chain.py",)),
    ("invariants broken on purpose", ("tests/http/test_watch.py",)),
    ("backups damaged, restored, to an instant", ("tests/database/test_backup.py",)),
    (
        "keys rotated under work, people forgotten",
        ("tests/database/test_sealed_columns.py", "tests/http/test_protection.py"),
    ),
    ("client certificates: good, wrong, revoked, none", ("tests/http/fhir/test_mutual_tls.py",)),
    (
        "figures that could point at somebody",
        ("tests/unit/regulation/indicators", "tests/unit/regulation/test_research.py"),
    ),
    ("old and new code on the new schema", ("tests/database/test_zero_downtime.py",)),
)


def page(before: str) -> str:
    """The whole page; `before`: as it was. What was not run here keeps what was said of it, with its date."""
    faults, failover, load, history = (read(name) for name in ("faults", "failover", "load", "history"))
    return kept.page(
        f"{HEAD}{machine()}.\n",
        [
            Section("## Rights\n", _rights()),
            Section("## Requests and documents\n", _fuzzed(read("trust/input")), "trust/input"),
            Section("## Faults\n", f"{FAULTS}{told(faults)}" if faults else NOT_MEASURED, "faults"),
            Section("## Failover\n", _table(failover, "python -m bench.failover"), "failover"),
            Section("## Load\n", _loaded(load), "load"),
            Section("## Years\n", past(history) if history else NOT_MEASURED, "history"),
            Section("## Cases in the suite\n", as_table(_cases())),
        ],
        before,
    )


def _rights() -> str:
    """How many answers are expected: the document of rights is held to the routes by a test."""
    part, counts = "", Counter[str]()
    for line in RIGHTS.read_text(encoding="utf-8").splitlines():
        part = line.removeprefix("## ") if line.startswith("## ") else part
        counts[part] += line.startswith(METHODS)
    judged = counts["Pages"] + counts["API et FHIR"]
    return as_table(
        [
            {"what": "pages and routes that judge who comes", "count": judged},
            {"what": "roles that sign in or present a key", "count": len(ATTENDED_ROLES)},
            {"what": "answers expected and tested (route × role)", "count": judged * len(ATTENDED_ROLES)},
            {"what": "routes that need no account, each with its reason", "count": counts["Sans compte"]},
        ]
    )


def _fuzzed(found: Mapping[str, Any] | None) -> str:
    if found is None:
        return NOT_MEASURED
    totals = [{"what": name.replace("_", " "), "count": count} for name, count in found["totals"].items()]
    readers = [
        {key: one[key] for key in ("reader", "documents", "read", "refused", "failures")}
        for one in found["readers"]
    ]
    head = f"`python -m bench.fuzz`, seed {found['seed']}, {found['seconds']} s."
    return f"{head}\n\n{as_table(totals)}\n{as_table(readers)}"


def _loaded(found: Mapping[str, Any] | None) -> str:
    """What was asked of the load, and what was measured; its tables are in docs/PERFORMANCE.md."""
    if found is None:
        return NOT_MEASURED
    return f"`python -m bench.load`; its tables: [PERFORMANCE.md](PERFORMANCE.md).\n\n{goals(asked(found))}"


def _table(found: Sequence[Row] | None, command: str) -> str:
    return f"`{command}`\n\n{as_table(found)}" if found else NOT_MEASURED


def _cases() -> list[Row]:
    """How many cases pytest collects for each attack; Hypothesis and the schemas multiply each."""
    paths = [path for _name, several in CASES for path in several]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", "-q", *paths],
        check=False,
        capture_output=True,
        text=True,
        cwd=PAGE.parent.parent,
    )
    found = [line for line in done.stdout.splitlines() if "::" in line]
    return [
        {
            "what is tried": name,
            "cases": sum(1 for line in found if line.startswith(tuple(several))),
            "where": ", ".join(f"`{path}`" for path in several),
        }
        for name, several in CASES
    ]


def main() -> int:
    """Run what was asked for, then write the page."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--run", action="store_true", help="run the campaigns first (some minutes)")
    worst = 0
    if parser.parse_args().run:
        for module, *arguments in RUNS:
            worst = max(
                worst, subprocess.run([sys.executable, "-m", module, *arguments], check=False).returncode
            )
    before = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    PAGE.write_text(page(before), encoding="utf-8")
    print(f"written: {PAGE}")
    return worst


if __name__ == "__main__":
    sys.exit(main())
