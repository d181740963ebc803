"""What the demonstration asks of the database and no service offers: whose it is, how far its story went."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, SQLModel

from api.migrations import import_tables
from snp.directory import service as directory


def holds_only(session: Session, slugs: frozenset[str]) -> bool:
    """Tell whether no other territory than these stands in the database."""
    return {territory.slug for territory in directory.list_territories(session).items} <= slugs


def latest_instant(session: Session) -> datetime | None:
    """Return when patient data was last read or written; None in an empty database."""
    latest: datetime | None = session.execute(sa.text("SELECT max(at) FROM audit_entry")).scalar()
    return latest


def empty_everything(session: Session) -> None:
    """Remove every row of every table, the append-only ones included."""
    import_tables()
    names = ", ".join(f'"{table.name}"' for table in SQLModel.metadata.sorted_tables)
    session.execute(sa.text(f"TRUNCATE {names}"))
