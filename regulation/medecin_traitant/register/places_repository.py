"""Every statement on declared places and picks. Views out, rows in; decides nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, SQLModel

from regulation.medecin_traitant.register import tables  # noqa: F401 - declares the tables looked up below
from regulation.medecin_traitant.register.facts import PickOutcome, PickView, PlaceTerms, PlaceView

_TABLES = SQLModel.metadata.tables
L: Final = _TABLES["mt_place"]
P: Final = _TABLES["mt_pick"]
E: Final = _TABLES["mt_entry"]
_TAKEN: Final = (
    sa.select(sa.func.count())
    .where(P.c.place_id == L.c.id, P.c.outcome.is_(None) | (P.c.outcome == PickOutcome.SIGNED))
    .correlate(L)
    .scalar_subquery()
    .label("taken")
)


def insert_place(session: Session, values: Mapping[str, Any]) -> None:
    """Add a declaration."""
    session.execute(sa.insert(L).values(**values))


def lock_place(session: Session, place_id: UUID) -> PlaceView | None:
    """A declaration, locked; its places are counted under the lock."""
    session.execute(sa.select(L.c.id).where(L.c.id == place_id).with_for_update())
    return next(iter(places(session, [L.c.id == place_id])), None)


def places(session: Session, where: Sequence[sa.ColumnElement[bool]]) -> list[PlaceView]:
    """The declarations wanted, newest first."""
    rows = session.execute(sa.select(L, _TAKEN).where(*where).order_by(L.c.id.desc()))
    return [_place(row) for row in rows]


def close_place(session: Session, place_id: UUID, now: datetime) -> None:
    """End a declaration; what was picked for it goes on."""
    session.execute(sa.update(L).where(L.c.id == place_id, L.c.closed_at.is_(None)).values(closed_at=now))


def insert_pick(session: Session, values: Mapping[str, Any]) -> None:
    """Add a pick."""
    session.execute(sa.insert(P).values(**values))


def update_pick(session: Session, pick_id: UUID, values: Mapping[str, Any]) -> None:
    """Write some columns of a pick."""
    session.execute(sa.update(P).where(P.c.id == pick_id).values(**values))


def picks(session: Session, where: Sequence[sa.ColumnElement[bool]], *, limit: int = 200) -> list[PickView]:
    """The picks wanted, newest first."""
    return [as_pick(row) for row in session.execute(pick_statement().where(*where).limit(limit))]


def pick_statement() -> sa.Select[Any]:
    """What a `PickView` is read from, newest first."""
    return sa.select(P, E.c.territory_id).join(E, E.c.id == P.c.entry_id).order_by(P.c.id.desc())


def running_pick(session: Session, entry_id: UUID) -> PickView | None:
    """The pick of an entry that runs."""
    return next(iter(picks(session, [P.c.entry_id == entry_id, P.c.outcome.is_(None)])), None)


def due_picks(session: Session, where: Sequence[sa.ColumnElement[bool]], limit: int) -> list[sa.Row[Any]]:
    """The running picks that a job must look at, with how often the patient was asked; the oldest first."""
    statement = (
        sa.select(P, E.c.territory_id)
        .join(E, E.c.id == P.c.entry_id)
        .where(P.c.outcome.is_(None), *where)
        .order_by(P.c.id)
        .limit(limit)
        .with_for_update(of=E, skip_locked=True)
    )
    return list(session.execute(statement))


def as_pick(row: sa.Row[Any]) -> PickView:
    """A row of `pick_statement` or `due_picks` as a view."""
    return PickView(
        id=row.id,
        entry_id=row.entry_id,
        place_id=row.place_id,
        practitioner_id=row.practitioner_id,
        territory_id=row.territory_id,
        picked_at=row.picked_at,
        call_by=row.call_by,
        called_at=row.called_at,
        outcome=row.outcome,
        ended_at=row.ended_at,
    )


def of_practitioners(practitioner_ids: Collection[UUID]) -> list[sa.ColumnElement[bool]]:
    """The declarations of these doctors."""
    return [L.c.practitioner_id.in_(list(practitioner_ids))]


def _place(row: sa.Row[Any]) -> PlaceView:
    return PlaceView(
        id=row.id,
        practitioner_id=row.practitioner_id,
        territory_id=row.territory_id,
        terms=PlaceTerms(
            places=row.places,
            valid_until=row.valid_until,
            communes=frozenset(row.communes),
            age_from=row.age_from,
            age_to=row.age_to,
            ald_only=row.ald_only,
        ),
        taken=row.taken,
        created_at=row.created_at,
        closed_at=row.closed_at,
    )
