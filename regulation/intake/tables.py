"""The patient (identity encrypted), the request (dossier) and its moves."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from regulation.intake.facts import (
    CallPriority,
    Disposition,
    Move,
    MtStatus,
    Origin,
    RequestState,
    ResponseLevel,
)
from snp.assignment.facts import Audience
from snp.platform.columns import (
    enum_field,
    id_field,
    instant_field,
    json_field,
    texts_field,
    uuids_field,
    version_field,
)


class Patient(SQLModel, table=True):
    """The minimal traits of a person: one AES-GCM envelope, and keyed hashes to find it again.

    `identity` holds name, birth date, sex and phone; only the commune stays in clear, for distances.
    `forgotten_at`: since when nobody knows any more who that was.
    """

    __tablename__ = "patient"
    __table_args__ = (
        sa.Index("ix_patient__known", "created_at", postgresql_where=sa.text("forgotten_at IS NULL")),
    )

    id: UUID = id_field()
    territory_id: UUID = Field(foreign_key="territory.id", index=True)
    identity: bytes = Field(sa_column=sa.Column(sa.LargeBinary, nullable=False))
    phone_hash: bytes | None = Field(
        default=None, sa_column=sa.Column(sa.LargeBinary, nullable=True, index=True)
    )
    person_hash: bytes = Field(sa_column=sa.Column(sa.LargeBinary, nullable=False, index=True))
    insee: str = Field(foreign_key="commune.insee")
    version: int = version_field()
    created_at: datetime = instant_field()
    forgotten_at: datetime | None = instant_field(nullable=True)


class Request(SQLModel, table=True):
    """A need from first word to closed request; `state` follows its moves.

    `organisation_id` or `practitioner_id`: the desk, or the carer at the professionals' desk, that brings it.
    """

    __tablename__ = "request"
    __table_args__ = (
        sa.UniqueConstraint("number", name="uq_request__number"),
        sa.CheckConstraint("sessions BETWEEN 1 AND 3", name="sessions"),
        sa.CheckConstraint("max_km IS NULL OR max_km >= 0", name="max_km"),
        sa.CheckConstraint("household_id IS NULL OR sessions = 1", name="household_or_sessions"),
        sa.CheckConstraint("deadline IS NULL OR earliest IS NULL OR deadline >= earliest", name="deadline"),
        sa.Index("ix_request__territory_state", "territory_id", "state", "deadline"),
        sa.Index("ix_request__territory_created", "territory_id", "created_at"),
        sa.Index("ix_request__territory_decided", "territory_id", "decided_at"),
    )

    id: UUID = id_field()
    number: str
    territory_id: UUID = Field(foreign_key="territory.id")
    patient_id: UUID = Field(foreign_key="patient.id", index=True)
    origin: Origin = enum_field(Origin, "origin")
    organisation_id: UUID | None = Field(default=None, foreign_key="organisation.id", index=True)
    practitioner_id: UUID | None = Field(default=None, foreign_key="practitioner.id", index=True)
    caller: bytes | None = Field(default=None, sa_column=sa.Column(sa.LargeBinary, nullable=True))
    state: RequestState = enum_field(RequestState, "state")
    audience: Audience = enum_field(Audience, "audience")
    reason: str | None = None
    note: bytes | None = Field(default=None, sa_column=sa.Column(sa.LargeBinary, nullable=True))
    mt_status: MtStatus = enum_field(MtStatus, "mt_status", default=MtStatus.UNKNOWN)
    mt: dict[str, Any] = json_field()
    estimated_delay_h: int | None = None
    disposition: Disposition | None = enum_field(Disposition, "disposition", nullable=True, default=None)
    priority: CallPriority | None = enum_field(CallPriority, "priority", nullable=True, default=None)
    response_level: ResponseLevel | None = enum_field(
        ResponseLevel, "response_level", nullable=True, default=None
    )
    professions: list[str] = texts_field()
    modes: list[str] = texts_field()
    max_km: float | None = None
    earliest: datetime | None = instant_field(nullable=True)
    deadline: datetime | None = instant_field(nullable=True)
    decided_at: datetime | None = instant_field(nullable=True)
    sessions: int = 1
    min_gap_days: int = 1
    max_gap_days: int = 7
    household_id: UUID | None = Field(default=None, index=True)
    excluded_practitioner_ids: list[UUID] = uuids_field()
    only_practitioner_ids: list[UUID] | None = Field(
        default=None, sa_column=sa.Column(sa.ARRAY(sa.Uuid), nullable=True)
    )
    version: int = version_field()
    created_at: datetime = instant_field()
    created_by: str


class RequestMove(SQLModel, table=True):
    """One move of a request: author, time, reasons (code, French sentence, source); append-only."""

    __tablename__ = "request_move"

    id: UUID = id_field()
    request_id: UUID = Field(foreign_key="request.id", index=True)
    move: Move = enum_field(Move, "move")
    from_state: RequestState | None = enum_field(RequestState, "from_state", nullable=True, default=None)
    to_state: RequestState = enum_field(RequestState, "to_state")
    at: datetime = instant_field()
    author: str
    role: str
    reasons: list[dict[str, Any]] = json_field(list)
    data: dict[str, Any] = json_field()
