"""The yearly report as files: CSV for machines, a spreadsheet to work on, a PDF to hand over.

The libraries are imported when a file is written: pages that write none do not wait for them.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from regulation.indicators import report_tables as tables
from regulation.indicators.facts import Report
from regulation.indicators.report_tables import Shown
from snp.platform.sheets import harmless

_SECTIONS: Final[tuple[tuple[str, Sequence[str], Callable[[Report], Iterable[tuple[Shown, ...]]]], ...]] = (
    ("Synthèse", tables.SUMMARY_HEADINGS, tables.summary),
    ("Répartitions", tables.PART_HEADINGS, tables.parts),
    ("Mois", tables.MONTH_HEADINGS, tables.months),
    ("Définitions", tables.METHOD_HEADINGS, tables.methods),
)


_WIDTHS: Final = {3: 60, 13: 12}
"""How wide columns are in a spreadsheet, by how many there are."""


@dataclass(frozen=True, slots=True)
class FileFormat:
    """How a report is written, and what a browser is told it is."""

    media_type: str
    write: Callable[[Report], bytes]


def write_csv(report: Report) -> bytes:
    """Return the report as UTF-8 lines with a byte order mark and semicolons, as French tools read it.

    A text that a spreadsheet would take for a formula is quoted.
    """
    out = io.StringIO()
    lines = csv.writer(out, delimiter=";", lineterminator="\r\n")
    lines.writerow([harmless(tables.title(report))])
    lines.writerows([harmless(told)] for told in tables.introduction(report))
    for heading, columns, rows in _SECTIONS:
        lines.writerow([])
        lines.writerow([heading])
        lines.writerow(columns)
        lines.writerows([harmless(cell.text) for cell in row] for row in rows(report))
    return out.getvalue().encode("utf-8-sig")


def write_xlsx(report: Report) -> bytes:
    """Return the report as a workbook: numbers stay numbers, masked cells are text."""
    import xlsxwriter  # noqa: PLC0415 - only who asks for a spreadsheet waits for it

    out = io.BytesIO()
    book = xlsxwriter.Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    book.set_properties({"title": tables.title(report), "created": report.drawn_at.replace(tzinfo=None)})
    styles = {
        "title": book.add_format({"bold": True, "font_size": 14}),
        "head": book.add_format({"bold": True, "bg_color": "#DFF0EC", "border": 1, "text_wrap": True}),
        "text": book.add_format({"text_wrap": True, "valign": "top"}),
        "": book.add_format({"num_format": "#,##0", "valign": "top"}),
        "h": book.add_format({"num_format": '#,##0.0" h"', "valign": "top"}),
        "km": book.add_format({"num_format": '#,##0.0" km"', "valign": "top"}),
        "share": book.add_format({"num_format": "0.0%", "valign": "top"}),
    }
    about = book.add_worksheet("À lire")
    about.set_column(0, 0, 110)
    about.write_string(0, 0, tables.title(report), styles["title"])
    for number, told in enumerate(tables.introduction(report), start=2):
        about.write_string(number, 0, told, styles["text"])
    for heading, columns, rows in _SECTIONS:
        _sheet(book.add_worksheet(heading), columns, rows(report), styles)
    book.close()
    return out.getvalue()


def _sheet(
    sheet: Any, columns: Sequence[str], rows: Iterable[tuple[Shown, ...]], styles: Mapping[str, Any]
) -> None:
    sheet.freeze_panes(1, 1)
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, len(columns) - 1, _WIDTHS.get(len(columns), 20))
    for place, heading in enumerate(columns):
        sheet.write_string(0, place, heading, styles["head"])
    last = 0
    for line, row in enumerate(rows, start=1):
        last = line
        for place, cell in enumerate(row):
            if cell.number is None:
                sheet.write_string(line, place, cell.text, styles["text"])
            else:
                sheet.write_number(line, place, cell.number, styles[cell.unit])
    sheet.autofilter(0, 0, max(1, last), len(columns) - 1)


def write_pdf(report: Report) -> bytes:
    """Return the report as A4 pages, titled and numbered, its language told."""
    from regulation.indicators.report_pdf import pages  # noqa: PLC0415 - as above

    return pages(report, _SECTIONS)


FORMATS: Final[Mapping[str, FileFormat]] = {
    "pdf": FileFormat("application/pdf", write_pdf),
    "xlsx": FileFormat("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", write_xlsx),
    "csv": FileFormat("text/csv; charset=utf-8", write_csv),
}
