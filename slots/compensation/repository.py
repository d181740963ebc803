"""Statements on terms, marks, verdicts and declared time. Those on statements are in `statement_rows`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on
from sqlmodel import Session

from slots.compensation.facts import (
    Activity,
    CoordinationTime,
    FundingKind,
    Mark,
    Terms,
    TermsDetails,
    Verdict,
    YearSettings,
)
from slots.compensation.periods import week_of
from slots.compensation.tables import ActMark, ActVerdict, CompensationYear, CoordinationTimeRow, FundingTerms
from snp.platform import near
from snp.platform.columns import new_id

T: Final[sa.Table] = FundingTerms.__table__  # type: ignore[attr-defined]  # SQLModel adds it
Y: Final[sa.Table] = CompensationYear.__table__  # type: ignore[attr-defined]
C: Final[sa.Table] = CoordinationTimeRow.__table__  # type: ignore[attr-defined]
M: Final[sa.Table] = ActMark.__table__  # type: ignore[attr-defined]
V: Final[sa.Table] = ActVerdict.__table__  # type: ignore[attr-defined]

_DETAILS: Final = tuple(TermsDetails.__dataclass_fields__)


def terms_of(session: Session, territory_ids: Collection[UUID]) -> list[Terms]:
    """Every terms of some territories, the last made first."""
    statement = sa.select(T).where(T.c.territory_id.in_(list(territory_ids)))
    return [_terms(row) for row in session.execute(statement.order_by(T.c.created_at.desc(), T.c.id.desc()))]


def terms_of_payers(session: Session, territory_ids: Collection[UUID]) -> list[Terms]:
    """The terms of all that a slot is offered by, neighbours too: one of them pays for it."""
    with near.reaching(session, territory_ids):
        return terms_of(session, territory_ids)


def insert_terms(
    session: Session, territory_id: UUID, details: TermsDetails, *, by: str, now: datetime
) -> Terms:
    """Add terms."""
    ident = new_id()
    values = {name: getattr(details, name) for name in _DETAILS}
    session.execute(
        sa.insert(T).values(id=ident, territory_id=territory_id, created_at=now, created_by=by, **values)
    )
    return Terms(ident, territory_id, details, now, by)


def _terms(row: sa.Row[Any]) -> Terms:
    values = {name: getattr(row, name) for name in _DETAILS}
    values["kind"] = FundingKind(row.kind)
    return Terms(row.id, row.territory_id, TermsDetails(**values), row.created_at, row.created_by)


def years_of(session: Session, territory_id: UUID, year: int) -> list[YearSettings]:
    """What was set for a year, the last first."""
    statement = sa.select(Y).where(Y.c.territory_id == territory_id, Y.c.year == year)
    return [
        YearSettings(
            row.territory_id,
            row.year,
            row.envelope_cents,
            row.close_after_days,
            row.created_at,
            row.created_by,
        )
        for row in session.execute(statement.order_by(Y.c.created_at.desc(), Y.c.id.desc()))
    ]


def insert_year(session: Session, settings: YearSettings, *, by: str, now: datetime) -> None:
    """Set a year anew."""
    session.execute(
        sa.insert(Y).values(
            id=new_id(),
            territory_id=settings.territory_id,
            year=settings.year,
            envelope_cents=settings.envelope_cents,
            close_after_days=settings.close_after_days,
            created_at=now,
            created_by=by,
        )
    )


def times_of(
    session: Session, practitioner_id: UUID, *, territory_id: UUID | None = None, since: date | None = None
) -> list[CoordinationTime]:
    """What a practitioner declared, the latest day first."""
    statement = sa.select(C).where(C.c.practitioner_id == practitioner_id)
    if territory_id is not None:
        statement = statement.where(C.c.territory_id == territory_id)
    if since is not None:
        statement = statement.where(C.c.day >= since)
    rows = session.execute(statement.order_by(C.c.day.desc(), C.c.id.desc()))
    return [_time(row) for row in rows]


def time_of(session: Session, ident: UUID) -> CoordinationTime | None:
    """One declaration."""
    row = session.execute(sa.select(C).where(C.c.id == ident)).one_or_none()
    return None if row is None else _time(row)


def insert_time(session: Session, values: dict[str, Any]) -> UUID:
    """Add a declaration."""
    ident = new_id()
    session.execute(sa.insert(C).values(id=ident, **values))
    return ident


def withdraw_time(session: Session, ident: UUID, now: datetime) -> None:
    """Take a declaration back, once."""
    session.execute(sa.update(C).where(C.c.id == ident, C.c.withdrawn_at.is_(None)).values(withdrawn_at=now))


def _time(row: sa.Row[Any]) -> CoordinationTime:
    return CoordinationTime(
        id=row.id,
        practitioner_id=row.practitioner_id,
        territory_id=row.territory_id,
        day=row.day,
        week=week_of(row.day),
        minutes=row.minutes,
        activity=Activity(row.activity),
        created_at=row.created_at,
        withdrawn_at=row.withdrawn_at,
    )


def marks_of(session: Session, appointment_ids: Collection[UUID]) -> dict[UUID, Mark]:
    """The last mark of each of these acts; acts without one are left out."""
    statement = (
        sa.select(M)
        .ext(distinct_on(M.c.appointment_id))
        .where(M.c.appointment_id.in_(list(appointment_ids)))
        .order_by(M.c.appointment_id, M.c.at.desc(), M.c.id.desc())
    )
    return {
        row.appointment_id: Mark(row.appointment_id, frozenset(row.codes), row.is_mt, row.at)
        for row in session.execute(statement)
    }


def insert_mark(session: Session, mark: Mark, *, by: str) -> None:
    """Add a mark."""
    session.execute(
        sa.insert(M).values(
            id=new_id(),
            appointment_id=mark.appointment_id,
            codes=sorted(mark.codes),
            is_mt=mark.is_mt,
            at=mark.at,
            author=by,
        )
    )


def last_verdicts(session: Session, appointment_ids: Collection[UUID]) -> dict[UUID, sa.Row[Any]]:
    """The last verdict of each of these acts."""
    statement = (
        sa.select(V)
        .ext(distinct_on(V.c.appointment_id))
        .where(V.c.appointment_id.in_(list(appointment_ids)))
        .order_by(V.c.appointment_id, V.c.id.desc())
    )
    return {row.appointment_id: row for row in session.execute(statement)}


def insert_verdicts(session: Session, verdicts: Sequence[Verdict], now: datetime) -> None:
    """Add verdicts."""
    if verdicts:
        session.execute(sa.insert(V), [{"id": new_id(), "at": now, **verdict_row(one)} for one in verdicts])


def verdict_row(verdict: Verdict) -> dict[str, Any]:
    """A verdict as it is stored."""
    act, decision = verdict.act, verdict.decision
    return {
        "appointment_id": act.appointment_id,
        "practitioner_id": act.practitioner_id,
        "territory_id": act.territory_id,
        "request_id": act.request_id,
        "request_number": verdict.request_number,
        "seen_at": act.seen_at,
        "decided_at": decision.at if decision else None,
        "decided_by": decision.decider if decision else None,
        "decided_role": decision.role if decision else None,
        "week": act.week,
        "rank": verdict.rank,
        "billed": list(verdict.billed),
        "status": verdict.status,
        "amount_cents": verdict.amount_cents,
        "reasons": [reason.to_json() for reason in verdict.reasons],
    }


def verdicts_between(
    session: Session,
    starts_from: datetime,
    starts_before: datetime,
    *,
    territory_id: UUID | None = None,
    practitioner_id: UUID | None = None,
) -> list[sa.Row[Any]]:
    """The last verdict of each act of a period, by time."""
    last = (
        sa.select(V)
        .ext(distinct_on(V.c.appointment_id))
        .where(V.c.seen_at >= starts_from, V.c.seen_at < starts_before)
    )
    if territory_id is not None:
        last = last.where(V.c.territory_id == territory_id)
    if practitioner_id is not None:
        last = last.where(V.c.practitioner_id == practitioner_id)
    found = last.order_by(V.c.appointment_id, V.c.id.desc()).subquery()
    return list(session.execute(sa.select(found).order_by(found.c.seen_at, found.c.appointment_id)))
