"""What the data-protection delegate reads and sends."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from api.schemas.forms import In, Line, Out
from api.schemas.requests import PatientIn


class JournalLineOut(Out):
    """One access. `actor`: `account:<id>`, `key:<id>`, `system:<job>`…; never a name. `number`: a dossier."""

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


class JournalOut(Out):
    """Lines, newest first; `next` is the `before` of the next page."""

    items: list[JournalLineOut]
    next: int | None


class RecordOut(Out):
    """All that is kept of a person, by who keeps it."""

    record: dict[str, Any]


class RectifyIn(In):
    """A person's traits, put right, and why."""

    patient: PatientIn
    why: Annotated[Line, Field(examples=["demande écrite du 24 novembre"])]


class ForgetIn(In):
    """Why a person is forgotten."""

    why: Annotated[Line, Field(examples=["demande écrite du 24 novembre"])]


class ForgottenOut(Out):
    """Whether he was known until now."""

    forgotten: bool
