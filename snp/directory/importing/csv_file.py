"""A CSV file as other systems export it: which encoding, which separator, and its rows one at a time.

Reads a local file and nothing else. A file that cannot be read as a whole is a `BadFile`, in one line.
"""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path
from typing import Final

from snp.directory.importing.columns import BadFile

AUTO: Final = "auto"
_BLOCK: Final = 1 << 20
_SEPARATORS: Final = ";,\t|"
_CELL_LIMIT: Final = 10_000
MOST_ROWS: Final = 500_000
"""Well above the practitioners of the largest region; a file without end is stopped."""

_NAMES: Final = (".csv", ".txt", ".tsv")
_OTHER_FORMATS: Final = (
    *(
        b"PK\x03\x04",
        b"\xd0\xcf\x11\xe0",
        b"%PDF",
        b"\x89PNG",
        b"\xff\xd8\xff",
        b"GIF8",
        b"\x1f\x8b",
        b"\x7fELF",
    ),
    *(b"MZ", b"<!", b"<?xml", b"<html", b"{\\rtf", b"Rar!", b"7z\xbc\xaf"),
)
"""How files begin that are spreadsheets, documents, pictures, archives, programs or pages."""


@dataclass(frozen=True, slots=True)
class CsvFile:
    """A readable file: its encoding, its separator, its header; `size` in bytes."""

    path: Path
    encoding: str
    separator: str
    header: tuple[str, ...]
    header_row: int
    size: int

    def rows(self) -> Iterator[tuple[int, list[str], int]]:
        """Yield each row that is not blank: its number in a spreadsheet, its cells, the bytes read so far.

        Raises `BadFile` at the row where the file stops being readable.
        """
        with self.path.open("rb") as raw, TextIOWrapper(raw, self.encoding, newline="") as text:
            for number, cells in _records(text, self.separator):
                if number > self.header_row and any(cell.strip() for cell in cells):
                    yield number, cells, raw.tell()


def open_csv(path: Path, *, encoding: str = AUTO) -> CsvFile:
    """Find out how a file is written.

    `encoding` `auto`: UTF-8 (with or without BOM), UTF-16 by its BOM, else cp1252, as Excel writes in France.

    Raises `BadFile` when it does not exist, is empty, or cannot be decoded.
    """
    try:
        size = path.stat().st_size
        chosen = _detect(path) if encoding == AUTO else _known(encoding)
        separator, header_row = _first_lines(path, chosen)
        with path.open("r", encoding=chosen, newline="") as text:
            header = next((cells for number, cells in _records(text, separator) if number == header_row), [])
    except OSError as error:
        raise BadFile(f"{path} : {error.strerror or error}") from error
    if not any(cell.strip() for cell in header):
        raise BadFile(f"{path} : fichier vide")
    return CsvFile(path, chosen, separator, tuple(header), header_row, size)


def looks_like_csv(name: str, content: bytes) -> bool:
    """Tell whether a file has the name of a text table and does not begin as something else."""
    return name.lower().endswith(_NAMES) and not content.lstrip().lower().startswith(
        tuple(start.lower() for start in _OTHER_FORMATS)
    )


def _records(text: Iterator[str], separator: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(text, delimiter=separator, strict=True)
    number = 0
    try:
        for cells in reader:
            number += 1
            if number > MOST_ROWS:
                raise BadFile(f"plus de {MOST_ROWS} lignes : coupez le fichier")
            if any(len(cell) > _CELL_LIMIT for cell in cells):
                raise BadFile(f"ligne {number} : une cellule dépasse {_CELL_LIMIT} caractères")
            if any("\x00" in cell for cell in cells):  # PostgreSQL keeps no such text
                raise BadFile(f"ligne {number} : un caractère nul (le fichier est-il en UTF-16 ?)")
            yield number, cells
    except csv.Error as error:
        raise BadFile(f"ligne {number + 1} : {_french(error)}") from error
    except UnicodeError as error:
        raise BadFile(f"après la ligne {number} : octets illisibles dans cet encodage") from error


def _french(error: csv.Error) -> str:
    text = str(error)
    if "end of data" in text or "expected after" in text:
        return "guillemets mal fermés"
    if "field larger" in text:
        return "cellule trop longue (guillemets mal fermés ?)"
    return f"CSV invalide ({text})"


def _known(encoding: str) -> str:
    try:
        return codecs.lookup(encoding).name
    except LookupError as error:
        raise BadFile(f"encodage inconnu : {encoding}") from error


def _detect(path: Path) -> str:
    with path.open("rb") as raw:
        start = raw.read(4)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    return "utf-8-sig" if _decodes(path, "utf-8-sig") else "cp1252"


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    with path.open("rb") as raw:
        try:
            while block := raw.read(_BLOCK):
                decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def _first_lines(path: Path, encoding: str) -> tuple[str, int]:
    """The separator and the row of the header; a first line `sep=;` (Excel) names the separator."""
    try:
        with path.open("r", encoding=encoding, newline="") as text:
            first = text.readline(_CELL_LIMIT)
    except UnicodeError as error:
        raise BadFile(f"{path} : octets illisibles en {encoding}") from error
    if first.lower().startswith("sep=") and len(first.strip()) == len("sep=;"):
        return first.strip()[-1], 2
    if "\x00" in first:
        raise BadFile(f"{path} : ce n’est pas un fichier CSV")
    return max(_SEPARATORS, key=first.count), 1
