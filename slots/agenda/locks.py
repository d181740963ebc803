"""What a claim may do to a slot: lock it, read it, and let the agenda take it back once it is freed."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from slots.agenda import repository
from slots.agenda.facts import LockedSlot, SlotEventKind, SlotState
from slots.agenda.refusals import SlotNotFound
from snp.platform.actors import Actor


def lock_slots(session: Session, slot_ids: Collection[UUID]) -> dict[UUID, LockedSlot]:
    """Lock slots in order of id, so that no two bundles wait for each other; raises SlotNotFound."""
    locked = {slot.id: slot for slot in repository.lock(session, frozenset(slot_ids))}
    for slot_id in slot_ids:
        if slot_id not in locked:
            raise SlotNotFound(slot_id)
    return locked


def lock_slots_at_rest(session: Session, slot_ids: Collection[UUID]) -> frozenset[UUID]:
    """Lock those of the slots that nobody is working on; returns their ids."""
    return frozenset(slot.id for slot in repository.lock(session, slot_ids, skip_locked=True))


def read_slots(session: Session, slot_ids: Collection[UUID]) -> dict[UUID, LockedSlot]:
    """Read slots without locking them."""
    return {slot.id: slot for slot in repository.read(session, slot_ids)}


def read_slot(session: Session, slot_id: UUID) -> LockedSlot:
    """Read one slot without locking it; raises SlotNotFound."""
    found = repository.read(session, [slot_id])
    if not found:
        raise SlotNotFound(slot_id)
    return found[0]


def settle_freed(session: Session, slot_ids: Collection[UUID], *, by: Actor, now: datetime) -> None:
    """Decide what becomes of locked slots that nobody has any more.

    One whose opening went away meanwhile hides under its absence or is withdrawn; the others are offered
    again.
    """
    closing = [slot for slot in repository.lock(session, slot_ids) if slot.closing]
    for state, event, ids in (
        (SlotState.HIDDEN, SlotEventKind.HIDDEN, [slot.id for slot in closing if slot.hidden_by_id]),
        (SlotState.WITHDRAWN, SlotEventKind.WITHDRAWN, [s.id for s in closing if not s.hidden_by_id]),
    ):
        repository.update(session, ids, state=state, closing=False)
        repository.add_events(session, ids, event, author=by.ident, now=now)


def withdraw_locked(
    session: Session, slot_ids: Collection[UUID], *, reason: str | None, by: Actor, now: datetime
) -> None:
    """Take locked slots back for good."""
    repository.update(session, slot_ids, state=SlotState.WITHDRAWN, closing=False)
    repository.add_events(session, slot_ids, SlotEventKind.WITHDRAWN, author=by.ident, now=now, reason=reason)
