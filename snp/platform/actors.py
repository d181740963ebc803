"""Who acts: the named author of every move, decision and audit line. Rights are judged in `api.security`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class Role(StrEnum):
    """What an account or key may be; the rights table stands in `api.security.rights`."""

    ARM = "arm"
    OSNP = "osnp"
    REGULATEUR = "regulateur"
    PHARMACY = "pharmacy"
    NURSE_PRACTICE = "nurse_practice"
    PRACTITIONER = "practitioner"
    DELEGATE = "delegate"
    COORDINATOR = "coordinator"
    ADMINISTRATOR = "administrator"
    DPO = "dpo"
    PATIENT = "patient"
    SYSTEM = "system"


REGULATION_ROLES = frozenset({Role.ARM, Role.OSNP, Role.REGULATEUR})
DESK_ROLES = frozenset({Role.PHARMACY, Role.NURSE_PRACTICE})
ATTENDED_ROLES = frozenset(Role) - {Role.PATIENT, Role.SYSTEM}
"""The roles that sign in or present a key: a patient has his ticket's code, a job nobody behind it."""


@dataclass(frozen=True, slots=True)
class Actor:
    """An authenticated author: `ident` is `account:<uuid>`, `key:<uuid>`, `patient` or `system:<job>`.

    A practitioner's magic link is `link:<uuid>`, the private feed of his slots `feed:<uuid>`.
    `territories`: the territories where the role holds; empty for an administrator or the system means all.
    `practitioner`: whose agenda a practitioner or delegate acts on. `organisation`: the desk's own.
    `from_platform`: a regulator whose session came through the national SAS platform; his rights are others.
    """

    ident: str
    role: Role
    territories: frozenset[UUID] = frozenset()
    organisation: UUID | None = None
    practitioner: UUID | None = None
    profession: str | None = None
    scopes: frozenset[str] = frozenset()
    from_platform: bool = False


def system(job: str) -> Actor:
    """Return the actor of an unattended job."""
    return Actor(ident=f"system:{job}", role=Role.SYSTEM)
