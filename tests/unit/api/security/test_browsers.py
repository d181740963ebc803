"""What a browser is called in the list of one's devices."""

from __future__ import annotations

import pytest

from api.security.browsers import browser_family

WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("told", "family"),
    [
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0",
            "Firefox sur Windows",
        ),
        (f"Mozilla/5.0 (Windows NT 10.0) {WEBKIT} Chrome/142.0 Safari/537.36 Edg/142.0", "Edge sur Windows"),
        (f"Mozilla/5.0 (Linux; Android 14) {WEBKIT} Chrome/142.0 Mobile Safari/537.36", "Chrome sur Android"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) Version/18.1 Safari/604.1",
            "Safari sur iPhone",
        ),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 14_7) Version/18.1 Safari/605.1.15", "Safari sur Mac"),
        ("curl/8.5.0", "Navigateur"),
        ("", "Navigateur"),
    ],
)
def test_a_browser_is_called_by_its_family(told: str, family: str) -> None:
    assert browser_family(told) == family
