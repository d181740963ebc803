"""How a command line names things: territories by short name, organisations and practitioners by number."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlmodel import Session

from snp.directory import service as directory
from snp.errors import InvalidValue, NotFound
from snp.platform.actors import Role


class GivenRole(StrEnum):
    """The roles offered for an account or a key: `snp.platform.actors.ATTENDED_ROLES`, as a choice."""

    ARM = Role.ARM
    OSNP = Role.OSNP
    REGULATEUR = Role.REGULATEUR
    PHARMACY = Role.PHARMACY
    NURSE_PRACTICE = Role.NURSE_PRACTICE
    PRACTITIONER = Role.PRACTITIONER
    DELEGATE = Role.DELEGATE
    COORDINATOR = Role.COORDINATOR
    ADMINISTRATOR = Role.ADMINISTRATOR
    DPO = Role.DPO


def territory_ids(session: Session, slugs: Sequence[str]) -> tuple[UUID, ...]:
    """Return the territories of these short names. Raises `NotFound`."""
    return tuple(directory.get_territory_by_slug(session, slug).id for slug in slugs)


def organisation_id(session: Session, ident: str | None) -> UUID | None:
    """Return an organisation by its identifier. Raises `InvalidValue`, `NotFound`."""
    return None if ident is None else directory.get_organisation(session, _uuid("organisation", ident)).id


def practitioner_id(session: Session, named: str | None, *, now: datetime) -> UUID | None:
    """Return a practitioner by RPPS, ADELI or identifier. Raises `NotFound`."""
    if named is None:
        return None
    if named.isdigit():
        rpps, adeli = (named, None) if len(named) == 11 else (None, named)
        found = directory.find_practitioner(session, rpps=rpps, adeli=adeli, now=now)
        if found is None:
            raise NotFound("professionnel", named)
        return found.id
    return directory.get_practitioner(session, _uuid("practitioner", named), now=now).id


def _uuid(field: str, text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise InvalidValue(field, "un identifiant (UUID) est attendu") from error
