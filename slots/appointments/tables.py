"""Who holds a slot: expiring holds, appointments and their status rows.

The database itself refuses two running holds and two live appointments on one slot.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

import slots.sharing.tables  # noqa: F401 - foreign keys point there
from slots.appointments.facts import AppointmentStatusKind, CancelledBy, HoldEnd
from snp.assignment.facts import Mode
from snp.platform.columns import enum_field, id_field, instant_field, version_field


def sharing_field() -> Any:
    """Return the agreement under which a neighbour's slot is claimed; None for an own slot."""
    return Field(default=None, foreign_key="sharing.id", index=True)


class Hold(SQLModel, table=True):
    """A slot kept for a request until `expires_at`; rows of sessions or a household share `bundle_id`.

    `request_id` names a request of the regulation, above this package: no foreign key.
    """

    __tablename__ = "hold"
    __table_args__ = (
        sa.CheckConstraint("expires_at > created_at", name="expiry"),
        sa.CheckConstraint("(ended_at IS NULL) = (ended_as IS NULL)", name="ended"),
        sa.Index("uq_hold__running", "slot_id", unique=True, postgresql_where=sa.text("ended_at IS NULL")),
        sa.Index("ix_hold__expiry", "expires_at", postgresql_where=sa.text("ended_at IS NULL")),
    )

    id: UUID = id_field()
    bundle_id: UUID = Field(index=True)
    slot_id: UUID = Field(foreign_key="slot.id", index=True)
    request_id: UUID = Field(index=True)
    territory_id: UUID = Field(foreign_key="territory.id")
    sharing_id: UUID | None = sharing_field()
    session_no: int = 1
    created_at: datetime = instant_field()
    created_by: str
    expires_at: datetime = instant_field()
    ended_at: datetime | None = instant_field(nullable=True)
    ended_as: HoldEnd | None = enum_field(HoldEnd, "ended_as", nullable=True, default=None)


class Appointment(SQLModel, table=True):
    """A slot taken for a request. `live` while the slot is taken by it; the story is in its status rows.

    What the patient was told (place, time, mode) is kept here; `territory_id` is the one it was booked in, to
    which the request belongs. `sharing_id`: the agreement by which a neighbour lent the slot; the slot's own
    figures stay with the lender of that agreement. None: the slot was offered in `territory_id` itself.
    """

    __tablename__ = "appointment"
    __table_args__ = (
        sa.CheckConstraint("session_no >= 1", name="session_no"),
        sa.Index("uq_appointment__live_slot", "slot_id", unique=True, postgresql_where=sa.text("live")),
        sa.Index("ix_appointment__practitioner_start", "practitioner_id", "start_at"),
        sa.Index("ix_appointment__territory_start", "territory_id", "start_at"),
    )

    id: UUID = id_field()
    slot_id: UUID = Field(foreign_key="slot.id", index=True)
    request_id: UUID = Field(index=True)
    practitioner_id: UUID = Field(foreign_key="practitioner.id")
    site_id: UUID = Field(foreign_key="site.id")
    territory_id: UUID = Field(foreign_key="territory.id")
    sharing_id: UUID | None = sharing_field()
    organisation_id: UUID | None = Field(default=None, foreign_key="organisation.id", index=True)
    session_no: int = 1
    start_at: datetime = instant_field()
    end_at: datetime = instant_field()
    mode: Mode = enum_field(Mode, "mode")
    live: bool = True
    status: AppointmentStatusKind = enum_field(AppointmentStatusKind, "status")
    code_hash: bytes = Field(sa_column=sa.Column(sa.LargeBinary, nullable=False, unique=True))
    replaces_id: UUID | None = Field(default=None, foreign_key="appointment.id")
    version: int = version_field()
    created_at: datetime = instant_field()
    created_by: str


class AppointmentStatus(SQLModel, table=True):
    """One status of an appointment with author and time; append-only."""

    __tablename__ = "appointment_status"

    id: UUID = id_field()
    appointment_id: UUID = Field(foreign_key="appointment.id", index=True)
    status: AppointmentStatusKind = enum_field(AppointmentStatusKind, "status")
    at: datetime = instant_field()
    author: str
    cancelled_by: CancelledBy | None = enum_field(CancelledBy, "cancelled_by", nullable=True, default=None)
    reason: str | None = None


class SasAppointment(SQLModel, table=True):
    """An appointment booked by a regulator who came through the national platform, which must be told of it.

    `operator_system` and `operator_value`: the regulator's identifier as the platform gave it (INT_R02), so
    that what is pushed back (INT_R03) names him by it. No patient, no name.
    """

    __tablename__ = "sas_appointment"
    __table_args__ = (sa.CheckConstraint("operator_system <> '' AND operator_value <> ''", name="operator"),)

    appointment_id: UUID = Field(primary_key=True, foreign_key="appointment.id")
    operator_system: str
    operator_value: str
    created_at: datetime = instant_field()
