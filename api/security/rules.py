"""What an account or a key must look like, and how long wrong passwords close the door. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from snp.errors import InvalidValue
from snp.platform.actors import ATTENDED_ROLES, DESK_ROLES, REGULATION_ROLES, Role

MIN_PASSWORD: Final = 12
MAX_PASSWORD: Final = 200
FREE_ATTEMPTS: Final = 5
FIRST_LOCK: Final = timedelta(minutes=1)
LONGEST_LOCK: Final = timedelta(hours=1)

_LOGIN: Final = re.compile(r"[a-z0-9][a-z0-9._+@-]{2,99}")


def normalise_login(login: str) -> str:
    """Return the login in its one spelling: trimmed, lower case. Raises `InvalidValue`."""
    spelled = login.strip().lower()
    if not _LOGIN.fullmatch(spelled):
        raise InvalidValue("login", "3 à 100 caractères : lettres sans accent, chiffres, . _ + - @")
    return spelled


def check_password(password: str) -> None:
    """Refuse a password too short to resist, or long enough to burden the hash.

    Source: CNIL, délibération 2022-100 (entropy with a lock-out after failures); NIST SP 800-63B §3.1.1.2
    (length over composition rules).
    """
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        raise InvalidValue("password", f"{MIN_PASSWORD} à {MAX_PASSWORD} caractères")


def check_standing(
    role: Role,
    *,
    territory_ids: Collection[UUID],
    organisation_id: UUID | None,
    practitioner_id: UUID | None,
    is_key: bool,
) -> None:
    """Refuse a role without what it stands on: a desk its organisation, a regulator his territories.

    A delegate's account gets its practitioners by delegation; a delegate's key names one.
    """
    if role not in ATTENDED_ROLES:
        raise InvalidValue("role", "ce rôle n’a ni compte ni clé")
    if role in DESK_ROLES and organisation_id is None:
        raise InvalidValue("organisation_id", "obligatoire pour un comptoir")
    if role in DESK_ROLES | REGULATION_ROLES | {Role.COORDINATOR, Role.DPO} and not territory_ids:
        raise InvalidValue("territory_ids", "au moins un territoire pour ce rôle")
    if (role is Role.PRACTITIONER or (role is Role.DELEGATE and is_key)) and practitioner_id is None:
        raise InvalidValue("practitioner_id", "obligatoire pour ce rôle")


def lock_after(failures: int, now: datetime) -> datetime | None:
    """Return until when the door stays closed after so many failures in a row; None while it is open.

    Five attempts are free; then one minute, doubling with each further failure, an hour at most.
    """
    beyond = failures - FREE_ATTEMPTS
    if beyond < 0:
        return None
    doublings: int = 2 ** min(beyond, 10)
    return now + min(FIRST_LOCK * doublings, LONGEST_LOCK)
