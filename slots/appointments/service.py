"""The use cases of a claim: hold, confirm, book, drop, cancel, move, honour, no-show, read.

Slots are locked in order of id, then a visible list of checks runs, then everything is written; the caller
commits. `codes` hashes the patient's code: only the hash is stored.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from slots.appointments.facts import (
    AppointmentFilter,
    AppointmentView,
    Booked,
    CancelledBy,
    Claim,
    HoldBundle,
    StatusLine,
)
from snp.assignment.facts import Audience
from snp.directory.facts import Page
from snp.directory.paging import DEFAULT_LIMIT
from snp.platform.actors import Actor
from snp.platform.hashing import KeyedHash


def hold(
    session: Session,
    claims: Sequence[Claim],
    *,
    audience: Audience,
    territory_id: UUID,
    minutes: int,
    by: Actor,
    now: datetime,
) -> HoldBundle:
    """Keep slots together for `minutes`. Raises SlotNotFound, SlotAlreadyTaken, SlotNotOpen, SlotInThePast…"""
    raise NotImplementedError


def get_hold(session: Session, bundle_id: UUID) -> HoldBundle:
    """Return a running bundle; raises HoldNotFound, HoldEnded."""
    raise NotImplementedError


def confirm(
    session: Session,
    bundle_id: UUID,
    *,
    organisation_id: UUID | None = None,
    codes: KeyedHash,
    by: Actor,
    now: datetime,
) -> tuple[AppointmentView, ...]:
    """Turn a running hold into appointments. Raises HoldNotFound, HoldExpired, HoldEnded, SlotNotOpen…"""
    raise NotImplementedError


def drop_hold(session: Session, bundle_id: UUID, *, by: Actor, now: datetime) -> tuple[UUID, ...]:
    """Let a hold go; returns the request ids. Dropping one that already ended changes nothing."""
    raise NotImplementedError


def expire_holds(session: Session, *, now: datetime, limit: int = 500) -> tuple[UUID, ...]:
    """End the holds that ran out; returns the ids of the requests they were for."""
    raise NotImplementedError


def book(
    session: Session,
    claims: Sequence[Claim],
    *,
    audience: Audience,
    territory_id: UUID,
    organisation_id: UUID | None = None,
    codes: KeyedHash,
    by: Actor,
    now: datetime,
) -> Booked:
    """Book slots together with no hold before, all or none."""
    raise NotImplementedError


def cancel(
    session: Session,
    appointment_id: UUID,
    *,
    cancelled_by: CancelledBy,
    reason: str,
    by: Actor,
    now: datetime,
) -> AppointmentView:
    """Give an appointment up; its slot is offered again, unless the practitioner gave it up."""
    raise NotImplementedError


def move(
    session: Session,
    appointment_id: UUID,
    new_slot_id: UUID,
    *,
    audience: Audience,
    territory_id: UUID,
    reason: str,
    codes: KeyedHash,
    by: Actor,
    now: datetime,
) -> AppointmentView:
    """Take another slot instead; returns the new appointment, which names the one it replaces."""
    raise NotImplementedError


def honour(session: Session, appointment_id: UUID, *, by: Actor, now: datetime) -> AppointmentView:
    """The patient came."""
    raise NotImplementedError


def no_show(session: Session, appointment_id: UUID, *, by: Actor, now: datetime) -> AppointmentView:
    """The patient did not come."""
    raise NotImplementedError


def get_appointment(session: Session, appointment_id: UUID) -> AppointmentView:
    """Return an appointment; raises AppointmentNotFound."""
    raise NotImplementedError


def by_code(session: Session, code: str, *, codes: KeyedHash) -> AppointmentView:
    """Return the appointment a patient's code leads to, after its moves; raises AppointmentNotFound."""
    raise NotImplementedError


def patient_code(session: Session, appointment_id: UUID, *, codes: KeyedHash) -> str:
    """Return the patient's code (`K7PQ3-XWD9M`), derived anew: it is stored nowhere."""
    raise NotImplementedError


def story(session: Session, appointment_id: UUID) -> tuple[StatusLine, ...]:
    """Return the statuses of an appointment, oldest first."""
    raise NotImplementedError


def list_appointments(
    session: Session,
    query: AppointmentFilter,
    *,
    cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page[AppointmentView]:
    """List appointments by start."""
    raise NotImplementedError
