"""Pages of things that start: their cursor is the start and id of the last one seen. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol, TypeVar
from uuid import UUID

from snp.directory.facts import Page
from snp.directory.paging import decode_cursor, encode_cursor
from snp.errors import InvalidValue


class Starting(Protocol):
    """Something with an id and a start: a slot, an appointment, an absence."""

    @property
    def id(self) -> UUID:
        """Its name."""
        ...

    @property
    def start(self) -> datetime:
        """When it starts, aware."""
        ...


S = TypeVar("S", bound=Starting)


def after_start(cursor: str | None) -> tuple[datetime, UUID] | None:
    """Read a cursor made by `page_by_start`; raises `InvalidValue` for another."""
    if cursor is None:
        return None
    start, ident = decode_cursor(cursor, length=2)
    try:
        return datetime.fromisoformat(start), UUID(ident)
    except ValueError as error:
        raise InvalidValue("cursor", "ce curseur n’a pas été donné par cette liste") from error


def page_by_start(found: Sequence[S], limit: int) -> Page[S]:
    """Return the first `limit` of what was found and, when there is more, the cursor of the rest."""
    items = tuple(found[:limit])
    if len(found) <= limit:
        return Page(items)
    return Page(items, encode_cursor([items[-1].start.isoformat(), str(items[-1].id)]))
