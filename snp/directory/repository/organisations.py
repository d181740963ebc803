"""Statements on organisations and the territories they take part in."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from snp.directory.facts import OrganisationFilter, OrganisationView
from snp.directory.repository.statements import (
    IdentifierAlreadyUsed,
    UnknownReference,
    after,
    ids_array,
    names_match,
    organisation,
    organisation_territory,
    replace_links,
    rows,
    update_version,
)
from snp.platform.columns import new_id
from snp.platform.db import refusing
from snp.platform.fixed import Fixed, a_uuid

_ORGANISATION = (
    organisation.c.id,
    organisation.c.kind,
    organisation.c.name,
    organisation.c.finess,
    organisation.c.siret,
    ids_array(
        organisation_territory.c.territory_id, organisation_territory.c.organisation_id == organisation.c.id
    ).label("territory_ids"),
    organisation.c.active,
    organisation.c.version,
    organisation.c.created_at,
)
SORT_KEYS = (organisation.c.search_name, organisation.c.id)


def organisation_by_id(session: Session, ident: UUID) -> OrganisationView | None:
    """The organisation of an id."""
    found = rows(session, sa.select(*_ORGANISATION).where(organisation.c.id == ident))
    return _view(found[0]) if found else None


def territories_of(session: Session, organisation_id: UUID) -> list[UUID]:
    """The territories that an organisation takes part in."""
    return [row.territory_id for row in _TERRITORIES.run(session, organisation_id=organisation_id)]


_TERRITORIES: Final = Fixed(
    sa.select(organisation_territory.c.territory_id).where(
        organisation_territory.c.organisation_id == a_uuid("organisation_id")
    )
)


def organisations_page(
    session: Session, wanted: OrganisationFilter, *, after_keys: Sequence[Any] | None, limit: int
) -> list[OrganisationView]:
    """Organisations by name, one more than `limit` when there are more."""
    statement = sa.select(*_ORGANISATION).order_by(*SORT_KEYS).limit(limit + 1)
    if wanted.territory_ids is not None:
        here = sa.select(organisation_territory.c.organisation_id).where(
            organisation_territory.c.territory_id.in_(wanted.territory_ids)
        )
        statement = statement.where(organisation.c.id.in_(here))
    if wanted.kind is not None:
        statement = statement.where(organisation.c.kind == wanted.kind)
    if wanted.text:
        statement = statement.where(names_match(organisation.c.search_name, wanted.text))
    if wanted.active is not None:
        statement = statement.where(organisation.c.active == wanted.active)
    if after_keys is not None:
        statement = statement.where(after(SORT_KEYS, after_keys))
    return [_view(row) for row in rows(session, statement)]


def insert_organisation(session: Session, values: dict[str, Any], *, territory_ids: Sequence[UUID]) -> UUID:
    """Write a new organisation and its territories."""
    ident = new_id()
    with _refusing(values):
        session.execute(sa.insert(organisation).values(id=ident, version=1, **values))
        _write_territories(session, ident, territory_ids)
    return ident


def change_organisation(
    session: Session, ident: UUID, values: dict[str, Any], *, version: int, territory_ids: Sequence[UUID]
) -> None:
    """Write an edited organisation over the version that was read."""
    with _refusing(values):
        update_version(session, organisation, ident, version, values, what="organisation")
        _write_territories(session, ident, territory_ids)


def _write_territories(session: Session, ident: UUID, territory_ids: Sequence[UUID]) -> None:
    links = organisation_territory
    replace_links(
        session, links, links.c.organisation_id, links.c.territory_id, owner_id=ident, other_ids=territory_ids
    )


def _refusing(values: dict[str, Any]) -> AbstractContextManager[None]:
    return refusing(
        {
            "uq_organisation__finess": lambda: IdentifierAlreadyUsed("FINESS", values["finess"]),
            "uq_organisation__siret": lambda: IdentifierAlreadyUsed("SIRET", values["siret"]),
            "fk_organisation_territory__territory_id": lambda: UnknownReference("territory_ids"),
        }
    )


def _view(row: sa.Row[Any]) -> OrganisationView:
    return OrganisationView(
        id=row.id,
        kind=row.kind,
        name=row.name,
        finess=row.finess,
        siret=row.siret,
        territory_ids=tuple(row.territory_ids),
        active=row.active,
        version=row.version,
        created_at=row.created_at,
    )
