"""What the national platform reads of the directory: one statement a kind, whatever the number asked for."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from snp.directory.facts import CarerCard, CptsCard, OrganisationKind, PlaceCard
from snp.directory.repository.statements import (
    commune,
    organisation,
    practitioner,
    practitioner_site,
    profession,
    rows,
    site,
    territory,
)
from snp.platform.columns import one_of

_CONSENTS = sa.func.coalesce(practitioner.c.preferences["offer_to_sas"].as_boolean(), sa.true())
"""Preferences hold only what departs from the default, and the default is to be shown."""
_CARER = (
    practitioner.c.id,
    practitioner.c.rpps,
    practitioner.c.adeli,
    practitioner.c.given_name,
    practitioner.c.family_name,
    sa.func.coalesce(practitioner.c.specialty_code, profession.c.specialty_code),
    practitioner.c.phone,
)
_PLACE = (
    site.c.id,
    site.c.name,
    site.c.address,
    site.c.postal_code,
    commune.c.name,
    site.c.lat,
    site.c.lon,
    site.c.phone,
    site.c.finess,
    site.c.siret,
    organisation.c.id,
    organisation.c.name,
    organisation.c.finess,
    organisation.c.siret,
)
_AT = site.join(commune, commune.c.insee == site.c.insee).outerjoin(
    organisation, organisation.c.id == site.c.organisation_id
)


def carers_by_number(session: Session, *, rpps: Collection[str], adeli: Collection[str]) -> list[CarerCard]:
    """Active practitioners who let the platform show them, by RPPS or ADELI."""
    return _carers(session, sa.or_(one_of(practitioner.c.rpps, rpps), one_of(practitioner.c.adeli, adeli)))


def carers_by_id(session: Session, ids: Collection[UUID]) -> list[CarerCard]:
    """Active practitioners who let the platform show them, by id."""
    return _carers(session, one_of(practitioner.c.id, ids))


def places(
    session: Session, site_ids: Collection[UUID], practitioner_ids: Collection[UUID]
) -> list[PlaceCard]:
    """Sites by id, with the numbers that some practitioners' activity bears there."""
    mine = sa.and_(
        practitioner_site.c.site_id == site.c.id,
        one_of(practitioner_site.c.practitioner_id, practitioner_ids),
        practitioner_site.c.rpps_rang.is_not(None),
    )
    numbers = sa.select(
        sa.func.jsonb_object_agg(
            sa.cast(practitioner_site.c.practitioner_id, sa.Text), practitioner_site.c.rpps_rang
        )
    ).where(mine)
    statement = (
        sa.select(*_PLACE, numbers.scalar_subquery()).select_from(_AT).where(one_of(site.c.id, site_ids))
    )
    return [
        replace(PlaceCard(*row[:-1]), rpps_rangs={UUID(k): rang for k, rang in (row[-1] or {}).items()})
        for row in rows(session, statement)
    ]


def sos_places(session: Session, sirets: Collection[str]) -> list[PlaceCard]:
    """Active sites of the SOS Médecins associations of these SIRET numbers."""
    return _sos(session, one_of(organisation.c.siret, sirets))


def sos_place(
    session: Session, *, site_id: UUID | None = None, organisation_id: UUID | None = None
) -> PlaceCard | None:
    """One active site of an SOS Médecins association, by its id or the association's; None: there is none."""
    condition = site.c.id == site_id if site_id else organisation.c.id == organisation_id
    return next(iter(_sos(session, condition)), None)


def cpts(session: Session, territory_ids: Collection[UUID]) -> list[CptsCard]:
    """The CPTS of these territories that bear a FINESS number."""
    statement = sa.select(
        territory.c.id,
        territory.c.name,
        territory.c.finess,
        territory.c.settings["contact_phone"].astext,
    ).where(one_of(territory.c.id, territory_ids), territory.c.finess.is_not(None))
    return [CptsCard(*row) for row in rows(session, statement)]


def practises_at(session: Session, practitioner_id: UUID, site_id: UUID) -> bool:
    """Tell whether a practitioner is said to practise at a site."""
    there = sa.select(sa.literal(1)).where(
        practitioner_site.c.practitioner_id == practitioner_id, practitioner_site.c.site_id == site_id
    )
    return session.execute(there).first() is not None


def _carers(session: Session, condition: sa.ColumnElement[bool]) -> list[CarerCard]:
    statement = (
        sa.select(*_CARER)
        .join(profession, profession.c.code == practitioner.c.profession)
        .where(condition, practitioner.c.active, _CONSENTS)
        .order_by(practitioner.c.id)
    )
    return [CarerCard(*row) for row in rows(session, statement)]


def _sos(session: Session, condition: sa.ColumnElement[bool]) -> list[PlaceCard]:
    statement = (
        sa.select(*_PLACE)
        .select_from(_AT)
        .where(
            condition,
            organisation.c.kind == OrganisationKind.SOS_MEDECINS.value,
            organisation.c.active,
            site.c.active,
            organisation.c.siret.is_not(None),
        )
        .order_by(site.c.id)
    )
    return [PlaceCard(*row) for row in rows(session, statement)]
