"""Which slots were published lately, whatever became of them: what a forecast of the supply learns from."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from slots.agenda.facts import EndedSlot, PractitionerLoad, SeenSlot, SlotEventKind, SlotState
from slots.agenda.statements import any_of, site, slot, slot_event
from slots.appointments.facts import AppointmentStatusKind
from slots.appointments.statements import appointment, appointment_status, is_taken
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


def ended_slots(
    session: Session, practitioner_id: UUID, territory_id: UUID, *, starts_from: datetime, now: datetime
) -> list[EndedSlot]:
    """Return a practitioner's slots offered in a territory that are over at `now`, by start.

    Withdrawn and hidden ones are left out: they were not on offer when their time came.
    """
    live = sa.select(appointment.c.status).where(appointment.c.slot_id == slot.c.id, appointment.c.live)
    statement = (
        sa.select(
            slot,
            live.scalar_subquery().label("status"),
            _offered_since().label("available_since"),
            _last_change().label("changed_at"),
        )
        .where(slot.c.practitioner_id == practitioner_id)
        .where(slot.c.start_at >= starts_from, slot.c.end_at <= now)
        .where(slot.c.state.in_((SlotState.OPEN.value, SlotState.RELEASED.value)))
        .where(any_of(slot.c.territory_ids, [territory_id], sa.Uuid()))
        .order_by(slot.c.start_at, slot.c.id)
    )
    return [
        EndedSlot(
            id=row.id,
            practitioner_id=row.practitioner_id,
            profession=row.profession,
            start=row.start_at,
            end=row.end_at,
            state=SlotState(row.state),
            territory_ids=frozenset(row.territory_ids),
            taken=row.status is not None,
            no_show=row.status == AppointmentStatusKind.NO_SHOW,
            available_since=row.available_since or row.created_at,
            changed_at=row.changed_at or row.created_at,
        )
        for row in session.execute(statement)
    ]


def _offered_since() -> sa.ScalarSelect[datetime]:
    """When the slot of the enclosing row was last published or brought back."""
    return (
        sa.select(sa.func.max(slot_event.c.at))
        .where(
            slot_event.c.slot_id == slot.c.id,
            slot_event.c.event.in_((SlotEventKind.PUBLISHED.value, SlotEventKind.RESTORED.value)),
        )
        .scalar_subquery()
    )


def _last_change() -> sa.ColumnElement[datetime]:
    """When something last happened to the slot of the enclosing row, or to an appointment on it."""
    own = sa.select(sa.func.max(slot_event.c.at)).where(slot_event.c.slot_id == slot.c.id).scalar_subquery()
    others = (
        sa.select(sa.func.max(appointment_status.c.at))
        .join(appointment, appointment.c.id == appointment_status.c.appointment_id)
        .where(appointment.c.slot_id == slot.c.id)
        .scalar_subquery()
    )
    return sa.func.greatest(own, others)
