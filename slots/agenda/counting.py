"""What has become of the slots of some days: counts by half-day, profession and commune, in one statement."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from slots.agenda.facts import FreeCount, Occupancy, SlotCount, SlotState
from slots.agenda.statements import any_of, is_free, is_offered, occupancy, site, slot
from snp.days import PARIS

MIDDAY_HOUR: Final = 13
"""A slot that starts before it, by the wall, is of the morning."""

_OFFERED: Final = (SlotState.OPEN.value, SlotState.RELEASED.value)


def count_slots(
    session: Session,
    territory_id: UUID,
    starts_from: datetime,
    starts_before: datetime,
    *,
    professions: Collection[str] | None = None,
    now: datetime,
) -> list[SlotCount]:
    """Count the slots of a territory that start in `[starts_from, starts_before)`, by half-day and place."""
    wall = sa.func.timezone(PARIS.key, slot.c.start_at)
    offered = (
        sa.select(
            sa.cast(wall, sa.Date).label("day"),
            (sa.extract("hour", wall) < MIDDAY_HOUR).label("is_morning"),
            slot.c.profession,
            site.c.insee,
            (slot.c.state == SlotState.RELEASED.value).label("released"),
            (slot.c.start_at <= now).label("started"),
            occupancy(now),
        )
        .join(site, site.c.id == slot.c.site_id)
        .where(
            slot.c.state.in_(_OFFERED),
            slot.c.start_at >= starts_from,
            slot.c.start_at < starts_before,
            any_of(slot.c.territory_ids, [territory_id], sa.Uuid()),
            *(() if professions is None else (slot.c.profession.in_(professions),)),
        )
        .subquery("offered")
    )
    c = offered.c
    live, free = sa.not_(c.released), c.occupancy == Occupancy.FREE.value
    groups = (c.day, c.is_morning, c.profession, c.insee)
    statement = (
        sa.select(
            *groups,
            sa.func.count().label("published"),
            sa.func.count().filter(live, free, sa.not_(c.started)).label("free"),
            sa.func.count().filter(live, c.occupancy == Occupancy.HELD.value).label("held"),
            sa.func.count().filter(live, c.occupancy == Occupancy.TAKEN.value).label("taken"),
            sa.func.count().filter(c.released).label("released"),
            sa.func.count().filter(live, free, c.started).label("lost"),
        )
        .group_by(*groups)
        .order_by(c.day, c.is_morning.desc(), c.profession, c.insee)
    )
    return [SlotCount(**row._asdict()) for row in session.execute(statement)]


def count_free(session: Session, starts_before: datetime, *, now: datetime) -> list[FreeCount]:
    """Count what may still be taken and starts in `(now, starts_before)`, by territory and profession."""
    offered = (
        sa.select(sa.func.unnest(slot.c.territory_ids).label("territory_id"), slot.c.profession)
        .where(is_offered(now), is_free(now), slot.c.start_at < starts_before)
        .subquery("offered")
    )
    groups = (offered.c.territory_id, offered.c.profession)
    statement = sa.select(*groups, sa.func.count().label("count")).group_by(*groups)
    return [FreeCount(**row._asdict()) for row in session.execute(statement)]
