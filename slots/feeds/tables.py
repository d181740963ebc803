"""Private feeds, imported calendars, their busy times, and the absences these make in an agenda."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

import slots.agenda.tables  # noqa: F401 - foreign keys point there
from slots.feeds.facts import FetchFault
from snp.platform.columns import enum_field, id_field, instant_field


class CalendarFeed(SQLModel, table=True):
    """The private address of a practitioner's slots; only the hash of its secret is kept."""

    __tablename__ = "calendar_feed"
    __table_args__ = (
        sa.Index(
            "uq_calendar_feed__running",
            "practitioner_id",
            unique=True,
            postgresql_where=sa.text("revoked_at IS NULL"),
        ),
    )

    id: UUID = id_field()
    practitioner_id: UUID = Field(foreign_key="practitioner.id")
    secret_hash: bytes = Field(sa_column=sa.Column(sa.LargeBinary, nullable=False, unique=True))
    created_at: datetime = instant_field()
    created_by: str
    revoked_at: datetime | None = instant_field(nullable=True)


class ImportedCalendar(SQLModel, table=True):
    """A practitioner's own calendar. Its address is a secret: one AES-GCM envelope."""

    __tablename__ = "imported_calendar"

    id: UUID = id_field()
    practitioner_id: UUID = Field(foreign_key="practitioner.id", index=True)
    address: bytes = Field(sa_column=sa.Column(sa.LargeBinary, nullable=False))
    host: str
    etag: str | None = None
    last_modified: str | None = None
    checked_at: datetime | None = instant_field(nullable=True)
    read_at: datetime | None = instant_field(nullable=True)
    fault: FetchFault | None = enum_field(FetchFault, "fault", nullable=True, default=None)
    failing_since: datetime | None = instant_field(nullable=True)
    created_at: datetime = instant_field()
    created_by: str
    removed_at: datetime | None = instant_field(nullable=True)


class BusyTime(SQLModel, table=True):
    """A time `[start_at, end_at)` at which a calendar says its owner is busy; never with whom nor why."""

    __tablename__ = "busy_time"
    __table_args__ = (sa.CheckConstraint("end_at > start_at", name="end_after_start"),)

    id: UUID = id_field()
    calendar_id: UUID = Field(foreign_key="imported_calendar.id", index=True)
    start_at: datetime = instant_field()
    end_at: datetime = instant_field()


class CalendarAbsence(SQLModel, table=True):
    """An absence that busy times made, not its practitioner: it goes as they go."""

    __tablename__ = "calendar_absence"

    absence_id: UUID = Field(foreign_key="absence.id", primary_key=True)
    practitioner_id: UUID = Field(foreign_key="practitioner.id", index=True)
