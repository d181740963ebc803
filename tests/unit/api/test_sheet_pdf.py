"""A sheet as a PDF: French, whole, on as many pages as it needs."""

from __future__ import annotations

from io import BytesIO

from pypdf import PdfReader

from api.papers.sheet import SheetPaper
from api.papers.sheet_pdf import sheet_pdf, win_ansi


def a_paper(text: str) -> SheetPaper:
    return SheetPaper(
        patient="Hugo BARBIER",
        born="né le 05/04/1985",
        carer="Maël Riou, masseur-kinésithérapeute",
        place="Maison de santé, 12 quai Leray, 44210 Pornic",
        indication="Traumatologie",
        sessions=("Mercredi 25 novembre 2026",),
        sections=(("Constats", text), ("Et après", "Suite")),
        footer="Fiche terminée le lundi, révision 1.",
        finished=True,
    )


def test_what_is_written_is_read_back() -> None:
    text = (
        PdfReader(BytesIO(sheet_pdf(a_paper("Œdème <léger> & raideur\nflexion 70°")))).pages[0].extract_text()
    )
    for words in ("Hugo BARBIER", "Œdème <léger> & raideur", "flexion 70°", "composez le 15"):
        assert words in text


def test_a_long_sheet_takes_several_pages() -> None:
    assert len(PdfReader(BytesIO(sheet_pdf(a_paper("une ligne\n" * 200)))).pages) > 2


def test_what_the_fonts_lack_is_replaced() -> None:
    assert win_ansi("ẽ ✓ « œ » 20\u202f€") == "e ? « œ » 20\u00a0€"
