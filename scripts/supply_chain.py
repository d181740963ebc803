"""What the service is made of, judged: `supply_chain.py licences|audit|sbom|wheel`.

Each act ends with a line a person can read and an exit code a pipeline can use: 0 well, 1 something was
found, 2 the act could not be done. Nothing here is needed to run the service.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parent.parent
LOCK: Final = ROOT / "requirements" / "app.txt"
DIST: Final = ROOT / "dist"
TOOLS: Final = Path(sys.executable).parent

ALLOWED: Final = {
    "0BSD": "permissive",
    "3-Clause BSD License": "permissive",
    "Apache Software License": "permissive",
    "Apache-2.0": "permissive",
    "BSD License": "permissive",
    "BSD-2-Clause": "permissive",
    "BSD-3-Clause": "permissive",
    "CC0-1.0": "permissive",
    "GNU Lesser General Public License v2 or later (LGPLv2+)": "imported, never changed nor linked in",
    "GNU Lesser General Public License v3 or later (LGPLv3+)": "imported, never changed nor linked in",
    "ISC License (ISCL)": "permissive",
    "LGPL-3.0-only": "imported, never changed nor linked in",
    "LGPL-3.0-or-later": "imported, never changed nor linked in",
    "MIT": "permissive",
    "MIT License": "permissive",
    "MIT-0": "permissive",
    "MIT-CMU": "permissive",
    "MPL-2.0": "file by file, and none of its files is changed",
    "Mozilla Public License 2.0 (MPL 2.0)": "file by file, and none of its files is changed",
    "PSF-2.0": "permissive",
    "Zlib": "permissive",
}
"""Licences that an Apache-2.0 service may stand on, and why. A new name is a decision: it adds its line."""


def locked() -> list[str]:
    """The names of the packages the service installs, as its lock spells them."""
    return re.findall(r"^([A-Za-z0-9._-]+)==", LOCK.read_text(), re.MULTILINE)


def unknown_terms(licence: str) -> list[str]:
    """The parts of a licence expression that the table does not allow; every part must be allowed."""
    terms = re.split(r"\s+AND\s+|\s+OR\s+|;\s*", licence)
    bare = (one.strip() if one.strip() in ALLOWED else one.strip("() ") for one in terms)
    return [term for term in bare if term not in ALLOWED]


def licences() -> int:
    """Compare the licence of every installed package of the service with the table."""
    found = _json([TOOLS / "pip-licenses", "--from=mixed", "--format=json", "--packages", *locked()])
    strange = [(row, unknown_terms(row["License"])) for row in found]
    for row, terms in strange:
        if terms:
            print(f"{row['Name']} {row['Version']}: {', '.join(terms)}", file=sys.stderr)
    count = sum(1 for _row, terms in strange if terms)
    print(f"{len(found)} packages read, {count} under a licence that is not in the table.")
    return 1 if count or not found else 0


def audit() -> int:
    """Ask the public lists of vulnerabilities about the lock.

    Without a network nothing can be asked: that is said, counted, and is no failure; a finding is.
    """
    done = subprocess.run(
        [TOOLS / "pip-audit", "--requirement", LOCK, "--require-hashes", "--disable-pip", "--format=json"],
        check=False,
        capture_output=True,
        text=True,
        timeout=600,
    )
    try:
        rows = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError):
        print("The lists of vulnerabilities could not be reached: nothing was judged.")
        return 0
    return tell_audit(rows)


def tell_audit(rows: list[dict[str, Any]]) -> int:
    """Print what the lists said of each package; 1 when one of them is vulnerable."""
    found = [(row, one) for row in rows for one in row.get("vulns", ())]
    for row, one in found:
        mended = ", ".join(one.get("fix_versions", ())) or "no version yet"
        print(f"{row['name']} {row['version']}: {one['id']}, mended in {mended}", file=sys.stderr)
    unjudged = sum(1 for row in rows if "skip_reason" in row)
    print(f"{len(rows) - unjudged} packages judged, {unjudged} could not be, {len(found)} vulnerabilities.")
    return 1 if found else 0


def sbom() -> int:
    """Write the bill of materials (CycloneDX 1.6): the locked Python packages, and what pages load."""
    DIST.mkdir(exist_ok=True)
    python, pages = DIST / "sbom.python.cdx.json", DIST / "sbom.pages.cdx.json"
    command = [TOOLS / "cyclonedx-py", "requirements", LOCK, "--pyproject", ROOT / "pyproject.toml"]
    subprocess.run([*command, "--output-reproducible", "--output-file", python], check=True, cwd=ROOT)
    told = [python]
    if (npm := shutil.which("npm")) is not None:
        listing = subprocess.run(
            [npm, "sbom", "--sbom-format", "cyclonedx", "--package-lock-only"],
            check=True,
            capture_output=True,
            cwd=ROOT,
        )
        pages.write_bytes(listing.stdout)
        told.append(pages)
    for path in told:
        print(f"{path.relative_to(ROOT)}: {len(json.loads(path.read_text())['components'])} components")
    return 0


def wheel() -> int:
    """Build the wheel twice and compare: the same sources give the same bytes, wherever they are built."""
    when = subprocess.run(
        ["git", "log", "-1", "--format=%ct"], check=True, capture_output=True, text=True, cwd=ROOT
    ).stdout.strip()
    seen = {build_wheel(DIST / name, when) for name in (".", "again")}
    shutil.rmtree(DIST / "again")
    for name, digest in seen:
        print(f"{digest}  {name}")
    print("Reproducible: two builds, the same bytes." if len(seen) == 1 else "Two builds differ.")
    return 0 if len(seen) == 1 else 1


def build_wheel(folder: Path, epoch: str) -> tuple[str, str]:
    """Build into `folder` with the clock of archives set to `epoch` (Unix seconds): file name and SHA-256."""
    subprocess.run(
        [TOOLS / "uv", "build", "--quiet", "--wheel", "--no-build-isolation", "--out-dir", folder, ROOT],
        check=True,
        env={**os.environ, "SOURCE_DATE_EPOCH": epoch, "UV_PYTHON_DOWNLOADS": "never"},
    )
    built = max(folder.glob("*.whl"), key=lambda path: path.stat().st_mtime)
    return built.name, hashlib.sha256(built.read_bytes()).hexdigest()


def _json(command: list[Any]) -> list[dict[str, str]]:
    """What a command prints, read as JSON."""
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120)
    rows: list[dict[str, str]] = json.loads(done.stdout)
    return rows


ACTS: Final = {"licences": licences, "audit": audit, "sbom": sbom, "wheel": wheel}


def main() -> int:
    """Do the acts that were named, or all of them; the worst exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("acts", nargs="*", choices=[[], *ACTS], metavar="|".join(ACTS))
    wanted = parser.parse_args().acts or list(ACTS)
    return max(ACTS[name]() for name in wanted)


if __name__ == "__main__":
    sys.exit(main())
