"""What time itself asks of an agenda: expand patterns as the horizon moves, release what nobody took."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import Session

from slots.agenda import pattern_rows, repository, rules
from slots.agenda.facts import Publication, SlotEventKind, SlotState
from slots.agenda.repeating import expand_pattern
from snp.days import local_day
from snp.notifications.service import enqueue
from snp.platform.actors import Actor


def patterns_due(
    session: Session, *, horizon_days: int = rules.HORIZON_DAYS, now: datetime
) -> tuple[UUID, ...]:
    """Return the patterns not yet expanded up to the horizon, the furthest behind first.

    A job expands each in a transaction of its own, so that one agenda's trouble stays its own.
    """
    return tuple(pattern_rows.due(session, local_day(now) + timedelta(days=horizon_days)))


def expand_due(
    session: Session, *, horizon_days: int = rules.HORIZON_DAYS, by: Actor, now: datetime
) -> tuple[Publication, ...]:
    """Expand every pattern that is due, in the caller's one transaction.

    For small territories and first runs.
    """
    return tuple(
        expand_pattern(session, pattern_id, horizon_days=horizon_days, by=by, now=now)
        for pattern_id in patterns_due(session, horizon_days=horizon_days, now=now)
    )


def release_due(session: Session, *, by: Actor, now: datetime, limit: int = 500) -> tuple[UUID, ...]:
    """Give back to their practitioners the slots at start − X that nobody took; returns their ids.

    A slot held at that moment waits for its hold to end. Slots somebody is claiming right now are left for
    the next run.
    """
    candidates = repository.due_for_release(session, now, limit)
    locked = {slot.id: slot for slot in repository.lock(session, candidates, skip_locked=True)}
    taken = repository.occupied(session, locked.keys(), now)
    released = tuple(
        ident for ident, slot in locked.items() if ident not in taken and slot.state is SlotState.OPEN
    )
    repository.update(session, released, state=SlotState.RELEASED)
    repository.add_events(session, released, SlotEventKind.RELEASED, author=by.ident, now=now)
    for ident in released:
        payload: dict[str, object] = {
            "slot_id": str(ident),
            "practitioner_id": str(locked[ident].practitioner_id),
        }
        enqueue(session, "slot.released", f"slot:{ident}", payload, now)
    return released
