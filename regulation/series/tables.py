"""Series of physiotherapy, their story and sheets (sealed), templates, offers to colleagues, relays."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from regulation.series.facts import PassAnswer, PassReason, SeriesEnd, SeriesEvent
from snp.platform.columns import enum_field, id_field, instant_field, json_field, version_field


class PhysioSeries(SQLModel, table=True):
    """The series of a request. `practitioner_id`: who holds it, also while a colleague stands in.

    Days are local. `sessions_elsewhere`: sessions without diagnosis that the patient says he had with others.
    """

    __tablename__ = "physio_series"
    __table_args__ = (
        sa.CheckConstraint("(closed_at IS NULL) = (closed_as IS NULL)", name="closed"),
        sa.CheckConstraint("sessions_elsewhere BETWEEN 0 AND 99", name="sessions_elsewhere"),
        sa.CheckConstraint(
            "chosen_practitioner_id IS NULL OR closed_as IN ('handed_over', 'returned')", name="chosen"
        ),
        sa.Index("ix_physio_series__open", "request_id", postgresql_where=sa.text("closed_at IS NULL")),
        sa.Index("ix_physio_series__territory", "territory_id", "opened_at"),
    )

    request_id: UUID = Field(primary_key=True, foreign_key="request.id")
    territory_id: UUID = Field(foreign_key="territory.id")
    indication: str
    practitioner_id: UUID | None = Field(default=None, foreign_key="practitioner.id", index=True)
    usual_practitioner_id: UUID | None = Field(default=None, foreign_key="practitioner.id", index=True)
    diagnosed: bool
    diagnosed_on: date | None = None
    sessions_elsewhere: int = 0
    first_elsewhere_on: date | None = None
    opened_at: datetime = instant_field()
    opened_by: str
    closed_at: datetime | None = instant_field(nullable=True)
    closed_as: SeriesEnd | None = enum_field(SeriesEnd, "closed_as", nullable=True, default=None)
    chosen_practitioner_id: UUID | None = Field(default=None, foreign_key="practitioner.id", index=True)
    version: int = version_field()


class PhysioSeriesLine(SQLModel, table=True):
    """One event of a series with author and time; append-only. `code`.

    A reason or an end, never free text.
    """

    __tablename__ = "physio_series_line"

    id: UUID = id_field()
    request_id: UUID = Field(foreign_key="physio_series.request_id", index=True)
    event: SeriesEvent = enum_field(SeriesEvent, "event")
    at: datetime = instant_field()
    author: str
    practitioner_id: UUID | None = Field(default=None, foreign_key="practitioner.id", index=True)
    code: str | None = None


class PhysioTemplate(SQLModel, table=True):
    """One revision of what a territory does for an indication; the highest one is in force."""

    __tablename__ = "physio_template"
    __table_args__ = (
        sa.UniqueConstraint("territory_id", "indication", "revision", name="uq_physio_template__revision"),
        sa.CheckConstraint("min_gap_days >= 1 AND max_gap_days >= min_gap_days", name="gap_days"),
    )

    id: UUID = id_field()
    territory_id: UUID = Field(foreign_key="territory.id")
    indication: str
    revision: int
    min_gap_days: int
    max_gap_days: int
    sections: list[dict[str, Any]] = json_field(list)
    created_at: datetime = instant_field()
    created_by: str


class PhysioSheet(SQLModel, table=True):
    """One revision of the sheet of a series. `content` is health data: one AES-GCM envelope.

    `sections` are the titles that the template gave it: a sheet reads the same when the template changes.
    """

    __tablename__ = "physio_sheet"
    __table_args__ = (
        sa.UniqueConstraint("request_id", "revision", name="uq_physio_sheet__revision"),
        sa.Index(
            "uq_physio_sheet__draft",
            "request_id",
            unique=True,
            postgresql_where=sa.text("finished_at IS NULL"),
        ),
    )

    id: UUID = id_field()
    request_id: UUID = Field(foreign_key="physio_series.request_id")
    revision: int
    practitioner_id: UUID = Field(foreign_key="practitioner.id", index=True)
    sections: list[dict[str, Any]] = json_field(list)
    content: bytes = Field(sa_column=sa.Column(sa.LargeBinary, nullable=False))
    created_at: datetime = instant_field()
    changed_at: datetime = instant_field()
    finished_at: datetime | None = instant_field(nullable=True)
    version: int = version_field()


class PhysioPass(SQLModel, table=True):
    """The rest of a series offered to a colleague; one runs at a time."""

    __tablename__ = "physio_pass"
    __table_args__ = (
        sa.CheckConstraint("(answered_at IS NULL) = (answer IS NULL)", name="answered"),
        sa.CheckConstraint("from_practitioner_id <> to_practitioner_id", name="two_people"),
        sa.Index(
            "uq_physio_pass__running",
            "request_id",
            unique=True,
            postgresql_where=sa.text("answered_at IS NULL"),
        ),
    )

    id: UUID = id_field()
    request_id: UUID = Field(foreign_key="physio_series.request_id", index=True)
    from_practitioner_id: UUID = Field(foreign_key="practitioner.id", index=True)
    to_practitioner_id: UUID = Field(foreign_key="practitioner.id", index=True)
    reason: PassReason = enum_field(PassReason, "reason")
    proposed_at: datetime = instant_field()
    proposed_by: str
    answered_at: datetime | None = instant_field(nullable=True)
    answered_by: str | None = None
    answer: PassAnswer | None = enum_field(PassAnswer, "answer", nullable=True, default=None)


class PhysioRelay(SQLModel, table=True):
    """A colleague stands in for who is away, between two local days, both included."""

    __tablename__ = "physio_relay"
    __table_args__ = (
        sa.CheckConstraint("ends_on >= starts_on", name="days"),
        sa.CheckConstraint("practitioner_id <> colleague_id", name="two_people"),
    )

    id: UUID = id_field()
    territory_id: UUID = Field(foreign_key="territory.id", index=True)
    practitioner_id: UUID = Field(foreign_key="practitioner.id", index=True)
    colleague_id: UUID = Field(foreign_key="practitioner.id", index=True)
    starts_on: date
    ends_on: date
    declared_at: datetime = instant_field()
    declared_by: str
    ended_at: datetime | None = instant_field(nullable=True)
    ended_by: str | None = None


class PhysioTermsRow(SQLModel, table=True):
    """What a physiotherapist says of himself to patients and to the engine."""

    __tablename__ = "physio_terms"

    practitioner_id: UUID = Field(primary_key=True, foreign_key="practitioner.id")
    takes_patients: bool | None = None
    direct_access_since: date | None = None
    changed_at: datetime = instant_field()
    changed_by: str
