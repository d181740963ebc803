"""Every statement on rotas themselves: rules, places, openings, members, wishes."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, SQLModel

from slots.agenda.facts import SasView
from slots.rota import tables  # noqa: F401 - declares the tables that are looked up below
from slots.rota.facts import Half
from slots.rota.refusals import RotaNotFound
from slots.rota.school_holidays import Zone
from slots.rota.terms import Opening, Room, RotaDetails, RotaView, WishKind, WishLine
from snp.assignment.facts import Audience
from snp.errors import VersionMismatch
from snp.platform.columns import new_id

TABLES: Final = SQLModel.metadata.tables
rota: Final = TABLES["rota"]
place: Final = TABLES["rota_place"]
opening: Final = TABLES["rota_opening"]
member: Final = TABLES["rota_member"]
wish: Final = TABLES["rota_wish"]

_SCALARS: Final = (
    "name", "zone", "rest_minutes", "most_per_day", "most_per_week", "most_days_in_a_row", "gaps",
    "publish_days", "takes_volunteers", "repairs_alone", "release_minutes",
)  # fmt: skip


def insert(session: Session, territory_id: UUID, details: RotaDetails, *, author: str, now: datetime) -> UUID:
    """Write a rota."""
    ident = new_id()
    session.execute(
        sa.insert(rota).values(
            id=ident, territory_id=territory_id, created_at=now, created_by=author, **_values(details)
        )
    )
    _write_week(session, ident, details)
    return ident


def update(session: Session, rota_id: UUID, details: RotaDetails, *, version: int | None) -> None:
    """Write the rules of a rota anew. Raises `VersionMismatch`."""
    statement = sa.update(rota).where(rota.c.id == rota_id).values(
        version=rota.c.version + 1, **_values(details)
    )  # fmt: skip
    if version is not None:
        statement = statement.where(rota.c.version == version)
    if session.execute(statement.returning(rota.c.id)).first() is None:
        raise VersionMismatch
    _write_week(session, rota_id, details)


def close(session: Session, rota_id: UUID, now: datetime) -> None:
    """Say that a rota is no longer held."""
    session.execute(sa.update(rota).where(rota.c.id == rota_id).values(closed_at=now))


def lock(session: Session, rota_id: UUID) -> None:
    """Let who changes a rota follow each other."""
    session.execute(sa.select(rota.c.id).where(rota.c.id == rota_id).with_for_update())


def by_id(session: Session, rota_id: UUID) -> RotaView:
    """The rota of an id. Raises `RotaNotFound`."""
    found = _views(session, sa.select(rota).where(rota.c.id == rota_id))
    if not found:
        raise RotaNotFound("roulement", rota_id)
    return found[0]


def page(
    session: Session,
    *,
    territory_ids: Collection[UUID] | None = None,
    practitioner_id: UUID | None = None,
    after: UUID | None = None,
    limit: int | None = None,
) -> list[RotaView]:
    """The rotas that are held, in order of creation."""
    statement = sa.select(rota).where(rota.c.closed_at.is_(None))
    if territory_ids is not None:
        statement = statement.where(rota.c.territory_id.in_(territory_ids))
    if practitioner_id is not None:
        mine = sa.select(member.c.rota_id).where(
            member.c.practitioner_id == practitioner_id, member.c.left_at.is_(None)
        )
        statement = statement.where(rota.c.id.in_(mine))
    if after is not None:
        statement = statement.where(rota.c.id > after)
    return _views(session, statement.order_by(rota.c.id).limit(limit))


def put_member(
    session: Session,
    rota_id: UUID,
    practitioner_id: UUID,
    *,
    share: int,
    most_per_week: int | None,
    now: datetime,
) -> None:
    """Write the terms on which somebody takes part; who left comes back."""
    from sqlalchemy.dialects.postgresql import insert as upsert  # noqa: PLC0415 - the only use

    values = {"share": share, "most_per_week": most_per_week, "left_at": None}
    statement = upsert(member).values(
        rota_id=rota_id, practitioner_id=practitioner_id, joined_at=now, **values
    )
    session.execute(
        statement.on_conflict_do_update(index_elements=["rota_id", "practitioner_id"], set_=values)
    )


def end_member(session: Session, rota_id: UUID, practitioner_id: UUID, now: datetime) -> bool:
    """Say that somebody no longer takes part; false when he did not."""
    statement = sa.update(member).where(
        member.c.rota_id == rota_id,
        member.c.practitioner_id == practitioner_id,
        member.c.left_at.is_(None),
    )
    return session.execute(statement.values(left_at=now).returning(member.c.rota_id)).first() is not None


def members(session: Session, rota_id: UUID) -> list[sa.Row[Any]]:
    """Who takes part, by identifier."""
    statement = sa.select(member).where(member.c.rota_id == rota_id, member.c.left_at.is_(None))
    return list(session.execute(statement.order_by(member.c.practitioner_id)))


def put_wishes(session: Session, rota_id: UUID, practitioner_id: UUID, wishes: Collection[WishLine]) -> None:
    """Write somebody's wishes over those he had."""
    session.execute(
        sa.delete(wish).where(wish.c.rota_id == rota_id, wish.c.practitioner_id == practitioner_id)
    )
    if wishes:
        own = {"rota_id": rota_id, "practitioner_id": practitioner_id}
        session.execute(sa.insert(wish), [own | asdict(each) for each in wishes])


def wishes(session: Session, rota_id: UUID) -> dict[UUID, tuple[WishLine, ...]]:
    """The wishes of a rota by practitioner."""
    found: dict[UUID, list[WishLine]] = {}
    order = (wish.c.practitioner_id, wish.c.weekday, wish.c.half)
    for row in session.execute(sa.select(wish).where(wish.c.rota_id == rota_id).order_by(*order)):
        line = WishLine(row.weekday, Half(row.half), WishKind(row.kind), row.points)
        found.setdefault(row.practitioner_id, []).append(line)
    return {who: tuple(lines) for who, lines in found.items()}


def _values(details: RotaDetails) -> dict[str, Any]:
    values = {name: getattr(details, name) for name in _SCALARS}
    return values | {"audiences": sorted(details.audiences), "sas": sorted(details.sas)}


def _write_week(session: Session, rota_id: UUID, details: RotaDetails) -> None:
    session.execute(sa.delete(place).where(place.c.rota_id == rota_id))
    session.execute(sa.delete(opening).where(opening.c.rota_id == rota_id))
    own = {"rota_id": rota_id}
    if details.places:
        session.execute(sa.insert(place), [own | asdict(each) for each in details.places])
    if details.openings:
        session.execute(
            sa.insert(opening), [own | {"id": new_id()} | asdict(each) for each in details.openings]
        )


def _views(session: Session, statement: Any) -> list[RotaView]:
    rows = list(session.execute(statement))
    ids = [row.id for row in rows]
    places: dict[UUID, list[Room]] = {}
    for one in session.execute(sa.select(place).where(place.c.rota_id.in_(ids)).order_by(place.c.site_id)):
        places.setdefault(one.rota_id, []).append(Room(one.site_id, one.rooms))
    openings: dict[UUID, list[Opening]] = {}
    order = (opening.c.weekday, opening.c.starts_at, opening.c.site_id)
    for one in session.execute(sa.select(opening).where(opening.c.rota_id.in_(ids)).order_by(*order)):
        openings.setdefault(one.rota_id, []).append(
            Opening(
                one.site_id,
                one.weekday,
                Half(one.half),
                one.starts_at,
                one.ends_at,
                one.least,
                one.most,
                one.patients,
            )
        )
    return [_view(row, tuple(openings.get(row.id, ())), tuple(places.get(row.id, ()))) for row in rows]


def _view(row: sa.Row[Any], openings: tuple[Opening, ...], places: tuple[Room, ...]) -> RotaView:
    values = {name: getattr(row, name) for name in _SCALARS} | {"zone": Zone(row.zone)}
    details = RotaDetails(
        openings=openings,
        places=places,
        audiences=frozenset(map(Audience, row.audiences)),
        sas=frozenset(map(SasView, row.sas)),
        **values,
    )
    return RotaView(row.id, row.territory_id, details, row.closed_at, row.version, row.created_at)
