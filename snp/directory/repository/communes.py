"""Statements on communes and professions."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlmodel import Session

from snp.directory.facts import CommuneView, ProfessionView
from snp.directory.repository.statements import (
    commune,
    names_match,
    profession,
    rows,
    territory_commune,
)
from snp.directory.words import fold
from snp.platform.fixed import Fixed, any_text

_COMMUNE = (
    commune.c.insee,
    commune.c.name,
    commune.c.postal_codes,
    commune.c.department,
    commune.c.population,
    commune.c.lat,
    commune.c.lon,
)
_PROFESSION = (
    profession.c.code,
    profession.c.mos_code,
    profession.c.specialty_code,
    profession.c.label,
    profession.c.short_label,
    profession.c.slot_minutes,
    profession.c.active,
)


def communes_by_insee(session: Session, codes: Collection[str]) -> dict[str, CommuneView]:
    """The known communes among these INSEE codes."""
    return {row.insee: _commune_view(row) for row in _BY_INSEE.run(session, codes=list(codes))}


_BY_INSEE: Final = Fixed(sa.select(*_COMMUNE).where(commune.c.insee == any_text("codes")))


def all_communes(session: Session) -> list[CommuneView]:
    """Every commune, by code."""
    return [_commune_view(row) for row in rows(session, sa.select(*_COMMUNE).order_by(commune.c.insee))]


def communes_matching(
    session: Session, text: str, *, near_territory_ids: Collection[UUID], limit: int
) -> list[CommuneView]:
    """Communes whose name words begin so, or whose postal code does.

    Those of the territories come first, then a name that begins so, then the larger.
    """
    digits = text.strip()
    if digits.isdecimal():
        code = sa.func.unnest(commune.c.postal_codes, type_=sa.Text()).column_valued("code")
        wanted: sa.ColumnElement[bool] = sa.exists(sa.select(code).where(code.like(f"{digits}%")))
    else:
        wanted = names_match(commune.c.search_name, text)
    inside = sa.exists(
        sa.select(sa.literal(1)).where(
            territory_commune.c.insee == commune.c.insee,
            territory_commune.c.territory_id.in_(near_territory_ids),
        )
    )
    statement = (
        sa.select(*_COMMUNE)
        .where(wanted)
        .order_by(
            inside.desc(),
            commune.c.search_name.startswith(fold(text), autoescape=True).desc(),
            commune.c.population.desc(),
            commune.c.insee,
        )
        .limit(limit)
    )
    return [_commune_view(row) for row in rows(session, statement)]


def communes_of_territory(session: Session, territory_id: UUID) -> list[CommuneView]:
    """The communes of a perimeter, by name."""
    statement = (
        sa.select(*_COMMUNE)
        .join(territory_commune, territory_commune.c.insee == commune.c.insee)
        .where(territory_commune.c.territory_id == territory_id)
        .order_by(commune.c.search_name, commune.c.insee)
    )
    return [_commune_view(row) for row in rows(session, statement)]


def professions(session: Session, *, active: bool | None = None) -> list[ProfessionView]:
    """All professions, by label."""
    statement = sa.select(*_PROFESSION).order_by(profession.c.label)
    if active is not None:
        statement = statement.where(profession.c.active == active)
    return [ProfessionView(*row) for row in rows(session, statement)]


def write_communes(session: Session, values: list[dict[str, Any]]) -> None:
    """Insert or correct communes, one statement."""
    _upsert(session, commune, commune.c.insee, values)


def write_professions(session: Session, values: list[dict[str, Any]]) -> None:
    """Insert professions that are missing; those present may have been edited and stay."""
    if values:
        session.execute(postgresql.insert(profession).values(values).on_conflict_do_nothing())


def _upsert(
    session: Session, table: sa.Table, key: sa.ColumnElement[Any], values: list[dict[str, Any]]
) -> None:
    if not values:
        return
    insert = postgresql.insert(table).values(values)
    changes = {name: insert.excluded[name] for name in values[0] if name != key.key}
    session.execute(
        insert.on_conflict_do_update(
            index_elements=[key],
            set_=changes,
            where=sa.or_(*(table.c[name].is_distinct_from(new) for name, new in changes.items())),
        )
    )


def _commune_view(row: sa.Row[Any]) -> CommuneView:
    return CommuneView(
        insee=row.insee,
        name=row.name,
        postal_codes=tuple(row.postal_codes),
        department=row.department,
        population=row.population,
        lat=row.lat,
        lon=row.lon,
    )
