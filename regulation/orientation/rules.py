"""What becomes of a request when its claim ends. Pure."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from regulation.intake.facts import Move
from regulation.orientation.facts import Proposals
from slots.appointments.facts import AppointmentStatusKind

LEAST_TIME_TO_SEEK: Final = timedelta(hours=24)
"""What a request is given at least to find another slot when its carer cancels: one working day."""


def reopened_window(deadline: datetime | None, now: datetime) -> datetime:
    """Until when a request seeks that lost its appointment: its own deadline, or a day when less is left.

    A patient does not pay with his turn for a cancellation that is not his.
    """
    at_least = now + LEAST_TIME_TO_SEEK
    return at_least if deadline is None else max(deadline, at_least)


def closing_move(statuses: Collection[AppointmentStatusKind]) -> Move | None:
    """How a booked request closes, by the statuses of all its appointments; None while one is to come.

    Seen once is seen. Given up without being seen is a cancellation. Moved appointments count for nothing:
    the one they became is among the others.
    """
    if AppointmentStatusKind.BOOKED in statuses:
        return None
    if AppointmentStatusKind.HONOURED in statuses:
        return Move.HONOUR
    return Move.NO_SHOW if AppointmentStatusKind.NO_SHOW in statuses else Move.CANCEL


def no_proposals(request_id: UUID) -> Proposals:
    """Nothing to propose: an appointment that stands needs no other."""
    return Proposals(request_id, None, (), 0, 0, ())
