"""Every statement on prices, weighed decisions and promises. Views out, rows in; decides nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on, insert
from sqlmodel import Session, SQLModel

from regulation.intake.facts import CallPriority, RequestState
from regulation.live.facts import (
    Basis,
    DecisionView,
    Fallback,
    Outcome,
    PriceSheet,
    PromiseEnding,
    PromiseView,
    WeighedSlot,
    Weighing,
)
from regulation.live.tables import LiveDecision, PriceSheetRow, PromiseRow
from snp.assignment.pricing import ForecastFacts
from snp.platform.actors import Actor
from snp.platform.columns import new_id
from snp.platform.fixed import Fixed, any_uuid
from snp.platform.leadership import advisory_key

S: sa.Table = PriceSheetRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it
D: sa.Table = LiveDecision.__table__  # type: ignore[attr-defined]
P: sa.Table = PromiseRow.__table__  # type: ignore[attr-defined]
R: sa.Table = SQLModel.metadata.tables["request"]  # the intake's: joined on, never written here

KEEPING_STATES = (RequestState.SEEKING, RequestState.HELD)
"""States in which a promise is still to be kept: a hold that ends leaves it to be kept again."""


def write_sheet(session: Session, sheet: PriceSheet) -> None:
    """Put the prices of a family in the place of those before."""
    values: dict[str, Any] = {
        "computed_at": sheet.computed_at,
        "scenarios": sheet.scenarios,
        "facts": asdict(sheet.facts),
        "prices": {slot_id: list(prices) for slot_id, prices in sheet.prices.items()},
        "wanted": dict(sheet.wanted),
        "own": {
            request_id: {slot_id: list(prices) for slot_id, prices in mine.items()}
            for request_id, mine in sheet.own.items()
        },
    }
    key = {"territory_id": sheet.territory_id, "family": sheet.family}
    statement = insert(S).values(**key, **values)
    session.execute(statement.on_conflict_do_update(constraint="pk_price_sheet", set_=values))


def drop_sheets(session: Session, territory_id: UUID, *, keep: Iterable[str]) -> None:
    """Forget the families of a territory that are no longer priced."""
    session.execute(sa.delete(S).where(S.c.territory_id == territory_id, S.c.family.not_in(list(keep))))


def sheets(session: Session, territory_id: UUID) -> tuple[PriceSheet, ...]:
    """The latest prices of a territory, by family."""
    rows = session.execute(sa.select(S).where(S.c.territory_id == territory_id).order_by(S.c.family))
    return tuple(
        PriceSheet(
            territory_id=row.territory_id,
            family=row.family,
            computed_at=row.computed_at,
            scenarios=row.scenarios,
            facts=ForecastFacts(**row.facts),
            prices=_tuples(row.prices),
            wanted=row.wanted,
            own={request_id: _tuples(mine) for request_id, mine in row.own.items()},
        )
        for row in rows
    )


def _tuples(stored: Mapping[str, Any]) -> dict[str, tuple[int, ...]]:
    return {slot_id: tuple(prices) for slot_id, prices in stored.items()}


def insert_decision(
    session: Session,
    request_id: UUID,
    territory_id: UUID,
    weighing: Weighing,
    *,
    round_id: UUID | None,
    anyway: bool,
    by: Actor,
    now: datetime,
) -> UUID:
    """Keep what was weighed for an answer."""
    decision_id = new_id()
    session.execute(
        sa.insert(D).values(
            id=decision_id,
            request_id=request_id,
            territory_id=territory_id,
            at=now,
            author=by.ident,
            role=by.role.value,
            outcome=weighing.outcome,
            rule=weighing.rule,
            basis=weighing.basis,
            fallback=weighing.fallback,
            value=weighing.value,
            value_now=weighing.value_now,
            value_waiting=weighing.value_waiting,
            prices_at=weighing.prices_at,
            scenarios=weighing.scenarios,
            alternatives=[_slot_document(slot) for slot in weighing.alternatives],
            round_id=round_id,
            anyway=anyway,
        )
    )
    return decision_id


def decisions(session: Session, request_id: UUID, *, limit: int) -> tuple[DecisionView, ...]:
    """The latest decisions on a request, newest first."""
    statement = sa.select(D).where(D.c.request_id == request_id).order_by(D.c.id.desc()).limit(limit)
    return tuple(_as_decision(row) for row in session.execute(statement))


def last_decisions(session: Session, request_ids: Iterable[UUID]) -> dict[UUID, DecisionView]:
    """The latest decision on each of these requests."""
    statement = (
        sa.select(D)
        .ext(distinct_on(D.c.request_id))
        .where(D.c.request_id.in_(list(request_ids)))
        .order_by(D.c.request_id, D.c.id.desc())
    )
    return {row.request_id: _as_decision(row) for row in session.execute(statement)}


def decided_since(
    session: Session, territory_id: UUID, since: datetime
) -> list[tuple[UUID, CallPriority | None, Outcome, str]]:
    """The requests on which something was said since an instant: priority, and the last outcome and rule."""
    statement = (
        sa.select(D.c.request_id, R.c.priority, D.c.outcome, D.c.rule)
        .ext(distinct_on(D.c.request_id))
        .join(R, R.c.id == D.c.request_id)
        .where(D.c.territory_id == territory_id, D.c.at >= since)
        .order_by(D.c.request_id, D.c.id.desc())
    )
    return [(row.request_id, row.priority, row.outcome, row.rule) for row in session.execute(statement)]


def told_since(session: Session, territory_id: UUID, since: datetime, *, rule: str) -> frozenset[UUID]:
    """The requests of which a rule was told at least once since an instant."""
    statement = sa.select(D.c.request_id).where(
        D.c.territory_id == territory_id, D.c.at >= since, D.c.rule == rule
    )
    return frozenset(session.execute(statement.distinct()).scalars())


def _slot_document(slot: WeighedSlot) -> dict[str, Any]:
    return {
        "slot_id": str(slot.slot_id),
        "start": slot.start.isoformat(),
        "price": slot.price,
        "km": slot.km,
    }


def _as_decision(row: sa.Row[Any]) -> DecisionView:
    weighing = Weighing(
        outcome=Outcome(row.outcome),
        rule=row.rule,
        basis=Basis(row.basis),
        fallback=None if row.fallback is None else Fallback(row.fallback),
        value=row.value,
        value_now=row.value_now,
        value_waiting=row.value_waiting,
        prices_at=row.prices_at,
        scenarios=row.scenarios,
        alternatives=tuple(
            WeighedSlot(
                slot_id=UUID(item["slot_id"]),
                start=datetime.fromisoformat(item["start"]),
                price=item["price"],
                km=item["km"],
            )
            for item in row.alternatives
        ),
    )
    return DecisionView(
        id=row.id,
        request_id=row.request_id,
        at=row.at,
        author=row.author,
        role=row.role,
        weighing=weighing,
        round_id=row.round_id,
        anyway=row.anyway,
    )


def take_turn(session: Session, territory_ids: Iterable[UUID]) -> None:
    """Wait to be the only one, until the end of the transaction, who changes what promises rely on there."""
    for territory_id in sorted(territory_ids):
        key = advisory_key(f"promises:{territory_id}")
        session.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": key})


def insert_promise(
    session: Session,
    request_id: UUID,
    territory_id: UUID,
    *,
    seen_before: datetime,
    notice_minutes: int,
    certificate: Mapping[str, str],
    by: Actor,
    now: datetime,
) -> UUID:
    """Keep a promise."""
    promise_id = new_id()
    session.execute(
        sa.insert(P).values(
            id=promise_id,
            request_id=request_id,
            territory_id=territory_id,
            made_at=now,
            made_by=by.ident,
            seen_before=seen_before,
            notice_minutes=notice_minutes,
            certificate=dict(certificate),
        )
    )
    return promise_id


def end_promise(
    session: Session, promise_id: UUID, ending: PromiseEnding, *, slot_id: UUID | None = None, now: datetime
) -> None:
    """End a running promise."""
    session.execute(
        sa.update(P)
        .where(P.c.id == promise_id, P.c.ended_at.is_(None))
        .values(ended_at=now, ending=ending, slot_id=slot_id)
    )


def open_promises(session: Session, territory_ids: Iterable[UUID]) -> tuple[PromiseView, ...]:
    """The promises still to be kept in these territories, oldest first."""
    statement = (
        sa.select(P)
        .join(R, R.c.id == P.c.request_id)
        .where(P.c.territory_id.in_(list(territory_ids)), P.c.ended_at.is_(None))
        .where(R.c.state.in_(KEEPING_STATES))
        .order_by(P.c.id)
    )
    return tuple(_as_promise(row) for row in session.execute(statement))


def promising_territories(session: Session, territory_ids: Iterable[UUID]) -> frozenset[UUID]:
    """Those of these territories where promises are still to be kept."""
    found = _PROMISING.run(session, territory_ids=list(territory_ids))
    return frozenset(row.territory_id for row in found)


_PROMISING: Final = Fixed(
    sa.select(P.c.territory_id)
    .join(R, R.c.id == P.c.request_id)
    .where(P.c.territory_id == any_uuid("territory_ids"), P.c.ended_at.is_(None))
    .where(R.c.state == sa.any_(sa.literal([state.value for state in KEEPING_STATES], sa.ARRAY(sa.Text()))))
    .distinct()
)


def settled_promises(session: Session, territory_id: UUID) -> list[tuple[PromiseView, RequestState]]:
    """Running promises whose request went on without them, with where it stands."""
    statement = (
        sa.select(P, R.c.state)
        .join(R, R.c.id == P.c.request_id)
        .where(P.c.territory_id == territory_id, P.c.ended_at.is_(None))
        .where(R.c.state.not_in(KEEPING_STATES))
        .order_by(P.c.id)
    )
    return [(_as_promise(row), row.state) for row in session.execute(statement)]


def running_promise(session: Session, request_id: UUID) -> PromiseView | None:
    """The promise that a request holds now."""
    row = session.execute(sa.select(P).where(P.c.request_id == request_id, P.c.ended_at.is_(None))).first()
    return None if row is None else _as_promise(row)


def last_promise(session: Session, request_id: UUID) -> PromiseView | None:
    """The latest promise made to a request, running or ended."""
    row = session.execute(sa.select(P).where(P.c.request_id == request_id).order_by(P.c.id.desc())).first()
    return None if row is None else _as_promise(row)


def promises_since(session: Session, territory_id: UUID, since: datetime) -> tuple[PromiseView, ...]:
    """The promises made in a territory since an instant, newest first."""
    statement = sa.select(P).where(P.c.territory_id == territory_id, P.c.made_at >= since)
    return tuple(_as_promise(row) for row in session.execute(statement.order_by(P.c.id.desc())))


def _as_promise(row: sa.Row[Any]) -> PromiseView:
    return PromiseView(
        id=row.id,
        request_id=row.request_id,
        territory_id=row.territory_id,
        made_at=row.made_at,
        made_by=row.made_by,
        seen_before=row.seen_before,
        notice_minutes=row.notice_minutes,
        certificate=row.certificate,
        ended_at=row.ended_at,
        ending=row.ending,
        slot_id=row.slot_id,
    )
