"""pgbench beside the service: the same statements, the same database, the same number of clients.

From Debian's `postgresql` package (the embedded server's wheel has none); where it is absent the limit is not
measured, and the report says so.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

_RATE = re.compile(r"tps = ([\d.]+) \(without initial")
_FAILED = re.compile(r"number of failed transactions: (\d+)")


class PgbenchFailed(RuntimeError):
    """pgbench did not do its work; says what it complained of."""


@dataclass(frozen=True, slots=True)
class Run:
    """Bookings a second, and how many failed."""

    rate: float
    failed: int


def find() -> str | None:
    """Return pgbench, where there is one."""
    found = os.environ.get("SNP_PGBENCH") or shutil.which("pgbench")
    if found:
        return found
    return next((str(path) for path in Path("/usr/lib/postgresql").glob("*/bin/pgbench")), None)


def run(program: str, url: sa.URL, script: Path, *, clients: int, each: int, first: int, seed: int) -> Run:
    """Let every client make `each` bookings, from number `first` on; statements are prepared once."""
    command = [program, "--no-vacuum", "--protocol=prepared", f"--client={clients}", "--jobs=2"]
    command += [f"--transactions={each}", "-D", f"first={first}", "-D", "i=0", f"--file={script}"]
    command += [f"--random-seed={seed}", _address(url)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    rate, failed = _RATE.search(done.stdout), _FAILED.search(done.stdout)
    if done.returncode or rate is None:
        raise PgbenchFailed(done.stderr[-600:])
    return Run(float(rate[1]), int(failed[1]) if failed else 0)


def _address(url: sa.URL) -> str:
    return url.set(drivername="postgresql").render_as_string(hide_password=False)
