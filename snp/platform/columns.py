"""Column forms that every table shares: identifiers, instants, closed lists, and the constraint names.

Knows SQLAlchemy, no table.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
import uuid_utils.compat
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field, SQLModel

NAMING_CONVENTION = {
    "ix": "ix_%(table_name)s__%(column_0_N_name)s",
    "uq": "uq_%(table_name)s__%(column_0_N_name)s",
    "ck": "ck_%(table_name)s__%(constraint_name)s",
    "fk": "fk_%(table_name)s__%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
SQLModel.metadata.naming_convention = sa.util.immutabledict(NAMING_CONVENTION)


def new_id() -> UUID:
    """Return a fresh UUIDv7: time-ordered, so that keys page and index in order of creation (RFC 9562)."""
    return uuid_utils.compat.uuid7()


def id_field() -> Any:
    """Return the primary key field of a row named by a UUIDv7."""
    return Field(default_factory=new_id, primary_key=True)


def version_field() -> Any:
    """Return the edit counter behind ETag and If-Match."""
    return Field(default=1, sa_column=sa.Column(sa.Integer, nullable=False, server_default="1"))


def instant_field(*, nullable: bool = False, index: bool = False) -> Any:
    """Return an aware instant (TIMESTAMPTZ)."""
    default: dict[str, Any] = {"default": None} if nullable else {}
    return Field(
        **default,
        sa_type=sa.DateTime(timezone=True),
        nullable=nullable,
        index=index,
    )


def enum_field(enum: type[StrEnum], name: str, *, nullable: bool = False, **kwargs: Any) -> Any:
    """Return a closed list kept as text under a named CHECK constraint holding the enum's values."""
    column_type = sa.Enum(
        enum,
        native_enum=False,
        create_constraint=True,
        length=40,
        values_callable=lambda e: [member.value for member in e],
        name=name,
    )
    return Field(sa_type=column_type, nullable=nullable, **kwargs)


def texts_field() -> Any:
    """Return a list of short texts (PostgreSQL array, never null)."""
    return Field(
        default_factory=list, sa_column=sa.Column(ARRAY(sa.Text), nullable=False, server_default="{}")
    )


def uuids_field() -> Any:
    """Return a list of identifiers (PostgreSQL array, never null)."""
    return Field(
        default_factory=list, sa_column=sa.Column(ARRAY(sa.Uuid), nullable=False, server_default="{}")
    )


def json_field(default: type[dict[str, Any] | list[Any]] = dict) -> Any:
    """Return a JSONB document, empty object or list by default."""
    server = "[]" if default is list else "{}"
    return Field(
        default_factory=default,
        sa_column=sa.Column(JSONB, nullable=False, server_default=sa.text(f"'{server}'")),
    )


def one_of(column: sa.ColumnElement[Any], values: Collection[Any]) -> sa.ColumnElement[bool]:
    """The column is one of these values, passed as one array.

    The text is the same however many they are, so that the driver prepares it; `in_` writes others.
    """
    return column == sa.any_(sa.literal(list(values), ARRAY(column.type)))


def is_aware(instant: datetime) -> bool:
    """Tell whether `instant` carries a usable offset."""
    return instant.tzinfo is not None and instant.utcoffset() is not None


CREATE_UUIDRANGE = "CREATE TYPE uuidrange AS RANGE (subtype = uuid)"
"""A range over identifiers lets an exclusion constraint compare them for equality without any extension."""

sa.event.listen(SQLModel.metadata, "before_create", sa.DDL(CREATE_UUIDRANGE))  # type: ignore[no-untyped-call]
