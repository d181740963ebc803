"""Find appointments: by id, by the patient's code, by filters; and tell their story."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from slots.appointments import repository
from slots.appointments.codes import code_with_hash, hashes_of, new_code
from slots.appointments.facts import AppointmentFilter, AppointmentView, LivedAppointment, StatusLine
from slots.appointments.refusals import AppointmentNotFound
from slots.paging import after_start, page_by_start
from snp.directory.facts import Page
from snp.directory.paging import DEFAULT_LIMIT, checked_limit
from snp.platform.hashing import KeyedHash


def get_appointment(session: Session, appointment_id: UUID) -> AppointmentView:
    """Return an appointment; raises AppointmentNotFound."""
    found = repository.appointments_by_id(session, [appointment_id])
    if not found:
        raise AppointmentNotFound(appointment_id)
    return found[0]


def by_code(session: Session, code: str, *, codes: KeyedHash) -> AppointmentView:
    """Return the appointment a patient's code leads to, after its moves; raises AppointmentNotFound."""
    hashes = hashes_of(code, codes)
    found = repository.last_of_chain(session, hashes) if hashes else None
    if found is None:
        raise AppointmentNotFound
    return found


def patient_code(session: Session, appointment_id: UUID, *, codes: KeyedHash) -> str:
    """Return the patient's code (`K7PQ3-XWD9M`), derived anew: it is stored nowhere."""
    stored = repository.code_hash_of(session, appointment_id)
    if stored is None:
        raise AppointmentNotFound(appointment_id)
    return code_with_hash(appointment_id, stored, codes)


def new_patient_code(appointment_id: UUID, *, codes: KeyedHash) -> str:
    """Return the code of an appointment that was made in this very transaction, with these keys."""
    return new_code(appointment_id, codes)


def story(session: Session, appointment_id: UUID) -> tuple[StatusLine, ...]:
    """Return the statuses of an appointment, oldest first."""
    return repository.story_of(session, appointment_id)


def last_changes(session: Session, appointment_ids: Collection[UUID]) -> dict[UUID, datetime]:
    """Return when something last happened to each of several appointments."""
    return repository.last_changes(session, appointment_ids)


def lived_appointments(
    session: Session, practitioner_id: UUID, *, starts_from: datetime, starts_before: datetime
) -> list[LivedAppointment]:
    """Return the appointments of a practitioner whose patient came, or did not, by start."""
    return repository.lived(session, practitioner_id, starts_from, starts_before)


def practitioners_of(
    session: Session, territory_id: UUID, *, starts_from: datetime, starts_before: datetime
) -> list[UUID]:
    """Return who had appointments that were booked in a territory over a period, by id; members or not."""
    return repository.practitioners_of(session, territory_id, starts_from, starts_before)


def list_appointments(
    session: Session,
    query: AppointmentFilter,
    *,
    cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page[AppointmentView]:
    """List appointments by start."""
    after: tuple[datetime, UUID] | None = after_start(cursor)
    found = repository.appointments_page(session, query, after=after, limit=checked_limit(limit))
    return page_by_start(found, limit)
