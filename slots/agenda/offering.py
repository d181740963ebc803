"""Slots one by one: read them, change to whom they are offered, take them back."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from slots.agenda import locks, repository, rules
from slots.agenda.facts import (
    Interval,
    LockedSlot,
    SlotChange,
    SlotEventKind,
    SlotEventView,
    SlotFilter,
    SlotState,
    SlotView,
    Withdrawal,
)
from slots.agenda.refusals import ReasonRequired, SlotNotFound, SlotNotOpen
from slots.agenda.surveying import survey
from slots.appointments.evicting import evict
from slots.paging import after_start, page_by_start
from snp.days import local_day
from snp.directory.facts import Page
from snp.directory.paging import DEFAULT_LIMIT, checked_limit
from snp.errors import InvalidValue, VersionMismatch
from snp.platform.actors import Actor


def get_slot(session: Session, slot_id: UUID, *, now: datetime) -> SlotView:
    """Return a slot; raises SlotNotFound."""
    found = repository.views(session, [slot_id], now)
    if not found:
        raise SlotNotFound(slot_id)
    return found[0]


def list_slots(
    session: Session,
    query: SlotFilter,
    *,
    now: datetime,
    cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page[SlotView]:
    """List slots by start."""
    found = repository.page(session, query, now=now, after=after_start(cursor), limit=checked_limit(limit))
    return page_by_start(found, limit)


def slot_story(session: Session, slot_id: UUID) -> tuple[SlotEventView, ...]:
    """Return what happened to a slot, oldest first."""
    return repository.story(session, slot_id)


def last_changes(session: Session, slot_ids: Collection[UUID]) -> dict[UUID, datetime]:
    """Return when something last happened to each of several slots."""
    return repository.last_changes(session, slot_ids)


def change_slot(
    session: Session,
    slot_id: UUID,
    change: SlotChange,
    *,
    version: int | None = None,
    by: Actor,
    now: datetime,
) -> SlotView:
    """Change to whom, for what reasons and in which territories a slot is offered, and how the SAS shows it.

    Who already has it keeps it.

    Raises SlotNotFound, VersionMismatch, SlotNotOpen, SlotInThePast, NotAMember, OutsideSnpHours,
    InvalidValue.
    """
    _check_change(change)
    practitioner_id = locks.read_slot(session, slot_id).practitioner_id
    ground = survey(
        session,
        practitioner_id,
        site_id=None,
        territory_ids=change.territory_ids or frozenset(),
        now=now,
    )
    slot = _changeable(session, slot_id, version, now)
    span = Interval(slot.start, slot.end)
    if change.territory_ids is not None:
        rules.check_membership(ground, local_day(slot.start), change.territory_ids)
        rules.check_within_hours(ground, span, change.territory_ids)
    asked = {
        "audiences": change.audiences,
        "territory_ids": change.territory_ids,
        "reasons": change.reasons,
        "sas": change.sas,
    }
    values = {name: sorted(value) for name, value in asked.items() if value is not None}
    repository.update(session, [slot_id], **values)
    repository.add_events(session, [slot_id], SlotEventKind.CHANGED, author=by.ident, now=now)
    return get_slot(session, slot_id, now=now)


def withdraw_slot(
    session: Session,
    slot_id: UUID,
    *,
    reason: str | None = None,
    version: int | None = None,
    by: Actor,
    now: datetime,
) -> Withdrawal:
    """Take a slot back. A free one needs no reason; a taken or held one does, and its requests are returned.

    Raises SlotNotFound, VersionMismatch, SlotNotOpen, SlotInThePast, ReasonRequired.
    """
    slot = _changeable(session, slot_id, version, now)
    reason = (reason or "").strip() or None
    freed: tuple[UUID, ...] = ()
    if repository.occupied(session, [slot.id], now):
        if reason is None:
            raise ReasonRequired
        freed = evict(session, [slot.id], reason=reason, by=by, now=now)
    locks.withdraw_locked(session, [slot.id], reason=reason, by=by, now=now)
    return Withdrawal(get_slot(session, slot.id, now=now), freed)


def _changeable(session: Session, slot_id: UUID, version: int | None, now: datetime) -> LockedSlot:
    """Lock a slot that its practitioner may still change."""
    slot = locks.lock_slots(session, [slot_id])[slot_id]
    if version is not None and version != slot.version:
        raise VersionMismatch
    if slot.state not in (SlotState.OPEN, SlotState.HIDDEN):
        raise SlotNotOpen(slot_id)
    rules.check_ahead(Interval(slot.start, slot.end), now)
    return slot


def _check_change(change: SlotChange) -> None:
    if change.audiences is not None and not change.audiences:
        raise InvalidValue("audiences", "indiquez à qui le créneau est proposé")
    if change.territory_ids is not None and not change.territory_ids:
        raise InvalidValue("territory_ids", "indiquez au moins un territoire")
    rules.check_reasons(change.reasons or frozenset())
