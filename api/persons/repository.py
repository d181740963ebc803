"""Every statement on the journal of accesses.

A line belongs to the territory of its patient, or of its entry of the médecin traitant list.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, SQLModel

import regulation.intake.service
import regulation.medecin_traitant.register.service  # noqa: F401 - declares the table of entries
import snp.platform.audit  # noqa: F401 - declares the table of the audit
from api.persons.facts import JournalLine, JournalQuery

_TABLES: Final = SQLModel.metadata.tables
E: Final = _TABLES["audit_entry"]
P: Final = _TABLES["patient"]
R: Final = _TABLES["request"]
L: Final = _TABLES["mt_entry"]
_OF_THE_ROW: Final = sa.select(R.c.number).where(R.c.id == E.c.resource_id).scalar_subquery()
_OF_THE_PATIENT: Final = (
    sa.select(R.c.number)
    .where(R.c.patient_id == E.c.patient_id)
    .order_by(R.c.created_at.desc())
    .limit(1)
    .scalar_subquery()
)
_COLUMNS: Final = (
    *(E.c[name] for name in JournalLine.__dataclass_fields__ if name != "number"),
    sa.func.coalesce(_OF_THE_ROW, _OF_THE_PATIENT).label("number"),
)


def lines(
    session: Session,
    wanted: JournalQuery,
    *,
    territories: Collection[UUID] | None,
    before: int | None,
    limit: int,
) -> list[JournalLine]:
    """The newest lines first, those before the line `before`; `territories` None: all."""
    c = E.c
    conditions = [
        *(() if wanted.patient_id is None else (c.patient_id == wanted.patient_id,)),
        *(() if wanted.actor is None else (c.actor == wanted.actor,)),
        *(() if wanted.action is None else (c.action == wanted.action,)),
        *(() if wanted.since is None else (c.at >= wanted.since,)),
        *(() if wanted.until is None else (c.at < wanted.until,)),
        *(() if before is None else (c.id < before,)),
    ]
    statement = sa.select(*_COLUMNS).where(*conditions).order_by(c.id.desc()).limit(limit)
    if territories is not None:
        where = sa.func.coalesce(P.c.territory_id, L.c.territory_id)
        listed = sa.and_(c.resource == "mt_entry", L.c.id == c.resource_id)
        statement = statement.outerjoin(P, P.c.id == c.patient_id).outerjoin(L, listed)
        statement = statement.where(where.in_(list(territories)))
    return [JournalLine(**row._asdict()) for row in session.execute(statement)]
