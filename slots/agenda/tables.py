"""Opening patterns, their exceptions, absences, and the dated slots they become.

The database itself refuses two live slots of one practitioner that overlap (buffer included).
"""

from datetime import date, datetime, time
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, ExcludeConstraint
from sqlmodel import Field, SQLModel

import snp.directory.tables  # noqa: F401 - foreign keys point there
from slots.agenda.facts import ExceptionKind, SasView, SlotEventKind, SlotState
from snp.assignment.facts import Mode
from snp.platform.columns import enum_field, id_field, instant_field, texts_field, uuids_field, version_field

_SAS_VIEWS: Final = "sas <@ ARRAY['individual', 'cpts']"


def sas_field() -> Any:
    """Return how the national platform shows the slots: every way unless something else is said."""
    return Field(
        default_factory=lambda: sorted(SasView),
        sa_column=sa.Column(ARRAY(sa.Text), nullable=False, server_default="{cpts,individual}"),
    )


class Pattern(SQLModel, table=True):
    """A recurring opening in local wall time: RFC 5545 `RRULE`, each day cut into `patients` slots."""

    __tablename__ = "pattern"
    __table_args__ = (
        sa.CheckConstraint("slot_minutes BETWEEN 5 AND 240", name="slot_minutes"),
        sa.CheckConstraint("patients BETWEEN 1 AND 60", name="patients"),
        sa.CheckConstraint("buffer_minutes BETWEEN 0 AND 120", name="buffer_minutes"),
        sa.CheckConstraint("release_minutes IS NULL OR release_minutes >= 0", name="release_minutes"),
        sa.CheckConstraint(_SAS_VIEWS, name="sas"),
        sa.CheckConstraint("last_day IS NULL OR last_day >= first_day", name="last_day"),
    )

    id: UUID = id_field()
    practitioner_id: UUID = Field(foreign_key="practitioner.id", index=True)
    site_id: UUID = Field(foreign_key="site.id")
    rrule: str
    first_day: date
    last_day: date | None = None
    starts_at: time
    patients: int
    slot_minutes: int
    buffer_minutes: int = 0
    release_minutes: int | None = None
    mode: Mode = enum_field(Mode, "mode")
    audiences: list[str] = texts_field()
    territory_ids: list[UUID] = uuids_field()
    reasons: list[str] = texts_field()
    sas: list[str] = sas_field()
    replaces_id: UUID | None = Field(default=None, foreign_key="pattern.id")
    ended_at: datetime | None = instant_field(nullable=True)
    expanded_until: date | None = None
    version: int = version_field()
    created_at: datetime = instant_field()
    created_by: str


class PatternException(SQLModel, table=True):
    """One occurrence (by its original local day) cancelled, or moved to another day or time."""

    __tablename__ = "pattern_exception"

    pattern_id: UUID = Field(foreign_key="pattern.id", primary_key=True)
    day: date = Field(primary_key=True)
    kind: ExceptionKind = enum_field(ExceptionKind, "kind")
    moved_day: date | None = None
    moved_starts_at: time | None = None
    patients: int | None = None
    created_at: datetime = instant_field()
    created_by: str


class Absence(SQLModel, table=True):
    """The practitioner is away on `[start_at, end_at)`: his free slots hide, and return if it is lifted."""

    __tablename__ = "absence"
    __table_args__ = (sa.CheckConstraint("end_at > start_at", name="end_after_start"),)

    id: UUID = id_field()
    practitioner_id: UUID = Field(foreign_key="practitioner.id", index=True)
    start_at: datetime = instant_field()
    end_at: datetime = instant_field()
    label: str | None = None
    lifted_at: datetime | None = instant_field(nullable=True)
    version: int = version_field()
    created_at: datetime = instant_field()
    created_by: str


class Slot(SQLModel, table=True):
    """A dated slot `[start_at, end_at)`; busy until its buffer ends; who took it is said elsewhere.

    `closing`: an open slot that stays only for who has it, because its opening went away; once freed it hides
    (`hidden_by_id` names the absence) or is withdrawn.
    """

    __tablename__ = "slot"
    __table_args__ = (
        sa.CheckConstraint("end_at > start_at", name="end_after_start"),
        sa.CheckConstraint(_SAS_VIEWS, name="sas"),
        sa.CheckConstraint("busy_until >= end_at", name="buffer_after_end"),
        sa.UniqueConstraint("pattern_id", "occurrence_day", "occurrence_no", name="uq_slot__occurrence"),
        ExcludeConstraint(
            (sa.text("uuidrange(practitioner_id, practitioner_id, '[]')"), "&&"),
            (sa.text("tstzrange(start_at, busy_until)"), "&&"),
            name="ex_slot__no_overlap",
            using="gist",
            where=sa.text("state = 'open'"),
        ),
        sa.Index("ix_slot__open_start", "start_at", postgresql_where=sa.text("state = 'open'")),
        sa.Index("ix_slot__start", "start_at"),
        sa.Index("ix_slot__territories", "territory_ids", postgresql_using="gin"),
        sa.Index("ix_slot__practitioner_start", "practitioner_id", "start_at"),
        sa.Index(
            "ix_slot__release",
            "release_at",
            postgresql_where=sa.text("state = 'open' AND release_at IS NOT NULL"),
        ),
    )

    id: UUID = id_field()
    practitioner_id: UUID = Field(foreign_key="practitioner.id")
    site_id: UUID = Field(foreign_key="site.id", index=True)
    profession: str = Field(foreign_key="profession.code")
    pattern_id: UUID | None = Field(default=None, foreign_key="pattern.id")
    occurrence_day: date | None = None
    occurrence_no: int | None = None
    start_at: datetime = instant_field()
    end_at: datetime = instant_field()
    busy_until: datetime = instant_field()
    mode: Mode = enum_field(Mode, "mode")
    audiences: list[str] = texts_field()
    territory_ids: list[UUID] = uuids_field()
    reasons: list[str] = texts_field()
    sas: list[str] = sas_field()
    release_at: datetime | None = instant_field(nullable=True)
    state: SlotState = enum_field(SlotState, "state", default=SlotState.OPEN)
    hidden_by_id: UUID | None = Field(default=None, foreign_key="absence.id", index=True)
    closing: bool = Field(
        default=False, sa_column=sa.Column(sa.Boolean, nullable=False, server_default=sa.false())
    )
    version: int = version_field()
    created_at: datetime = instant_field()
    created_by: str


class SlotEvent(SQLModel, table=True):
    """Something that happened to a slot; append-only."""

    __tablename__ = "slot_event"

    id: UUID = id_field()
    slot_id: UUID = Field(foreign_key="slot.id", index=True)
    event: SlotEventKind = enum_field(SlotEventKind, "event")
    at: datetime = instant_field()
    author: str
    reason: str | None = None
