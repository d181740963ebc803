"""Statements on sites."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from snp.directory.facts import SiteFilter, SiteView
from snp.directory.repository.statements import (
    IdentifierAlreadyUsed,
    UnknownReference,
    after,
    commune,
    membership,
    names_match,
    organisation,
    practitioner_site,
    rows,
    running_on,
    site,
    territory_commune,
    update_version,
)
from snp.platform.columns import new_id
from snp.platform.db import refusing

_SITE = (
    site.c.id,
    site.c.organisation_id,
    organisation.c.name.label("organisation_name"),
    organisation.c.kind.label("organisation_kind"),
    site.c.name,
    site.c.address,
    site.c.postal_code,
    site.c.insee,
    commune.c.name.label("city"),
    site.c.lat,
    site.c.lon,
    site.c.phone,
    site.c.finess,
    site.c.siret,
    site.c.active,
    site.c.version,
    site.c.created_at,
)
_FROM = site.join(commune, commune.c.insee == site.c.insee).outerjoin(
    organisation, organisation.c.id == site.c.organisation_id
)
SORT_KEYS = (site.c.search_name, site.c.id)


def site_by_id(session: Session, ident: UUID) -> SiteView | None:
    """The site of an id."""
    found = rows(session, sa.select(*_SITE).select_from(_FROM).where(site.c.id == ident))
    return SiteView(*found[0]) if found else None


def sites_page(
    session: Session, wanted: SiteFilter, *, on: date, after_keys: Sequence[Any] | None, limit: int
) -> list[SiteView]:
    """Sites by name, one more than `limit` when there are more."""
    statement = sa.select(*_SITE).select_from(_FROM).order_by(*SORT_KEYS).limit(limit + 1)
    if wanted.territory_ids is not None:
        statement = statement.where(_standing_or_used_in(wanted.territory_ids, on))
    if wanted.organisation_id is not None:
        statement = statement.where(site.c.organisation_id == wanted.organisation_id)
    if wanted.practitioner_id is not None:
        his = sa.select(practitioner_site.c.site_id).where(
            practitioner_site.c.practitioner_id == wanted.practitioner_id
        )
        statement = statement.where(site.c.id.in_(his))
    if wanted.text:
        statement = statement.where(names_match(site.c.search_name, wanted.text))
    if wanted.active is not None:
        statement = statement.where(site.c.active == wanted.active)
    if after_keys is not None:
        statement = statement.where(after(SORT_KEYS, after_keys))
    return [SiteView(*row) for row in rows(session, statement)]


def insert_site(session: Session, values: dict[str, Any]) -> UUID:
    """Write a new site."""
    ident = new_id()
    with _refusing(values):
        session.execute(sa.insert(site).values(id=ident, version=1, **values))
    return ident


def change_site(session: Session, ident: UUID, values: dict[str, Any], *, version: int) -> None:
    """Write an edited site over the version that was read."""
    with _refusing(values):
        update_version(session, site, ident, version, values, what="lieu")


def _standing_or_used_in(territory_ids: frozenset[UUID], on: date) -> sa.ColumnElement[bool]:
    standing = sa.select(territory_commune.c.insee).where(territory_commune.c.territory_id.in_(territory_ids))
    used = (
        sa.select(practitioner_site.c.site_id)
        .join(membership, membership.c.practitioner_id == practitioner_site.c.practitioner_id)
        .where(membership.c.territory_id.in_(territory_ids), running_on(on))
    )
    return sa.or_(site.c.insee.in_(standing), site.c.id.in_(used))


def _refusing(values: dict[str, Any]) -> AbstractContextManager[None]:
    return refusing(
        {
            "uq_site__finess": lambda: IdentifierAlreadyUsed("FINESS", values["finess"]),
            "uq_site__siret": lambda: IdentifierAlreadyUsed("SIRET", values["siret"]),
            "fk_site__insee": lambda: UnknownReference("insee", values["insee"]),
            "fk_site__organisation_id": lambda: UnknownReference(
                "organisation_id", values["organisation_id"]
            ),
        }
    )
