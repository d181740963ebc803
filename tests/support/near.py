"""The same row in every closed table for each of two territories, whatever else would make it true."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any, Final
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlmodel import Session, SQLModel

from api.migrations import import_tables
from api.separation import CLOSED, CLOSED_TO_WRITING

import_tables()
TABLES: Final = {name: SQLModel.metadata.tables[name] for name in sorted(CLOSED | CLOSED_TO_WRITING)}

_CHECKS: Final = sa.text(
    "SELECT conrelid::regclass::text, quote_ident(conname) FROM pg_constraint"
    " WHERE contype = 'c' AND conrelid::regclass::text = ANY (:tables)"
)

_VALUES: Final[Mapping[type, Any]] = {
    bool: False,
    date: date(2026, 11, 24),
    datetime: datetime(2026, 11, 24, tzinfo=UTC),
    dict: {},
    float: 1.0,
    int: 1,
    list: [],
}


def stop_checking(session: Session) -> None:
    """Let rows in that are true of nothing but their territory, until the transaction ends.

    No foreign key, no trigger and no CHECK stands in the way.
    """
    session.execute(sa.text("SET LOCAL session_replication_role = replica"))
    for table, check in session.execute(_CHECKS, {"tables": list(TABLES)}).all():
        session.execute(sa.text(f"ALTER TABLE {table} DROP CONSTRAINT {check}"))


def row_of(table: sa.Table, territory: UUID, own: Mapping[str, UUID]) -> dict[str, Any]:
    """The row of a territory in a table; `own`: the identifier of its row in each table."""
    found = {column.name: _value(column, territory, own) for column in table.columns if not column.identity}
    return {name: value for name, value in found.items() if value is not None}


def fill(session: Session, territory: UUID) -> dict[str, UUID]:
    """Write the row of a territory in each table; the identifiers of these rows by table."""
    own = {name: uuid4() for name in TABLES}
    for table in TABLES.values():
        session.execute(sa.insert(table).values(row_of(table, territory, own)))
    return own


def _value(column: sa.Column[Any], territory: UUID, own: Mapping[str, UUID]) -> Any:
    table = column.table.name
    above = next((key.column for key in column.foreign_keys if key.column.table.name in own), None)
    if column.name == "territory_id":
        return territory
    if (table, column.name) == ("audit_entry", "patient_id"):
        return own["patient"]
    if above is not None:
        return _value(above, territory, own)
    if column.primary_key and isinstance(column.type, sa.Uuid):
        return own[table]
    return None if column.nullable or column.server_default is not None else _anything(column.type)


def _anything(kind: Any) -> Any:
    if isinstance(kind, sa.Enum):
        return kind.enums[0]
    fresh = uuid4()
    if isinstance(kind, sa.LargeBinary):
        return fresh.bytes
    return fresh if isinstance(kind, sa.Uuid) else _VALUES.get(kind.python_type, fresh.hex[:5])
