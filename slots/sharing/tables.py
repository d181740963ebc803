"""Agreements by which a territory lends slots to another, their story, and who opts out."""

from datetime import date, datetime, time
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field, SQLModel

import snp.directory.tables  # noqa: F401 - foreign keys point there
from slots.sharing.facts import SharingState
from snp.platform.columns import enum_field, id_field, instant_field, texts_field, version_field


def weekdays_field() -> Any:
    """Return ISO days of the week, 1 to 7."""
    return Field(sa_column=sa.Column(ARRAY(sa.SmallInteger), nullable=False))


class Sharing(SQLModel, table=True):
    """What `lender_id` lends to `borrower_id`. The terms are never edited: another agreement is offered.

    `state` is what the last row of the story says. Local times are those of the lender.
    """

    __tablename__ = "sharing"
    __table_args__ = (
        sa.CheckConstraint("lender_id <> borrower_id", name="two_territories"),
        sa.CheckConstraint("cardinality(professions) > 0", name="professions"),
        sa.CheckConstraint("weekdays <@ ARRAY[1,2,3,4,5,6,7]::smallint[]", name="weekdays"),
        sa.CheckConstraint("audiences <@ ARRAY['desk','professionals','regulation']", name="audiences"),
        sa.CheckConstraint("(starts_from IS NULL) = (starts_before IS NULL)", name="hours"),
        sa.CheckConstraint("starts_before > starts_from", name="hours_in_order"),
        sa.CheckConstraint("last_day >= first_day", name="last_day"),
        sa.CheckConstraint("most_a_day BETWEEN 1 AND 200", name="most_a_day"),
        sa.CheckConstraint("most_percent BETWEEN 1 AND 100", name="most_percent"),
        sa.CheckConstraint("last_hours BETWEEN 1 AND 168", name="last_hours"),
        sa.CheckConstraint("state <> 'accepted' OR accepted_at IS NOT NULL", name="accepted"),
        sa.CheckConstraint("(state IN ('declined', 'ended')) = (ended_at IS NOT NULL)", name="ended"),
        sa.Index("ix_sharing__accepted", "borrower_id", postgresql_where=sa.text("state = 'accepted'")),
    )

    id: UUID = id_field()
    lender_id: UUID = Field(foreign_key="territory.id", index=True)
    borrower_id: UUID = Field(foreign_key="territory.id", index=True)
    professions: list[str] = texts_field()
    weekdays: list[int] = weekdays_field()
    audiences: list[str] = texts_field()
    first_day: date
    last_day: date | None = None
    starts_from: time | None = None
    starts_before: time | None = None
    most_a_day: int | None = None
    most_percent: int | None = None
    last_hours: int | None = None
    state: SharingState = enum_field(SharingState, "state")
    version: int = version_field()
    created_at: datetime = instant_field()
    created_by: str
    accepted_at: datetime | None = instant_field(nullable=True)
    ended_at: datetime | None = instant_field(nullable=True)


class SharingStatus(SQLModel, table=True):
    """One state of an agreement with author and time; append-only."""

    __tablename__ = "sharing_status"

    id: UUID = id_field()
    sharing_id: UUID = Field(foreign_key="sharing.id", index=True)
    state: SharingState = enum_field(SharingState, "state")
    at: datetime = instant_field()
    author: str


class SharingOptOut(SQLModel, table=True):
    """A practitioner's slots in a territory are lent to nobody on `[since, ended_at)`."""

    __tablename__ = "sharing_opt_out"
    __table_args__ = (
        sa.CheckConstraint("ended_at >= since", name="ended_after_since"),
        sa.Index(
            "uq_sharing_opt_out__running",
            "practitioner_id",
            "territory_id",
            unique=True,
            postgresql_where=sa.text("ended_at IS NULL"),
        ),
        sa.Index(
            "ix_sharing_opt_out__territory", "territory_id", postgresql_where=sa.text("ended_at IS NULL")
        ),
    )

    id: UUID = id_field()
    practitioner_id: UUID = Field(foreign_key="practitioner.id", index=True)
    territory_id: UUID = Field(foreign_key="territory.id")
    since: datetime = instant_field()
    author: str
    ended_at: datetime | None = instant_field(nullable=True)
