"""What was sent to the service and to its readers, and what came of it: counted, for as long as one likes.

`python -m bench.fuzz [--seconds N] [--seed S]` starts the service over a database of its own on the loopback,
drives every operation of `/api/openapi.json` by the callers of several roles, valid and invalid by the
document, then feeds every reader (CSV, iCalendar, FHIR, instances, streams, rotas, headers) what is spoiled.
It prints a line for each tag and reader and ends with 1 when an answer was a fault of ours or undocumented,
or a reader raised what it does not document.

It writes `bench/out/trust/input.json`, which a report may print:

    {"seed": 1, "seconds": 60.2,
     "operations": [{"operation": "GET /api/v1/slots", "role": "osnp", "requests": 12,
                     "statuses": {"200": 9, "422": 3}, "failures": 0}, …],
     "readers": [{"reader": "ical", "documents": 900, "read": 310, "refused": 590, "failures": 0}, …],
     "totals": {"operations": 227, "roles": 6, "requests": 5400, "documents": 9000,
                "server_errors": 0, "failures": 0},
     "failures": ["administrator GET /api/v1/…: Server error: 500 …", …]}
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
import uuid
from collections import Counter
from pathlib import Path
from typing import Any

import hypothesis
from hypothesis import HealthCheck, Phase

from bench.fuzz import fhir
from bench.fuzz.driving import Campaign, Tried
from bench.fuzz.parsers import READERS
from bench.tables import Row, as_table

OUT = Path(__file__).parent.parent / "out" / "trust" / "input.json"
EXAMPLES = 2
DOCUMENTS = 100
READING_SHARE = 0.25


def drive(seconds: float, seed: int) -> Campaign:
    """Walk through the whole document again and again until the time is over; once at least."""
    os.environ.setdefault("SNP_TEST_RUN", uuid.uuid4().hex[:12])
    from bench.fuzz.stage import a_stage  # noqa: PLC0415 - reads the variable above

    with a_stage() as stage:
        campaign = Campaign(stage.document, stage.address, stage.keys, seed=seed)
        ends, turn = time.monotonic() + seconds, 0
        while turn == 0 or time.monotonic() < ends:
            campaign.walk(EXAMPLES, turn=turn)
            _add(campaign, fhir.drive(stage.address, EXAMPLES * 5, seed + turn))
            turn += 1
        campaign.close()
    return campaign


def _add(campaign: Campaign, more: dict[tuple[str, str], Tried]) -> None:
    for key, tried in more.items():
        known = campaign.tried.setdefault(key, Tried())
        known.requests += tried.requests
        known.statuses += tried.statuses
        known.failures += tried.failures


def read(name: str, seconds: float, seed: int) -> dict[str, Any]:
    """Feed one reader until its time is over; once at least."""
    reader, ends, told, failures = READERS[name], time.monotonic() + seconds, Counter[bool](), []
    turn = 0
    while turn == 0 or time.monotonic() < ends:

        @hypothesis.seed(seed + turn)
        @hypothesis.settings(
            max_examples=DOCUMENTS,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @hypothesis.given(reader.spoiled)
        def spoiled(given: Any) -> None:
            try:
                told[reader.try_once(given)] += 1
            except Exception as fault:  # noqa: BLE001 - what is looked for
                failures.append(f"{name}: {type(fault).__name__} on {str(given)[:300]!r}")

        spoiled()
        turn += 1
    return {
        "reader": name,
        "documents": told.total() + len(failures),
        "read": told[True],
        "refused": told[False],
        "failures": failures,
    }


def summary(campaign: Campaign, readers: list[dict[str, Any]], seed: int, seconds: float) -> dict[str, Any]:
    """Return everything that was counted; see the module for its form."""
    operations = [
        {
            "operation": operation,
            "role": role,
            "requests": tried.requests,
            "statuses": {str(status): count for status, count in sorted(tried.statuses.items())},
            "failures": len(tried.failures),
        }
        for (role, operation), tried in sorted(campaign.tried.items())
    ]
    failures = [*campaign.failures, *(one for reader in readers for one in reader["failures"])]
    errors = sum(
        count
        for tried in campaign.tried.values()
        for status, count in tried.statuses.items()
        if status >= 500
    )
    return {
        "seed": seed,
        "seconds": round(seconds, 1),
        "operations": operations,
        "readers": [reader | {"failures": len(reader["failures"])} for reader in readers],
        "totals": {
            "operations": len(campaign.operations),
            "roles": len({role for role, _ in campaign.tried}),
            "requests": sum(tried.requests for tried in campaign.tried.values()),
            "documents": sum(reader["documents"] for reader in readers),
            "server_errors": errors,
            "failures": len(failures),
        },
        "failures": failures,
    }


def rows(found: dict[str, Any]) -> list[Row]:
    """A line for each noun of the API and one for each reader."""
    by_noun: dict[str, Counter[str]] = {}
    for one in found["operations"]:
        noun = one["operation"].split(" /", 1)[1].removeprefix("api/v1/").split("/{")[0].split("/")[0]
        counted = by_noun.setdefault(noun, Counter())
        counted["tried"] += one["requests"]
        counted["failures"] += one["failures"]
        for status, count in one["statuses"].items():
            counted["accepted" if status < "400" else "refused"] += count
    tried = [
        {"what": noun, "tried": told["tried"], "accepted": told["accepted"], "refused": told["refused"],
         "failures": told["failures"]}
        for noun, told in sorted(by_noun.items())
    ]  # fmt: skip
    return tried + [
        {"what": f"reader {one['reader']}", "tried": one["documents"], "accepted": one["read"],
         "refused": one["refused"], "failures": one["failures"]}
        for one in found["readers"]
    ]  # fmt: skip


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.fuzz", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=60.0, help="about how long; one walk at least")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=OUT, help="where the JSON summary is written")
    given = parser.parse_args()
    begun = time.monotonic()
    share = given.seconds * READING_SHARE
    readers = [read(name, share / len(READERS), given.seed) for name in READERS]
    campaign = drive(given.seconds - share, given.seed)
    found = summary(campaign, readers, given.seed, time.monotonic() - begun)
    given.out.parent.mkdir(parents=True, exist_ok=True)
    given.out.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n")
    print(as_table(rows(found)), flush=True)
    print(json.dumps(found["totals"]), flush=True)
    for failure in found["failures"]:
        print(failure, file=sys.stderr)
    if found["failures"]:
        sys.exit(1)


if __name__ == "__main__":
    main()
