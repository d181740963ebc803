"""Statements on practitioners, the sites where they practise and the CPTS they belong to."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager
from datetime import date
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from snp.directory.facts import MembershipView, PractitionerFilter, PractitionerView
from snp.directory.repository.statements import (
    IdentifierAlreadyUsed,
    UnknownReference,
    after,
    ids_array,
    membership,
    names_match,
    practitioner,
    practitioner_site,
    replace_links,
    rows,
    running_on,
    site,
    territory_commune,
    update_version,
)
from snp.directory.rules import preferences_from_json
from snp.platform.columns import new_id
from snp.platform.db import refusing
from snp.platform.fixed import Fixed, a_uuid

SORT_KEYS = (practitioner.c.search_name, practitioner.c.id)


def practitioner_where(
    session: Session, condition: sa.ColumnElement[bool], *, on: date
) -> PractitionerView | None:
    """The one practitioner of a condition, with his memberships on a day."""
    found = rows(session, _select(on).where(condition).limit(1))
    return _view(found[0]) if found else None


def practitioner_by_id(session: Session, ident: UUID, *, on: date) -> PractitionerView | None:
    """The practitioner of an id."""
    found = _BY_ID.run(session, id=ident, on=on).one_or_none()
    return None if found is None else _view(found)


def practitioner_by_identifier(
    session: Session, *, rpps: str | None, adeli: str | None, on: date
) -> PractitionerView | None:
    """The practitioner of an RPPS or ADELI number."""
    either = sa.or_(sa.false(), practitioner.c.rpps == rpps if rpps else sa.false())
    if adeli:
        either = sa.or_(either, practitioner.c.adeli == adeli)
    return practitioner_where(session, either, on=on)


def practitioners_page(
    session: Session, wanted: PractitionerFilter, *, on: date, after_keys: Sequence[Any] | None, limit: int
) -> list[PractitionerView]:
    """Practitioners by name, one more than `limit` when there are more."""
    statement = _select(on).order_by(*SORT_KEYS).limit(limit + 1)
    if wanted.territory_ids is not None:
        members = sa.select(membership.c.practitioner_id).where(
            membership.c.territory_id.in_(wanted.territory_ids), running_on(on)
        )
        statement = statement.where(practitioner.c.id.in_(members))
    if wanted.site_id is not None:
        there = sa.select(practitioner_site.c.practitioner_id).where(
            practitioner_site.c.site_id == wanted.site_id
        )
        statement = statement.where(practitioner.c.id.in_(there))
    if wanted.profession is not None:
        statement = statement.where(practitioner.c.profession == wanted.profession)
    if wanted.text:
        statement = statement.where(names_match(practitioner.c.search_name, wanted.text))
    if wanted.active is not None:
        statement = statement.where(practitioner.c.active == wanted.active)
    if after_keys is not None:
        statement = statement.where(after(SORT_KEYS, after_keys))
    return [_view(row) for row in rows(session, statement)]


def insert_practitioner(session: Session, values: dict[str, Any], *, site_ids: Sequence[UUID]) -> UUID:
    """Write a new practitioner and his sites."""
    ident = new_id()
    with _refusing(values):
        session.execute(sa.insert(practitioner).values(id=ident, version=1, **values))
        _write_sites(session, ident, site_ids)
    return ident


def change_practitioner(
    session: Session, ident: UUID, values: dict[str, Any], *, version: int, site_ids: Sequence[UUID] | None
) -> None:
    """Write an edited practitioner over the version that was read; `site_ids` None leaves his sites."""
    with _refusing(values):
        update_version(session, practitioner, ident, version, values, what="professionnel")
        if site_ids is not None:
            _write_sites(session, ident, site_ids)


def memberships(
    session: Session, *, practitioner_id: UUID | None, territory_ids: Collection[UUID] | None
) -> list[MembershipView]:
    """Memberships past and present, by practitioner, territory and day."""
    inside = (
        sa.select(sa.literal(1))
        .select_from(
            practitioner_site.join(site, site.c.id == practitioner_site.c.site_id).join(
                territory_commune, territory_commune.c.insee == site.c.insee
            )
        )
        .where(
            practitioner_site.c.practitioner_id == membership.c.practitioner_id,
            territory_commune.c.territory_id == membership.c.territory_id,
        )
        .correlate(membership)
    )
    columns = membership.c
    statement = sa.select(
        columns.practitioner_id, columns.territory_id, columns.since, columns.until, ~sa.exists(inside)
    ).order_by(columns.practitioner_id, columns.territory_id, columns.since)
    if practitioner_id is not None:
        statement = statement.where(columns.practitioner_id == practitioner_id)
    if territory_ids is not None:
        statement = statement.where(columns.territory_id.in_(territory_ids))
    return [MembershipView(*row) for row in rows(session, statement)]


def insert_membership(session: Session, practitioner_id: UUID, territory_id: UUID, since: date) -> None:
    """Write a membership that begins on a day."""
    references = {
        "fk_membership__practitioner_id": lambda: UnknownReference("practitioner_id", practitioner_id),
        "fk_membership__territory_id": lambda: UnknownReference("territory_id", territory_id),
    }
    with refusing(references):
        session.execute(
            sa.insert(membership).values(
                practitioner_id=practitioner_id, territory_id=territory_id, since=since, until=None
            )
        )


def close_membership(
    session: Session, practitioner_id: UUID, territory_id: UUID, *, since: date, until: date
) -> None:
    """Write the day from which a membership no longer holds; a day before it began removes it."""
    columns = membership.c
    this = sa.and_(
        columns.practitioner_id == practitioner_id,
        columns.territory_id == territory_id,
        columns.since == since,
    )
    if until <= since:
        session.execute(sa.delete(membership).where(this))
    else:
        session.execute(sa.update(membership).where(this).values(until=until))


def _select(on: date | sa.BindParameter[date]) -> sa.Select[Any]:
    columns = practitioner.c
    return sa.select(
        columns.id,
        columns.rpps,
        columns.adeli,
        columns.title,
        columns.given_name,
        columns.family_name,
        columns.profession,
        columns.specialty_code,
        columns.phone,
        columns.email,
        ids_array(practitioner_site.c.site_id, practitioner_site.c.practitioner_id == columns.id).label(
            "site_ids"
        ),
        ids_array(
            membership.c.territory_id,
            sa.and_(membership.c.practitioner_id == columns.id, running_on(on)),
        ).label("territory_ids"),
        columns.preferences,
        columns.active,
        columns.version,
        columns.created_at,
    )


_BY_ID: Final = Fixed(_select(sa.bindparam("on", type_=sa.Date())).where(practitioner.c.id == a_uuid("id")))


def _write_sites(session: Session, ident: UUID, site_ids: Sequence[UUID]) -> None:
    links = practitioner_site
    replace_links(
        session, links, links.c.practitioner_id, links.c.site_id, owner_id=ident, other_ids=site_ids
    )


def _refusing(values: dict[str, Any]) -> AbstractContextManager[None]:
    return refusing(
        {
            "uq_practitioner__rpps": lambda: IdentifierAlreadyUsed("RPPS", values["rpps"]),
            "uq_practitioner__adeli": lambda: IdentifierAlreadyUsed("ADELI", values["adeli"]),
            "fk_practitioner__profession": lambda: UnknownReference("profession", values["profession"]),
            "fk_practitioner_site__site_id": lambda: UnknownReference("site_ids"),
        }
    )


def _view(row: sa.Row[Any]) -> PractitionerView:
    return PractitionerView(
        id=row.id,
        rpps=row.rpps,
        adeli=row.adeli,
        title=row.title,
        given_name=row.given_name,
        family_name=row.family_name,
        profession=row.profession,
        specialty_code=row.specialty_code,
        phone=row.phone,
        email=row.email,
        site_ids=tuple(row.site_ids),
        territory_ids=tuple(row.territory_ids),
        preferences=preferences_from_json(row.preferences),
        active=row.active,
        version=row.version,
        created_at=row.created_at,
    )
