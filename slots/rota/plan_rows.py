"""Every statement on plans, exchanges and volunteers."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from slots.rota.facts import Status
from slots.rota.refusals import AlreadyProposed, AlreadyReplied, PlanInProgress, RotaNotFound
from slots.rota.repository import TABLES
from slots.rota.terms import Decision, OfferView, PlanView, Purpose, Reply, SwapView
from snp.platform.columns import new_id

plan: Final = TABLES["rota_plan"]
swap: Final = TABLES["rota_swap"]
volunteer: Final = TABLES["rota_volunteer"]
shift: Final = TABLES["rota_shift"]


def insert_plan(
    session: Session,
    rota_id: UUID,
    purpose: Purpose,
    first_day: date,
    last_day: date,
    *,
    time_limit_s: int,
    author: str,
    now: datetime,
) -> UUID:
    """Ask for a plan. Raises `PlanInProgress`."""
    ident = new_id()
    values = {
        "id": ident,
        "rota_id": rota_id,
        "purpose": purpose,
        "first_day": first_day,
        "last_day": last_day,
        "time_limit_s": time_limit_s,
        "asked_at": now,
        "asked_by": author,
        "problem": {},
        "answer": {},
    }
    try:
        with session.begin_nested():
            session.execute(sa.insert(plan).values(**values))
    except IntegrityError as fault:
        if "uq_rota_plan__undecided" not in str(fault.orig):
            raise
        raise PlanInProgress from None
    return ident


def update_plan(session: Session, plan_id: UUID, **values: Any) -> None:
    """Write what is now known of a plan."""
    session.execute(sa.update(plan).where(plan.c.id == plan_id).values(**values))


def plan_by_id(session: Session, plan_id: UUID, *, lock: bool = False) -> PlanView:
    """The plan of an id. Raises `RotaNotFound`."""
    statement = sa.select(plan).where(plan.c.id == plan_id)
    row = session.execute(statement.with_for_update() if lock else statement).first()
    if row is None:
        raise RotaNotFound("projet", plan_id)
    return _plan(row)


def plans(
    session: Session, rota_id: UUID, *, before: UUID | None = None, limit: int | None = None
) -> list[PlanView]:
    """The plans of a rota, newest first."""
    statement = sa.select(plan).where(plan.c.rota_id == rota_id)
    if before is not None:
        statement = statement.where(plan.c.id < before)
    return [_plan(row) for row in session.execute(statement.order_by(plan.c.id.desc()).limit(limit))]


def undecided(session: Session, rota_id: UUID) -> PlanView | None:
    """The plan of a rota that waits to be solved or decided on."""
    row = session.execute(
        sa.select(plan).where(plan.c.rota_id == rota_id, plan.c.decided_at.is_(None))
    ).first()
    return None if row is None else _plan(row)


def unsolved(session: Session, started_before: datetime) -> list[UUID]:
    """The plans nobody is solving, the oldest first; one begun before an instant is begun again."""
    statement = sa.select(plan.c.id).where(
        plan.c.solved_at.is_(None),
        plan.c.decided_at.is_(None),
        sa.or_(plan.c.started_at.is_(None), plan.c.started_at < started_before),
    )
    return list(session.scalars(statement.order_by(plan.c.id)))


def insert_swap(session: Session, values: dict[str, Any]) -> UUID:
    """Propose an exchange. Raises `AlreadyProposed`."""
    return _insert(session, swap, values, "uq_rota_swap__running")


def swaps(
    session: Session,
    *,
    rota_id: UUID | None = None,
    practitioner_id: UUID | None = None,
    turn_ids: Collection[UUID] | None = None,
    running: bool | None = None,
    limit: int | None = None,
) -> list[SwapView]:
    """Exchanges, newest first."""
    statement = sa.select(swap)
    if rota_id is not None:
        statement = statement.where(swap.c.rota_id == rota_id)
    if practitioner_id is not None:
        statement = statement.where(
            sa.or_(swap.c.from_id == practitioner_id, swap.c.to_id == practitioner_id)
        )
    if turn_ids is not None:
        statement = statement.where(sa.or_(swap.c.turn_id.in_(turn_ids), swap.c.for_turn_id.in_(turn_ids)))
    if running is not None:
        statement = statement.where(
            swap.c.replied_at.is_(None) if running else swap.c.replied_at.is_not(None)
        )
    return [_swap(row) for row in session.execute(statement.order_by(swap.c.id.desc()).limit(limit))]


def swap_by_id(session: Session, swap_id: UUID) -> SwapView:
    """The exchange of an id. Raises `RotaNotFound`."""
    row = session.execute(sa.select(swap).where(swap.c.id == swap_id)).first()
    if row is None:
        raise RotaNotFound("échange", swap_id)
    return _swap(row)


def reply_swap(session: Session, swap_id: UUID, reply: Reply, *, author: str, now: datetime) -> None:
    """Answer an exchange. Raises `AlreadyReplied`."""
    _reply(session, swap, swap_id, reply, author=author, now=now)


def insert_offer(session: Session, values: dict[str, Any]) -> UUID:
    """Offer to hold a shift. Raises `AlreadyProposed`."""
    return _insert(session, volunteer, values, "uq_rota_volunteer__running")


def offers(
    session: Session,
    *,
    rota_id: UUID | None = None,
    shift_ids: Collection[UUID] | None = None,
    practitioner_id: UUID | None = None,
) -> list[OfferView]:
    """The offers that wait for an answer, oldest first."""
    statement = sa.select(volunteer).where(volunteer.c.replied_at.is_(None))
    if rota_id is not None:
        statement = statement.join(shift, shift.c.id == volunteer.c.shift_id).where(
            shift.c.rota_id == rota_id
        )
    if shift_ids is not None:
        statement = statement.where(volunteer.c.shift_id.in_(shift_ids))
    if practitioner_id is not None:
        statement = statement.where(volunteer.c.practitioner_id == practitioner_id)
    return [_offer(row) for row in session.execute(statement.order_by(volunteer.c.id))]


def offer_by_id(session: Session, offer_id: UUID) -> OfferView:
    """The offer of an id. Raises `RotaNotFound`."""
    row = session.execute(sa.select(volunteer).where(volunteer.c.id == offer_id)).first()
    if row is None:
        raise RotaNotFound("proposition", offer_id)
    return _offer(row)


def reply_offer(session: Session, offer_id: UUID, reply: Reply, *, author: str, now: datetime) -> None:
    """Answer an offer. Raises `AlreadyReplied`."""
    _reply(session, volunteer, offer_id, reply, author=author, now=now)


def _insert(session: Session, table: sa.Table, values: dict[str, Any], constraint: str) -> UUID:
    ident = new_id()
    try:
        with session.begin_nested():
            session.execute(sa.insert(table).values(id=ident, **values))
    except IntegrityError as fault:
        if constraint not in str(fault.orig):
            raise
        raise AlreadyProposed from None
    return ident


def _reply(
    session: Session, table: sa.Table, ident: UUID, reply: Reply, *, author: str, now: datetime
) -> None:
    statement = (
        sa.update(table)
        .where(table.c.id == ident, table.c.replied_at.is_(None))
        .values(reply=reply, replied_at=now, replied_by=author)
        .returning(table.c.id)
    )
    if session.execute(statement).first() is None:
        raise AlreadyReplied


def _plan(row: sa.Row[Any]) -> PlanView:
    return PlanView(
        id=row.id,
        rota_id=row.rota_id,
        purpose=Purpose(row.purpose),
        first_day=row.first_day,
        last_day=row.last_day,
        asked_at=row.asked_at,
        started_at=row.started_at,
        solved_at=row.solved_at,
        status=Status(row.status) if row.status else None,
        time_limit_s=row.time_limit_s,
        decision=Decision(row.decision) if row.decision else None,
        decided_at=row.decided_at,
        problem=row.problem,
        answer=row.answer,
    )


def _swap(row: sa.Row[Any]) -> SwapView:
    return SwapView(
        row.id, row.rota_id, row.turn_id, row.for_turn_id, row.from_id, row.to_id, row.proposed_at,
        Reply(row.reply) if row.reply else None, row.replied_at,
    )  # fmt: skip


def _offer(row: sa.Row[Any]) -> OfferView:
    return OfferView(
        row.id, row.shift_id, row.practitioner_id, row.offered_at, Reply(row.reply) if row.reply else None,
        row.replied_at,
    )  # fmt: skip
