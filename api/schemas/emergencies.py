"""What is sent and read of emergency accesses."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field

from api.schemas.forms import In, Line, Out
from api.schemas.requests import MoveOut, PatientOut
from regulation.emergency.facts import EmergencyRecord
from regulation.intake.facts import RequestState
from snp.platform.actors import Role


class EmergencyIn(In):
    """The number of the dossier, and why it must be opened now."""

    number: Annotated[Line, Field(description="Numéro du dossier, tel qu’il se dit au téléphone.")]
    reason: Annotated[Line, Field(examples=["Patient inconscient, antécédents demandés par le SMUR"])]


class EmergencyOut(Out):
    """One access, of `[opened_at, expires_at)`; `territory_id` is the dossier's."""

    id: UUID
    request_id: UUID
    territory_id: UUID
    number: str
    opened_by: str
    role: Role
    reason: str
    opened_at: datetime
    expires_at: datetime


class EmergencyRecordOut(Out):
    """Who the patient is, where the request stands, and its story; nothing of it can be changed here."""

    access: EmergencyOut
    state: RequestState
    reason: str | None
    patient: PatientOut
    story: list[MoveOut]

    @classmethod
    def told(cls, found: EmergencyRecord) -> Self:
        """Return what is shown of a dossier."""
        return cls(
            access=EmergencyOut.of(found.access),
            state=found.view.state,
            reason=found.view.reason,
            patient=PatientOut.of(found.identity),
            story=[MoveOut.of(move) for move in found.story],
        )
