"""A statement as a PDF on A4: the same bytes whenever the facts are the same. Knows no database."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import Any, Final
from xml.sax.saxutils import escape
from zoneinfo import ZoneInfo

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from slots.compensation.exporting import payer_of
from slots.compensation.facts import DraftLine, LineKind, StatementPaper
from slots.compensation.wording import KINDS, STATUSES, say_euros, say_month, say_quantity
from snp.days import PARIS, local, say_instant

_BODY: Final = ParagraphStyle("body", fontName="Helvetica", fontSize=9, leading=12)
_SMALL: Final = ParagraphStyle(
    "small", parent=_BODY, fontSize=7.5, leading=10, textColor=colors.HexColor("#444444")
)
_HEAD: Final = ParagraphStyle("head", parent=_BODY, fontName="Helvetica-Bold", fontSize=15, leading=20)
_RIGHT: Final = ParagraphStyle("right", parent=_BODY, alignment=2)
_BOLD: Final = ParagraphStyle("bold", parent=_BODY, fontName="Helvetica-Bold")
_WIDTHS: Final = (24 * mm, 112 * mm, 20 * mm, 26 * mm)
_GRID: Final = (
    ("LINEBELOW", (0, 0), (-1, -1), 0.4, colors.HexColor("#bbbbbb")),
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("LEFTPADDING", (0, 0), (-1, -1), 2),
    ("RIGHTPADDING", (0, 0), (-1, -1), 2),
)


def statement_pdf(paper: StatementPaper, *, zone: ZoneInfo = PARIS) -> bytes:
    """Return a statement ready to print: head, lines by payer, totals, and how it may still change."""
    out = io.BytesIO()
    document = SimpleDocTemplate(
        out,
        pagesize=A4,
        leftMargin=14 * mm,
        rightMargin=14 * mm,
        topMargin=16 * mm,
        bottomMargin=16 * mm,
        title=f"Relevé de {say_month(paper.statement.month)}",
        author=paper.territory,
        invariant=1,
        lang="fr",
    )
    document.build(
        [*_head(paper, zone), *_tables(paper, zone), *_foot()], onFirstPage=_number, onLaterPages=_number
    )
    return out.getvalue()


def _head(paper: StatementPaper, zone: ZoneInfo) -> list[Any]:
    statement = paper.statement
    if statement.closed_at is None:
        state = "Provisoire : ce relevé peut encore changer jusqu’à sa clôture."
    else:
        state = f"Clos le {say_instant(statement.closed_at, zone, year=True)}."
    return [
        _p(f"Relevé de {say_month(statement.month)}", _HEAD),
        _p(f"{paper.practitioner} · {paper.identifier}"),
        _p(paper.territory),
        _p(state),
        Spacer(1, 5 * mm),
    ]


def _tables(paper: StatementPaper, zone: ZoneInfo) -> list[Any]:
    parts: list[Any] = []
    totals = {"CPTS": paper.statement.cpts_cents, "Assurance maladie": paper.statement.cpam_cents}
    for payer, total in totals.items():
        lines = [line.content for line in paper.lines if payer_of(line.content.kind) == payer]
        parts.append(_p(f"À la charge de : {payer}", _BOLD))
        if not lines:
            parts += [_p("Aucune ligne ce mois-ci."), Spacer(1, 4 * mm)]
            continue
        rows: list[list[Any]] = [
            [_p(word, _BOLD) for word in ("Date", "Quoi, et pourquoi", "Nombre", "Montant")]
        ]
        rows += [_row(line, zone) for line in lines]
        rows.append(["", _p(f"Total {payer}", _BOLD), "", _p(say_euros(total), _RIGHT)])
        table = Table(rows, colWidths=_WIDTHS, repeatRows=1)
        table.setStyle(TableStyle(_GRID))
        parts += [table, Spacer(1, 6 * mm)]
    return parts


def _row(line: DraftLine, zone: ZoneInfo) -> list[Any]:
    hour = "" if line.kind is LineKind.COORDINATION else f" {local(line.at, zone):%H:%M}"
    told = KINDS[line.kind]
    if line.status is not None:
        told += f" : {STATUSES[line.status].lower()}"
    if line.request_number:
        told += f" (dossier {line.request_number})"
    why = " ".join(reason.sentence for reason in line.reasons)
    sources = " ; ".join(dict.fromkeys(reason.source for reason in line.reasons))
    return [
        _p(f"{line.day:%d/%m/%Y}{hour}"),
        [_p(told), _p(why, _SMALL), _p(sources, _SMALL)],
        _p(say_quantity(line.kind, line.quantity)),
        _p(say_euros(line.amount_cents), _RIGHT),
    ]


def _foot() -> Iterable[Any]:
    yield _p(
        "Les majorations sont versées par l’Assurance maladie sur facturation du médecin ; elles figurent "
        "ici pour mémoire, avec leur preuve. Un relevé clos n’est jamais modifié : une correction est une "
        "ligne datée d’un relevé suivant. Aucun patient n’est nommé.",
        _SMALL,
    )


def _number(canvas: Canvas, document: SimpleDocTemplate) -> None:
    canvas.setFont("Helvetica", 7.5)
    canvas.drawRightString(A4[0] - 14 * mm, 9 * mm, f"Page {document.page}")


def _p(text: str, style: ParagraphStyle = _BODY) -> Paragraph:
    """A paragraph; what the standard fonts cannot show (WinAnsi) is written another way."""
    return Paragraph(escape(text.replace("−", "-").replace("\u202f", "\u00a0")), style)
