"""A body that nests too deep or holds too much is told from one that may be read."""

from __future__ import annotations

import json

import pytest

from api.shapes import MAX_DEPTH, has_too_many_fields, is_json_too_complex


def nested(depth: int) -> bytes:
    return b"[" * depth + b"]" * depth


@pytest.mark.parametrize(
    ("body", "is_too_complex"),
    [
        (b"", False),
        (b'{"a": [1, 2, {"b": null}]}', False),
        (nested(MAX_DEPTH), False),
        (nested(MAX_DEPTH + 1), True),
        (b"[" * 500_000, True),
        (b'{"a":' * 40 + b"1", True),
        (b"[" + b"{}," * 40 + b"1]", False),
        (b'"' + b"[" * 1_000 + b'"', False),
        (json.dumps({"a": '"[' * 1_000}).encode(), False),
        (b"[" + b"1," * 60_000 + b"1]", True),
        (b']]]]]]]]"' * 50, False),
    ],
)
def test_depth_and_number_are_told_without_reading_texts(body: bytes, is_too_complex: bool) -> None:
    assert is_json_too_complex(body) is is_too_complex


@pytest.mark.parametrize("unit", [b'"', b"\\", b'"\\', b'\\"', b'"a\\"', b"[" + b'"'])
def test_a_million_bytes_made_to_be_slow_are_looked_at_once(unit: bytes) -> None:
    """A pattern that goes back over what it read would not end within the life of the suite."""
    is_json_too_complex(unit * (1_000_000 // len(unit)))


def test_a_form_has_a_number_of_fields() -> None:
    assert not has_too_many_fields(b"a=1&" * 900)
    assert has_too_many_fields(b"a&" * 1_000)
