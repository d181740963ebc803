"""The tables of claims as Core tables, and the two conditions that say who has a slot."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import SQLModel

from slots.appointments import tables  # noqa: F401 - declares the tables that are looked up below

_TABLES = SQLModel.metadata.tables
appointment: Final = _TABLES["appointment"]
appointment_status: Final = _TABLES["appointment_status"]
hold: Final = _TABLES["hold"]
sas_appointment: Final = _TABLES["sas_appointment"]

Instant = datetime | sa.ColumnElement[Any]
"""An instant, or the place of one in a statement that is made once."""


def is_held(slot_id: sa.ColumnElement[Any], now: Instant) -> sa.ColumnElement[bool]:
    """A hold that has not run out keeps this slot."""
    return (
        sa.select(hold.c.id)
        .where(hold.c.slot_id == slot_id, hold.c.ended_at.is_(None), hold.c.expires_at > now)
        .exists()
    )


def is_taken(slot_id: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    """A live appointment has this slot."""
    return sa.select(appointment.c.id).where(appointment.c.slot_id == slot_id, appointment.c.live).exists()
