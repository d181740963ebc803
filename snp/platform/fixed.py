"""Statements of the hot paths: built and compiled once, sent with plain values afterwards.

SQLAlchemy looks through a statement each time it is sent, to find what it compiled before; on a booking that
costs more than PostgreSQL takes to answer. Values and rows are the driver's own: closed lists are texts,
documents go in as JSON text and come out parsed. Knows no table.
"""

from __future__ import annotations

from enum import Enum
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Session


class Fixed:
    """A statement whose values are named by `sa.bindparam`, sent on the session's own connection."""

    def __init__(self, statement: sa.Executable) -> None:
        self._statement: Any = statement
        self._compiled: tuple[str, dict[str, Any]] | None = None

    def run(self, session: Session, **values: Any) -> sa.CursorResult[Any]:
        """Send it with these values; nothing else may be left unnamed."""
        connection = session.connection()
        if self._compiled is None:
            compiled = self._statement.compile(dialect=connection.dialect)
            constants = {name: _plain(value) for name, value in compiled.params.items()}
            self._compiled = str(compiled), constants
        text, constants = self._compiled
        return connection.exec_driver_sql(text, constants | values)


def a_uuid(name: str) -> sa.BindParameter[Any]:
    """A value that is an identifier."""
    return sa.bindparam(name, type_=sa.Uuid())


def a_text(name: str) -> sa.BindParameter[Any]:
    """A value that is a text, or a member of a closed list by its value."""
    return sa.bindparam(name, type_=sa.Text())


def an_instant(name: str) -> sa.BindParameter[Any]:
    """A value that is an aware instant."""
    return sa.bindparam(name, type_=sa.DateTime(timezone=True))


def a_document(name: str) -> sa.BindParameter[Any]:
    """A value that is a JSON text; see `as_document`."""
    return sa.bindparam(name, type_=JSONB())


def any_uuid(name: str) -> Any:
    """What a column is compared with, to be one of several identifiers."""
    return sa.any_(sa.bindparam(name, type_=ARRAY(sa.Uuid())))


def any_text(name: str) -> Any:
    """What a column is compared with, to be one of several texts."""
    return sa.any_(sa.bindparam(name, type_=ARRAY(sa.Text())))


def as_document(value: object) -> str:
    """A document as JSON text."""
    return orjson.dumps(value).decode()


def _plain(value: object) -> object:
    return value.value if isinstance(value, Enum) else value
