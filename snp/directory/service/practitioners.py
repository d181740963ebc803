"""Practitioners: who cares, where, and what each asks of the service."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session

from snp.days import local_day
from snp.directory import rules
from snp.directory.facts import (
    Page,
    PractitionerDetails,
    PractitionerFilter,
    PractitionerView,
    Preferences,
)
from snp.directory.paging import DEFAULT_LIMIT, checked_limit, decode_name_cursor, encode_cursor
from snp.directory.repository import practitioners as repository
from snp.directory.words import fold
from snp.errors import NotFound
from snp.platform.actors import Actor


def get_practitioner(session: Session, practitioner_id: UUID, *, now: datetime) -> PractitionerView:
    """Return a practitioner, with the CPTS he belongs to today. Raises `NotFound`."""
    found = repository.practitioner_by_id(session, practitioner_id, on=local_day(now))
    if found is None:
        raise NotFound("professionnel", practitioner_id)
    return found


def find_practitioner(
    session: Session, *, rpps: str | None = None, adeli: str | None = None, now: datetime
) -> PractitionerView | None:
    """Return the practitioner who bears an RPPS or ADELI number, if there is one."""
    return repository.practitioner_by_identifier(session, rpps=rpps, adeli=adeli, on=local_day(now))


def list_practitioners(
    session: Session,
    wanted: PractitionerFilter | None = None,
    *,
    cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
    now: datetime,
) -> Page[PractitionerView]:
    """Return practitioners by family name."""
    found = repository.practitioners_page(
        session,
        wanted or PractitionerFilter(),
        on=local_day(now),
        after_keys=decode_name_cursor(cursor),
        limit=checked_limit(limit),
    )
    last = found[limit - 1] if len(found) > limit else None
    more = encode_cursor([_search_name(last), str(last.id)]) if last else None
    return Page(tuple(found[:limit]), more)


def create_practitioner(
    session: Session, details: PractitionerDetails, *, strict: bool = False, by: Actor, now: datetime
) -> PractitionerView:
    """Create a practitioner; `strict` also checks the key of the RPPS.

    Raises `InvalidValue`, `IdentifierAlreadyUsed`, `UnknownReference` (profession or site).
    """
    del by
    checked = rules.check_practitioner(details, strict=strict)
    ident = repository.insert_practitioner(
        session, _values(checked) | {"created_at": now}, site_ids=sorted(checked.site_ids)
    )
    return get_practitioner(session, ident, now=now)


def update_practitioner(
    session: Session,
    practitioner_id: UUID,
    details: PractitionerDetails,
    *,
    version: int,
    strict: bool = False,
    by: Actor,
    now: datetime,
) -> PractitionerView:
    """Replace a practitioner's description. Raises `NotFound`, `VersionMismatch`, and as for creation."""
    del by
    checked = rules.check_practitioner(details, strict=strict)
    repository.change_practitioner(
        session, practitioner_id, _values(checked), version=version, site_ids=sorted(checked.site_ids)
    )
    return get_practitioner(session, practitioner_id, now=now)


def set_preferences(
    session: Session,
    practitioner_id: UUID,
    preferences: Preferences,
    *,
    version: int,
    by: Actor,
    now: datetime,
) -> PractitionerView:
    """Replace what a practitioner asks of the service.

    Raises `InvalidValue`, `NotFound`, `VersionMismatch`.
    """
    del by
    values = {"preferences": rules.preferences_to_json(rules.check_preferences(preferences))}
    repository.change_practitioner(session, practitioner_id, values, version=version, site_ids=None)
    return get_practitioner(session, practitioner_id, now=now)


def _values(details: PractitionerDetails) -> dict[str, Any]:
    return {
        "rpps": details.rpps,
        "adeli": details.adeli,
        "title": details.title,
        "given_name": details.given_name,
        "family_name": details.family_name,
        "search_name": _search_name(details),
        "profession": details.profession,
        "specialty_code": details.specialty_code,
        "phone": details.phone,
        "email": details.email,
        "preferences": rules.preferences_to_json(details.preferences),
        "active": details.active,
    }


def _search_name(person: PractitionerDetails | PractitionerView) -> str:
    return fold(f"{person.family_name} {person.given_name}")
