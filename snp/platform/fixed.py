"""Statements of the hot paths: built and compiled once, sent with plain values afterwards.

SQLAlchemy looks through a statement each time it is sent, to find what it compiled before, and dresses the
rows; on a booking that costs more than PostgreSQL takes to answer. Values and rows are the driver's own:
closed lists are texts, documents go in as JSON text and come out parsed. Refusals are SQLAlchemy's, as
everywhere. Knows no table.
"""

from __future__ import annotations

import re
import weakref
from collections import Counter
from collections.abc import Iterator, Sequence
from enum import Enum
from typing import Any, Final

import orjson
import psycopg
import sqlalchemy as sa
from psycopg.pq import ExecStatus
from psycopg.rows import namedtuple_row
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.exc import DBAPIError, MultipleResultsFound, NoResultFound
from sqlmodel import Session


class Rows:
    """What a statement returned: named tuples of the driver's values."""

    __slots__ = ("_rows",)

    def __init__(self, rows: list[Any]) -> None:
        self._rows = rows

    def __iter__(self) -> Iterator[Any]:
        return iter(self._rows)

    def all(self) -> list[Any]:
        """Return every row."""
        return self._rows

    def one_or_none(self) -> Any:
        """Return the only row; None without any. Raises `MultipleResultsFound`."""
        if len(self._rows) > 1:
            raise MultipleResultsFound("more than one row where one was expected")
        return self._rows[0] if self._rows else None

    def one(self) -> Any:
        """Return the only row. Raises `NoResultFound`, `MultipleResultsFound`."""
        found = self.one_or_none()
        if found is None:
            raise NoResultFound("no row where one was expected")
        return found

    def scalar(self) -> Any:
        """Return the first value of the only row; None without any."""
        found = self.one_or_none()
        return None if found is None else found[0]


_HELD: Final = "snp.fixed.connection"
_ONE_OF: Final = re.compile(r"= ANY \(%\((\w+)\)s::(\w+)\[\]\)")


class Fixed:
    """A statement whose values are named by `sa.bindparam`, sent on the session's own connection.

    What is compared with any of several is mostly compared with one: such a statement is sent as an equation.
    PostgreSQL expects ten of an array whose length it does not know, and would plan it anew each time.
    """

    def __init__(self, statement: sa.Executable) -> None:
        self._statement: Any = statement
        self._compiled: _Compiled | None = None

    def run(self, session: Session, **values: Any) -> Rows:
        """Send it with these values; one that is left out is null. Raises `DBAPIError`."""
        connection, driver = _connection_of(session)
        compiled = self._compiled
        if compiled is None:
            compiled = self._compiled = _Compiled(self._statement.compile(dialect=connection.dialect))
        if unknown := values.keys() - compiled.constants.keys():
            raise TypeError(f"no such value in the statement: {', '.join(sorted(unknown))}")
        text = compiled.text
        if compiled.lists and all(len(values.get(name) or ()) == 1 for name in compiled.lists):
            text = compiled.text_of_one
            values |= {name: values[name][0] for name in compiled.lists}
        cursor = driver.cursor(row_factory=compiled.row_maker)
        try:
            cursor.execute(text, compiled.constants | values)
        except psycopg.Error as error:
            raise _told(connection, driver, text, error) from error
        result = cursor.pgresult
        return Rows(cursor.fetchall() if result is not None and result.status == ExecStatus.TUPLES_OK else [])


def _connection_of(session: Session) -> tuple[sa.Connection, psycopg.Connection[Any]]:
    """The session's connection and the driver's, looked up once in each transaction or savepoint.

    The first use of a savepoint goes through the session, which sends it.
    """
    inmost = session.get_nested_transaction() or session.get_transaction()
    held = session.info.get(_HELD)
    if held is not None and inmost is not None and held[0]() is inmost and inmost.is_active:
        return held[1], held[2]
    connection = session.connection()
    driver = connection.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    inmost = session.get_nested_transaction() or session.get_transaction()
    assert inmost is not None
    session.info[_HELD] = weakref.ref(inmost), connection, driver
    return connection, driver


class _Compiled:
    """The text of a statement, its constants, and its text when each of its `lists` holds one value."""

    __slots__ = ("_make_row", "constants", "lists", "text", "text_of_one")

    def __init__(self, compiled: Any) -> None:
        constants = {name: _plain(value) for name, value in compiled.params.items()}
        self.constants: dict[str, Any] = constants
        self.text = str(compiled)
        compared = Counter(name for name, _ in _ONE_OF.findall(self.text) if constants[name] is None)
        self.lists = tuple(
            name for name, times in compared.items() if self.text.count(f"%({name})s") == times
        )
        self.text_of_one = _ONE_OF.sub(self._equation, self.text)
        self._make_row: Any = None

    def row_maker(self, cursor: Any) -> Any:
        """What makes the rows: the same columns come back each time."""
        if self._make_row is None:
            made = namedtuple_row(cursor)
            if cursor.pgresult is None or cursor.pgresult.status != ExecStatus.TUPLES_OK:
                return made
            self._make_row = made
        return self._make_row

    def _equation(self, found: re.Match[str]) -> str:
        name, kind = found.groups()
        return f"= %({name})s::{kind}" if name in self.lists else found[0]


def send(connection: sa.Connection, text: str, values: Sequence[Any]) -> None:
    """Send a statement in the driver's own words, for its effect alone. Raises `DBAPIError`."""
    driver = connection.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    try:
        driver.execute(text, values)
    except psycopg.Error as error:
        raise _told(connection, driver, text, error) from error


def _told(
    connection: sa.Connection, driver: psycopg.Connection[Any], text: str, error: psycopg.Error
) -> BaseException:
    """The driver's refusal as SQLAlchemy tells it, without the values; a lost connection is thrown away."""
    is_lost = driver.closed
    told = DBAPIError.instance(
        text, None, error, psycopg.Error, hide_parameters=True, connection_invalidated=is_lost,
        dialect=connection.dialect,
    )  # fmt: skip
    if is_lost:
        connection.invalidate(error)
    return told


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
