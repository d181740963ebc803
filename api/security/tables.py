"""Accounts, API keys, page sessions, delegations."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from snp.platform.actors import Role
from snp.platform.columns import (
    enum_field,
    id_field,
    instant_field,
    texts_field,
    uuids_field,
    version_field,
)


class Account(SQLModel, table=True):
    """Somebody who signs in on the pages."""

    __tablename__ = "account"

    id: UUID = id_field()
    login: str = Field(unique=True)
    password_hash: str | None = None
    display_name: str
    role: Role = enum_field(Role, "role")
    organisation_id: UUID | None = Field(default=None, foreign_key="organisation.id")
    practitioner_id: UUID | None = Field(default=None, foreign_key="practitioner.id")
    territory_ids: list[UUID] = uuids_field()
    active: bool = True
    failed_sign_ins: int = Field(
        default=0, sa_column=sa.Column(sa.Integer, nullable=False, server_default="0")
    )
    locked_until: datetime | None = instant_field(nullable=True)
    version: int = version_field()
    created_at: datetime = instant_field()


class ApiKey(SQLModel, table=True):
    """A key of a regulation software or a desk: only the hash of its 256-bit secret is kept."""

    __tablename__ = "api_key"

    id: UUID = id_field()
    prefix: str = Field(unique=True)
    secret_hash: bytes = Field(sa_column=sa.Column(sa.LargeBinary, nullable=False))
    name: str
    role: Role = enum_field(Role, "role")
    scopes: list[str] = texts_field()
    organisation_id: UUID | None = Field(default=None, foreign_key="organisation.id")
    practitioner_id: UUID | None = Field(default=None, foreign_key="practitioner.id")
    territory_ids: list[UUID] = uuids_field()
    created_at: datetime = instant_field()
    created_by: str
    expires_at: datetime | None = instant_field(nullable=True)
    last_used_at: datetime | None = instant_field(nullable=True)
    revoked_at: datetime | None = instant_field(nullable=True)


class PageSession(SQLModel, table=True):
    """A signed-in browser; the cookie holds the token, the table its hash.

    `practitioner_id`: whose agenda a delegate chose to act on.
    """

    __tablename__ = "page_session"

    id: UUID = id_field()
    token_hash: bytes = Field(sa_column=sa.Column(sa.LargeBinary, nullable=False, unique=True))
    account_id: UUID = Field(foreign_key="account.id", index=True)
    practitioner_id: UUID | None = Field(default=None, foreign_key="practitioner.id")
    created_at: datetime = instant_field()
    last_seen_at: datetime = instant_field()
    expires_at: datetime = instant_field()
    ended_at: datetime | None = instant_field(nullable=True)


class Delegation(SQLModel, table=True):
    """A practitioner lets an account act on his agenda, until he takes it back."""

    __tablename__ = "delegation"

    id: UUID = id_field()
    account_id: UUID = Field(foreign_key="account.id", index=True)
    practitioner_id: UUID = Field(foreign_key="practitioner.id", index=True)
    granted_at: datetime = instant_field()
    granted_by: str
    revoked_at: datetime | None = instant_field(nullable=True)
