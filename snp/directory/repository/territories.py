"""Statements on territories, their perimeters and their revisions."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from snp.directory.facts import TerritoryRevisionView, TerritoryView
from snp.directory.repository.statements import (
    IdentifierAlreadyUsed,
    UnknownReference,
    after,
    commune,
    ids_array,
    replace_links,
    rows,
    territory,
    territory_commune,
    territory_revision,
    update_version,
)
from snp.directory.settings_json import settings_from_json
from snp.directory.territory_settings import TerritorySettings
from snp.errors import SnpError
from snp.platform.columns import new_id
from snp.platform.db import refusing
from snp.platform.fixed import Fixed, any_uuid


class SlugAlreadyUsed(SnpError):
    """Another territory already bears this short name."""

    slug = "slug-already-used"
    fr = "Le nom court « {value} » est déjà celui d’un autre territoire."

    def __init__(self, value: str) -> None:
        super().__init__(f"slug {value} is already used", value=value)


_IN_TERRITORY = territory_commune.c.territory_id == territory.c.id
_TERRITORY = (
    territory.c.id,
    territory.c.slug,
    territory.c.name,
    territory.c.finess,
    territory.c.department,
    territory.c.size_class,
    territory.c.settings,
    territory.c.version,
    territory.c.created_at,
    ids_array(territory_commune.c.insee, _IN_TERRITORY).label("communes"),
    sa.select(sa.func.coalesce(sa.func.sum(commune.c.population), 0))
    .join(territory_commune, territory_commune.c.insee == commune.c.insee)
    .where(_IN_TERRITORY)
    .scalar_subquery()
    .label("population"),
)


def territory_where(session: Session, condition: sa.ColumnElement[bool]) -> TerritoryView | None:
    """The one territory of a condition, if there is one."""
    found = rows(session, sa.select(*_TERRITORY).where(condition).limit(1))
    return _view(found[0]) if found else None


def territory_by_id(session: Session, territory_id: UUID) -> TerritoryView | None:
    """The territory of an id."""
    return territory_where(session, territory.c.id == territory_id)


def territory_by_slug(session: Session, slug: str) -> TerritoryView | None:
    """The territory of a short name."""
    return territory_where(session, territory.c.slug == slug)


def settings_of(session: Session, ids: Collection[UUID]) -> dict[UUID, TerritorySettings]:
    """The settings of these territories, without their perimeters."""
    return {
        row.id: settings_from_json(row.settings, department=row.department)
        for row in _SETTINGS.run(session, ids=list(ids))
    }


_SETTINGS: Final = Fixed(
    sa.select(territory.c.id, territory.c.department, territory.c.settings).where(
        territory.c.id == any_uuid("ids")
    )
)


def territories_page(
    session: Session, *, ids: Collection[UUID] | None, after_keys: Sequence[str] | None, limit: int
) -> list[TerritoryView]:
    """Territories by slug, one more than `limit` when there are more."""
    statement = sa.select(*_TERRITORY).order_by(territory.c.slug).limit(limit + 1)
    if ids is not None:
        statement = statement.where(territory.c.id.in_(ids))
    if after_keys is not None:
        statement = statement.where(after([territory.c.slug], after_keys))
    return [_view(row) for row in rows(session, statement)]


def territories_with_commune(session: Session, insee: str) -> list[TerritoryView]:
    """The territories whose perimeter holds a commune, by slug."""
    inside = sa.select(territory_commune.c.territory_id).where(territory_commune.c.insee == insee)
    statement = sa.select(*_TERRITORY).where(territory.c.id.in_(inside)).order_by(territory.c.slug)
    return [_view(row) for row in rows(session, statement)]


def insert_territory(session: Session, values: dict[str, Any], *, communes: Sequence[str]) -> UUID:
    """Write a new territory and its perimeter."""
    ident = new_id()
    with _refusing(values):
        session.execute(sa.insert(territory).values(id=ident, version=1, **values))
        _write_perimeter(session, ident, communes)
    return ident


def change_territory(
    session: Session, ident: UUID, values: dict[str, Any], *, version: int, communes: Sequence[str]
) -> None:
    """Write an edited territory and its perimeter over the version that was read."""
    with _refusing(values):
        update_version(session, territory, ident, version, values, what="territoire")
        _write_perimeter(session, ident, communes)


def insert_revision(
    session: Session, ident: UUID, version: int, *, at: datetime, author: str, content: dict[str, Any]
) -> None:
    """Keep how the territory stands after an edit."""
    session.execute(
        sa.insert(territory_revision).values(
            territory_id=ident, version=version, at=at, author=author, content=content
        )
    )


def revisions(session: Session, ident: UUID) -> list[TerritoryRevisionView]:
    """All revisions of a territory, newest first."""
    columns = territory_revision.c
    statement = (
        sa.select(columns.territory_id, columns.version, columns.at, columns.author, columns.content)
        .where(columns.territory_id == ident)
        .order_by(columns.version.desc())
    )
    return [TerritoryRevisionView(*row) for row in rows(session, statement)]


def _write_perimeter(session: Session, ident: UUID, communes: Sequence[str]) -> None:
    links = territory_commune
    replace_links(
        session, links, links.c.territory_id, links.c.insee, owner_id=ident, other_ids=list(communes)
    )


def _refusing(values: dict[str, Any]) -> Any:
    return refusing(
        {
            "uq_territory__slug": lambda: SlugAlreadyUsed(values["slug"]),
            "uq_territory__finess": lambda: IdentifierAlreadyUsed("FINESS", values["finess"]),
            "fk_territory_commune__insee": lambda: UnknownReference("communes"),
        }
    )


def _view(row: sa.Row[Any]) -> TerritoryView:
    return TerritoryView(
        id=row.id,
        slug=row.slug,
        name=row.name,
        finess=row.finess,
        department=row.department,
        size_class=row.size_class,
        population=int(row.population),
        communes=tuple(row.communes),
        settings=settings_from_json(row.settings, department=row.department),
        version=row.version,
        created_at=row.created_at,
    )
