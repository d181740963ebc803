"""Which slots were published lately, whatever became of them: what a forecast of the supply learns from."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from slots.agenda.facts import PractitionerLoad, SeenSlot, SlotState
from slots.agenda.statements import any_of, site, slot
from slots.appointments.statements import is_taken
from snp.assignment.facts import Audience, Mode


def seen_slots(
    session: Session, territory_id: UUID, *, starts_from: datetime, starts_until: datetime, now: datetime
) -> list[SeenSlot]:
    """Return the slots offered in a territory that start within a period, by publication, one round trip."""
    statement = (
        sa.select(slot, site.c.lat, site.c.lon)
        .join(site, site.c.id == slot.c.site_id)
        .where(slot.c.start_at >= starts_from, slot.c.start_at < starts_until, slot.c.created_at <= now)
        .where(any_of(slot.c.territory_ids, [territory_id], sa.Uuid()))
        .order_by(slot.c.created_at, slot.c.id)
    )
    return [
        SeenSlot(
            id=row.id,
            practitioner_id=row.practitioner_id,
            profession=row.profession,
            lat=row.lat,
            lon=row.lon,
            start=row.start_at,
            end=row.end_at,
            mode=Mode(row.mode),
            audiences=frozenset(map(Audience, row.audiences)),
            reasons=frozenset(row.reasons),
            published_at=row.created_at,
            taken_back=row.state in {SlotState.WITHDRAWN.value, SlotState.HIDDEN.value},
        )
        for row in session.execute(statement)
    ]


def practitioner_loads(
    session: Session, territory_id: UUID, *, starts_from: datetime, starts_until: datetime
) -> list[PractitionerLoad]:
    """Return how many slots each practitioner opened in a territory, and how many were taken, by id."""
    statement = (
        sa.select(
            slot.c.practitioner_id,
            sa.func.count().label("opened"),
            sa.func.count().filter(is_taken(slot.c.id)).label("taken"),
        )
        .where(slot.c.start_at >= starts_from, slot.c.start_at < starts_until)
        .where(slot.c.state == SlotState.OPEN.value)
        .where(any_of(slot.c.territory_ids, [territory_id], sa.Uuid()))
        .group_by(slot.c.practitioner_id)
        .order_by(slot.c.practitioner_id)
    )
    return [PractitionerLoad(*row) for row in session.execute(statement)]
