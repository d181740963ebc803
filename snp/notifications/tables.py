"""The outbox: what must leave the building after the commit. Payloads hold identifiers only."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from snp.notifications.facts import MessageState
from snp.platform.columns import enum_field, id_field, instant_field, json_field


class OutboxMessage(SQLModel, table=True):
    """One message; those of one `subject` leave in order of `position`, which the database counts.

    `due_at`: not before; until then it holds nothing back. `next_attempt_at`: when it may be claimed (again);
    for a message being sent that is the end of its `lease`. `territory_id` says whose coordinator sees it;
    the directory is a sibling package: no foreign key.
    """

    __tablename__ = "outbox_message"
    __table_args__ = (
        sa.CheckConstraint("(state = 'pending') = (settled_at IS NULL)", name="settled"),
        sa.UniqueConstraint("position"),
        sa.Index(
            "ix_outbox_message__due",
            "topic",
            "next_attempt_at",
            postgresql_where=sa.text("state = 'pending'"),
        ),
        sa.Index("ix_outbox_message__subject", "subject", "position"),
        sa.Index(
            "ix_outbox_message__settled", "settled_at", postgresql_where=sa.text("settled_at IS NOT NULL")
        ),
        sa.Index("ix_outbox_message__dead", "position", postgresql_where=sa.text("state = 'dead'")),
    )

    id: UUID = id_field()
    position: int = Field(sa_column=sa.Column(sa.BigInteger, sa.Identity(), nullable=False))
    topic: str
    subject: str
    payload: dict[str, Any] = json_field()
    territory_id: UUID | None = None
    state: MessageState = enum_field(
        MessageState, "state", default=MessageState.PENDING, sa_column_kwargs={"server_default": "pending"}
    )
    created_at: datetime = instant_field()
    due_at: datetime = instant_field()
    next_attempt_at: datetime = instant_field()
    attempts: int = Field(default=0, sa_column=sa.Column(sa.Integer, nullable=False, server_default="0"))
    lease: UUID | None = None
    settled_at: datetime | None = instant_field(nullable=True)
    last_error: str | None = None


class DemoLetter(SQLModel, table=True):
    """A message of the demonstration, which leaves nowhere: its people are invented, its words are kept."""

    __tablename__ = "demo_letter"
    __table_args__ = (sa.Index("ix_demo_letter__at", "at"),)

    id: UUID = id_field()
    medium: str
    recipient: str
    subject: str
    text: str
    at: datetime = instant_field()
