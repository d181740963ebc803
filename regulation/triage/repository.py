"""Every statement on desk traces: they are added and read, never changed."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from regulation.facts import Reason, reasons_to_json
from regulation.triage.facts import DeskAnswers, Eligibility, TraceView
from regulation.triage.tables import DeskTrace
from snp.directory.facts import Page
from snp.directory.paging import checked_limit, decode_cursor, encode_cursor
from snp.platform.actors import Actor
from snp.platform.columns import new_id

T: sa.Table = DeskTrace.__table__  # type: ignore[attr-defined]  # SQLModel adds it


def insert_trace(
    session: Session,
    territory_id: UUID,
    answers: DeskAnswers,
    eligibility: Eligibility,
    *,
    request_id: UUID | None,
    by: Actor,
    now: datetime,
) -> UUID:
    """Keep what was asked, answered and concluded."""
    trace_id = new_id()
    session.execute(
        sa.insert(T).values(
            id=trace_id,
            territory_id=territory_id,
            organisation_id=by.organisation,
            at=now,
            author=by.ident,
            role=by.role.value,
            reason=answers.reason,
            list_version=eligibility.list_name,
            answers=answers.to_json(),
            red_flags=list(eligibility.red_flags),
            outcome=eligibility.outcome,
            reasons=reasons_to_json(eligibility.reasons),
            request_id=request_id,
        )
    )
    return trace_id


def traces(
    session: Session,
    territory_id: UUID,
    *,
    organisation_id: UUID | None,
    author: str | None,
    cursor: str | None,
    limit: int,
) -> Page[TraceView]:
    """Traces of a territory, newest first; those of one desk or one author when given."""
    limit = checked_limit(limit)
    statement = sa.select(T).where(T.c.territory_id == territory_id).order_by(T.c.id.desc()).limit(limit + 1)
    if organisation_id is not None:
        statement = statement.where(T.c.organisation_id == organisation_id)
    if author is not None:
        statement = statement.where(T.c.author == author)
    if cursor is not None:
        statement = statement.where(T.c.id < sa.cast(decode_cursor(cursor, length=1)[0], sa.Uuid))
    found = [_as_view(row) for row in session.execute(statement)]
    items = tuple(found[:limit])
    return Page(items, encode_cursor([str(items[-1].id)]) if len(found) > limit else None)


def last_trace_of(session: Session, request_id: UUID) -> TraceView | None:
    """The latest trace that led to a request."""
    statement = sa.select(T).where(T.c.request_id == request_id).order_by(T.c.id.desc()).limit(1)
    row = session.execute(statement).one_or_none()
    return None if row is None else _as_view(row)


def _as_view(row: sa.Row[Any]) -> TraceView:
    return TraceView(
        id=row.id,
        at=row.at,
        territory_id=row.territory_id,
        organisation_id=row.organisation_id,
        author=row.author,
        role=row.role,
        reason=row.reason,
        list_name=row.list_version,
        answers=row.answers,
        red_flags=tuple(row.red_flags),
        outcome=row.outcome,
        reasons=tuple(map(Reason.from_json, row.reasons)),
        request_id=row.request_id,
    )
