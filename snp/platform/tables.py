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
