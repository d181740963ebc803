"""How a request moves: locked, checked, written with its author, time and reasons. For this layer only.

The intake and the orientation move requests through here; nothing else writes a request's state.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session

from regulation.facts import Reason
from regulation.intake import repository, rules
from regulation.intake.facts import Disposition, Move, RequestView, Urgency
from snp.errors import NotFound, VersionMismatch
from snp.platform.actors import Actor
from snp.platform.events import Event
from snp.platform.logs import log


def locked(
    session: Session,
    request_id: UUID,
    *,
    version: int | None = None,
    by: Actor,
) -> RequestView:
    """Lock a request that the actor may see.

    Raises `NotFound` when he may not, `VersionMismatch` when it changed since he read it.
    """
    view = visible(repository.lock(session, [request_id]).get(request_id), by)
    if version is not None and view.version != version:
        raise VersionMismatch(f"request {request_id} is at version {view.version}, not {version}")
    return view


def lock_all(session: Session, request_ids: Iterable[UUID]) -> dict[UUID, RequestView]:
    """Lock several requests in order of id, whoever may see them; those that exist."""
    return repository.lock(session, request_ids)


def visible(view: RequestView | None, by: Actor) -> RequestView:
    """The request when the actor may see it; raises `NotFound` otherwise, as if it did not exist."""
    if view is None or not rules.may_see_view(by, view):
        raise NotFound("dossier")
    return view


def move(
    session: Session,
    view: RequestView,
    act: Move,
    *,
    reasons: tuple[Reason, ...] = (),
    data: Mapping[str, Any] | None = None,
    changes: Mapping[str, Any] | None = None,
    by: Actor,
    now: datetime,
) -> RequestView:
    """Move a locked request and tell where it stands now; raises `IllegalMove`.

    `changes` are columns written with the move, `data` what its line of the story keeps (identifiers, codes
    and instants only).
    """
    reached = rules.next_state(view.state, act)
    if changes:
        repository.update_request(session, view.id, changes, counted=False)
    moved = repository.write_move(
        session, view, act, reached, reasons=reasons, data=data or {}, by=by, now=now
    )
    log(Event.REQUEST_MOVED, request_id=view.id, action=act, from_state=view.state, to_state=reached)
    return repository.load(session, [view.id])[view.id] if changes else moved


def move_to_the_15(
    session: Session,
    view: RequestView,
    urgency: Urgency,
    reasons: tuple[Reason, ...],
    *,
    data: Mapping[str, Any] | None = None,
    by: Actor,
    now: datetime,
) -> RequestView:
    """Stop a locked request towards the 15, keeping what was typed of its urgency."""
    changes: dict[str, Any] = {"disposition": Disposition.CALL_15, "decided_at": now}
    if urgency.priority is not None:
        changes["priority"] = urgency.priority
    if urgency.response_level is not None:
        changes["response_level"] = urgency.response_level
    return move(session, view, Move.STOP, reasons=reasons, data=data, changes=changes, by=by, now=now)
