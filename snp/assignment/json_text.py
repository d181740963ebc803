"""JSON text to Python values, keeping what the standard reader hides: repeated keys and non-finite numbers.

A repeated key leaves a `RepeatedKey` where its object stood, NaN and the infinities become floats: the reader
that walks the document then names their place.
"""

from __future__ import annotations

import json
from typing import Any

from snp.assignment.malformed import MalformedInput


class RepeatedKey:
    """Stands for an object that gives `key` twice."""

    __slots__ = ("key",)

    def __init__(self, key: str) -> None:
        self.key = key


def loads(text: bytes | str) -> Any:
    """Parse JSON text (UTF-8 when bytes, a byte order mark is allowed).

    Raises: `MalformedInput` with line and column when the text is not JSON.
    """
    if isinstance(text, bytes):
        text = _decoded(text)
    try:
        return json.loads(text.removeprefix("\ufeff"), object_pairs_hook=_object)
    except json.JSONDecodeError as error:
        raise MalformedInput(f"line {error.lineno} column {error.colno}", f"not JSON, {error.msg}") from None
    except RecursionError:
        raise MalformedInput("document", "nested too deeply") from None
    except ValueError:  # an integer of thousands of digits
        raise MalformedInput("document", "holds a number that is too long") from None


def _decoded(text: bytes) -> str:
    try:
        return text.decode()
    except UnicodeDecodeError as error:
        line = text.count(b"\n", 0, error.start) + 1
        column = error.start - (text.rfind(b"\n", 0, error.start) + 1) + 1
        raise MalformedInput(f"line {line} column {column}", "not UTF-8 text") from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any] | RepeatedKey:
    obj = dict(pairs)
    if len(obj) == len(pairs):
        return obj
    seen: set[str] = set()
    for key, _ in pairs:
        if key in seen:
            return RepeatedKey(key)
        seen.add(key)
    raise AssertionError(pairs)
