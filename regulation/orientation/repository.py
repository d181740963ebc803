"""Every statement on proposals, on runs of the engine, and on the pool of seeking requests."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from regulation.facts import Reason, reasons_to_json
from regulation.orientation.facts import PoolFigures, PoolReport, ProposalView, UnservedView
from regulation.orientation.tables import AssignmentRun, Proposal
from snp.directory.facts import Page
from snp.directory.paging import checked_limit, decode_cursor, encode_cursor
from snp.platform.actors import Actor
from snp.platform.columns import new_id

P: sa.Table = Proposal.__table__  # type: ignore[attr-defined]  # SQLModel adds it
A: sa.Table = AssignmentRun.__table__  # type: ignore[attr-defined]


def insert_proposal(
    session: Session, round_id: UUID, request_id: UUID, view: ProposalView, *, by: Actor, now: datetime
) -> UUID:
    """Keep one proposal of a round."""
    proposal_id = new_id()
    session.execute(
        sa.insert(P).values(
            id=proposal_id,
            round_id=round_id,
            request_id=request_id,
            rank=view.rank,
            slot_ids=[slot.slot_id for slot in view.slots],
            request_ids=[slot.request_id for slot in view.slots],
            wait_minutes=view.wait_minutes,
            km=view.km,
            burden=view.burden,
            why=reasons_to_json(view.why),
            created_at=now,
            created_by=by.ident,
        )
    )
    return proposal_id


def proposal_claims(session: Session, proposal_id: UUID) -> tuple[UUID, list[tuple[UUID, UUID]]] | None:
    """The request that a proposal answers, and its (slot, request) pairs in time order; None when unknown."""
    statement = sa.select(P.c.request_id, P.c.slot_ids, P.c.request_ids).where(P.c.id == proposal_id)
    row = session.execute(statement).one_or_none()
    return None if row is None else (row.request_id, list(zip(row.slot_ids, row.request_ids, strict=True)))


def proposed_since(session: Session, request_ids: Iterable[UUID], since: datetime) -> set[UUID]:
    """Which of these requests somebody was shown proposals for since an instant."""
    statement = sa.select(P.c.request_id).where(
        P.c.request_id.in_(list(request_ids)), P.c.created_at >= since
    )
    return set(session.execute(statement).scalars())


def insert_run(session: Session, report: PoolReport, *, by: Actor) -> None:
    """Keep a run of the engine."""
    session.execute(
        sa.insert(A).values(
            id=report.run_id,
            territory_id=report.territory_id,
            started_at=report.started_at,
            finished_at=report.finished_at,
            status=report.status,
            figures=report.figures.to_json(),
            unserved=[_unserved_document(item) for item in report.unserved],
            author=by.ident,
        )
    )


def runs(session: Session, territory_id: UUID, *, cursor: str | None, limit: int) -> Page[PoolReport]:
    """The runs over a territory's pool, newest first."""
    limit = checked_limit(limit)
    statement = sa.select(A).where(A.c.territory_id == territory_id).order_by(A.c.id.desc()).limit(limit + 1)
    if cursor is not None:
        statement = statement.where(A.c.id < sa.cast(decode_cursor(cursor, length=1)[0], sa.Uuid))
    found = [_as_report(row) for row in session.execute(statement)]
    items = tuple(found[:limit])
    return Page(items, encode_cursor([str(items[-1].run_id)]) if len(found) > limit else None)


def _unserved_document(item: UnservedView) -> dict[str, Any]:
    return {
        "request_id": str(item.request_id),
        "number": item.number,
        "deadline": None if item.deadline is None else item.deadline.isoformat(),
        "reasons": reasons_to_json(item.reasons),
    }


def _as_report(row: sa.Row[Any]) -> PoolReport:
    return PoolReport(
        run_id=row.id,
        territory_id=row.territory_id,
        started_at=row.started_at,
        finished_at=row.finished_at,
        status=row.status,
        figures=PoolFigures(**row.figures),
        unserved=tuple(
            UnservedView(
                request_id=UUID(item["request_id"]),
                number=item["number"],
                deadline=None if item["deadline"] is None else datetime.fromisoformat(item["deadline"]),
                reasons=tuple(map(Reason.from_json, item["reasons"])),
            )
            for item in row.unserved
        ),
    )
