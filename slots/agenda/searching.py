"""Which slots may be claimed now: one statement, whatever is asked."""

from __future__ import annotations

import math
from collections.abc import Collection
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from slots.agenda.facts import FreeSlot, FreeSlotQuery, Near
from slots.agenda.statements import any_of, is_free, is_offered, practitioner, site, slot
from snp.assignment.facts import Audience, Mode
from snp.platform.fixed import Fixed, a_uuid, an_instant, any_uuid

EARTH_RADIUS_KM = 6371.0088
"""Mean radius of the sphere distances are measured on. Source: IUGG, as in the formats of the engine."""


def free_slots(session: Session, query: FreeSlotQuery, now: datetime) -> list[FreeSlot]:
    """Return the slots that may be claimed at `now`, by start then id, in one round trip.

    Held and taken slots, those closing or due for release, and those of inactive practitioners never appear.
    """
    statement = (
        sa.select(*_COLUMNS)
        .join(practitioner, practitioner.c.id == slot.c.practitioner_id)
        .join(site, site.c.id == slot.c.site_id)
        .where(is_offered(now), practitioner.c.active, *_conditions(query), is_free(now))
        .order_by(slot.c.start_at, slot.c.id)
        .limit(query.limit)
    )
    return [_free_slot(row) for row in session.execute(statement)]


def free_slots_among(
    session: Session, slot_ids: Collection[UUID], *, territory_id: UUID, starts_until: datetime, now: datetime
) -> list[FreeSlot]:
    """Return those of these slots that may be claimed at `now` in a territory, by start then id."""
    found = _FREE_AMONG.run(
        session, ids=list(slot_ids), territory_id=territory_id, starts_until=starts_until, now=now
    )
    return [_free_slot(row) for row in found]


_COLUMNS = (
    slot,
    practitioner.c.title,
    practitioner.c.given_name,
    practitioner.c.family_name,
    practitioner.c.rpps,
    practitioner.c.adeli,
    site.c.name.label("site_name"),
    site.c.address,
    site.c.postal_code,
    site.c.insee,
    site.c.lat,
    site.c.lon,
)


_NOW: Final = an_instant("now")
_FREE_AMONG: Final = Fixed(
    sa.select(*_COLUMNS)
    .join(practitioner, practitioner.c.id == slot.c.practitioner_id)
    .join(site, site.c.id == slot.c.site_id)
    .where(
        slot.c.id == any_uuid("ids"),
        a_uuid("territory_id") == sa.any_(slot.c.territory_ids),
        slot.c.start_at <= an_instant("starts_until"),
        is_offered(_NOW),
        practitioner.c.active,
        is_free(_NOW),
    )
    .order_by(slot.c.start_at, slot.c.id)
)


def _conditions(query: FreeSlotQuery) -> list[sa.ColumnElement[bool]]:
    c = slot.c
    conditions: list[sa.ColumnElement[bool]] = [c.start_at <= query.starts_until]
    if query.starts_from is not None:
        conditions.append(c.start_at >= query.starts_from)
    if query.audience is not None:
        conditions.append(any_of(c.audiences, [query.audience.value], sa.Text()))
    if query.territory_ids is not None:
        conditions.append(any_of(c.territory_ids, query.territory_ids, sa.Uuid()))
    if query.reason is not None:
        open_to_all = sa.func.cardinality(c.reasons) == 0
        conditions.append(sa.or_(open_to_all, any_of(c.reasons, [query.reason], sa.Text())))
    sets = (
        (c.profession, query.professions),
        (c.mode, query.modes),
        (c.practitioner_id, query.practitioner_ids),
        (practitioner.c.rpps, query.rpps),
        (c.id, query.slot_ids),
    )
    conditions += [column.in_(sorted(values)) for column, values in sets if values is not None]
    if query.excluded_practitioner_ids:
        conditions.append(c.practitioner_id.not_in(query.excluded_practitioner_ids))
    if query.near is not None:
        conditions.append(sa.or_(c.mode == Mode.VR.value, _km(query.near) <= query.near.km))
    return conditions


def _km(near: Near) -> sa.ColumnElement[float]:
    """Great-circle distance of the joined site, by the haversine formula."""
    lat, lon = sa.func.radians(site.c.lat), sa.func.radians(site.c.lon)
    half_lat = sa.func.sin((lat - math.radians(near.lat)) / 2)
    half_lon = sa.func.sin((lon - math.radians(near.lon)) / 2)
    chord = half_lat * half_lat + math.cos(math.radians(near.lat)) * sa.func.cos(lat) * half_lon * half_lon
    return sa.cast(2 * EARTH_RADIUS_KM * sa.func.asin(sa.func.least(1.0, sa.func.sqrt(chord))), sa.Float)


def _free_slot(row: sa.Row[Any]) -> FreeSlot:
    return FreeSlot(
        id=row.id,
        practitioner_id=row.practitioner_id,
        practitioner_name=f"{row.given_name} {row.family_name}",
        practitioner_title=row.title,
        rpps=row.rpps,
        adeli=row.adeli,
        profession=row.profession,
        site_id=row.site_id,
        site_name=row.site_name,
        site_address=row.address,
        site_postal_code=row.postal_code,
        site_insee=row.insee,
        lat=row.lat,
        lon=row.lon,
        start=row.start_at,
        end=row.end_at,
        mode=Mode(row.mode),
        audiences=frozenset(map(Audience, row.audiences)),
        territory_ids=frozenset(row.territory_ids),
        reasons=frozenset(row.reasons),
        release_at=row.release_at,
    )
