"""Every statement on holds, appointments and their statuses; their constraints become refusals."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from slots.appointments.facts import (
    AppointmentFilter,
    AppointmentStatusKind,
    AppointmentView,
    CancelledBy,
    HoldEnd,
    LivedAppointment,
    SasDeclaration,
    SasOperator,
    StatusLine,
)
from slots.appointments.hot import BOOK, CLAIMS, END, INSERT_HOLD, OF_BUNDLE, OF_IDS, RUNNING
from slots.appointments.refusals import SlotAlreadyTaken
from slots.appointments.statements import appointment, appointment_status, hold, sas_appointment
from snp.assignment.facts import Mode
from snp.platform import near
from snp.platform.columns import new_id
from snp.platform.db import refusing

_TAKEN = {"uq_appointment__live_slot": SlotAlreadyTaken, "uq_hold__running": SlotAlreadyTaken}
_STATUS_OF_LIVE = (
    AppointmentStatusKind.BOOKED,
    AppointmentStatusKind.HONOURED,
    AppointmentStatusKind.NO_SHOW,
)


def holds_of_bundle(session: Session, bundle_id: UUID) -> Sequence[sa.Row[Any]]:
    """The holds of a bundle in session order, ended ones included."""
    return OF_BUNDLE.run(session, bundle_id=bundle_id).all()


def running_holds(session: Session, slot_ids: Collection[UUID]) -> Sequence[sa.Row[Any]]:
    """The holds not ended on these slots, run out or not."""
    return RUNNING.run(session, slot_ids=list(slot_ids)).all()


def claims_on(session: Session, slot_ids: Collection[UUID]) -> Sequence[sa.Row[Any]]:
    """Who has these slots: holds not ended, run out or not, and live appointments (without `expires_at`)."""
    return CLAIMS.run(session, slot_ids=list(slot_ids)).all()


def slots_with_lapsed_holds(session: Session, now: datetime, limit: int) -> list[UUID]:
    """Slots whose hold has run out and was not ended yet, the oldest expiry first."""
    statement = (
        sa.select(hold.c.slot_id)
        .where(hold.c.ended_at.is_(None), hold.c.expires_at <= now)
        .order_by(hold.c.expires_at)
        .limit(limit)
    )
    return list(session.execute(statement).scalars())


def insert_holds(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Write the holds of a bundle, all or none; raises SlotAlreadyTaken, the transaction lives on."""
    written: list[UUID] = []
    for row in rows:
        found = INSERT_HOLD.run(session, id=new_id(), **row).one_or_none()
        if found is None:
            session.execute(sa.delete(hold).where(hold.c.id.in_(written)))
            raise SlotAlreadyTaken(row["slot_id"])
        written.append(found.id)


def end_holds(session: Session, hold_ids: Collection[UUID], how: HoldEnd, now: datetime) -> None:
    """End holds, once."""
    if hold_ids:
        END.run(session, ids=list(hold_ids), ended_at=now, ended_as=how.value)


def end_lapsed(session: Session, holds: Sequence[sa.Row[Any]], now: datetime) -> None:
    """End holds that ran out, whoever placed them: a slot that is lent is held by neighbours too."""
    with near.reaching(session, {row.territory_id for row in holds}):
        end_holds(session, [row.id for row in holds], HoldEnd.EXPIRED, now)


def live_appointments(session: Session, slot_ids: Collection[UUID]) -> Sequence[sa.Row[Any]]:
    """The live appointments on these slots, by slot."""
    statement = sa.select(appointment).where(appointment.c.slot_id.in_(slot_ids), appointment.c.live)
    return session.execute(statement.order_by(appointment.c.slot_id)).all()


def insert_appointments(
    session: Session, rows: Sequence[dict[str, Any]], *, author: str, now: datetime, reason: str | None = None
) -> tuple[AppointmentView, ...]:
    """Write appointments and their first status, in the order given; raises SlotAlreadyTaken."""
    booked = []
    for row in rows:
        values = (
            {"replaces_id": None, "organisation_id": None, "sharing_id": None}
            | row
            | {"mode": Mode(row["mode"]).value}
        )
        with refusing(_TAKEN):
            BOOK.run(session, **values, at=now, author=author, status_id=new_id(), reason=reason)
        booked.append(_as_booked(values, author=author, now=now))
    return tuple(booked)


def _as_booked(values: dict[str, Any], *, author: str, now: datetime) -> AppointmentView:
    """An appointment as it was just written."""
    return AppointmentView(
        id=values["id"],
        slot_id=values["slot_id"],
        request_id=values["request_id"],
        session_no=values["session_no"],
        practitioner_id=values["practitioner_id"],
        site_id=values["site_id"],
        territory_id=values["territory_id"],
        organisation_id=values["organisation_id"],
        start=values["start_at"],
        end=values["end_at"],
        mode=Mode(values["mode"]),
        status=AppointmentStatusKind.BOOKED,
        live=True,
        replaces_id=values["replaces_id"],
        sharing_id=values["sharing_id"],
        version=1,
        created_at=now,
        created_by=author,
    )


def add_statuses(
    session: Session,
    lines: Sequence[tuple[UUID, AppointmentStatusKind, CancelledBy | None, str | None]],
    *,
    author: str,
    now: datetime,
) -> None:
    """Add a line to the story of each appointment: id, status, who gave it up, why."""
    session.execute(
        sa.insert(appointment_status),
        [
            {
                "id": new_id(),
                "appointment_id": ident,
                "status": status,
                "at": now,
                "author": author,
                "cancelled_by": cancelled_by,
                "reason": reason,
            }
            for ident, status, cancelled_by, reason in lines
        ],
    )


def set_status(session: Session, ids: Collection[UUID], status: AppointmentStatusKind) -> None:
    """Write what the last story line says on the appointments themselves."""
    session.execute(
        sa.update(appointment)
        .where(appointment.c.id.in_(ids))
        .values(status=status, live=status in _STATUS_OF_LIVE, version=appointment.c.version + 1)
    )


def last_changes(session: Session, ids: Collection[UUID]) -> dict[UUID, datetime]:
    """When something last happened to each appointment."""
    at = sa.func.max(appointment_status.c.at).label("at")
    statement = sa.select(appointment_status.c.appointment_id, at)
    statement = statement.where(appointment_status.c.appointment_id.in_(ids))
    found = session.execute(statement.group_by(appointment_status.c.appointment_id))
    return {row.appointment_id: row.at for row in found}


def slot_of(session: Session, appointment_id: UUID) -> UUID | None:
    """The slot of an appointment, None when there is no such appointment."""
    return session.execute(
        sa.select(appointment.c.slot_id).where(appointment.c.id == appointment_id)
    ).scalar()


def appointments_by_id(session: Session, ids: Collection[UUID]) -> list[AppointmentView]:
    """The appointments of these ids, in no order."""
    return [view(row) for row in OF_IDS.run(session, ids=list(ids))]


def code_hash_of(session: Session, appointment_id: UUID) -> bytes | None:
    """The stored hash of an appointment's code."""
    return session.execute(
        sa.select(appointment.c.code_hash).where(appointment.c.id == appointment_id)
    ).scalar()


def last_of_chain(session: Session, code_hashes: Sequence[bytes]) -> AppointmentView | None:
    """The appointment one of these hashes names, or the one it was last moved to."""
    chain = sa.select(appointment.c.id, sa.literal(0).label("moves"))
    chain_cte = chain.where(appointment.c.code_hash.in_(code_hashes)).cte("chain", recursive=True)
    following = sa.select(appointment.c.id, chain_cte.c.moves + 1).where(
        appointment.c.replaces_id == chain_cte.c.id
    )
    chain_cte = chain_cte.union_all(following)
    statement = (
        sa.select(appointment)
        .join(chain_cte, chain_cte.c.id == appointment.c.id)
        .order_by(chain_cte.c.moves.desc())
        .limit(1)
    )
    row = session.execute(statement).first()
    return view(row) if row else None


def story_of(session: Session, appointment_id: UUID) -> tuple[StatusLine, ...]:
    """The status lines of an appointment, oldest first."""
    statement = (
        sa.select(appointment_status)
        .where(appointment_status.c.appointment_id == appointment_id)
        .order_by(appointment_status.c.id)
    )
    return tuple(
        StatusLine(row.status, row.at, row.author, row.cancelled_by, row.reason)
        for row in session.execute(statement)
    )


def insert_sas_appointment(
    session: Session, appointment_id: UUID, operator: SasOperator, *, now: datetime
) -> None:
    """Keep which regulator of the platform booked an appointment."""
    session.execute(
        sa.insert(sas_appointment).values(
            appointment_id=appointment_id,
            operator_system=operator.system,
            operator_value=operator.value,
            created_at=now,
        )
    )


def declared_root(session: Session, told: AppointmentView) -> UUID | None:
    """The declared appointment that this one is or was moved from; None when there is none."""
    chain = sa.select(sa.literal(told.id, sa.Uuid).label("id")).cte("chain", recursive=True)
    chain = chain.union_all(
        sa.select(appointment.c.replaces_id).where(
            appointment.c.id == chain.c.id, appointment.c.replaces_id.is_not(None)
        )
    )
    statement = sa.select(sas_appointment.c.appointment_id).join(
        chain, chain.c.id == sas_appointment.c.appointment_id
    )
    return session.scalar(statement)


def sas_appointments(session: Session, appointment_ids: Collection[UUID]) -> dict[UUID, SasDeclaration]:
    """Who booked these appointments from the platform, by appointment; others are left out."""
    statement = sa.select(sas_appointment).where(sas_appointment.c.appointment_id.in_(appointment_ids))
    return {
        row.appointment_id: SasDeclaration(
            row.appointment_id, SasOperator(row.operator_system, row.operator_value), row.created_at
        )
        for row in session.execute(statement)
    }


def lived(
    session: Session, practitioner_id: UUID, starts_from: datetime, starts_before: datetime
) -> list[LivedAppointment]:
    """The honoured and missed appointments of a practitioner, by start, with when that was last said."""
    changed = sa.select(sa.func.max(appointment_status.c.at)).where(
        appointment_status.c.appointment_id == appointment.c.id
    )
    statement = (
        sa.select(appointment, changed.scalar_subquery().label("changed_at"))
        .where(appointment.c.practitioner_id == practitioner_id)
        .where(appointment.c.start_at >= starts_from, appointment.c.start_at < starts_before)
        .where(appointment.c.status.in_((AppointmentStatusKind.HONOURED, AppointmentStatusKind.NO_SHOW)))
        .order_by(appointment.c.start_at, appointment.c.id)
    )
    return [
        LivedAppointment(
            id=row.id,
            slot_id=row.slot_id,
            request_id=row.request_id,
            practitioner_id=row.practitioner_id,
            territory_id=row.territory_id,
            start=row.start_at,
            booked_at=row.created_at,
            honoured=row.status == AppointmentStatusKind.HONOURED,
            changed_at=row.changed_at,
        )
        for row in session.execute(statement)
    ]


def practitioners_of(
    session: Session, territory_id: UUID, starts_from: datetime, starts_before: datetime
) -> list[UUID]:
    """Who had appointments that were booked in a territory, by id."""
    statement = sa.select(appointment.c.practitioner_id).where(
        appointment.c.territory_id == territory_id,
        appointment.c.start_at >= starts_from,
        appointment.c.start_at < starts_before,
    )
    return sorted(session.execute(statement.distinct()).scalars())


def appointments_page(
    session: Session, wanted: AppointmentFilter, *, after: tuple[datetime, UUID] | None, limit: int
) -> list[AppointmentView]:
    """Appointments by start, one more than `limit` when there are more."""
    statement = sa.select(appointment).where(*_conditions(wanted))
    if after is not None:
        keys = sa.tuple_(appointment.c.start_at, appointment.c.id)
        statement = statement.where(keys > sa.tuple_(sa.literal(after[0]), sa.literal(after[1])))
    statement = statement.order_by(appointment.c.start_at, appointment.c.id).limit(limit + 1)
    return [view(row) for row in session.execute(statement)]


def _conditions(wanted: AppointmentFilter) -> list[sa.ColumnElement[bool]]:
    c = appointment.c
    sets = (
        (c.practitioner_id, wanted.practitioner_ids),
        (c.territory_id, wanted.territory_ids),
        (c.request_id, wanted.request_ids),
        (c.status, wanted.statuses),
    )
    conditions: list[sa.ColumnElement[bool]] = [
        column.in_(values) for column, values in sets if values is not None
    ]
    if wanted.organisation_id is not None:
        conditions.append(c.organisation_id == wanted.organisation_id)
    if wanted.starts_from is not None:
        conditions.append(c.start_at >= wanted.starts_from)
    if wanted.starts_before is not None:
        conditions.append(c.start_at < wanted.starts_before)
    if wanted.live is not None:
        conditions.append(c.live == wanted.live)
    return conditions


def view(row: sa.Row[Any]) -> AppointmentView:
    """An appointment as read."""
    return AppointmentView(
        id=row.id,
        slot_id=row.slot_id,
        request_id=row.request_id,
        session_no=row.session_no,
        practitioner_id=row.practitioner_id,
        site_id=row.site_id,
        territory_id=row.territory_id,
        organisation_id=row.organisation_id,
        start=row.start_at,
        end=row.end_at,
        mode=Mode(row.mode),
        status=AppointmentStatusKind(row.status),
        live=row.live,
        replaces_id=row.replaces_id,
        version=row.version,
        created_at=row.created_at,
        created_by=row.created_by,
        sharing_id=row.sharing_id,
    )
