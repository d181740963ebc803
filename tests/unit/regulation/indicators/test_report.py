"""The yearly report as files: what stands in them, and that no text becomes a formula."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

import openpyxl
import pypdf
import pytest

from api.web import charts
from regulation.indicators.facts import (
    Cell,
    Dimension,
    Figure,
    IndicatorView,
    Part,
    Period,
    Report,
    Unit,
)
from regulation.indicators.ready import READY
from regulation.indicators.report_files import write_csv, write_pdf, write_xlsx

YEAR = Period(Unit.YEAR, date(2026, 1, 1))


@pytest.fixture
def report() -> Report:
    named = replace(READY["creneaux-publies"], name="=1+1")
    lost, share = READY["creneaux-perdus"], READY["servis-48h"]
    figures = (
        Figure(
            IndicatorView("a", named, 1, retired=False, ready=False),
            YEAR,
            Cell(1234, 1234),
            beside=((YEAR, Cell(1000, 1000)),),
            series=((Period(Unit.MONTH, date(2026, 1, 1)), Cell(60, 60)),),
            parts=(Part("medecin_generaliste", Cell(900, 900), 72.9), Part("sage_femme", Cell(masked=True))),
            split=Dimension.PROFESSION,
        ),
        Figure(
            IndicatorView("b", lost, 0, retired=False, ready=True),
            YEAR,
            Cell(masked=True),
            beside=((YEAR, Cell(0)),),
        ),
        Figure(
            IndicatorView("c", share, 0, retired=False, ready=True),
            YEAR,
            Cell(84.25, 400),
            beside=((YEAR, Cell(90, 9)),),
        ),
    )
    drawn = datetime(2027, 1, 8, 9, tzinfo=UTC)
    professions = {"medecin_generaliste": "Médecin généraliste", "sage_femme": "Sage-femme"}
    return Report(UUID(int=1), "Pays de Retz", 2026, drawn, date(2026, 12, 31), figures, professions)


def test_no_text_of_a_coordinator_becomes_a_formula(report: Report) -> None:
    lines = write_csv(report).decode("utf-8-sig").replace("\u00a0", " ").splitlines()
    assert "'=1+1;1 234;1 000;+23 %;;;ACI CPTS, mission « accès aux soins », soins non programmés" in lines
    sheet = openpyxl.load_workbook(io.BytesIO(write_xlsx(report)))["Synthèse"]
    assert (sheet["A2"].value, sheet["A2"].data_type) == ("=1+1", "s")


def test_numbers_stay_numbers_and_masks_are_words(report: Report) -> None:
    book = openpyxl.load_workbook(io.BytesIO(write_xlsx(report)))
    assert [row[1].value for row in book["Synthèse"].iter_rows(min_row=2)] == [1234, "masqué", 0.8425]
    assert [row[3].value for row in book["Répartitions"].iter_rows(min_row=2)] == [900, "masqué"]
    assert book["Mois"]["B2"].value == 60
    assert book["Mois"]["C2"].value in {None, ""}


def test_the_pages_say_what_is_masked_and_over_which_period(report: Report) -> None:
    pages = pypdf.PdfReader(io.BytesIO(write_pdf(report)))
    text = " ".join(" ".join(page.extract_text() for page in pages.pages).replace("\u00a0", " ").split())
    for told in (
        "du 01/01/2026 au 31/12/2026, comparée à 2025",
        "vendredi 8 janvier 2027",
        "masqué",
        "84,2 %",
    ):
        assert told in text
    assert "Sage-femme" in text


def test_bars_stand_on_the_ground_and_masked_ones_tell_no_height() -> None:
    chart = charts.bars([10, None, 0, 5, None], [False, True, False, False, True], target=20)
    assert [bar.masked for bar in chart.bars] == [False, True, False, True]
    assert {bar.height for bar in chart.bars if bar.masked} == {12.0}
    assert chart.bars[0].height == charts.HEIGHT / 2
    assert chart.target_y == 0
    assert charts.bars([], []).bars == ()
    assert charts.bars([0, 0], [False, False]).bars == ()
