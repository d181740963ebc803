"""Draws the fiche synthétique on A4 pages with the standard fonts of PDF. Knows no database.

Source: ISO 32000-1 §9.6.2.2 (the 14 standard fonts) and annex D.2 (WinAnsiEncoding, which French fits in).
"""

from __future__ import annotations

import unicodedata
from io import BytesIO
from typing import Final
from xml.sax.saxutils import escape

from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer

from api.papers.sheet import SheetPaper

_TEXT: Final = ParagraphStyle("text", fontName="Helvetica", fontSize=10.5, leading=15)
_SOFT: Final = ParagraphStyle("soft", parent=_TEXT, fontSize=9.5, leading=13, textColor="#555555")
_TITLE: Final = ParagraphStyle("title", fontName="Helvetica-Bold", fontSize=17, leading=22, spaceAfter=6)
_HEAD: Final = ParagraphStyle(
    "head", fontName="Helvetica-Bold", fontSize=12, leading=16, spaceBefore=12, spaceAfter=3
)
_URGENT: Final = "Si votre état s’aggrave, composez le 15."


def sheet_pdf(paper: SheetPaper) -> bytes:
    """Return a sheet as a PDF."""
    out = BytesIO()
    document = SimpleDocTemplate(
        out,
        pagesize=A4,
        leftMargin=20 * mm,
        rightMargin=20 * mm,
        topMargin=18 * mm,
        bottomMargin=22 * mm,
        title="Fiche synthétique",
        author=win_ansi(paper.carer),
        lang="fr-FR",
    )

    def foot(canvas: Canvas, _document: object) -> None:
        canvas.setFont("Helvetica", 8.5)
        canvas.drawString(20 * mm, 12 * mm, win_ansi(f"{paper.footer} {_URGENT}"))
        canvas.drawRightString(A4[0] - 20 * mm, 12 * mm, f"{canvas.getPageNumber()}")

    document.build(list(_story(paper)), onFirstPage=foot, onLaterPages=foot)
    return out.getvalue()


def _story(paper: SheetPaper) -> list[Flowable]:
    flow: list[Flowable] = [
        Paragraph(_said("Fiche synthétique de kinésithérapie"), _TITLE),
        Paragraph(f"<b>{_said(paper.patient)}</b>, {_said(paper.born)}", _TEXT),
        Paragraph(_said(paper.indication), _TEXT),
        Spacer(1, 4),
        Paragraph(_said(paper.carer), _SOFT),
        Paragraph(_said(paper.place), _SOFT),
        Paragraph(_said("Séances faites"), _HEAD),
    ]
    flow += [Paragraph(f"- {_said(one)}", _TEXT) for one in paper.sessions or ("aucune",)]
    for label, text in paper.sections:
        flow.append(Paragraph(_said(label), _HEAD))
        flow += [Paragraph(_said(line) or "&nbsp;", _TEXT) for line in text.split("\n")]
    return flow


def _said(text: str) -> str:
    return escape(win_ansi(text))


def win_ansi(text: str) -> str:
    """Return a text in the characters of the standard fonts: others lose their accent, or become « ? »."""
    return "".join(map(_character, unicodedata.normalize("NFC", text).replace("\u202f", "\u00a0")))


def _character(character: str) -> str:
    for candidate in (character, unicodedata.normalize("NFKD", character)[:1]):
        if candidate.encode("cp1252", errors="ignore"):
            return candidate
    return "?"
