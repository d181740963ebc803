"""Every statement on the journal of accesses. A line belongs to the territory of its patient."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, SQLModel

import regulation.intake.service  # noqa: F401 - declares the table of patients
import snp.platform.audit  # noqa: F401 - declares the table of the audit
from api.persons.facts import JournalLine, JournalQuery

_TABLES: Final = SQLModel.metadata.tables
E: Final = _TABLES["audit_entry"]
P: Final = _TABLES["patient"]
_COLUMNS: Final = tuple(E.c[name] for name in JournalLine.__dataclass_fields__)


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
        statement = statement.join(P, P.c.id == c.patient_id).where(P.c.territory_id.in_(list(territories)))
    return [JournalLine(**row._asdict()) for row in session.execute(statement)]
