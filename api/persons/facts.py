"""What the journal of accesses says, and what is asked of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
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


@dataclass(frozen=True, slots=True)
class JournalQuery:
    """Which lines: None asks for any. `since` and `until` bound the instant, `[since, until)`."""

    patient_id: UUID | None = None
    actor: str | None = None
    action: str | None = None
    since: datetime | None = None
    until: datetime | None = None
