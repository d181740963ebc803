"""What the journal of accesses says, and what is asked of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


@dataclass(frozen=True, slots=True)
class JournalLine:
    """One access: who did what to which row of which patient, when and why.

    `number`: a dossier of the patient, the one at hand when the row is a dossier; None without a patient.
    """

    id: int
    at: datetime
    actor: str
    role: str
    action: str
    resource: str
    resource_id: UUID | None
    patient_id: UUID | None
    why: str
    number: str | None


class PersonRight(StrEnum):
    """What somebody may ask of what is kept of him. Source: RGPD art. 15, 16 and 17."""

    ACCESS = "access"
    RECTIFY = "rectify"
    ERASE = "erase"


@dataclass(frozen=True, slots=True)
class AskedView:
    """A right that was asked for by the link of an appointment of the dossier `number`."""

    id: UUID
    territory_id: UUID
    right: PersonRight
    asked_at: datetime
    answered_at: datetime | None
    number: str


@dataclass(frozen=True, slots=True)
class JournalQuery:
    """Which lines: None asks for any. `since` and `until` bound the instant, `[since, until)`."""

    patient_id: UUID | None = None
    actor: str | None = None
    action: str | None = None
    since: datetime | None = None
    until: datetime | None = None
