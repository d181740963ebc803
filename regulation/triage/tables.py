"""The trace of a desk's eligibility question: the answers, the version of the list, the outcome."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Field, SQLModel

from regulation.triage.facts import EligibilityOutcome
from snp.platform.columns import enum_field, id_field, instant_field, json_field, texts_field


class DeskTrace(SQLModel, table=True):
    """Covers the professional: no identity in it, append-only."""

    __tablename__ = "desk_trace"

    id: UUID = id_field()
    territory_id: UUID = Field(foreign_key="territory.id", index=True)
    organisation_id: UUID | None = Field(default=None, foreign_key="organisation.id", index=True)
    at: datetime = instant_field()
    author: str
    role: str
    reason: str
    list_version: str
    answers: dict[str, Any] = json_field()
    red_flags: list[str] = texts_field()
    outcome: EligibilityOutcome = enum_field(EligibilityOutcome, "outcome")
    reasons: list[dict[str, Any]] = json_field(list)
    request_id: UUID | None = Field(default=None, foreign_key="request.id", index=True)
