"""The directory's tables as Core tables, and the shapes of statement that its nouns share."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlmodel import Session, SQLModel

from snp.directory import tables  # noqa: F401 - declares the tables that are looked up below
from snp.directory.words import search_words
from snp.errors import NotFound, SnpError, VersionMismatch

_TABLES = SQLModel.metadata.tables
commune: Final = _TABLES["commune"]
membership: Final = _TABLES["membership"]
organisation: Final = _TABLES["organisation"]
organisation_territory: Final = _TABLES["organisation_territory"]
practitioner: Final = _TABLES["practitioner"]
practitioner_site: Final = _TABLES["practitioner_site"]
profession: Final = _TABLES["profession"]
site: Final = _TABLES["site"]
territory: Final = _TABLES["territory"]
territory_commune: Final = _TABLES["territory_commune"]
territory_revision: Final = _TABLES["territory_revision"]


class UnknownReference(SnpError):
    """A value names something that the directory does not hold."""

    slug = "unknown-reference"
    fr = "Valeur refusée pour « {field} » : {value} n’existe pas dans l’annuaire."

    def __init__(self, field: str, value: object = "") -> None:
        super().__init__(f"{field}: no such {value}", field=field, value=str(value))


class IdentifierAlreadyUsed(SnpError):
    """Another entry of the directory already bears this national identifier."""

    slug = "identifier-already-used"
    fr = "Le numéro {kind} {value} est déjà celui d’une autre fiche de l’annuaire."

    def __init__(self, kind: str, value: object) -> None:
        super().__init__(f"{kind} {value} is already used", kind=kind, value=str(value))


def rows(session: Session, statement: sa.Select[Any]) -> Sequence[Any]:
    """Run a select and return all its rows, named tuples of the columns."""
    return session.execute(statement).all()


def names_match(column: sa.ColumnElement[str], text: str) -> sa.ColumnElement[bool]:
    """Each word of `text` begins a word of the folded `column`; an empty text matches all."""
    padded = sa.literal(" ").concat(column)
    return sa.and_(sa.true(), *(padded.like(f"% {word}%") for word in search_words(text)))


def after(columns: Sequence[sa.ColumnElement[Any]], keys: Sequence[Any]) -> sa.ColumnElement[bool]:
    """Rows that come after these sort keys, all ascending."""
    return sa.tuple_(*columns) > sa.tuple_(
        *(sa.literal(k, c.type) for k, c in zip(keys, columns, strict=True))
    )


def running_on(day: date | sa.BindParameter[date]) -> sa.ColumnElement[bool]:
    """Memberships that hold on a local day."""
    return sa.and_(membership.c.since <= day, sa.or_(membership.c.until.is_(None), membership.c.until > day))


def update_version(
    session: Session, table: sa.Table, ident: UUID, version: int, values: dict[str, Any], *, what: str
) -> None:
    """Write `values` on the row when its version is still the one that was read.

    Raises `NotFound` when there is no such row, `VersionMismatch` when it has changed since.
    """
    written = session.execute(
        sa.update(table)
        .where(table.c.id == ident, table.c.version == version)
        .values(**values, version=version + 1)
        .returning(table.c.id)
    ).scalar()
    if written is not None:
        return
    current = session.execute(sa.select(table.c.version).where(table.c.id == ident)).scalar()
    if current is None:
        raise NotFound(what, ident)
    raise VersionMismatch(f"{what} {ident} is at version {current}, not {version}")


def replace_links(
    session: Session,
    table: sa.Table,
    owner: sa.Column[Any],
    other: sa.Column[Any],
    *,
    owner_id: UUID,
    other_ids: Sequence[Any],
) -> None:
    """Make `other_ids` the only links of `owner_id`, touching no link that stays."""
    session.execute(sa.delete(table).where(owner == owner_id, other.not_in(other_ids)))
    if other_ids:
        session.execute(
            postgresql.insert(table).on_conflict_do_nothing(),
            [{owner.key: owner_id, other.key: ident} for ident in other_ids],
        )


def ids_array(column: sa.ColumnElement[Any], where: sa.ColumnElement[bool]) -> sa.ColumnElement[Any]:
    """An array of `column` for the enclosing row, ordered, empty when nothing matches."""
    chosen = sa.select(column).where(where).order_by(column)
    return sa.func.array(chosen.scalar_subquery(), type_=sa.ARRAY(column.type))
