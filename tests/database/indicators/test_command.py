"""`snp indicators`: figures in the terminal, the report as a file, one line for what cannot be."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlmodel import Session

from tests.support.commands import Command, snp
from tests.support.directory import a_territory

__all__ = ["snp"]
pytestmark = pytest.mark.database


@pytest.fixture
def env(clean_database: sa.URL, tmp_path: Path) -> dict[str, str]:
    engine = sa.create_engine(clean_database, poolclass=sa.pool.NullPool)
    with Session(engine) as session:
        a_territory(session, "pays-de-retz")
        session.commit()
    return {
        "SNP_DATABASE_URL": clean_database.render_as_string(hide_password=False),
        "SNP_DATA_DIR": str(tmp_path),
        "SNP_ENVIRONMENT": "development",
    }


def test_figures_are_shown_and_the_report_written(snp: Command, tmp_path: Path) -> None:
    shown = snp("indicators", "show", "--territory", "pays-de-retz", "--unit", "month", "--on", "2026-10-15")
    assert shown.exit_code == 0, shown.output
    assert "octobre 2026" in shown.output
    path = tmp_path / "bilan.csv"
    options = ("--territory", "pays-de-retz", "--year", "2025", "--format", "csv", "--out", str(path))
    written = snp("indicators", "report", *options)
    assert written.exit_code == 0, written.output
    assert "24 indicateurs" in written.output
    assert "Créneaux publiés;0;0" in path.read_text(encoding="utf-8-sig")
    for wrong in (
        ("--territory", "nulle-part", "--year", "2025"),
        ("--territory", "pays-de-retz", "--year", "2999"),
    ):
        refused = snp("indicators", "report", *wrong)
        assert refused.exit_code != 0
        assert refused.stderr.startswith("snp : ")
        assert refused.stderr.count("\n") == 1
