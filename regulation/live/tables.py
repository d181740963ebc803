"""Prices of free slots, what was weighed for each answer, and promises."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

import slots.agenda.tables  # noqa: F401 - foreign keys point there
from regulation.live.facts import Basis, Fallback, Outcome, PromiseEnding
from snp.platform.columns import enum_field, id_field, instant_field, json_field


class PriceSheetRow(SQLModel, table=True):
    """The latest prices of one profession family of a territory; written whole by the background job.

    `prices`: by slot, one number per sampled future. `own`: the same for a request that waits, where its own
    need does not count.
    """

    __tablename__ = "price_sheet"

    territory_id: UUID = Field(foreign_key="territory.id", primary_key=True)
    family: str = Field(primary_key=True)
    computed_at: datetime = instant_field()
    scenarios: int
    facts: dict[str, Any] = json_field()
    prices: dict[str, Any] = json_field()
    wanted: dict[str, Any] = json_field()
    own: dict[str, Any] = json_field()


class LiveDecision(SQLModel, table=True):
    """What was said about a request and what was weighed for it; append-only, ids and figures only."""

    __tablename__ = "live_decision"
    __table_args__ = (
        sa.Index("ix_live_decision__request", "request_id", "id"),
        sa.Index("ix_live_decision__territory_at", "territory_id", "at"),
    )

    id: UUID = id_field()
    request_id: UUID = Field(foreign_key="request.id")
    territory_id: UUID = Field(foreign_key="territory.id")
    at: datetime = instant_field()
    author: str
    role: str
    outcome: Outcome = enum_field(Outcome, "outcome")
    rule: str
    basis: Basis = enum_field(Basis, "basis")
    fallback: Fallback | None = enum_field(Fallback, "fallback", nullable=True, default=None)
    value: int
    value_now: float | None = None
    value_waiting: float | None = None
    prices_at: datetime | None = instant_field(nullable=True)
    scenarios: int = 0
    alternatives: list[dict[str, Any]] = json_field(list)
    round_id: UUID | None = None
    anyway: bool = False


class PromiseRow(SQLModel, table=True):
    """A promise made to a request, with the certificate that all open promises could be kept together."""

    __tablename__ = "promise"
    __table_args__ = (
        sa.CheckConstraint("notice_minutes BETWEEN 0 AND 1440", name="notice_minutes"),
        sa.CheckConstraint("(ended_at IS NULL) = (ending IS NULL)", name="ended_with"),
        sa.Index(
            "uq_promise__running", "request_id", unique=True, postgresql_where=sa.text("ended_at IS NULL")
        ),
        sa.Index("ix_promise__open", "territory_id", postgresql_where=sa.text("ended_at IS NULL")),
    )

    id: UUID = id_field()
    request_id: UUID = Field(foreign_key="request.id", index=True)
    territory_id: UUID = Field(foreign_key="territory.id")
    made_at: datetime = instant_field()
    made_by: str
    seen_before: datetime = instant_field()
    notice_minutes: int
    certificate: dict[str, Any] = json_field()
    ended_at: datetime | None = instant_field(nullable=True)
    ending: PromiseEnding | None = enum_field(PromiseEnding, "ending", nullable=True, default=None)
    slot_id: UUID | None = Field(default=None, foreign_key="slot.id")
