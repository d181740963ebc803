"""The outbox: what must leave the building after the commit. Payloads hold identifiers only."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from snp.platform.columns import id_field, instant_field, json_field


class OutboxMessage(SQLModel, table=True):
    """One message due to leave; messages of one `subject` leave in order of id."""

    __tablename__ = "outbox_message"
    __table_args__ = (
        sa.Index(
            "ix_outbox_message__due",
            "due_at",
            postgresql_where=sa.text("delivered_at IS NULL AND failed_at IS NULL"),
        ),
        sa.Index("ix_outbox_message__subject", "subject", "id"),
    )

    id: UUID = id_field()
    topic: str
    subject: str
    payload: dict[str, Any] = json_field()
    created_at: datetime = instant_field()
    due_at: datetime = instant_field()
    attempts: int = Field(default=0, sa_column=sa.Column(sa.Integer, nullable=False, server_default="0"))
    delivered_at: datetime | None = instant_field(nullable=True)
    failed_at: datetime | None = instant_field(nullable=True)
    last_error: str | None = None
