"""Statements of an import: each reads or writes a whole chunk of rows at once, sent as one JSON recordset."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlmodel import Session

from snp.directory.facts import OrganisationKind
from snp.directory.importing.matching import Entry, Values
from snp.directory.repository.statements import (
    membership,
    organisation,
    organisation_territory,
    practitioner,
    practitioner_site,
    rows,
    site,
)

_PERSON = (
    practitioner.c.rpps,
    practitioner.c.adeli,
    practitioner.c.title,
    practitioner.c.given_name,
    practitioner.c.family_name,
    practitioner.c.search_name,
    practitioner.c.profession,
    practitioner.c.specialty_code,
    practitioner.c.phone,
    practitioner.c.email,
)
_SITE = (
    site.c.organisation_id,
    site.c.name,
    site.c.search_name,
    site.c.address,
    site.c.postal_code,
    site.c.insee,
    site.c.lat,
    site.c.lon,
    site.c.phone,
    site.c.finess,
    site.c.siret,
)
_ORGANISATION = (organisation.c.kind, organisation.c.name, organisation.c.search_name)


def practitioners_bearing(session: Session, said: Sequence[Values]) -> list[Entry]:
    """The practitioners who bear one of the numbers that the rows say."""
    columns = practitioner.c
    statement = sa.select(columns.id, *_PERSON).where(
        sa.or_(columns.rpps.in_(_all(said, "rpps")), columns.adeli.in_(_all(said, "adeli")))
    )
    return [_entry(row) for row in rows(session, statement)]


def sites_meant(session: Session, said: Sequence[Values]) -> list[Entry]:
    """The sites that bear one of the identifiers, or one of the names in its commune; oldest first."""
    columns = site.c
    places = {(values["search_name"], values["insee"]) for values in said}
    statement = (
        sa.select(columns.id, *_SITE)
        .where(
            sa.or_(
                columns.finess.in_(_all(said, "finess")),
                columns.siret.in_(_all(said, "siret")),
                sa.tuple_(columns.search_name, columns.insee).in_(sorted(places)),
            )
        )
        .order_by(columns.id)
    )
    return [_entry(row) for row in rows(session, statement)]


def organisations_named(
    session: Session, search_names: Collection[str]
) -> dict[tuple[OrganisationKind, str], UUID]:
    """The organisations of these folded names, by kind and name; the oldest where several share both."""
    columns = organisation.c
    statement = (
        sa.select(columns.id, columns.kind, columns.search_name)
        .where(columns.search_name.in_(search_names))
        .order_by(columns.id.desc())
    )
    return {(row.kind, row.search_name): row.id for row in rows(session, statement)}


def write_practitioners(session: Session, changed: Sequence[Entry], *, now: datetime) -> None:
    """Insert or rewrite practitioners."""
    _write(session, practitioner, _PERSON, changed, now=now)


def write_sites(session: Session, changed: Sequence[Entry], *, now: datetime) -> None:
    """Insert or rewrite sites."""
    _write(session, site, _SITE, changed, now=now)


def write_organisations(session: Session, new: Sequence[Entry], *, now: datetime) -> None:
    """Insert organisations."""
    _write(session, organisation, _ORGANISATION, new, now=now)


def link_sites(session: Session, pairs: Collection[tuple[UUID, UUID]]) -> int:
    """Make practitioners practise at sites; how many links were new."""
    links = practitioner_site.c
    return _insert_missing(session, (links.practitioner_id, links.site_id), sorted(pairs))


def link_territory(session: Session, organisation_ids: Collection[UUID], territory_id: UUID) -> int:
    """Make organisations take part in a territory; how many were new there."""
    links = organisation_territory.c
    pairs = [(ident, territory_id) for ident in sorted(organisation_ids)]
    return _insert_missing(session, (links.organisation_id, links.territory_id), pairs)


def join_territory(
    session: Session, practitioner_ids: Collection[UUID], territory_id: UUID, *, since: date
) -> list[UUID]:
    """Make members of those who are not, on that day or later; who they were."""
    records = _recordset([{"practitioner_id": i} for i in practitioner_ids], (membership.c.practitioner_id,))
    already = sa.select(sa.literal(1)).where(
        membership.c.practitioner_id == records.c.practitioner_id,
        membership.c.territory_id == territory_id,
        sa.or_(membership.c.until.is_(None), membership.c.until > since),
    )
    chosen = sa.select(
        records.c.practitioner_id, sa.literal(territory_id, sa.Uuid), sa.literal(since, sa.Date)
    ).where(~sa.exists(already))
    insert = sa.insert(membership).from_select(["practitioner_id", "territory_id", "since"], chosen)
    return list(session.execute(insert.returning(membership.c.practitioner_id)).scalars())


def _write(
    session: Session,
    table: sa.Table,
    columns: Sequence[sa.Column[Any]],
    entries: Sequence[Entry],
    *,
    now: datetime,
) -> None:
    if not entries:
        return
    records = _recordset([{"id": e.id} | e.values for e in entries], (table.c.id, *columns))
    names = [column.key for column in columns]
    plain = sa.select(
        records.c.id, *(records.c[name] for name in names), sa.true(), sa.literal(now, sa.DateTime(True))
    )
    insert = postgresql.insert(table).from_select(["id", *names, "active", "created_at"], plain)
    session.execute(
        insert.on_conflict_do_update(
            index_elements=[table.c.id],
            set_={name: insert.excluded[name] for name in names} | {"version": table.c.version + 1},
        )
    )


def _insert_missing(
    session: Session, columns: Sequence[sa.Column[Any]], pairs: Sequence[tuple[UUID, UUID]]
) -> int:
    if not pairs:
        return 0
    first, second = columns
    records = _recordset([{first.key: a, second.key: b} for a, b in pairs], columns)
    chosen = sa.select(records.c[first.key], records.c[second.key])
    insert = postgresql.insert(first.table).from_select([first.key, second.key], chosen)
    return len(session.execute(insert.on_conflict_do_nothing().returning(first)).all())


def _recordset(values: Sequence[Values], columns: Sequence[sa.Column[Any]]) -> sa.TableValuedAlias:
    """Rows sent as one JSON parameter, read back with the types of the columns."""
    typed = [sa.column(column.key, _plain_type(column)) for column in columns]
    function = sa.func.jsonb_to_recordset(sa.bindparam(None, list(values), postgresql.JSONB))
    return function.table_valued(*typed).render_derived(name="said", with_types=True)


def _plain_type(column: sa.Column[Any]) -> sa.types.TypeEngine[Any]:
    return sa.Text() if isinstance(column.type, (sa.Enum, sa.String)) else column.type


def _all(said: Sequence[Values], name: str) -> list[str]:
    return [values[name] for values in said if values.get(name)]


def _entry(row: sa.Row[Any]) -> Entry:
    values = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public accessor, named with an underscore
    return Entry(id=values.pop("id"), values=values)
