"""The append-only audit of patient data: who, what, when, why. A trigger refuses UPDATE and DELETE."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from snp.platform.columns import instant_field, json_field


class AuditEntry(SQLModel, table=True):
    """One read or write of patient data; never edited, never read by features."""

    __tablename__ = "audit_entry"

    id: int | None = Field(default=None, sa_column=sa.Column(sa.BigInteger, sa.Identity(), primary_key=True))
    at: datetime = instant_field(index=True)
    actor: str
    role: str
    action: str
    resource: str
    resource_id: UUID | None = Field(default=None, index=True)
    patient_id: UUID | None = Field(default=None, index=True)
    why: str
    detail: dict[str, Any] = json_field()


class AuditSeal(SQLModel, table=True):
    """A seal over the lines `first_id` to `last_id` of the audit, chained to the one before; see decision 97.

    `pruned_at`: since when the lines are gone, by the rule of retention; the only column that changes, once.
    """

    __tablename__ = "audit_seal"
    __table_args__ = (
        sa.CheckConstraint("last_id >= first_id AND lines > 0", name="block"),
        sa.UniqueConstraint("first_id", name="uq_audit_seal__first_id"),
    )

    number: int = Field(sa_column=sa.Column(sa.Integer, primary_key=True, autoincrement=False))
    first_id: int = Field(sa_column=sa.Column(sa.BigInteger, nullable=False))
    last_id: int = Field(sa_column=sa.Column(sa.BigInteger, nullable=False))
    lines: int
    previous: bytes = Field(sa_column=sa.Column(sa.LargeBinary, nullable=False))
    digest: bytes = Field(sa_column=sa.Column(sa.LargeBinary, nullable=False))
    sealed_at: datetime = instant_field()
    pruned_at: datetime | None = instant_field(nullable=True)
