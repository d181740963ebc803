"""Professions: data, not code."""

from __future__ import annotations

from sqlmodel import Session

from snp.directory.facts import ProfessionView
from snp.directory.repository import communes as repository
from snp.errors import NotFound


def list_professions(session: Session, *, active: bool | None = True) -> list[ProfessionView]:
    """Return the professions that may publish slots, by label; `active` None: all of them."""
    return repository.professions(session, active=active)


def get_profession(session: Session, code: str) -> ProfessionView:
    """Return a profession by our code. Raises `NotFound`."""
    for profession in repository.professions(session):
        if profession.code == code:
            return profession
    raise NotFound("profession", code)
