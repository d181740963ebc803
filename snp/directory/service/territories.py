"""Territories: a CPTS, its perimeter and its settings, with the history of their edits."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session

from snp.directory import rules
from snp.directory.facts import Page, TerritoryDetails, TerritoryRevisionView, TerritoryView
from snp.directory.paging import DEFAULT_LIMIT, checked_limit, decode_cursor, encode_cursor
from snp.directory.repository import communes, territories
from snp.directory.repository.statements import UnknownReference
from snp.directory.settings_json import settings_to_json
from snp.directory.territory_settings import TerritorySettings, check_settings, default_settings
from snp.errors import NotFound
from snp.platform.actors import Actor


def get_territory(session: Session, territory_id: UUID) -> TerritoryView:
    """Return a territory. Raises `NotFound`."""
    found = territories.territory_by_id(session, territory_id)
    if found is None:
        raise NotFound("territoire", territory_id)
    return found


def territory_settings(session: Session, territory_ids: Collection[UUID]) -> dict[UUID, TerritorySettings]:
    """Return what these territories have decided; unknown ones are left out."""
    return territories.settings_of(session, territory_ids)


def get_territory_by_slug(session: Session, slug: str) -> TerritoryView:
    """Return the territory of a short name. Raises `NotFound`."""
    found = territories.territory_by_slug(session, slug)
    if found is None:
        raise NotFound("territoire", slug)
    return found


def list_territories(
    session: Session,
    *,
    ids: Collection[UUID] | None = None,
    cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page[TerritoryView]:
    """Return territories by slug; `ids` None: all, else only those."""
    keys = decode_cursor(cursor, length=1) if cursor else None
    found = territories.territories_page(session, ids=ids, after_keys=keys, limit=checked_limit(limit))
    more = encode_cursor([found[limit - 1].slug]) if len(found) > limit else None
    return Page(tuple(found[:limit]), more)


def territories_covering(session: Session, insee: str) -> list[TerritoryView]:
    """Return the territories whose perimeter holds a commune, by slug; none is a usual answer."""
    return territories.territories_with_commune(session, insee)


def create_territory(
    session: Session, details: TerritoryDetails, *, by: Actor, now: datetime
) -> TerritoryView:
    """Create a territory; what is left out takes the defaults of its department.

    Raises `InvalidValue`, `UnknownReference` (a commune), `SlugAlreadyUsed`, `IdentifierAlreadyUsed`.
    """
    values = _values(session, details)
    ident = territories.insert_territory(
        session, values | {"created_at": now}, communes=sorted(details.communes)
    )
    return _keep_revision(session, ident, by=by, now=now)


def update_territory(
    session: Session,
    territory_id: UUID,
    details: TerritoryDetails,
    *,
    version: int,
    by: Actor,
    now: datetime,
) -> TerritoryView:
    """Replace a territory's description, perimeter and settings; `settings` None keeps them.

    Raises `NotFound`, `VersionMismatch`, and what `create_territory` raises.
    """
    current = get_territory(session, territory_id)
    values = _values(session, details, current=current)
    territories.change_territory(
        session, territory_id, values, version=version, communes=sorted(details.communes)
    )
    return _keep_revision(session, territory_id, by=by, now=now)


def territory_history(session: Session, territory_id: UUID) -> list[TerritoryRevisionView]:
    """Return how a territory stood after each edit, newest first. Raises `NotFound`."""
    get_territory(session, territory_id)
    return territories.revisions(session, territory_id)


def _values(
    session: Session, details: TerritoryDetails, *, current: TerritoryView | None = None
) -> dict[str, Any]:
    checked = rules.check_territory(details)
    known = communes.communes_by_insee(session, details.communes)
    missing = sorted(details.communes - known.keys())
    if missing:
        raise UnknownReference("communes", ", ".join(missing))
    inhabitants = sum(commune.population for commune in known.values())
    kept = current.settings if current else default_settings(details.department)
    return {
        "slug": checked.slug,
        "name": checked.name,
        "finess": checked.finess,
        "department": checked.department,
        "size_class": checked.size_class or rules.size_class(inhabitants),
        "settings": settings_to_json(check_settings(checked.settings or kept)),
    }


def _keep_revision(session: Session, ident: UUID, *, by: Actor, now: datetime) -> TerritoryView:
    view = get_territory(session, ident)
    content = {
        "slug": view.slug,
        "name": view.name,
        "finess": view.finess,
        "department": view.department,
        "size_class": view.size_class,
        "communes": list(view.communes),
        "settings": settings_to_json(view.settings),
    }
    territories.insert_revision(session, ident, view.version, at=now, author=by.ident, content=content)
    return view
