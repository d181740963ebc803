"""How a patient wants to be reminded of the appointments of a request."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from regulation.messages.facts import ReminderWay
from snp.platform.columns import enum_field, instant_field


class ReminderChoice(SQLModel, table=True):
    """The last choice of who holds the link; no row: by SMS. `address`: sealed, for reminders alone."""

    __tablename__ = "reminder_choice"
    __table_args__ = (sa.CheckConstraint("(way = 'email') = (address IS NOT NULL)", name="address"),)

    request_id: UUID = Field(primary_key=True, foreign_key="request.id")
    way: ReminderWay = enum_field(ReminderWay, "way")
    address: bytes | None = Field(default=None, sa_column=sa.Column(sa.LargeBinary, nullable=True))
    chosen_at: datetime = instant_field()
