"""What a spreadsheet would take for a formula is text."""

from __future__ import annotations

import pytest

from snp.platform.sheets import harmless


@pytest.mark.parametrize(
    "text",
    [
        *("=1+1", "+1+1", "-1+cmd|' /C calc'!A0", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "\u00a0=1"),
        *(
            '=HYPERLINK("https://ailleurs.example","x")',
            "|calc",
            "%0A=1",
            "\uff1d1",
            "\uff0bA1",
            "-",
            "+33 A",
        ),
    ],
)
def test_a_text_that_begins_a_formula_is_quoted(text: str) -> None:
    assert harmless(text) == f"'{text}"


@pytest.mark.parametrize(
    "cell",
    [
        "",
        " ",
        "Guérin",
        "Régulateur",
        "-12,50",
        "+3,2\u00a0%",
        "+33612345678",
        "-4\u00a0points",
        "a=b",
        12,
        -3.5,
        None,
        "12 %",
    ],
)
def test_words_and_figures_stay(cell: object) -> None:
    assert harmless(cell) == cell
