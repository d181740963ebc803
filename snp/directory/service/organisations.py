"""Organisations: MSP, cabinets, centres, pharmacies, nurse practices."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session

from snp.directory import rules
from snp.directory.facts import OrganisationDetails, OrganisationFilter, OrganisationView, Page
from snp.directory.paging import DEFAULT_LIMIT, checked_limit, decode_name_cursor, encode_cursor
from snp.directory.repository import organisations as repository
from snp.directory.words import fold
from snp.errors import NotFound
from snp.platform.actors import Actor


def get_organisation(session: Session, organisation_id: UUID) -> OrganisationView:
    """Return an organisation. Raises `NotFound`."""
    found = repository.organisation_by_id(session, organisation_id)
    if found is None:
        raise NotFound("organisation", organisation_id)
    return found


def territories_of_organisation(session: Session, organisation_id: UUID) -> frozenset[UUID]:
    """Return the territories that an organisation takes part in."""
    return frozenset(repository.territories_of(session, organisation_id))


def list_organisations(
    session: Session,
    wanted: OrganisationFilter | None = None,
    *,
    cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page[OrganisationView]:
    """Return organisations by name."""
    found = repository.organisations_page(
        session,
        wanted or OrganisationFilter(),
        after_keys=decode_name_cursor(cursor),
        limit=checked_limit(limit),
    )
    last = found[limit - 1] if len(found) > limit else None
    return Page(tuple(found[:limit]), encode_cursor([fold(last.name), str(last.id)]) if last else None)


def create_organisation(
    session: Session, details: OrganisationDetails, *, strict: bool = False, by: Actor, now: datetime
) -> OrganisationView:
    """Create an organisation; `strict` also checks the key of its identifiers.

    Raises `InvalidValue`, `IdentifierAlreadyUsed`, `UnknownReference` (a territory).
    """
    del by
    ident = repository.insert_organisation(
        session,
        _values(details, strict=strict) | {"created_at": now},
        territory_ids=sorted(details.territory_ids),
    )
    return get_organisation(session, ident)


def update_organisation(
    session: Session,
    organisation_id: UUID,
    details: OrganisationDetails,
    *,
    version: int,
    strict: bool = False,
    by: Actor,
    now: datetime,
) -> OrganisationView:
    """Replace an organisation's description. Raises `NotFound`, `VersionMismatch`, and as for creation."""
    del by, now
    repository.change_organisation(
        session,
        organisation_id,
        _values(details, strict=strict),
        version=version,
        territory_ids=sorted(details.territory_ids),
    )
    return get_organisation(session, organisation_id)


def _values(details: OrganisationDetails, *, strict: bool) -> dict[str, Any]:
    checked = rules.check_organisation(details, strict=strict)
    return {
        "kind": checked.kind,
        "name": checked.name,
        "search_name": fold(checked.name),
        "finess": checked.finess,
        "siret": checked.siret,
        "active": checked.active,
    }
