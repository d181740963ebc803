"""Lists of requests: filters, what the reader may see, and keyset pages. Statements only."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from regulation.intake.facts import RequestFilter, RequestOrder, RequestView, Sight
from regulation.intake.repository import R, as_view, view_statement
from snp.directory.facts import Page
from snp.directory.paging import checked_limit, decode_cursor, encode_cursor
from snp.errors import InvalidValue

_NO_DEADLINE: Final = "infinity"


def page(
    session: Session, wanted: RequestFilter, sight: Sight, *, cursor: str | None, limit: int
) -> Page[RequestView]:
    """One page of the requests wanted, among those seen."""
    if sight.nothing:
        return Page(())
    limit = checked_limit(limit)
    statement = view_statement().where(*_seen(sight), *_wanted(wanted))
    statement = _ordered(statement, wanted.order, cursor).limit(limit + 1)
    found = [as_view(row) for row in session.execute(statement)]
    items = tuple(found[:limit])
    return Page(items, _cursor(items[-1], wanted.order) if len(found) > limit else None)


def _seen(sight: Sight) -> list[sa.ColumnElement[bool]]:
    limits: list[sa.ColumnElement[bool]] = []
    if sight.territory_ids is not None:
        limits.append(R.c.territory_id.in_(sight.territory_ids))
    if sight.organisation_id is not None:
        limits.append(R.c.organisation_id == sight.organisation_id)
    if sight.practitioner_id is not None:
        limits.append(R.c.practitioner_id == sight.practitioner_id)
    return limits


def _wanted(wanted: RequestFilter) -> list[sa.ColumnElement[bool]]:
    clauses: list[sa.ColumnElement[bool]] = []
    exact = {"territory_id": wanted.territory_id, "organisation_id": wanted.organisation_id}
    among = {
        "state": wanted.states,
        "origin": wanted.origins,
        "disposition": wanted.dispositions,
        "priority": wanted.priorities,
    }
    clauses += [R.c[name] == value for name, value in exact.items() if value is not None]
    clauses += [R.c[name].in_(values) for name, values in among.items() if values]
    if wanted.created_from is not None:
        clauses.append(R.c.created_at >= wanted.created_from)
    if wanted.created_until is not None:
        clauses.append(R.c.created_at < wanted.created_until)
    if wanted.deadline_until is not None:
        clauses.append(R.c.deadline < wanted.deadline_until)
    return clauses


def _ordered(statement: sa.Select[Any], order: RequestOrder, cursor: str | None) -> sa.Select[Any]:
    if order is RequestOrder.NEWEST:
        after = None if cursor is None else _uuid(decode_cursor(cursor, length=1)[0])
        newest = statement.order_by(R.c.id.desc())
        return newest if after is None else newest.where(R.c.id < after)
    key = sa.func.coalesce(R.c.deadline, sa.text("'infinity'::timestamptz"))
    by_deadline = statement.order_by(key, R.c.id)
    if cursor is None:
        return by_deadline
    told, ident = decode_cursor(cursor, length=2)
    limit = sa.cast(_checked_instant(told), sa.DateTime(timezone=True))
    return by_deadline.where(sa.tuple_(key, R.c.id) > sa.tuple_(limit, sa.literal(_uuid(ident), sa.Uuid)))


def _cursor(view: RequestView, order: RequestOrder) -> str:
    if order is RequestOrder.NEWEST:
        return encode_cursor([str(view.id)])
    return encode_cursor([_NO_DEADLINE if view.deadline is None else view.deadline.isoformat(), str(view.id)])


def _checked_instant(text: str) -> sa.ColumnElement[Any]:
    if text != _NO_DEADLINE:
        try:
            datetime.fromisoformat(text)
        except ValueError as error:
            raise InvalidValue("cursor", "ce curseur n’a pas été donné par cette liste.") from error
    return sa.literal(text, sa.Text)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise InvalidValue("cursor", "ce curseur n’a pas été donné par cette liste.") from error
