"""Keyset cursors: the sort keys of the last item seen, opaque to who carries them. Pure."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar
from uuid import UUID

from snp.directory.facts import Page
from snp.errors import InvalidValue

T = TypeVar("T")

DEFAULT_LIMIT = 50
MAX_LIMIT = 200


def encode_cursor(keys: Sequence[str]) -> str:
    """Return the cursor that resumes after the item with these sort keys."""
    raw = json.dumps(list(keys), ensure_ascii=False, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def decode_cursor(cursor: str, *, length: int) -> tuple[str, ...]:
    """Return the `length` sort keys a cursor holds.

    Raises `InvalidValue` on the field `cursor` when it was not made by `encode_cursor` for this list.
    """
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        keys = json.loads(raw)
    except (binascii.Error, ValueError) as error:
        raise InvalidValue("cursor", "ce curseur n’a pas été donné par cette liste") from error
    if not (isinstance(keys, list) and len(keys) == length and all(isinstance(k, str) for k in keys)):
        raise InvalidValue("cursor", "ce curseur n’a pas été donné par cette liste")
    return tuple(keys)


def decode_name_cursor(cursor: str | None) -> tuple[str, UUID] | None:
    """Return the folded name and the id that a cursor of a list by name holds; None for no cursor."""
    if cursor is None:
        return None
    name, ident = decode_cursor(cursor, length=2)
    try:
        return name, UUID(ident)
    except ValueError as error:
        raise InvalidValue("cursor", "ce curseur n’a pas été donné par cette liste") from error


def checked_limit(limit: int) -> int:
    """Return `limit` when it is between 1 and `MAX_LIMIT`; raises `InvalidValue` otherwise."""
    if not 1 <= limit <= MAX_LIMIT:
        raise InvalidValue("limit", f"entre 1 et {MAX_LIMIT}")
    return limit


def every(page_after: Callable[[str | None], Page[T]]) -> Iterator[T]:
    """Yield the items of every page of a list, in order; `page_after(None)` asks for the first one."""
    cursor = None
    while True:
        page = page_after(cursor)
        yield from page.items
        cursor = page.next_cursor
        if cursor is None:
            return
