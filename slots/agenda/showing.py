"""Which slots the national platform (SAS) may see: one statement, and as little work a row as may be.

The platform's régulateurs book as the regulation does, so that a slot is shown to them when it is offered to
the regulation and its practitioner shows it; whatever else it is shown to is only told.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from slots.agenda.facts import SHOWN_BOTH_WAYS, SasSlot, SasTerms, SasView
from slots.agenda.statements import any_of, is_free, is_offered, slot
from snp.assignment.facts import Audience, Mode
from snp.platform.columns import one_of

_RAW = sa.types.NullType()
"""What the driver reads is taken as it is: a conversion of SQLAlchemy costs more than the row."""
_COLUMNS = (
    slot.c.id,
    slot.c.start_at,
    slot.c.end_at,
    slot.c.practitioner_id,
    slot.c.site_id,
    *(
        sa.type_coerce(slot.c[name], _RAW)
        for name in ("mode", "audiences", "territory_ids", "reasons", "sas")
    ),
)


def sas_slots(
    session: Session,
    *,
    now: datetime,
    starts_from: datetime,
    starts_until: datetime,
    views: Collection[SasView],
    practitioner_ids: Collection[UUID] | None = None,
    site_ids: Collection[UUID] | None = None,
) -> list[SasSlot]:
    """Return the free slots that start in `[starts_from, starts_until]` and after `now`, by start then id.

    Those shown in one of the `views`, of these practitioners or at these sites; consent of the practitioner
    himself is the directory's to tell. None asks for any.
    """
    conditions = [slot.c.start_at >= starts_from, slot.c.start_at <= starts_until]
    if practitioner_ids is not None:
        conditions.append(one_of(slot.c.practitioner_id, practitioner_ids))
    if site_ids is not None:
        conditions.append(one_of(slot.c.site_id, site_ids))
    return _found(session, conditions, views, now)


def sas_slot(session: Session, slot_id: UUID, *, now: datetime) -> SasSlot | None:
    """Return one slot that the platform may see, in whatever view; None when it may not."""
    return next(iter(_found(session, [slot.c.id == slot_id], SHOWN_BOTH_WAYS, now)), None)


def _found(
    session: Session,
    conditions: list[sa.ColumnElement[bool]],
    views: Collection[SasView],
    now: datetime,
) -> list[SasSlot]:
    statement = (
        sa.select(*_COLUMNS)
        .where(
            *conditions,
            is_offered(now),
            any_of(slot.c.audiences, [Audience.REGULATION.value], sa.Text()),
            any_of(slot.c.sas, sorted(views), sa.Text()),
            is_free(now),
        )
        .order_by(slot.c.start_at, slot.c.id)
    )
    known: dict[tuple[Any, ...], SasTerms] = {}
    found: list[SasSlot] = []
    for ident, start, end, who, where, mode, audiences, territories, reasons, sas in session.execute(
        statement
    ):
        key = (who, where, mode, *audiences, None, *territories, None, *reasons, None, *sas)
        terms = known.get(key)
        if terms is None:
            terms = known[key] = SasTerms(
                practitioner_id=who,
                site_id=where,
                mode=Mode(mode),
                audiences=frozenset(map(Audience, audiences)),
                territory_ids=tuple(territories),
                reasons=tuple(reasons),
                sas=frozenset(map(SasView, sas)),
            )
        found.append(SasSlot(ident, terms, start, end))
    return found
