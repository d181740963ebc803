"""Communes: found as they are typed, by name or postal code."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from uuid import UUID

from sqlmodel import Session

from snp.directory.facts import CommuneView
from snp.directory.paging import checked_limit
from snp.directory.repository import communes as repository
from snp.directory.words import fold
from snp.errors import NotFound


def get_commune(session: Session, insee: str) -> CommuneView:
    """Return the commune of an INSEE code. Raises `NotFound`."""
    found = repository.communes_by_insee(session, [insee]).get(insee)
    if found is None:
        raise NotFound("commune", insee)
    return found


def get_communes(session: Session, codes: Iterable[str]) -> dict[str, CommuneView]:
    """Return the known communes among these INSEE codes, by code."""
    return repository.communes_by_insee(session, list(codes))


def search_communes(
    session: Session, text: str, *, near_territory_ids: Collection[UUID] = (), limit: int = 10
) -> list[CommuneView]:
    """Return the communes that `text` may mean: first letters of the words of a name, or of a postal code.

    Accents, case and hyphens do not matter, « St » is « Saint ». The communes of the territories come first,
    then names that begin so, then the larger. A text without a letter or digit finds nothing.
    """
    if not fold(text):
        return []
    return repository.communes_matching(
        session, text, near_territory_ids=near_territory_ids, limit=checked_limit(limit)
    )


def communes_of(session: Session, territory_id: UUID) -> list[CommuneView]:
    """Return the communes of a territory's perimeter, by name."""
    return repository.communes_of_territory(session, territory_id)
