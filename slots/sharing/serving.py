"""Whose patients a carer may ever meet: what bounds the sessions of his pages (ADR 105)."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, SQLModel

from slots.sharing.statements import sharing
from snp.platform.fixed import Fixed, a_uuid, any_uuid

_membership: Final = SQLModel.metadata.tables["membership"]


def _served() -> sa.CompoundSelect[tuple[UUID]]:
    """Slots are offered where their carer is a member, and lent from there: nobody else comes to them."""
    member = sa.select(_membership.c.territory_id).where(
        _membership.c.practitioner_id == a_uuid("practitioner_id")
    )
    lent = sa.select(sharing.c.borrower_id).where(
        sa.or_(sharing.c.lender_id.in_(member), sharing.c.lender_id == any_uuid("territories"))
    )
    return sa.union(member, lent)


_SERVED: Final = Fixed(_served())


def territories_served(
    session: Session, practitioner_id: UUID, territories: Collection[UUID]
) -> frozenset[UUID]:
    """Return these territories, those that a carer is or was a member of, and whoever they ever lent to."""
    found = _SERVED.run(session, practitioner_id=practitioner_id, territories=list(territories))
    return frozenset(territories).union(row.territory_id for row in found)
