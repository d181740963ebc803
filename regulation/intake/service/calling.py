"""Calling a patient back: each try is a line of the story; the request stays where it stands."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from regulation.intake import moving, repository
from regulation.intake.facts import CallBack, Move, RequestView
from snp.platform.actors import Actor

_CALLED = "call_back"


def record_call_back(
    session: Session, request_id: UUID, outcome: CallBack, *, by: Actor, now: datetime
) -> RequestView:
    """Record what a call back gave. Raises `NotFound`, `IllegalMove` once the request is over."""
    view = moving.locked(session, request_id, by=by)
    return moving.move(session, view, Move.CORRECT, data={_CALLED: outcome.value}, by=by, now=now)


def told_call_backs(session: Session, request_ids: Iterable[UUID]) -> dict[UUID, tuple[datetime, ...]]:
    """When each of these requests was called back, oldest first; those never called are left out."""
    return repository.moves_with(session, request_ids, _CALLED)
