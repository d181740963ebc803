"""What an emergency access is, and what it shows."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from regulation.intake.facts import MoveView, PatientTraits, RequestView
from snp.platform.actors import Role


@dataclass(frozen=True, slots=True)
class EmergencyAccess:
    """One dossier opened by one person on `[opened_at, expires_at)`; `reason` is what he typed."""

    id: UUID
    request_id: UUID
    territory_id: UUID
    number: str
    opened_by: str
    role: Role
    reason: str = field(repr=False)
    opened_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class EmergencyRecord:
    """What is read of the dossier: who the patient is, where the request stands, what happened to it."""

    access: EmergencyAccess
    view: RequestView
    identity: PatientTraits = field(repr=False)
    story: tuple[MoveView, ...]
