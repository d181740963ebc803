"""The two statements of the demonstration that no service offers: whose database this is, and emptying it."""

from __future__ import annotations

import sqlalchemy as sa
from sqlmodel import Session, SQLModel

from api.migrations import import_tables
from snp.directory import service as directory


def holds_only(session: Session, slugs: frozenset[str]) -> bool:
    """Tell whether no other territory than these stands in the database."""
    return {territory.slug for territory in directory.list_territories(session).items} <= slugs


def empty_everything(session: Session) -> None:
    """Remove every row of every table, the append-only ones included."""
    import_tables()
    names = ", ".join(f'"{table.name}"' for table in SQLModel.metadata.sorted_tables)
    session.execute(sa.text(f"TRUNCATE {names}"))
