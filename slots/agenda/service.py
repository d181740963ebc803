"""The use cases of the agenda: publish, repeat, be away, list, change, take back, release, search.

Every function loads, decides and writes under the caller's transaction; none commits.
"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlmodel import Session

from slots.agenda.facts import (
    AbsenceOutcome,
    AbsenceView,
    EditScope,
    FreeSlot,
    FreeSlotQuery,
    OccurrenceChange,
    Offer,
    PatternDraft,
    PatternFilter,
    PatternView,
    Publication,
    SlotChange,
    SlotEventView,
    SlotFilter,
    SlotView,
    Withdrawal,
)
from snp.directory.facts import Page
from snp.directory.paging import DEFAULT_LIMIT
from snp.platform.actors import Actor


def publish_slot(
    session: Session, practitioner_id: UUID, start: datetime, offer: Offer, *, by: Actor, now: datetime
) -> Publication:
    """Publish one slot. Raises OverlappingSlot, OutsideSnpHours, DuringAbsence, SlotInThePast, InvalidValue…"""
    raise NotImplementedError


def publish_range(
    session: Session,
    practitioner_id: UUID,
    start: datetime,
    end: datetime,
    offer: Offer,
    *,
    patients: int | None = None,
    by: Actor,
    now: datetime,
) -> Publication:
    """Cut `[start, end)` into `patients` slots, or into slots of `offer.slot_minutes`; all or nothing."""
    raise NotImplementedError


def publish_pattern(
    session: Session,
    practitioner_id: UUID,
    draft: PatternDraft,
    *,
    horizon_days: int = 60,
    by: Actor,
    now: datetime,
) -> Publication:
    """Publish a recurring opening and its slots up to the horizon; what could not be is told in notices."""
    raise NotImplementedError


def edit_pattern(
    session: Session,
    pattern_id: UUID,
    scope: EditScope,
    change: OccurrenceChange | PatternDraft,
    *,
    day: date | None = None,
    version: int | None = None,
    horizon_days: int = 60,
    by: Actor,
    now: datetime,
) -> Publication:
    """Edit one occurrence (`this`: `day` and an OccurrenceChange), from `day` on (`following`), or `all` of it.

    `following` and `all` take a whole PatternDraft. Taken slots stay; the notices name them.
    """
    raise NotImplementedError


def end_pattern(
    session: Session,
    pattern_id: UUID,
    *,
    last_day: date | None = None,
    version: int | None = None,
    by: Actor,
    now: datetime,
) -> Publication:
    """Stop a pattern after `last_day` (default: today). Free slots are withdrawn, taken ones stay."""
    raise NotImplementedError


def get_pattern(session: Session, pattern_id: UUID) -> PatternView:
    """Return a pattern; raises PatternNotFound."""
    raise NotImplementedError


def list_patterns(
    session: Session, query: PatternFilter, *, cursor: str | None = None, limit: int = DEFAULT_LIMIT
) -> Page[PatternView]:
    """List patterns in order of creation."""
    raise NotImplementedError


def add_absence(
    session: Session,
    practitioner_id: UUID,
    start: datetime,
    end: datetime,
    *,
    label: str | None = None,
    cancel_taken_reason: str | None = None,
    by: Actor,
    now: datetime,
) -> AbsenceOutcome:
    """Hide the free slots of `[start, end)`.

    Taken or held slots stay, with a notice, unless `cancel_taken_reason` is given: then they are freed and
    hidden too, and their requests returned.
    """
    raise NotImplementedError


def lift_absence(
    session: Session, absence_id: UUID, *, version: int | None = None, by: Actor, now: datetime
) -> AbsenceOutcome:
    """Bring back the slots an absence hid, except those now in conflict or past."""
    raise NotImplementedError


def get_absence(session: Session, absence_id: UUID) -> AbsenceView:
    """Return an absence; raises AbsenceNotFound."""
    raise NotImplementedError


def list_absences(
    session: Session,
    *,
    practitioner_ids: frozenset[UUID] | None = None,
    ends_after: datetime | None = None,
    cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page[AbsenceView]:
    """List absences by start, lifted ones included."""
    raise NotImplementedError


def get_slot(session: Session, slot_id: UUID, *, now: datetime) -> SlotView:
    """Return a slot; raises SlotNotFound."""
    raise NotImplementedError


def list_slots(
    session: Session,
    query: SlotFilter,
    *,
    now: datetime,
    cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page[SlotView]:
    """List slots by start."""
    raise NotImplementedError


def slot_story(session: Session, slot_id: UUID) -> tuple[SlotEventView, ...]:
    """Return what happened to a slot, oldest first."""
    raise NotImplementedError


def change_slot(
    session: Session,
    slot_id: UUID,
    change: SlotChange,
    *,
    version: int | None = None,
    by: Actor,
    now: datetime,
) -> SlotView:
    """Change to whom, for what reasons and where a slot is offered; who already took it keeps it."""
    raise NotImplementedError


def withdraw_slot(
    session: Session,
    slot_id: UUID,
    *,
    reason: str | None = None,
    version: int | None = None,
    by: Actor,
    now: datetime,
) -> Withdrawal:
    """Take a slot back. A taken or held one needs a reason (ReasonRequired); its requests are returned."""
    raise NotImplementedError


def patterns_due(session: Session, *, horizon_days: int = 60, now: datetime) -> tuple[UUID, ...]:
    """Return the patterns not yet expanded up to the horizon; a job expands each in its own transaction."""
    raise NotImplementedError


def expand(
    session: Session, pattern_id: UUID, *, horizon_days: int = 60, by: Actor, now: datetime
) -> Publication:
    """Expand one pattern up to the horizon; doing it twice changes nothing."""
    raise NotImplementedError


def expand_due(session: Session, *, horizon_days: int = 60, by: Actor, now: datetime) -> Publication:
    """Expand every pattern that is due, in one transaction."""
    raise NotImplementedError


def release_due(session: Session, *, by: Actor, now: datetime, limit: int = 500) -> tuple[UUID, ...]:
    """Give back the slots whose release time came and that nobody took; returns their ids."""
    raise NotImplementedError


def free_slots(session: Session, query: FreeSlotQuery, now: datetime) -> list[FreeSlot]:
    """Return the slots that may be claimed at `now`, by start then id, in one round trip."""
    raise NotImplementedError
