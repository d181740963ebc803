"""What patients ask of their data by the link of an appointment."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from api.persons.facts import PersonRight
from snp.platform.columns import enum_field, id_field, instant_field


class RightAsked(SQLModel, table=True):
    """One right that somebody who holds the link of an appointment asked for, until the delegate answered.

    It proves nobody's identity: the delegate verifies who asks before anything is told.
    """

    __tablename__ = "right_asked"
    __table_args__ = (
        sa.CheckConstraint("(answered_at IS NULL) = (answered_by IS NULL)", name="answered"),
        sa.Index(
            "uq_right_asked__open",
            "patient_id",
            "wanted",
            unique=True,
            postgresql_where=sa.text("answered_at IS NULL"),
        ),
        sa.Index("ix_right_asked__territory_asked", "territory_id", "asked_at", "id"),
    )

    id: UUID = id_field()
    territory_id: UUID = Field(foreign_key="territory.id")
    patient_id: UUID = Field(foreign_key="patient.id", index=True)
    request_id: UUID = Field(foreign_key="request.id", index=True)
    wanted: PersonRight = enum_field(PersonRight, "wanted")
    asked_at: datetime = instant_field()
    answered_at: datetime | None = instant_field(nullable=True)
    answered_by: str | None = None
