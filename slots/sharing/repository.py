"""Every statement on agreements and who opts out of them; decides nothing, never commits."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session

from slots.sharing.facts import OptOut, SharingLine, SharingState, SharingView, Terms
from slots.sharing.statements import sharing, sharing_opt_out, sharing_status, sharing_view, terms_values
from snp.platform.columns import new_id, one_of

_RUNNING = (SharingState.OFFERED.value, SharingState.ACCEPTED.value)


def insert_sharing(
    session: Session, lender_id: UUID, borrower_id: UUID, terms: Terms, *, author: str, now: datetime
) -> UUID:
    """Write an offer and the first row of its story."""
    sharing_id = new_id()
    session.execute(
        sa.insert(sharing).values(
            id=sharing_id,
            lender_id=lender_id,
            borrower_id=borrower_id,
            state=SharingState.OFFERED,
            created_at=now,
            created_by=author,
            **terms_values(terms),
        )
    )
    _add_status(session, sharing_id, SharingState.OFFERED, author=author, now=now)
    return sharing_id


def set_state(session: Session, sharing_id: UUID, state: SharingState, *, author: str, now: datetime) -> None:
    """Write what the last row of the story says on the agreement itself, and that row."""
    values: dict[str, Any] = {"state": state, "version": sharing.c.version + 1}
    values["accepted_at" if state is SharingState.ACCEPTED else "ended_at"] = now
    session.execute(sa.update(sharing).where(sharing.c.id == sharing_id).values(**values))
    _add_status(session, sharing_id, state, author=author, now=now)


def load(session: Session, sharing_ids: Collection[UUID], *, lock: bool = False) -> dict[UUID, SharingView]:
    """The agreements of these ids; `lock`: in order of id, until the transaction ends."""
    statement = sa.select(sharing).where(one_of(sharing.c.id, sharing_ids)).order_by(sharing.c.id)
    if lock:
        statement = statement.with_for_update(key_share=True)
    return {row.id: sharing_view(row) for row in session.execute(statement)}


def accepted_for(
    session: Session, borrower_id: UUID, lender_ids: Collection[UUID] | None = None, *, lock: bool = False
) -> list[SharingView]:
    """The accepted agreements by which a territory may borrow; `lock`: in order of id."""
    statement = sa.select(sharing).where(
        sharing.c.borrower_id == borrower_id, sharing.c.state == SharingState.ACCEPTED.value
    )
    if lender_ids is not None:
        statement = statement.where(one_of(sharing.c.lender_id, lender_ids))
    statement = statement.order_by(sharing.c.id)
    if lock:
        statement = statement.with_for_update(key_share=True)
    return [sharing_view(row) for row in session.execute(statement)]


def borrowers_of(session: Session, lender_id: UUID, profession: str) -> tuple[UUID, ...]:
    """The territories that an accepted agreement lends the slots of a profession to."""
    statement = (
        sa.select(sharing.c.borrower_id)
        .distinct()
        .where(
            sharing.c.lender_id == lender_id,
            sharing.c.state == SharingState.ACCEPTED.value,
            sharing.c.professions.contains([profession]),
        )
        .order_by(sharing.c.borrower_id)
    )
    return tuple(session.execute(statement).scalars())


def page(
    session: Session, territory_id: UUID, *, running: bool | None, before: UUID | None, limit: int
) -> list[SharingView]:
    """The agreements of a territory on either side, newest first, one more than `limit` if there are more."""
    statement = sa.select(sharing).where(
        sa.or_(sharing.c.lender_id == territory_id, sharing.c.borrower_id == territory_id)
    )
    if running is not None:
        live = sharing.c.state.in_(_RUNNING)
        statement = statement.where(live if running else sa.not_(live))
    if before is not None:
        statement = statement.where(sharing.c.id < before)
    statement = statement.order_by(sharing.c.id.desc()).limit(limit + 1)
    return [sharing_view(row) for row in session.execute(statement)]


def running_between(session: Session, lender_id: UUID, borrower_id: UUID) -> int:
    """How many agreements run, or are offered, from one territory to another."""
    statement = (
        sa.select(sa.func.count())
        .select_from(sharing)
        .where(
            sharing.c.lender_id == lender_id,
            sharing.c.borrower_id == borrower_id,
            sharing.c.state.in_(_RUNNING),
        )
    )
    return int(session.execute(statement).scalar_one())


def over(session: Session, today: date, limit: int) -> list[UUID]:
    """The running agreements whose last day is before `today`, oldest first."""
    statement = (
        sa.select(sharing.c.id)
        .where(sharing.c.state.in_(_RUNNING), sharing.c.last_day < today)
        .order_by(sharing.c.id)
        .limit(limit)
    )
    return list(session.execute(statement).scalars())


def story(session: Session, sharing_id: UUID) -> tuple[SharingLine, ...]:
    """What happened to an agreement, oldest first."""
    statement = (
        sa.select(sharing_status)
        .where(sharing_status.c.sharing_id == sharing_id)
        .order_by(sharing_status.c.id)
    )
    return tuple(SharingLine(SharingState(r.state), r.at, r.author) for r in session.execute(statement))


def opted_out(session: Session, territory_ids: Collection[UUID]) -> dict[UUID, frozenset[UUID]]:
    """The practitioners whose slots are not lent now, by territory."""
    o = sharing_opt_out.c
    statement = sa.select(o.territory_id, o.practitioner_id)
    statement = statement.where(one_of(o.territory_id, territory_ids), o.ended_at.is_(None))
    found: dict[UUID, set[UUID]] = defaultdict(set)
    for row in session.execute(statement):
        found[row.territory_id].add(row.practitioner_id)
    return {ident: frozenset(who) for ident, who in found.items()}


def opt_outs_of(session: Session, practitioner_id: UUID) -> tuple[OptOut, ...]:
    """Where a practitioner's slots are not lent now."""
    o = sharing_opt_out.c
    statement = sa.select(o.practitioner_id, o.territory_id, o.since)
    statement = statement.where(o.practitioner_id == practitioner_id, o.ended_at.is_(None))
    rows = session.execute(statement.order_by(o.territory_id))
    return tuple(OptOut(row.practitioner_id, row.territory_id, row.since) for row in rows)


def opt_out(
    session: Session, practitioner_id: UUID, territory_id: UUID, *, author: str, now: datetime
) -> None:
    """Lend none of a practitioner's slots in a territory from now on; twice is once."""
    row = {
        "id": new_id(),
        "practitioner_id": practitioner_id,
        "territory_id": territory_id,
        "since": now,
        "author": author,
    }
    statement = insert(sharing_opt_out).values(**row)
    session.execute(
        statement.on_conflict_do_nothing(
            index_elements=["practitioner_id", "territory_id"], index_where=sa.text("ended_at IS NULL")
        )
    )


def opt_in(session: Session, practitioner_id: UUID, territory_id: UUID, *, now: datetime) -> None:
    """Lend a practitioner's slots in a territory again."""
    o = sharing_opt_out.c
    session.execute(
        sa.update(sharing_opt_out)
        .where(o.practitioner_id == practitioner_id, o.territory_id == territory_id, o.ended_at.is_(None))
        .values(ended_at=now)
    )


def _add_status(
    session: Session, sharing_id: UUID, state: SharingState, *, author: str, now: datetime
) -> None:
    session.execute(
        sa.insert(sharing_status).values(
            id=new_id(), sharing_id=sharing_id, state=state, at=now, author=author
        )
    )
