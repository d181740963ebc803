"""Says of when the figures of a page are, where a copy of the database told them."""

from __future__ import annotations

from sqlmodel import Session

from api.deps import data_of
from snp.days import say_time


def data_told(session: Session) -> str:
    """Return « Données de 14 h 32. »; nothing where the primary answered: they are of now."""
    found = data_of(session)
    return "" if found is None else f"Données de {say_time(found)}."
