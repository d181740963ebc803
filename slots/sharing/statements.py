"""The tables of sharing as Core tables, and rows as views."""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import SQLModel

from slots.sharing import tables  # noqa: F401 - declares the tables that are looked up below
from slots.sharing.facts import SharingState, SharingView, Terms
from snp.assignment.facts import Audience

_TABLES = SQLModel.metadata.tables
sharing: Final = _TABLES["sharing"]
sharing_status: Final = _TABLES["sharing_status"]
sharing_opt_out: Final = _TABLES["sharing_opt_out"]


def sharing_view(row: sa.Row[Any]) -> SharingView:
    """An agreement as read."""
    return SharingView(
        id=row.id,
        lender_id=row.lender_id,
        borrower_id=row.borrower_id,
        terms=Terms(
            professions=frozenset(row.professions),
            weekdays=frozenset(row.weekdays),
            audiences=frozenset(map(Audience, row.audiences)),
            first_day=row.first_day,
            last_day=row.last_day,
            starts_from=row.starts_from,
            starts_before=row.starts_before,
            most_a_day=row.most_a_day,
            most_percent=row.most_percent,
            last_hours=row.last_hours,
        ),
        state=SharingState(row.state),
        version=row.version,
        created_at=row.created_at,
        created_by=row.created_by,
        accepted_at=row.accepted_at,
        ended_at=row.ended_at,
    )


def terms_values(terms: Terms) -> dict[str, Any]:
    """Terms as columns."""
    return {
        "professions": sorted(terms.professions),
        "weekdays": sorted(terms.weekdays),
        "audiences": sorted(terms.audiences),
        "first_day": terms.first_day,
        "last_day": terms.last_day,
        "starts_from": terms.starts_from,
        "starts_before": terms.starts_before,
        "most_a_day": terms.most_a_day,
        "most_percent": terms.most_percent,
        "last_hours": terms.last_hours,
    }
