"""The desks on the wire: lists of reasons, the eligibility guard, the whole form, traces."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from api.schemas.forms import Code, In, Insee, Out, Paragraph, ReasonOut, Sorted
from api.schemas.orientation import HoldOut, ProposalsOut
from api.schemas.requests import (
    DuplicateOut,
    MaxKm,
    MtAnswersIn,
    PatientIn,
    Practitioners,
    RequestOut,
    UrgencyIn,
)
from api.schemas.series import SeriesTermsIn
from regulation.intake.facts import Sex
from regulation.orientation.facts import DeskForm, DeskOutcome, PreviewNeed
from regulation.series.facts import SeriesTerms
from regulation.triage.facts import DeskAnswers, EligibilityOutcome
from snp.assignment.facts import Mode

Sessions = Annotated[int, Field(ge=1, le=3)]


class DeskAnswersIn(In):
    """What a desk answers, no identity in it. `signs`: the codes ticked; `reviewed`: all were looked at."""

    reason: Annotated[Code, Field(examples=["angine"])]
    age_years: Annotated[int, Field(ge=0, le=125)]
    sex: Sex
    signs: Annotated[frozenset[Code], Field(max_length=100)] = frozenset()
    reviewed: bool = False
    counter_declined: bool = False

    def to_facts(self) -> DeskAnswers:
        """Return the answers as triage takes them."""
        return DeskAnswers(**dict(self))


class EligibilityIn(In):
    """An eligibility question."""

    territory_id: UUID
    answers: DeskAnswersIn


class PreviewIn(EligibilityIn):
    """What a desk knows before it types who the patient is."""

    insee: Insee
    sessions: Sessions = 1
    max_km: MaxKm = None

    def to_facts(self) -> PreviewNeed:
        """Return the need as the orientation takes it."""
        return PreviewNeed(self.territory_id, self.answers.to_facts(), self.insee, self.sessions, self.max_km)


class DeskRequestIn(In):
    """The whole of a desk's form. `slot_ids`: the slots chosen, held at once; empty: proposals only."""

    territory_id: UUID
    answers: DeskAnswersIn
    mt: MtAnswersIn
    patient: PatientIn
    note: Paragraph | None = None
    sessions: Sessions = 1
    max_km: MaxKm = None
    slot_ids: Annotated[tuple[UUID, ...], Field(max_length=3)] = ()
    urgency: UrgencyIn = UrgencyIn()
    excluded_practitioner_ids: Practitioners = frozenset()
    terms: SeriesTermsIn | None = None

    def to_facts(self) -> DeskForm:
        """Return the form as the orientation takes it."""
        return DeskForm(
            **(
                dict(self)
                | {
                    "answers": self.answers.to_facts(),
                    "mt": self.mt.to_facts(),
                    "patient": self.patient.to_facts(),
                    "urgency": self.urgency.to_facts(),
                    "terms": None if self.terms is None else SeriesTerms(**dict(self.terms)),
                }
            )
        )


class DeskResumeIn(In):
    """The médecin traitant question, answered again. `answers`: the case as it is now; absent: unchanged."""

    mt: MtAnswersIn
    answers: DeskAnswersIn | None = None


class SignOut(Out):
    """Something to look for."""

    code: str
    label: str


class PharmacistTestOut(Out):
    """A test that a pharmacist may do and settle, and what must be referred to a doctor instead."""

    code: str
    label: str
    min_age: int | None
    max_age: int | None
    sexes: Annotated[list[Sex], Sorted]
    refer_out: list[SignOut]
    source: str


class DeskReasonOut(Out):
    """A reason that a desk may handle."""

    code: str
    label: str
    min_age: int | None
    max_age: int | None
    sexes: Annotated[list[Sex], Sorted]
    red_flags: list[SignOut]
    pharmacist_test: PharmacistTestOut | None
    professions: Annotated[list[str], Sorted]
    modes: Annotated[list[Mode], Sorted]
    delay_h: int
    sessions: int


class DeskListOut(Out):
    """One version of a list of reasons, cut to those of the desk that asks."""

    code: str
    version: str
    valid_from: date
    source: str
    general_red_flags: list[SignOut]
    reasons: list[DeskReasonOut]


class DeskListsOut(Out):
    """The lists that a desk may work with."""

    lists: list[DeskListOut]


class EligibilityOut(Out):
    """The outcome of the guard, and the trace that covers the professional."""

    outcome: EligibilityOutcome
    reasons: list[ReasonOut]
    list_name: str
    red_flags: list[str]
    trace_id: UUID


class DeskResultOut(Out):
    """What the desk is told, and what was opened, proposed or held."""

    outcome: DeskOutcome
    reasons: list[ReasonOut]
    trace_id: UUID
    request: RequestOut | None
    duplicates: list[DuplicateOut]
    proposals: ProposalsOut | None
    held: HoldOut | None


class TraceOut(Out):
    """A desk's eligibility question as it was answered; no identity in it."""

    id: UUID
    at: datetime
    territory_id: UUID
    organisation_id: UUID | None
    author: str
    role: str
    reason: str
    list_name: str
    answers: dict[str, Any]
    red_flags: list[str]
    outcome: EligibilityOutcome
    reasons: list[ReasonOut]
    request_id: UUID | None
