"""Outlooks as last computed; calls for slots, who was asked, and every answer, never edited."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

import slots.agenda.tables  # noqa: F401 - foreign keys point there
from regulation.coverage.facts import AnswerKind, CallEnding
from regulation.messages.facts import Medium
from snp.platform.columns import enum_field, id_field, instant_field, json_field, texts_field, uuids_field


class CoverageSheetRow(SQLModel, table=True):
    """The latest outlook of one profession of a territory; written whole by the job."""

    __tablename__ = "coverage_sheet"

    territory_id: UUID = Field(foreign_key="territory.id", primary_key=True)
    profession: str = Field(primary_key=True)
    computed_at: datetime = instant_field()
    learnt: dict[str, Any] = json_field()
    lines: list[dict[str, Any]] = json_field(list)


class SlotCall(SQLModel, table=True):
    """A call for slots of one profession."""

    __tablename__ = "slot_call"
    __table_args__ = (
        sa.CheckConstraint("(ended_at IS NULL) = (ending IS NULL)", name="ended_with"),
        sa.CheckConstraint("closes_at > opened_at", name="closing"),
        sa.Index("ix_slot_call__territory", "territory_id", "opened_at"),
        sa.Index("ix_slot_call__running", "territory_id", postgresql_where=sa.text("ended_at IS NULL")),
    )

    id: UUID = id_field()
    territory_id: UUID = Field(foreign_key="territory.id")
    profession: str
    opened_at: datetime = instant_field()
    opened_by: str
    automatic: bool
    closes_at: datetime = instant_field()
    ended_at: datetime | None = instant_field(nullable=True)
    ending: CallEnding | None = enum_field(CallEnding, "ending", nullable=True, default=None)
    ended_by: str | None = None


class SlotCallHalf(SQLModel, table=True):
    """How many slots a call wants in a half-day; one running call a half-day and profession.

    `territory_id`, `profession` and `running` repeat what the call says, for the index that refuses two.
    """

    __tablename__ = "slot_call_half"
    __table_args__ = (
        sa.CheckConstraint("wanted BETWEEN 1 AND 50", name="wanted"),
        sa.Index(
            "uq_slot_call_half__running",
            "territory_id",
            "profession",
            "day",
            "is_afternoon",
            unique=True,
            postgresql_where=sa.text("running"),
        ),
    )

    call_id: UUID = Field(foreign_key="slot_call.id", primary_key=True)
    day: date = Field(primary_key=True)
    is_afternoon: bool = Field(primary_key=True)
    wanted: int
    territory_id: UUID = Field(foreign_key="territory.id")
    profession: str
    running: bool = True


class SlotCallAsk(SQLModel, table=True):
    """Somebody whom a call asked, once: when the message leaves, why him, and the moments put to him."""

    __tablename__ = "slot_call_ask"
    __table_args__ = (
        sa.UniqueConstraint("call_id", "practitioner_id", name="uq_slot_call_ask__once"),
        sa.Index("ix_slot_call_ask__practitioner", "practitioner_id", "leaves_at"),
    )

    id: UUID = id_field()
    call_id: UUID = Field(foreign_key="slot_call.id")
    practitioner_id: UUID = Field(foreign_key="practitioner.id")
    asked_at: datetime = instant_field()
    leaves_at: datetime = instant_field()
    medium: Medium = enum_field(Medium, "medium")
    why: list[str] = texts_field()
    moments: list[dict[str, Any]] = json_field(list)
    offer: dict[str, Any] = json_field()


class SlotCallAnswer(SQLModel, table=True):
    """One answer to an ask; append-only."""

    __tablename__ = "slot_call_answer"
    __table_args__ = (
        sa.CheckConstraint("(kind = 'accepted') = (moment_start IS NOT NULL)", name="moment"),
        sa.Index("ix_slot_call_answer__ask", "ask_id", "at"),
        sa.Index(
            "uq_slot_call_answer__moment",
            "ask_id",
            "moment_start",
            unique=True,
            postgresql_where=sa.text("kind = 'accepted'"),
        ),
    )

    id: UUID = id_field()
    ask_id: UUID = Field(foreign_key="slot_call_ask.id")
    at: datetime = instant_field()
    kind: AnswerKind = enum_field(AnswerKind, "kind")
    moment_start: datetime | None = instant_field(nullable=True)
    slot_ids: list[UUID] = uuids_field()
