"""The words of a claim on a slot: holds and how they end, appointments and their statuses."""

from __future__ import annotations

from enum import StrEnum


class HoldEnd(StrEnum):
    """How a hold ended."""

    CONFIRMED = "confirmed"
    EXPIRED = "expired"
    DROPPED = "dropped"


class AppointmentStatusKind(StrEnum):
    """The statuses of an appointment; each is a row with author and time, never edited.

    `moved` closes the old appointment; the new one says which it replaces.
    """

    BOOKED = "booked"
    MOVED = "moved"
    CANCELLED = "cancelled"
    HONOURED = "honoured"
    NO_SHOW = "no_show"


class CancelledBy(StrEnum):
    """Who gave the appointment up; decides whether its request is served again."""

    PATIENT = "patient"
    DESK = "desk"
    REGULATION = "regulation"
    PRACTITIONER = "practitioner"
