"""What was taken under agreements, and how many slots they speak of: counts, nothing of who came."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from slots.agenda.facts import SlotState
from slots.agenda.statements import any_of, slot
from slots.appointments.statements import appointment, hold
from slots.sharing.facts import SharingCount, SlotTerms
from slots.sharing.statements import sharing
from snp.assignment.facts import Audience
from snp.platform.columns import one_of


def slot_terms(session: Session, slot_ids: Collection[UUID]) -> dict[UUID, SlotTerms]:
    """What an agreement judges of these slots."""
    found = session.execute(sa.select(slot).where(one_of(slot.c.id, slot_ids)))
    return {row.id: _terms(row) for row in found}


def open_slots(
    session: Session, territory_ids: Collection[UUID], *, starts_from: datetime, starts_before: datetime
) -> list[SlotTerms]:
    """The slots that territories offer on `[starts_from, starts_before)`, free or not."""
    statement = sa.select(slot).where(
        slot.c.state == SlotState.OPEN.value,
        slot.c.start_at >= starts_from,
        slot.c.start_at < starts_before,
        any_of(slot.c.territory_ids, territory_ids, sa.Uuid()),
    )
    return [_terms(row) for row in session.execute(statement)]


def taken(
    session: Session,
    sharing_ids: Iterable[UUID],
    *,
    starts_from: datetime,
    starts_before: datetime,
    now: datetime,
) -> list[tuple[UUID, datetime]]:
    """The agreement and the start of each slot taken or held under these agreements."""
    wanted = list(sharing_ids)

    def of(table: sa.Table, *conditions: sa.ColumnElement[bool]) -> sa.Select[Any]:
        statement = sa.select(table.c.sharing_id, slot.c.start_at).join(slot, slot.c.id == table.c.slot_id)
        within = (slot.c.start_at >= starts_from, slot.c.start_at < starts_before)
        return statement.where(one_of(table.c.sharing_id, wanted), *within, *conditions)

    booked = of(appointment, appointment.c.live)
    held = of(hold, hold.c.ended_at.is_(None), hold.c.expires_at > now)
    return [(row.sharing_id, row.start_at) for row in session.execute(booked.union_all(held))]


def counts(
    session: Session, territory_id: UUID, *, starts_from: datetime, starts_before: datetime
) -> tuple[SharingCount, ...]:
    """How many slots were taken under each agreement of a territory, on either side, by start."""
    statement = (
        sa.select(sharing.c.id, sharing.c.lender_id, sharing.c.borrower_id, sa.func.count().label("taken"))
        .join(appointment, appointment.c.sharing_id == sharing.c.id)
        .where(
            sa.or_(sharing.c.lender_id == territory_id, sharing.c.borrower_id == territory_id),
            appointment.c.live,
            appointment.c.start_at >= starts_from,
            appointment.c.start_at < starts_before,
        )
        .group_by(sharing.c.id)
        .order_by(sharing.c.id.desc())
    )
    return tuple(
        SharingCount(row.id, row.lender_id, row.borrower_id, row.taken) for row in session.execute(statement)
    )


def _terms(row: sa.Row[Any]) -> SlotTerms:
    return SlotTerms(
        id=row.id,
        practitioner_id=row.practitioner_id,
        profession=row.profession,
        start=row.start_at,
        audiences=frozenset(map(Audience, row.audiences)),
        territory_ids=frozenset(row.territory_ids),
    )
