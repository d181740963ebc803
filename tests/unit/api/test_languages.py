"""French unless English is preferred."""

from __future__ import annotations

import pytest

from api.languages import prefers_french


@pytest.mark.parametrize(
    ("header", "is_french"),
    [
        (None, True),
        ("", True),
        ("fr", True),
        ("de-DE", True),
        ("en", False),
        ("en-GB,en;q=0.9", False),
        ("fr-FR,en;q=0.9", True),
        ("en;q=0.4, fr;q=0.8", True),
        ("en;q=0.8, fr;q=0.4", False),
        ("en;q=0", True),
        ("en;q=nonsense", True),
        (";;;,,", True),
    ],
)
def test_the_reader_s_language(header: str | None, is_french: bool) -> None:
    assert prefers_french(header) is is_french
