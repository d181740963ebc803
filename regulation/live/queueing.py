"""In what order those who wait are served: promises, then priority, then who was decided first. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

from regulation.intake.facts import CallPriority, RequestView
from regulation.orientation.matching import engine_priority
from snp.assignment.facts import Priority


def in_turn(views: Iterable[RequestView], promised: Collection[UUID]) -> list[RequestView]:
    """Return requests that seek in the order in which they are served."""

    def turn(view: RequestView) -> tuple[bool, Priority, datetime, UUID]:
        return (
            view.id not in promised,
            engine_priority(view.priority),
            view.decided_at or view.created_at,
            view.id,
        )

    return sorted(views, key=turn)


def place_of(request_id: UUID, views: Iterable[RequestView], promised: Collection[UUID]) -> int:
    """Return where a request stands among those that seek, from 1."""
    return [view.id for view in in_turn(views, promised)].index(request_id) + 1


def may_be_promised(view: RequestView) -> bool:
    """Whether a time named later can be an answer: one visit, alone, and not the most urgent.

    A P1 is told a time at once.
    """
    urgent = view.priority in {CallPriority.P0, CallPriority.P1}
    return view.sessions == 1 and view.household_id is None and not urgent
