"""What the clock does to the list: unconfirmed entries go, the silent are reminded, ends are erased.

Every function takes some entries under lock and returns their ids; none twice does the same thing twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from regulation.medecin_traitant.register import moving, places_repository, repository, rules
from regulation.medecin_traitant.register.facts import CloseReason, EntryState, PickOutcome
from regulation.medecin_traitant.register.places_repository import P
from regulation.medecin_traitant.register.repository import E
from regulation.medecin_traitant.register.service.following import close_locked, erase_locked
from regulation.medecin_traitant.register.service.picking import return_locked
from regulation.messages.facts import Kind
from snp.platform.actors import Actor

BATCH: Final = 100


def drop_unconfirmed(session: Session, territory_id: UUID, *, by: Actor, now: datetime) -> Sequence[UUID]:
    """Take away what was typed on the public page and never confirmed: it never counted."""
    del by
    hours = moving.delays(session, territory_id, now).confirm_hours
    where = [
        E.c.territory_id == territory_id,
        E.c.state == EntryState.UNCONFIRMED,
        E.c.created_at <= now - timedelta(hours=hours),
    ]
    found = repository.due(session, where, BATCH)
    for view in found:
        repository.delete_unconfirmed(session, view.id)
    return [view.id for view in found]


def return_uncalled(session: Session, territory_id: UUID, *, by: Actor, now: datetime) -> Sequence[UUID]:
    """Give back to the list whom the practice did not call in time."""
    where = [E.c.territory_id == territory_id, P.c.called_at.is_(None), P.c.call_by <= now]
    done = []
    for row in places_repository.due_picks(session, where, BATCH):
        view = repository.lock(session, row.entry_id)
        assert view is not None
        one = places_repository.as_pick(row)
        return_locked(session, one, view, PickOutcome.NOT_CALLED, by=by, now=now)
        done.append(one.id)
    return done


def ask_signed(session: Session, territory_id: UUID, *, by: Actor, now: datetime) -> Sequence[UUID]:
    """Ask who was called whether his declaration is signed; a few times, then a person sees to it."""
    del by
    delays = moving.delays(session, territory_id, now)
    where = [
        E.c.territory_id == territory_id,
        P.c.asked_count < delays.reminders,
        P.c.called_at <= now - timedelta(days=delays.follow_up_days),
        P.c.asked_at.is_(None) | (P.c.asked_at <= now - timedelta(days=delays.reminder_days)),
    ]
    done = []
    for row in places_repository.due_picks(session, where, BATCH):
        view = repository.load(session, [row.entry_id])[row.entry_id]
        moving.tell(session, view, Kind.MT_FOLLOW_UP, now)
        values = {"asked_at": now, "asked_count": row.asked_count + 1}
        places_repository.update_pick(session, row.id, values)
        done.append(row.id)
    return done


def remind_waiting(session: Session, territory_id: UUID, *, by: Actor, now: datetime) -> Sequence[UUID]:
    """Ask who has waited long whether he still looks for a médecin traitant."""
    del by
    delays = moving.delays(session, territory_id, now)
    last = E.c.asked_at.is_(None) | (E.c.asked_at <= now - timedelta(days=delays.reminder_days))
    oldest = now - timedelta(days=28 * delays.reconfirm_months)
    where = [
        E.c.territory_id == territory_id,
        E.c.state == EntryState.WAITING,
        E.c.medium.is_not(None),
        E.c.asked_count < delays.reminders,
        last,
        sa.func.coalesce(E.c.reconfirmed_at, E.c.waiting_since) <= oldest,
    ]
    done = []
    for view in repository.due(session, where, 5 * BATCH):
        if not rules.reminder_due(view, delays, now):
            continue
        moving.tell(session, view, Kind.MT_RECONFIRM, now)
        values = {"asked_at": now, "asked_count": view.asked_count + 1}
        repository.update_entry(session, view.id, values)
        done.append(view.id)
    return done


def close_silent(session: Session, territory_id: UUID, *, by: Actor, now: datetime) -> Sequence[UUID]:
    """Close the entries whose every reminder was left without an answer; the person is told."""
    delays = moving.delays(session, territory_id, now)
    where = [
        E.c.territory_id == territory_id,
        E.c.state == EntryState.WAITING,
        E.c.medium.is_not(None),
        E.c.asked_count >= delays.reminders,
        E.c.asked_at <= now - timedelta(days=delays.reminder_days),
    ]
    done = []
    for view in repository.due(session, where, BATCH):
        closed = close_locked(session, view, CloseReason.AGED_OUT, by=by, now=now)
        moving.tell(session, closed, Kind.MT_CLOSED, now)
        done.append(view.id)
    return done


def erase_ended(session: Session, territory_id: UUID, *, by: Actor, now: datetime) -> Sequence[UUID]:
    """Erase what ended some time ago."""
    kept = timedelta(days=moving.delays(session, territory_id, now).kept_days)
    where = [E.c.territory_id == territory_id, E.c.erased_at.is_(None), E.c.closed_at <= now - kept]
    found = repository.due(session, where, BATCH)
    for view in found:
        erase_locked(session, view, by=by, now=now)
    return [view.id for view in found]


UNITS: Final = (drop_unconfirmed, return_uncalled, ask_signed, remind_waiting, close_silent, erase_ended)
"""Everything the clock does, in order."""
