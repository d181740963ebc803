"""What the service is made of: hashes without addresses, licences, known flaws told apart from no network."""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
UV = Path(sys.executable).parent / "uv"
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))


def _script():
    spec = importlib.util.spec_from_file_location("supply_chain", ROOT / "scripts" / "supply_chain.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


supply_chain = _script()


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_every_locked_package_has_its_version_and_hashes_and_no_address(lock):
    text = lock.read_text()
    entries = re.split(r"\n(?=[A-Za-z0-9])", text.strip())
    assert entries
    assert [entry for entry in entries if "==" not in entry or "--hash=sha256:" not in entry] == []
    assert re.findall(r"https?://|--index|--find-links", text) == []


def test_the_pages_lock_names_no_registry():
    text = (ROOT / "package-lock.json").read_text()
    assert "resolved" not in text
    assert text.count('"integrity"') == 2


def test_every_package_of_the_service_stands_under_a_licence_of_the_table(capsys):
    assert supply_chain.licences() == 0
    read, _, told = capsys.readouterr().out.partition(" packages read, ")
    assert told == "0 under a licence that is not in the table.\n"
    elsewhere = 10  # packages of the lock that only another system installs
    assert len(supply_chain.locked()) - elsewhere <= int(read) <= len(supply_chain.locked())


@pytest.mark.parametrize(
    ("licence", "unknown"),
    [
        ("MIT", []),
        ("MPL-2.0 AND (Apache-2.0 OR MIT)", []),
        ("Mozilla Public License 2.0 (MPL 2.0)", []),
        ("Apache Software License; MIT License", []),
        ("AGPL-3.0-only", ["AGPL-3.0-only"]),
        ("MIT AND SSPL-1.0", ["SSPL-1.0"]),
        ("UNKNOWN", ["UNKNOWN"]),
    ],
)
def test_every_part_of_a_licence_must_be_in_the_table(licence, unknown):
    assert supply_chain.unknown_terms(licence) == unknown


def test_a_vulnerable_package_fails_the_audit_and_one_that_could_not_be_asked_does_not(capsys):
    unjudged = {"name": "numpy", "version": "2.4.6", "skip_reason": "could not be reached"}
    vulnerable = {"name": "jinja2", "version": "2.0", "vulns": [{"id": "PYSEC-1", "fix_versions": ["3.1.6"]}]}
    assert supply_chain.tell_audit([unjudged]) == 0
    assert supply_chain.tell_audit([unjudged, vulnerable]) == 1
    told = capsys.readouterr()
    assert "1 packages judged, 1 could not be, 1 vulnerabilities" in told.out
    assert "jinja2 2.0: PYSEC-1, mended in 3.1.6" in told.err


def test_the_same_sources_give_the_same_wheel_in_another_folder_at_another_time(tmp_path):
    digests = set()
    for name, touched in (("one", 1_700_000_000), ("two", 1_750_000_000)):
        copy = tmp_path / name
        for part in ("snp", "slots", "regulation", "api", "alembic"):
            shutil.copytree(ROOT / part, copy / part, ignore=shutil.ignore_patterns("__pycache__"))
        for part in ("pyproject.toml", "README.md", "LICENSE"):
            shutil.copy(ROOT / part, copy / part)
        for path in copy.rglob("*"):
            os.utime(path, (touched, touched))
        subprocess.run(
            [UV, "build", "--quiet", "--wheel", "--no-build-isolation", "--out-dir", copy / "dist", copy],
            check=True,
            timeout=120,
            env={**os.environ, "SOURCE_DATE_EPOCH": "1760000000", "VIRTUAL_ENV": sys.prefix},
        )
        digests.add((copy / "dist" / "snp-0.1.0-py3-none-any.whl").read_bytes())
    assert len(digests) == 1
