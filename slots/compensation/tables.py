"""Terms, marks, verdicts, statements and their lines; amounts are whole cents.

Terms, marks and verdicts are append-only: the last one counts, the others tell what was so before.
"""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

import slots.appointments.tables  # noqa: F401 - foreign keys point there
from slots.compensation.facts import Activity, FundingKind, LineKind, VerdictStatus
from snp.platform.columns import enum_field, id_field, instant_field, json_field, texts_field


class FundingTerms(SQLModel, table=True):
    """What a CPTS pays on `[valid_from, valid_until)`; the row made last wins on the days that two cover."""

    __tablename__ = "funding_terms"
    __table_args__ = (
        sa.CheckConstraint("rate_cents BETWEEN 0 AND 100000", name="rate"),
        sa.CheckConstraint("valid_until IS NULL OR valid_until > valid_from", name="period"),
        sa.CheckConstraint("cap_week >= 0 AND cap_month >= 0 AND cap_year >= 0", name="caps"),
        sa.CheckConstraint("min_notice_hours BETWEEN 0 AND 720", name="notice"),
        sa.CheckConstraint("(kind = 'unused_slot') = (profession IS NOT NULL)", name="profession_of_slots"),
        sa.Index("ix_funding_terms__territory", "territory_id", "kind", "valid_from"),
    )

    id: UUID = id_field()
    territory_id: UUID = Field(foreign_key="territory.id")
    kind: FundingKind = enum_field(FundingKind, "kind")
    profession: str | None = Field(default=None, foreign_key="profession.code", index=True)
    valid_from: date
    valid_until: date | None = None
    rate_cents: int
    cap_week: int | None = None
    cap_month: int | None = None
    cap_year: int | None = None
    min_notice_hours: int = 0
    pays_released: bool = False
    pays_no_show: bool = False
    created_at: datetime = instant_field()
    created_by: str


class CompensationYear(SQLModel, table=True):
    """The envelope of a year and how long its months stay open; the row made last counts."""

    __tablename__ = "compensation_year"
    __table_args__ = (
        sa.CheckConstraint("year BETWEEN 2020 AND 2099", name="year"),
        sa.CheckConstraint("envelope_cents BETWEEN 0 AND 1000000000", name="envelope"),
        sa.CheckConstraint("close_after_days BETWEEN 1 AND 90", name="close_after"),
        sa.Index("ix_compensation_year__territory", "territory_id", "year", "created_at"),
    )

    id: UUID = id_field()
    territory_id: UUID = Field(foreign_key="territory.id")
    year: int
    envelope_cents: int
    close_after_days: int
    created_at: datetime = instant_field()
    created_by: str


class CoordinationTimeRow(SQLModel, table=True):
    """Time given to the CPTS on a day, as its practitioner declared it; withdrawn, never edited."""

    __tablename__ = "coordination_time"
    __table_args__ = (
        sa.CheckConstraint("minutes BETWEEN 5 AND 720", name="minutes"),
        sa.Index("ix_coordination_time__practitioner_day", "practitioner_id", "day"),
        sa.Index("ix_coordination_time__territory_day", "territory_id", "day"),
    )

    id: UUID = id_field()
    practitioner_id: UUID = Field(foreign_key="practitioner.id")
    territory_id: UUID = Field(foreign_key="territory.id")
    day: date
    minutes: int
    activity: Activity = enum_field(Activity, "activity")
    created_at: datetime = instant_field()
    created_by: str
    withdrawn_at: datetime | None = instant_field(nullable=True)


class ActMark(SQLModel, table=True):
    """What a practitioner says of an act: codes billed with it, whether he is the médecin traitant."""

    __tablename__ = "act_mark"
    __table_args__ = (sa.Index("ix_act_mark__appointment", "appointment_id", "at"),)

    id: UUID = id_field()
    appointment_id: UUID = Field(foreign_key="appointment.id")
    codes: list[str] = texts_field()
    is_mt: bool | None = None
    at: datetime = instant_field()
    author: str


class ActVerdict(SQLModel, table=True):
    """A verdict on the majoration of an act, with what proves it; a row when it changes. No patient."""

    __tablename__ = "act_verdict"
    __table_args__ = (
        sa.CheckConstraint("amount_cents >= 0", name="amount"),
        sa.Index("ix_act_verdict__appointment", "appointment_id", "id"),
        sa.Index("ix_act_verdict__territory_seen", "territory_id", "seen_at"),
        sa.Index("ix_act_verdict__practitioner_seen", "practitioner_id", "seen_at"),
    )

    id: UUID = id_field()
    appointment_id: UUID = Field(foreign_key="appointment.id")
    practitioner_id: UUID = Field(foreign_key="practitioner.id")
    territory_id: UUID = Field(foreign_key="territory.id")
    request_id: UUID
    request_number: str | None = None
    seen_at: datetime = instant_field()
    decided_at: datetime | None = instant_field(nullable=True)
    decided_by: str | None = None
    decided_role: str | None = None
    week: date
    rank: int | None = None
    billed: list[str] = texts_field()
    status: VerdictStatus = enum_field(VerdictStatus, "status")
    amount_cents: int
    reasons: list[dict[str, Any]] = json_field(list)
    at: datetime = instant_field()


class StatementRow(SQLModel, table=True):
    """The month of a practitioner in a CPTS; once closed nothing of it changes."""

    __tablename__ = "compensation_statement"
    __table_args__ = (
        sa.UniqueConstraint(
            "territory_id", "practitioner_id", "month", name="uq_compensation_statement__month"
        ),
        sa.CheckConstraint("EXTRACT(day FROM month) = 1", name="month"),
        sa.CheckConstraint("(closed_at IS NULL) = (closed_by IS NULL)", name="closed"),
        sa.Index("ix_compensation_statement__practitioner", "practitioner_id", "month"),
        sa.Index("ix_compensation_statement__territory_month", "territory_id", "month"),
    )

    id: UUID = id_field()
    territory_id: UUID = Field(foreign_key="territory.id")
    practitioner_id: UUID = Field(foreign_key="practitioner.id")
    month: date
    cpts_cents: int = 0
    cpam_cents: int = 0
    computed_at: datetime = instant_field()
    closed_at: datetime | None = instant_field(nullable=True)
    closed_by: str | None = None


class StatementLine(SQLModel, table=True):
    """A line of a statement and the event that it is about; an event has one line, then corrections."""

    __tablename__ = "compensation_line"
    __table_args__ = (
        sa.UniqueConstraint("statement_id", "position", name="uq_compensation_line__position"),
        sa.CheckConstraint("num_nonnulls(appointment_id, slot_id, coordination_id) = 1", name="one_event"),
        sa.CheckConstraint(
            "CASE kind WHEN 'majoration' THEN appointment_id IS NOT NULL "
            "WHEN 'unused_slot' THEN slot_id IS NOT NULL ELSE coordination_id IS NOT NULL END",
            name="event_of_kind",
        ),
        sa.Index(
            "uq_compensation_line__appointment",
            "appointment_id",
            unique=True,
            postgresql_where=sa.text("corrected_month IS NULL"),
        ),
        sa.Index(
            "uq_compensation_line__slot",
            "slot_id",
            unique=True,
            postgresql_where=sa.text("corrected_month IS NULL"),
        ),
        sa.Index(
            "uq_compensation_line__coordination",
            "coordination_id",
            unique=True,
            postgresql_where=sa.text("corrected_month IS NULL"),
        ),
    )

    id: UUID = id_field()
    statement_id: UUID = Field(foreign_key="compensation_statement.id")
    position: int
    kind: LineKind = enum_field(LineKind, "kind")
    appointment_id: UUID | None = Field(default=None, foreign_key="appointment.id", index=True)
    slot_id: UUID | None = Field(default=None, foreign_key="slot.id", index=True)
    coordination_id: UUID | None = Field(default=None, foreign_key="coordination_time.id", index=True)
    terms_id: UUID | None = Field(default=None, foreign_key="funding_terms.id", index=True)
    day: date
    at: datetime = instant_field()
    quantity: int
    unit_cents: int
    amount_cents: int
    status: VerdictStatus | None = enum_field(VerdictStatus, "status", nullable=True, default=None)
    request_number: str | None = None
    reasons: list[dict[str, Any]] = json_field(list)
    corrected_month: date | None = None
