"""The yearly report laid out on A4 with the standard fonts (WinAnsi): nothing embedded, nothing fetched."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final
from xml.sax.saxutils import escape

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from regulation.indicators import report_tables as tables
from regulation.indicators.facts import Report
from regulation.indicators.report_tables import Shown

Section = tuple[str, Sequence[str], Callable[[Report], Iterable[tuple[Shown, ...]]]]

_INK: Final = HexColor("#14211f")
_LINE: Final = HexColor("#cfd9d7")
_HEAD: Final = HexColor("#dff0ec")
_BODY: Final = ParagraphStyle(
    "body", fontName="Helvetica", fontSize=9, leading=12, textColor=_INK, spaceAfter=4
)
_CELL: Final = ParagraphStyle("cell", parent=_BODY, fontSize=8, leading=10, spaceAfter=0)
_HEADING: Final = ParagraphStyle("heading", parent=_BODY, fontName="Helvetica-Bold", fontSize=12, leading=16)
_TITLE: Final = ParagraphStyle("title", parent=_HEADING, fontSize=16, leading=20, spaceAfter=8)
_LABEL: Final = ParagraphStyle("label", parent=_CELL, fontName="Helvetica-Bold")
_OUTSIDE_WINANSI: Final = str.maketrans({"≈": "env. ", "−": "-", "\u202f": "\u00a0"})
"""What the standard fonts cannot draw, and what is written instead."""

_WIDTHS: Final = {
    7: (58, 36, 36, 24, 36, 22, 57),
    5: (70, 50, 65, 50, 34),
    3: (70, 95, 104),
    13: (53, *(18,) * 12),
}
"""Widths of columns in millimetres, by how many there are."""


def pages(report: Report, sections: Sequence[Section]) -> bytes:
    """Return the pages of a report."""
    out = io.BytesIO()
    document = SimpleDocTemplate(
        out,
        pagesize=landscape(A4),
        leftMargin=14 * mm,
        rightMargin=14 * mm,
        topMargin=14 * mm,
        bottomMargin=16 * mm,
        title=tables.title(report),
        author=report.territory,
        subject="Accord conventionnel interprofessionnel : accès aux soins",
        lang="fr-FR",
    )
    story: list[Any] = [_text(tables.title(report), _TITLE)]
    story += [_text(told, _BODY) for told in tables.introduction(report)]
    for heading, columns, rows in sections:
        lines = list(rows(report))
        if lines:
            story += [Spacer(1, 5 * mm), _text(heading, _HEADING), Spacer(1, 2 * mm), _table(columns, lines)]

    def foot(canvas: Any, laid_out: Any) -> None:
        canvas.setFont("Helvetica", 8)
        canvas.drawString(14 * mm, 9 * mm, tables.title(report).translate(_OUTSIDE_WINANSI))
        canvas.drawRightString(landscape(A4)[0] - 14 * mm, 9 * mm, f"page {laid_out.page}")

    document.build(story, onFirstPage=foot, onLaterPages=foot)
    return out.getvalue()


def _table(columns: Sequence[str], rows: Sequence[tuple[Shown, ...]]) -> Table:
    head = [_text(one, _LABEL) for one in columns]
    body = [
        [_text(cell.text, _LABEL if place == 0 else _CELL) for place, cell in enumerate(row)] for row in rows
    ]
    table = Table([head, *body], colWidths=[width * mm for width in _WIDTHS[len(columns)]], repeatRows=1)
    table.setStyle(
        TableStyle(
            [
                ("BACKGROUND", (0, 0), (-1, 0), _HEAD),
                ("GRID", (0, 0), (-1, -1), 0.4, _LINE),
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ]
        )
    )
    return table


def _text(text: str, style: ParagraphStyle) -> Paragraph:
    return Paragraph(escape(text.translate(_OUTSIDE_WINANSI)), style)
