"""Every module of tables has the contract that keeps it at home."""

from __future__ import annotations

import tomllib
from pathlib import Path

from api.migrations import table_modules

CONFIGURATION = Path(__file__).parent.parent.parent / "pyproject.toml"


def test_every_module_of_tables_is_kept_at_home():
    contracts = tomllib.loads(CONFIGURATION.read_text())["tool"]["importlinter"]["contracts"]
    kept = {name for contract in contracts for name in contract.get("protected_modules", ())}
    assert set(table_modules()) - kept == set()
