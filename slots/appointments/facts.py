"""The words of a claim on a slot: holds and how they end, appointments and their statuses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from snp.assignment.facts import Mode


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


@dataclass(frozen=True, slots=True)
class Claim:
    """A slot wanted for a request; sessions of a series count from 1."""

    slot_id: UUID
    request_id: UUID
    session_no: int = 1


@dataclass(frozen=True, slots=True)
class HeldSlot:
    """A slot kept for a request, `[start, end)`."""

    slot_id: UUID
    request_id: UUID
    session_no: int
    practitioner_id: UUID
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class HoldBundle:
    """Slots kept together until `expires_at`, in session order.

    `lapsed_request_ids`: requests whose own hold on these slots had run out and was ended by this one.
    """

    bundle_id: UUID
    expires_at: datetime
    slots: tuple[HeldSlot, ...]
    lapsed_request_ids: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class AppointmentView:
    """A slot taken for a request. `live` while the slot is taken by it. `replaces_id`: moved from there.

    `sharing_id`: the agreement by which a neighbouring territory lent the slot; None for an own slot.
    """

    id: UUID
    slot_id: UUID
    request_id: UUID
    session_no: int
    practitioner_id: UUID
    site_id: UUID
    territory_id: UUID
    organisation_id: UUID | None
    start: datetime
    end: datetime
    mode: Mode
    status: AppointmentStatusKind
    live: bool
    replaces_id: UUID | None
    version: int
    created_at: datetime
    created_by: str
    sharing_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class LivedAppointment:
    """An appointment whose time came: the patient came, or did not. `changed_at`: when that was last said."""

    id: UUID
    slot_id: UUID
    request_id: UUID
    practitioner_id: UUID
    territory_id: UUID
    start: datetime
    booked_at: datetime
    honoured: bool
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class StatusLine:
    """One line of an appointment's story."""

    status: AppointmentStatusKind
    at: datetime
    author: str
    cancelled_by: CancelledBy | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Booked:
    """Appointments made together, in the order of their claims.

    `lapsed_request_ids`: requests whose hold on these slots had run out and was ended by this booking.
    """

    appointments: tuple[AppointmentView, ...]
    lapsed_request_ids: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class AppointmentFilter:
    """Which appointments to list; None asks for any.

    Instants bound `start`: `[starts_from, starts_before)`.
    """

    practitioner_ids: frozenset[UUID] | None = None
    organisation_id: UUID | None = None
    territory_ids: frozenset[UUID] | None = None
    request_ids: frozenset[UUID] | None = None
    starts_from: datetime | None = None
    starts_before: datetime | None = None
    statuses: frozenset[AppointmentStatusKind] | None = None
    live: bool | None = None


@dataclass(frozen=True, slots=True)
class SasOperator:
    """A regulator as the national platform names him: an identifier and its system, as received (INT_R02)."""

    system: str
    value: str


@dataclass(frozen=True, slots=True)
class SasDeclaration:
    """An appointment that the national platform must be told of, and the regulator who booked it."""

    appointment_id: UUID
    operator: SasOperator
    created_at: datetime
