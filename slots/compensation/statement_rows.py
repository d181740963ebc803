"""Statements on statements and their lines. A closed one is read, never written."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session

from slots.compensation.facts import DraftLine, Line, LineKind, Reason, Statement, VerdictStatus
from slots.compensation.tables import StatementLine, StatementRow
from snp.platform.columns import new_id
from snp.platform.near import unbound

S: Final[sa.Table] = StatementRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it
L: Final[sa.Table] = StatementLine.__table__  # type: ignore[attr-defined]
_EVENT: Final = {
    LineKind.MAJORATION: "appointment_id",
    LineKind.UNUSED_SLOT: "slot_id",
    LineKind.COORDINATION: "coordination_id",
}
_PLAIN: Final = (
    *("kind", "day", "at", "quantity", "unit_cents", "amount_cents", "status", "request_number"),
    *("corrected_month", "terms_id"),
)


def lock_month(
    session: Session, territory_id: UUID, practitioner_id: UUID, month: date, now: datetime
) -> Statement:
    """The statement of a month under lock, made when there is none."""
    made = insert(S).values(
        id=new_id(), territory_id=territory_id, practitioner_id=practitioner_id, month=month, computed_at=now
    )
    session.execute(
        made.values(cpts_cents=0, cpam_cents=0).on_conflict_do_nothing(
            constraint="uq_compensation_statement__month"
        )
    )
    statement = sa.select(S).where(
        S.c.territory_id == territory_id, S.c.practitioner_id == practitioner_id, S.c.month == month
    )
    return _statement(session.execute(statement.with_for_update()).one())


def statement_by_id(session: Session, ident: UUID) -> Statement | None:
    """One statement."""
    row = session.execute(sa.select(S).where(S.c.id == ident)).one_or_none()
    return None if row is None else _statement(row)


def statements(
    session: Session,
    *,
    territory_id: UUID | None = None,
    practitioner_id: UUID | None = None,
    months: tuple[date, date] | None = None,
    closed: bool | None = None,
) -> list[Statement]:
    """Statements of `[first, last]` months, the latest month first."""
    found = sa.select(S)
    if territory_id is not None:
        found = found.where(S.c.territory_id == territory_id)
    if practitioner_id is not None:
        found = found.where(S.c.practitioner_id == practitioner_id)
    if months is not None:
        found = found.where(S.c.month.between(*months))
    if closed is not None:
        found = found.where(S.c.closed_at.is_not(None) if closed else S.c.closed_at.is_(None))
    rows = session.execute(found.order_by(S.c.month.desc(), S.c.territory_id, S.c.practitioner_id))
    return [_statement(row) for row in rows]


def close(session: Session, ident: UUID, *, by: str, now: datetime) -> None:
    """Close a draft, once."""
    session.execute(
        sa.update(S).where(S.c.id == ident, S.c.closed_at.is_(None)).values(closed_at=now, closed_by=by)
    )


def lines(session: Session, statement_ids: Collection[UUID]) -> list[Line]:
    """The lines of some statements, in order."""
    found = sa.select(L).where(L.c.statement_id.in_(list(statement_ids)))
    return [_line(row) for row in session.execute(found.order_by(L.c.statement_id, L.c.position))]


def line_by_id(session: Session, ident: UUID) -> Line | None:
    """One line."""
    row = session.execute(sa.select(L).where(L.c.id == ident)).one_or_none()
    return None if row is None else _line(row)


def stated_elsewhere(session: Session, territory_id: UUID, slot_ids: Collection[UUID]) -> frozenset[UUID]:
    """Which of these slots a statement of another territory already counts."""
    found = (
        sa.select(L.c.slot_id)
        .join(S, S.c.id == L.c.statement_id)
        .where(L.c.slot_id.in_(list(slot_ids)), S.c.territory_id != territory_id)
    )
    with unbound(session):
        return frozenset(session.execute(found).scalars())


def replace_lines(
    session: Session,
    statement: Statement,
    drafts: Sequence[DraftLine],
    totals: tuple[int, int],
    now: datetime,
) -> bool:
    """Write the lines of a draft anew when they differ; false when they stand so already."""
    kept = [line.content for line in lines(session, [statement.id])]
    if kept == list(drafts):
        return False
    session.execute(sa.delete(L).where(L.c.statement_id == statement.id))
    if drafts:
        rows = [_row(statement.id, place, line) for place, line in enumerate(drafts, start=1)]
        session.execute(sa.insert(L), rows)
    session.execute(
        sa.update(S)
        .where(S.c.id == statement.id)
        .values(cpts_cents=totals[0], cpam_cents=totals[1], computed_at=now)
    )
    return True


def month_lines(session: Session, territory_id: UUID, month: date, *, offset: int, limit: int) -> list[Line]:
    """Some lines of a territory's statements of a month, by day: no practitioner is told."""
    found = (
        sa.select(L)
        .join(S, S.c.id == L.c.statement_id)
        .where(S.c.territory_id == territory_id, S.c.month == month)
        .order_by(L.c.day, L.c.at, L.c.id)
    )
    return [_line(row) for row in session.execute(found.offset(offset).limit(limit))]


def count_lines(session: Session, territory_id: UUID, month: date) -> int:
    """How many lines a territory's statements of a month have."""
    found = (
        sa.select(sa.func.count())
        .select_from(L.join(S, S.c.id == L.c.statement_id))
        .where(S.c.territory_id == territory_id, S.c.month == month)
    )
    return int(session.execute(found).scalar_one())


def sums(session: Session, territory_id: UUID, first: date, last: date) -> Sequence[sa.Row[Any]]:
    """Amounts by month, kind and whether the statement is closed, of `[first, last]` months."""
    found = (
        sa.select(
            S.c.month,
            L.c.kind,
            S.c.closed_at.is_not(None).label("closed"),
            sa.func.sum(L.c.amount_cents).label("cents"),
        )
        .join(L, L.c.statement_id == S.c.id)
        .where(S.c.territory_id == territory_id, S.c.month.between(first, last))
        .group_by(S.c.month, L.c.kind, sa.text("closed"))
    )
    return session.execute(found).all()


def verdict_counts(session: Session, territory_id: UUID, first: date, last: date) -> Sequence[sa.Row[Any]]:
    """Acts by month and verdict, as statements tell them; corrections are not counted again."""
    found = (
        sa.select(S.c.month, L.c.status, sa.func.count().label("acts"))
        .join(L, L.c.statement_id == S.c.id)
        .where(S.c.territory_id == territory_id, S.c.month.between(first, last))
        .where(L.c.status.is_not(None), L.c.corrected_month.is_(None))
        .group_by(S.c.month, L.c.status)
    )
    return session.execute(found).all()


def paid_between(session: Session, territory_id: UUID, first: date, last: date) -> int:
    """What the CPTS owes for events of the days `[first, last]`, as statements tell it."""
    found = (
        sa.select(sa.func.coalesce(sa.func.sum(L.c.amount_cents), 0))
        .join(S, S.c.id == L.c.statement_id)
        .where(S.c.territory_id == territory_id, L.c.day.between(first, last))
        .where(L.c.kind != LineKind.MAJORATION, L.c.corrected_month.is_(None))
    )
    return int(session.execute(found).scalar_one())


def _row(statement_id: UUID, position: int, line: DraftLine) -> dict[str, Any]:
    events: dict[str, Any] = dict.fromkeys(_EVENT.values())
    events[_EVENT[line.kind]] = line.event_id
    return {
        "id": new_id(),
        "statement_id": statement_id,
        "position": position,
        **events,
        **{name: getattr(line, name) for name in _PLAIN},
        "reasons": [reason.to_json() for reason in line.reasons],
    }


def _line(row: sa.Row[Any]) -> Line:
    kind = LineKind(row.kind)
    values = {name: getattr(row, name) for name in _PLAIN}
    values["kind"] = kind
    values["status"] = None if row.status is None else VerdictStatus(row.status)
    content = DraftLine(
        event_id=getattr(row, _EVENT[kind]), reasons=tuple(map(Reason.from_json, row.reasons)), **values
    )
    return Line(row.id, row.statement_id, row.position, content)


def _statement(row: sa.Row[Any]) -> Statement:
    return Statement(
        id=row.id,
        territory_id=row.territory_id,
        practitioner_id=row.practitioner_id,
        month=row.month,
        cpts_cents=row.cpts_cents,
        cpam_cents=row.cpam_cents,
        computed_at=row.computed_at,
        closed_at=row.closed_at,
        closed_by=row.closed_by,
    )
