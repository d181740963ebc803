"""Requests (dossiers) on the wire: opening, steps, what they lead to. Identity only in its own forms."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from api.schemas.forms import (
    Code,
    Day,
    Hours,
    In,
    Insee,
    Instant,
    Kilometres,
    Line,
    Out,
    Paragraph,
    ReasonOut,
    Sorted,
)
from regulation.intake.facts import (
    CallerTraits,
    CallPriority,
    Correction,
    Decision,
    Disposition,
    Move,
    MtAnswers,
    MtStatus,
    Opening,
    Origin,
    PatientTraits,
    RequestState,
    ResponseLevel,
    SamePatient,
    Sex,
    Urgency,
)
from snp.assignment.facts import Audience, Mode

Practitioners = Annotated[frozenset[UUID], Field(max_length=50)]
MaxKm = Annotated[Kilometres | None, Field(description="À vol d’oiseau. Absent : le rayon du territoire.")]


class UrgencyIn(In):
    """How urgent the need is; R1, R2 or P0 stops everything towards the 15."""

    priority: CallPriority | None = None
    response_level: ResponseLevel | None = None

    def to_facts(self) -> Urgency:
        """Return the urgency as the regulation takes it."""
        return Urgency(self.priority, self.response_level)


class PatientIn(In):
    """The minimal traits of a patient. `insee`: the commune where the patient is now."""

    family_name: Annotated[Line, Field(examples=["Guérin"])]
    given_name: Annotated[Line, Field(examples=["Maëlle"])]
    birth_date: Annotated[Day, Field(examples=["1987-04-12"])]
    sex: Annotated[Sex, Field(examples=["F"])]
    insee: Annotated[Insee, Field(examples=["44131"])]
    phone: Annotated[Line | None, Field(examples=["06 12 34 56 78"])] = None

    def to_facts(self) -> PatientTraits:
        """Return the traits as the regulation takes them."""
        return PatientTraits(**dict(self))


class CallerIn(In):
    """Who speaks, when it is not the patient."""

    name: Line
    phone: Line | None = None
    relation: Annotated[Line | None, Field(examples=["mère"])] = None

    def to_facts(self) -> CallerTraits:
        """Return the caller as the regulation takes him."""
        return CallerTraits(**dict(self))


class OpeningIn(In):
    """What is typed to open a request."""

    territory_id: UUID
    origin: Annotated[Origin | None, Field(description="Absent : celle du rôle qui ouvre.")] = None
    patient: PatientIn
    caller: CallerIn | None = None
    reason: Code | None = None
    note: Paragraph | None = None
    urgency: UrgencyIn = UrgencyIn()

    def to_facts(self, origin: Origin) -> Opening:
        """Return the opening as the regulation takes it; `origin` stands in for one left out."""
        return Opening(
            territory_id=self.territory_id,
            origin=self.origin or origin,
            patient=self.patient.to_facts(),
            caller=self.caller.to_facts() if self.caller else None,
            reason=self.reason,
            note=self.note,
            urgency=self.urgency.to_facts(),
        )


class MtAnswersIn(In):
    """What the caller says of his médecin traitant, in the order in which it is asked."""

    has_mt: bool | None = None
    called: bool | None = None
    available: bool | None = None
    offered_at: Instant | None = None
    absent: bool = False
    mt_practitioner_id: UUID | None = None
    holds_appointment_at: Instant | None = None
    other_need: bool = False

    def to_facts(self) -> MtAnswers:
        """Return the answers as the regulation takes them."""
        return MtAnswers(**dict(self))


class MtCheckIn(In):
    """The médecin traitant question, answered."""

    answers: MtAnswersIn
    urgency: UrgencyIn | None = None


class EstimateIn(In):
    """Within how many hours the OSNP thinks that care must be given."""

    delay_h: Annotated[Hours, Field(examples=[24])]
    urgency: UrgencyIn | None = None


class DecisionIn(In):
    """What the régulateur decides; what is left out takes the territory's default."""

    disposition: Annotated[Disposition, Field(examples=["snp_consultation"])]
    urgency: UrgencyIn = UrgencyIn()
    delay_h: Hours | None = None
    professions: Annotated[frozenset[Code], Field(max_length=20)] = frozenset()
    modes: frozenset[Mode] = frozenset()
    max_km: MaxKm = None
    not_before: Instant | None = None
    sessions: Annotated[int, Field(ge=1, le=3)] = 1
    min_gap_days: Annotated[int, Field(ge=1, le=60)] = 1
    max_gap_days: Annotated[int, Field(ge=1, le=60)] = 7
    household_with: UUID | None = None
    excluded_practitioner_ids: Practitioners = frozenset()
    only_practitioner_ids: Practitioners | None = None
    can_wait: bool = False
    reason: Code | None = None

    def to_facts(self) -> Decision:
        """Return the decision as the regulation takes it."""
        return Decision(**(dict(self) | {"urgency": self.urgency.to_facts()}))


class StopIn(In):
    """Why everything stops towards the 15."""

    urgency: UrgencyIn


class WhyIn(In):
    """Why it is done; kept with the move."""

    why: Annotated[Line, Field(examples=["le patient va mieux"])]


class CorrectionIn(In):
    """What was typed wrong; what is left out stays."""

    why: Line
    patient: PatientIn | None = None
    caller: CallerIn | None = None
    reason: Code | None = None
    note: Paragraph | None = None
    max_km: Kilometres | None = None
    excluded_practitioner_ids: Practitioners | None = None

    def to_facts(self) -> Correction:
        """Return the correction as the regulation takes it."""
        return Correction(
            patient=self.patient.to_facts() if self.patient else None,
            caller=self.caller.to_facts() if self.caller else None,
            reason=self.reason,
            note=self.note,
            max_km=self.max_km,
            excluded_practitioner_ids=self.excluded_practitioner_ids,
        )


class DuplicateSearchIn(In):
    """Who the patient seems to be, before a request is opened."""

    territory_id: UUID
    patient: PatientIn
    reason: Code | None = None


class RequestOut(Out):
    """A request without any identity."""

    id: UUID
    number: str
    territory_id: UUID
    insee: str
    origin: Origin
    organisation_id: UUID | None
    state: RequestState
    audience: Audience
    reason: str | None
    mt_status: MtStatus
    estimated_delay_h: int | None
    disposition: Disposition | None
    priority: CallPriority | None
    response_level: ResponseLevel | None
    professions: Annotated[list[str], Sorted]
    modes: Annotated[list[Mode], Sorted]
    max_km: float | None
    earliest: datetime | None
    deadline: datetime | None
    decided_at: datetime | None
    sessions: int
    min_gap_days: int
    max_gap_days: int
    household_id: UUID | None
    excluded_practitioner_ids: Annotated[list[UUID], Sorted]
    only_practitioner_ids: Annotated[list[UUID] | None, Sorted]
    version: int
    created_at: datetime
    created_by: str


class DuplicateOut(Out):
    """An open or recent request of what looks like the same patient."""

    request: RequestOut
    same: SamePatient
    same_need: bool
    starts: list[datetime]


class DuplicatesOut(Out):
    """Requests of what looks like the same patient."""

    duplicates: list[DuplicateOut]


class StepOut(Out):
    """Where a request stands after a step, why, and what else the caller should be told.

    `stopped`: everything stopped towards the 15.
    """

    request: RequestOut
    reasons: list[ReasonOut]
    duplicates: list[DuplicateOut]
    stopped: bool


class MoveOut(Out):
    """One line of a request's story."""

    id: UUID
    move: Move
    from_state: RequestState | None
    to_state: RequestState
    at: datetime
    author: str
    role: str
    reasons: list[ReasonOut]
    data: dict[str, Any]


class StoryOut(Out):
    """Every move of a request, oldest first."""

    moves: list[MoveOut]


class PatientOut(Out):
    """The traits of a patient; every reading is audited."""

    family_name: str
    given_name: str
    birth_date: date
    sex: Sex
    insee: str
    phone: str | None


class CallerOut(Out):
    """Who called."""

    name: str
    phone: str | None
    relation: str | None


class ConfidentialOut(Out):
    """The confidential part of a request; every reading is audited with its why."""

    patient: PatientOut
    caller: CallerOut | None
    note: str | None
