"""JSON in, JSON out."""

from __future__ import annotations

import pytest

from api.negotiation import accepts_json, is_json


@pytest.mark.parametrize(
    ("accept", "accepted"),
    [
        ("*/*", True),
        ("", True),
        ("application/json", True),
        ("text/html, application/*;q=0.1", True),
        ("application/problem+json", True),
        ("text/html", False),
        ("application/json;q=0, text/html", False),
        ("application/xml", False),
    ],
)
def test_what_a_reader_accepts(accept: str, accepted: bool) -> None:
    assert accepts_json(accept) is accepted


@pytest.mark.parametrize(
    ("content_type", "json"),
    [
        ("application/json", True),
        ("application/json; charset=utf-8", True),
        ("application/merge-patch+json", True),
        ("text/json", False),
        ("application/x-www-form-urlencoded", False),
        ("", False),
    ],
)
def test_what_a_body_is(content_type: str, json: bool) -> None:
    assert is_json(content_type) is json
