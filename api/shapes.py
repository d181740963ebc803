"""How a body may look before anybody reads it: depth and number of values of JSON, fields of a form.

Looks at bytes, not at meaning; a body that is no JSON at all is left to whom it is for.
"""

from __future__ import annotations

import re
from typing import Final

MAX_DEPTH: Final = 32
"""Our deepest documents, FHIR resources, nest about a dozen levels."""

MAX_VALUES: Final = 50_000
MAX_FIELDS: Final = 1_000
_TEXTS: Final = re.compile(rb'"(?:[^"\\]|\\.)*+"?', re.DOTALL)
"""A text that never ends is one too: a pattern that could fail would be tried again at each quote."""

_OPENING: Final = frozenset(b"[{")
_OTHER: Final = bytes(byte for byte in range(256) if byte not in b"[]{}")


def is_json_too_complex(body: bytes, *, max_depth: int = MAX_DEPTH, max_values: int = MAX_VALUES) -> bool:
    """Tell whether a JSON text nests or holds more than it may; linear in its length."""
    bare = _TEXTS.sub(b"", body)
    if bare.count(b",") >= max_values:
        return True
    brackets = bare.translate(None, _OTHER)
    if sum(map(brackets.count, (b"[", b"{"))) <= max_depth:
        return False
    depth = 0
    for bracket in brackets:
        depth += 1 if bracket in _OPENING else -1
        if depth > max_depth:
            return True
    return False


def has_too_many_fields(body: bytes, *, max_fields: int = MAX_FIELDS) -> bool:
    """Tell whether a form (`application/x-www-form-urlencoded`) has more fields than it may."""
    return body.count(b"&") >= max_fields
