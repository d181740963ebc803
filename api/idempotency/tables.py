"""Remembered answers of creating requests."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from snp.platform.columns import instant_field, json_field


class IdempotencyRecord(SQLModel, table=True):
    """The answer given to a creating request, so that its repetition gets the same one.

    `body` is sealed (AES-GCM) and `fingerprint` keyed: both come from what may name a patient.
    """

    __tablename__ = "idempotency_record"

    actor: str = Field(primary_key=True)
    key: str = Field(primary_key=True, max_length=200)
    fingerprint: bytes = Field(sa_column=sa.Column(sa.LargeBinary, nullable=False))
    status: int | None = None
    headers: dict[str, Any] = json_field()
    body: bytes | None = Field(default=None, sa_column=sa.Column(sa.LargeBinary, nullable=True))
    created_at: datetime = instant_field(index=True)
