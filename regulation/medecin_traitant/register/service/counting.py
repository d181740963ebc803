"""The figures of the list over a period, recounted from its rows; counts from 1 to 4 are not told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from regulation.medecin_traitant.register import places_repository
from regulation.medecin_traitant.register.facts import (
    CloseReason,
    EntryMove,
    EntryState,
    PickOutcome,
    RefusalReason,
    RegisterFigures,
)
from regulation.medecin_traitant.register.places_repository import L, P
from regulation.medecin_traitant.register.repository import C, E, M
from regulation.medecin_traitant.register.rules import median_days, told
from snp.days import local_day

K = TypeVar("K", bound=StrEnum)


def register_figures(
    session: Session, territory_id: UUID, *, since: datetime, until: datetime, now: datetime
) -> RegisterFigures:
    """Return the figures of a territory on `[since, until)`; what stands is counted now.

    A pick counts when it was made, a signature when it was told. Sums are not given beside masked parts.
    """
    here = E.c.territory_id == territory_id
    in_period = [here, M.c.at >= since, M.c.at < until]
    standing = dict(
        _rows(session, sa.select(E.c.insee, sa.func.count()).where(here, _WAITS).group_by(E.c.insee))
    )
    ald = session.execute(sa.select(sa.func.count()).where(here, _WAITS, E.c.ald)).scalar_one()
    places = places_repository.places(session, [L.c.territory_id == territory_id])
    today = local_day(now)
    return RegisterFigures(
        since=since,
        until=until,
        waiting=told(sum(standing.values())),
        waiting_ald=told(ald),
        entered=told(_entered(session, in_period)),
        picked=told(_moves(session, in_period, EntryMove.PICK)),
        signed=told(_moves(session, in_period, EntryMove.SIGN)),
        median_wait_days=median_days(_waits(session, in_period)),
        refusals=_masked(RefusalReason, _refusals(session, here, since, until)),
        fell_through=_masked(PickOutcome, _fell_through(session, in_period)),
        closed=_masked(CloseReason, _closed(session, here, since, until)),
        by_commune={insee: told(count) for insee, count in standing.items() if insee is not None},
        places_left=sum(place.left for place in places if place.is_open(today)),
    )


_WAITS = E.c.state == EntryState.WAITING


def _moves(session: Session, in_period: list[Any], move: EntryMove) -> int:
    statement = sa.select(sa.func.count()).select_from(M.join(E, E.c.id == M.c.entry_id))
    count: int = session.execute(statement.where(*in_period, M.c.move == move)).scalar_one()
    return count


def _entered(session: Session, in_period: list[Any]) -> int:
    """Entries that began to count: confirmed, or put on the list by a professional."""
    at_once = (M.c.move == EntryMove.SIGN_UP) & (M.c.to_state == EntryState.WAITING)
    statement = sa.select(sa.func.count()).select_from(M.join(E, E.c.id == M.c.entry_id))
    began = at_once | (M.c.move == EntryMove.CONFIRM)
    count: int = session.execute(statement.where(*in_period, began)).scalar_one()
    return count


def _waits(session: Session, in_period: list[Any]) -> list[int]:
    """Whole days from the entry that counts to the pick that held, of what was signed in the period."""
    statement = (
        sa.select(E.c.waiting_since, P.c.picked_at)
        .select_from(M.join(E, E.c.id == M.c.entry_id).join(P, P.c.entry_id == E.c.id))
        .where(*in_period, M.c.move == EntryMove.SIGN, P.c.outcome == PickOutcome.SIGNED)
    )
    return [(row.picked_at - row.waiting_since).days for row in session.execute(statement)]


def _refusals(session: Session, here: Any, since: datetime, until: datetime) -> Mapping[str, int]:
    statement = (
        sa.select(C.c.reason, sa.func.count())
        .join(E, E.c.id == C.c.entry_id)
        .where(here, C.c.at >= since, C.c.at < until, C.c.reason.is_not(None))
        .group_by(C.c.reason)
    )
    return dict(_rows(session, statement))


def _fell_through(session: Session, in_period: list[Any]) -> Mapping[str, int]:
    outcome = M.c.data["outcome"].astext
    statement = (
        sa.select(outcome, sa.func.count())
        .select_from(M.join(E, E.c.id == M.c.entry_id))
        .where(*in_period, M.c.move == EntryMove.RETURN)
        .group_by(outcome)
    )
    return dict(_rows(session, statement))


def _closed(session: Session, here: Any, since: datetime, until: datetime) -> Mapping[str, int]:
    statement = (
        sa.select(E.c.close_reason, sa.func.count())
        .where(here, E.c.closed_at >= since, E.c.closed_at < until, E.c.close_reason.is_not(None))
        .group_by(E.c.close_reason)
    )
    return dict(_rows(session, statement))


def _masked(kind: type[K], counts: Mapping[str, int]) -> dict[K, int | None]:
    return {member: told(counts[member.value]) for member in kind if counts.get(member.value)}


def _rows(session: Session, statement: sa.Select[Any]) -> Iterable[tuple[Any, int]]:
    return [(key, count) for key, count in session.execute(statement)]
