"""What code that was written for one schema finds in another, and what it would miss."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import sqlalchemy as sa

_COLUMNS = """
SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
       a.atthasdef OR a.attidentity <> ''
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND a.attnum > 0 AND NOT a.attisdropped
"""
_CONSTRAINTS = """
SELECT r.relname, c.conname, pg_get_constraintdef(c.oid),
       array(SELECT attname::text FROM pg_attribute WHERE attrelid = c.conrelid AND attnum = ANY(c.conkey))
FROM pg_constraint c JOIN pg_class r ON r.oid = c.conrelid
WHERE r.relnamespace = 'public'::regnamespace AND c.contype IN ('c', 'u', 'x', 'f', 'p')
UNION ALL
SELECT r.relname, i.relname, pg_get_indexdef(x.indexrelid),
       array(SELECT attname::text FROM pg_attribute WHERE attrelid = x.indrelid AND attnum = ANY(x.indkey))
FROM pg_index x JOIN pg_class r ON r.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid
WHERE x.indisunique AND r.relnamespace = 'public'::regnamespace
  AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = x.indexrelid)
"""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its type, whether it refuses nulls, whether it fills itself."""

    kind: str
    not_null: bool
    filled: bool


@dataclass(frozen=True, slots=True)
class Bond:
    """A constraint or unique index: its text, and the columns that it looks at."""

    text: str
    columns: frozenset[str]


@dataclass(frozen=True, slots=True)
class Shape:
    """The columns of a schema by table and name, and what binds them."""

    columns: Mapping[tuple[str, str], Column]
    bonds: Mapping[tuple[str, str], Bond]

    def tables(self) -> frozenset[str]:
        return frozenset(table for table, _ in self.columns)


def shape_of(connection: sa.Connection) -> Shape:
    """Read the shape of a database."""
    return Shape(
        {(t, c): Column(kind, null, filled) for t, c, kind, null, filled in _rows(connection, _COLUMNS)},
        {(t, name): Bond(text, frozenset(on)) for t, name, text, on in _rows(connection, _CONSTRAINTS)},
    )


def missed(old: Shape, new: Shape) -> Iterable[str]:
    """What code made for the old schema would meet in the new one, a sentence each; none: it can go on."""
    for (table, name), column in old.columns.items():
        found = new.columns.get((table, name))
        if found is None:
            yield f"{table}.{name} is gone"
        elif found.kind != column.kind:
            yield f"{table}.{name} was {column.kind} and is {found.kind}"
        elif found.not_null and not column.not_null:
            yield f"{table}.{name} refuses the nulls that old code may write"
    known = old.tables()
    for (table, name), column in new.columns.items():
        if table in known and (table, name) not in old.columns and column.not_null and not column.filled:
            yield f"{table}.{name} must be given, and old code does not know it"
    for (table, name), bond in new.bonds.items():
        before = old.bonds.get((table, name))
        fresh = any((table, column) not in old.columns for column in bond.columns)
        if table in known and not fresh and (before is None or before.text != bond.text):
            yield f"{table}: {name} binds what old code writes"


def _rows(connection: sa.Connection, statement: str) -> list[sa.Row[tuple[object, ...]]]:
    return list(connection.execute(sa.text(statement)))
