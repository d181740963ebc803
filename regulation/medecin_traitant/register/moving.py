"""How an entry moves: locked, checked, written with author, time and reasons; how its person is told."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlmodel import Session

from regulation.facts import Reason
from regulation.medecin_traitant.register import repository, rules
from regulation.medecin_traitant.register.facts import EntryMove, EntryView
from regulation.medecin_traitant.register.terms import Delays, delays_of, terms_on
from regulation.messages.facts import Kind
from regulation.messages.rules import NIGHT_FROM, NIGHT_UNTIL, out_of_quiet
from snp.days import local_day
from snp.errors import NotFound
from snp.notifications import service as outbox
from snp.platform import audit
from snp.platform.actors import Actor
from snp.platform.events import Event
from snp.platform.logs import log

_ANSWERS: Final = frozenset({Kind.MT_CONFIRM, Kind.MT_KNOWN})
"""Messages to somebody who is filling the form: they leave at once, the others never at night."""


def locked(session: Session, entry_id: UUID, *, by: Actor) -> EntryView:
    """Lock an entry that the actor may see. Raises `NotFound`."""
    return visible(repository.lock(session, entry_id), by)


def visible(view: EntryView | None, by: Actor) -> EntryView:
    """Return the entry when the actor may see it; raises `NotFound` otherwise, as if it did not exist."""
    if view is None or not rules.may_see(by, view):
        raise NotFound("inscription")
    return view


def move(
    session: Session,
    view: EntryView,
    act: EntryMove,
    *,
    changes: Mapping[str, Any] | None = None,
    reasons: tuple[Reason, ...] = (),
    data: Mapping[str, Any] | None = None,
    by: Actor,
    now: datetime,
) -> EntryView:
    """Move a locked entry and tell where it stands now. Raises `EntryMoved`.

    `data`: identifiers, codes and instants only.
    """
    reached = rules.next_state(view.state, act)
    repository.update_entry(session, view.id, {**(changes or {}), "state": reached})
    repository.insert_move(
        session,
        view.id,
        act,
        from_state=view.state,
        to_state=reached,
        reasons=reasons,
        data=data or {},
        by=by,
        now=now,
    )
    log(Event.MT_ENTRY_MOVED, entry_id=view.id, action=act, from_state=view.state, to_state=reached)
    return repository.load(session, [view.id])[view.id]


def tell(
    session: Session, view: EntryView, kind: Kind, now: datetime, *, not_within: timedelta | None = None
) -> bool:
    """Queue a message to the person, where one can reach him; `not_within`: unless the same was lately."""
    if view.medium is None:
        return False
    subject = f"{kind}:{view.id}"
    if not_within is not None and outbox.was_queued(session, subject, since=now - not_within):
        return False
    payload: dict[str, object] = {"kind": kind, "entry_id": str(view.id)}
    due = now if kind in _ANSWERS else out_of_quiet(now, NIGHT_FROM, NIGHT_UNTIL)
    outbox.enqueue(session, view.medium, subject, payload, now, due_at=due, territory_id=view.territory_id)
    return True


def delays(session: Session, territory_id: UUID, now: datetime) -> Delays:
    """Return the delays in force in a territory."""
    return delays_of(terms_on(local_day(now)), repository.own_settings(session, territory_id))


def record_audit(
    session: Session,
    action: audit.AuditAction,
    entry_id: UUID,
    *,
    why: str,
    detail: Mapping[str, Any] | None = None,
    by: Actor,
    now: datetime,
) -> None:
    """Add a line to the audit for an entry."""
    audit.record(
        session,
        at=now,
        actor=by,
        action=action,
        resource="mt_entry",
        resource_id=entry_id,
        why=why,
        detail=detail,
    )
