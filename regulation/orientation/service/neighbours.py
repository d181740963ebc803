"""The slots that neighbours lend to requests which may look at them now, read from the agreements."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import Session

from regulation.intake.facts import RequestView
from regulation.orientation import overflow
from regulation.orientation.overflow import Lent
from slots.sharing import service as sharing
from snp.directory import service as directory
from snp.directory.facts import TerritoryView


def lent_to(
    session: Session,
    territory: TerritoryView,
    views: Sequence[RequestView],
    *,
    slot_ids: Collection[UUID] | None = None,
    until: datetime | None = None,
    now: datetime,
) -> dict[str, Lent]:
    """The free slots lent to these requests, by id; none unless each of them may look at them now.

    `until`: those that start before; None: before the requests' deadline and the spacing of their sessions.
    One statement where no neighbour lends anything.
    """
    if not views or not all(overflow.is_open(view, territory.settings, now) for view in views):
        return {}
    found = sharing.lent_slots(
        session, territory.id, starts_until=until or _until(views, now), slot_ids=slot_ids, now=now
    )
    names = {
        ident: directory.get_territory(session, ident).name
        for ident in sorted({one.sharing.lender_id for one in found})
    }
    return {
        str(one.slot.id): Lent(
            one.slot, names[one.sharing.lender_id], one.sharing.accepted_at or one.sharing.created_at
        )
        for one in found
    }


def opening(
    session: Session, territory: TerritoryView, views: Sequence[RequestView], now: datetime
) -> datetime | None:
    """When neighbours' slots open to these requests, if later than now and if some neighbour lends any."""
    opens = overflow.opens_last(views, territory.settings)
    if opens is None or opens <= now or not sharing.is_lent_to(session, territory.id):
        return None
    return opens


def _until(views: Sequence[RequestView], now: datetime) -> datetime:
    return max(
        (view.deadline or now) + timedelta(days=(view.sessions - 1) * view.max_gap_days) for view in views
    )
