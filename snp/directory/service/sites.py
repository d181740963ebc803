"""Sites: places of care."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session

from snp.days import local_day
from snp.directory import rules
from snp.directory.facts import Page, SiteDetails, SiteFilter, SiteView
from snp.directory.paging import DEFAULT_LIMIT, checked_limit, decode_name_cursor, encode_cursor
from snp.directory.repository import sites as repository
from snp.directory.repository.communes import communes_by_insee
from snp.directory.repository.statements import UnknownReference
from snp.directory.words import fold
from snp.errors import NotFound
from snp.platform.actors import Actor


def get_site(session: Session, site_id: UUID) -> SiteView:
    """Return a site. Raises `NotFound`."""
    found = repository.site_by_id(session, site_id)
    if found is None:
        raise NotFound("lieu", site_id)
    return found


def list_sites(
    session: Session,
    wanted: SiteFilter | None = None,
    *,
    cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
    now: datetime,
) -> Page[SiteView]:
    """Return sites by name."""
    found = repository.sites_page(
        session,
        wanted or SiteFilter(),
        on=local_day(now),
        after_keys=decode_name_cursor(cursor),
        limit=checked_limit(limit),
    )
    last = found[limit - 1] if len(found) > limit else None
    return Page(tuple(found[:limit]), encode_cursor([fold(last.name), str(last.id)]) if last else None)


def create_site(
    session: Session, details: SiteDetails, *, strict: bool = False, by: Actor, now: datetime
) -> SiteView:
    """Create a site; without coordinates it stands at the point of its commune.

    Raises `InvalidValue`, `IdentifierAlreadyUsed`, `UnknownReference` (commune or organisation).
    """
    del by
    ident = repository.insert_site(session, _values(session, details, strict=strict) | {"created_at": now})
    return get_site(session, ident)


def update_site(
    session: Session,
    site_id: UUID,
    details: SiteDetails,
    *,
    version: int,
    strict: bool = False,
    by: Actor,
    now: datetime,
) -> SiteView:
    """Replace a site's description. Raises `NotFound`, `VersionMismatch`, and as for creation."""
    del by, now
    repository.change_site(session, site_id, _values(session, details, strict=strict), version=version)
    return get_site(session, site_id)


def _values(session: Session, details: SiteDetails, *, strict: bool) -> dict[str, Any]:
    checked = _placed(session, rules.check_site(details, strict=strict))
    return {
        "organisation_id": checked.organisation_id,
        "name": checked.name,
        "search_name": fold(checked.name),
        "address": checked.address,
        "postal_code": checked.postal_code,
        "insee": checked.insee,
        "lat": checked.lat,
        "lon": checked.lon,
        "phone": checked.phone,
        "finess": checked.finess,
        "siret": checked.siret,
        "active": checked.active,
    }


def _placed(session: Session, details: SiteDetails) -> SiteDetails:
    if details.lat is not None:
        return details
    commune = communes_by_insee(session, [details.insee]).get(details.insee)
    if commune is None:
        raise UnknownReference("insee", details.insee)
    return replace(details, lat=commune.lat, lon=commune.lon)
