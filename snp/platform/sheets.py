"""Cells of files that people open in a spreadsheet: a text that would be taken for a formula is quoted. Pure.

Source: OWASP, CSV Injection: = + - @, tab and carriage return begin a formula, in their wide forms too.
"""

from __future__ import annotations

import re
from typing import Final

_BEGINS: Final = frozenset("=+-@\t\r\n|%\uff1d\uff0b\uff0d\uff20")
_FIGURE: Final = re.compile(r"[+-]?\d[\d\s.,]*(?:%|€|h|km|points)?")
"""A signed amount or change is a figure, whatever spaces stand in it."""


def harmless(cell: object) -> object:
    """Return a cell as a CSV file may hold it: a risky text behind an apostrophe, anything else as it is."""
    if not isinstance(cell, str) or not cell.lstrip(" \u00a0")[:1]:
        return cell
    is_risky = cell.lstrip(" \u00a0")[0] in _BEGINS or cell[0] in _BEGINS
    return f"'{cell}" if is_risky and not _FIGURE.fullmatch(cell) else cell
