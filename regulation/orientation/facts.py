"""The words of orientation: proposals and why they stand where they do, claims, runs over the pool."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from regulation.facts import Reason
from regulation.intake.facts import Duplicate, MtAnswers, PatientTraits, RequestView, Urgency
from regulation.live.facts import Advice
from regulation.series.facts import SeriesTerms
from regulation.triage.facts import DeskAnswers, Eligibility
from slots.appointments.facts import AppointmentView
from snp.assignment.facts import Mode


@dataclass(frozen=True, slots=True)
class ProposedSlot:
    """A slot as it is read out to the caller. `request_id`: whose it would be (a household has several).

    `lent_by`: the name of the neighbouring territory that lends it; None for a slot of the request's own.
    """

    slot_id: UUID
    request_id: UUID
    practitioner_id: UUID
    practitioner_name: str
    profession: str
    site_name: str
    site_address: str
    start: datetime
    end: datetime
    mode: Mode
    km: float
    lent_by: str | None = None


@dataclass(frozen=True, slots=True)
class ProposalView:
    """One way to serve a request. Slots in time order; wait, distance and burden are the first one's.

    `wait_minutes` counts from the instant of the question. `id` None: shown before any request exists.
    """

    id: UUID | None
    rank: int
    slots: tuple[ProposedSlot, ...]
    wait_minutes: int
    km: float
    burden: int
    why: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Proposals:
    """The best proposals for a request, and why there are no others.

    `free`: how many free slots the territory had. `suitable`: how many of them suit. `why_not`: one reason
    for each rule that kept slots away, with how many, in the order of the rules; then what competes.
    `advice`: what to say beside them, and instead of them when there is none.
    """

    request_id: UUID | None
    round_id: UUID | None
    proposals: tuple[ProposalView, ...]
    free: int
    suitable: int
    why_not: tuple[Reason, ...]
    advice: Advice | None = None


@dataclass(frozen=True, slots=True)
class HeldSlots:
    """Slots kept for a request until `expires_at`; `bundle_id` confirms or drops them."""

    bundle_id: UUID
    expires_at: datetime
    request_ids: tuple[UUID, ...]
    slots: tuple[ProposedSlot, ...]


@dataclass(frozen=True, slots=True)
class Reopened:
    """A request that lost its appointment and seeks again, with fresh proposals."""

    request: RequestView
    proposals: Proposals


@dataclass(frozen=True, slots=True)
class Coming:
    """Who comes to an appointment: his traits, the code of the reason, the number of the request."""

    traits: PatientTraits
    reason: str | None
    number: str


@dataclass(frozen=True, slots=True)
class PreviewNeed:
    """What a desk knows before it types who the patient is."""

    territory_id: UUID
    answers: DeskAnswers
    insee: str
    sessions: int = 1
    max_km: float | None = None


@dataclass(frozen=True, slots=True)
class DeskForm:
    """What a desk sends to have a patient seen. The age is taken from the birth date, not from the answers.

    `slot_ids`: the proposal chosen on the form, held at once; empty: proposals only.
    `excluded_practitioner_ids`: whom the patient does not want to see, or cannot. `terms`: on what grounds he
    comes to a physiotherapist; asked of the professionals' desk.
    """

    territory_id: UUID
    answers: DeskAnswers
    mt: MtAnswers
    patient: PatientTraits
    note: str | None = None
    sessions: int = 1
    max_km: float | None = None
    slot_ids: tuple[UUID, ...] = ()
    urgency: Urgency = field(default_factory=Urgency)
    excluded_practitioner_ids: frozenset[UUID] = frozenset()
    terms: SeriesTerms | None = None


class DeskOutcome(StrEnum):
    """What the desk is told."""

    CALL_15 = "call_15"
    CALL_116117 = "call_116117"
    PDSA = "pdsa"
    PHARMACIST = "pharmacist"
    CALL_MT_FIRST = "call_mt_first"
    KEEP_APPOINTMENT = "keep_appointment"
    PROPOSALS = "proposals"
    HELD = "held"


@dataclass(frozen=True, slots=True)
class DeskResult:
    """Outcome and reasons, the trace that covers the professional, and what was opened, proposed or held.

    `request` None: nothing was opened (red flag, not eligible, settled at the counter, outside SNP hours).
    """

    outcome: DeskOutcome
    reasons: tuple[Reason, ...]
    eligibility: Eligibility
    trace_id: UUID
    request: RequestView | None = None
    duplicates: tuple[Duplicate, ...] = ()
    proposals: Proposals | None = None
    held: HeldSlots | None = None


@dataclass(frozen=True, slots=True)
class PlatformForm:
    """What a régulateur of the national platform types to book a slot that he chose.

    `delay_h`: within how many hours care must be given. `can_wait`: said outside SNP hours, the need can wait
    for the next opening.
    """

    territory_id: UUID
    slot_id: UUID
    patient: PatientTraits
    mt: MtAnswers
    delay_h: int
    urgency: Urgency = field(default_factory=Urgency)
    reason: str | None = None
    note: str | None = None
    can_wait: bool = False


class PlatformOutcome(StrEnum):
    """What the régulateur is told."""

    BOOKED = "booked"
    CALL_15 = "call_15"
    PDSA = "pdsa"
    CALL_MT_FIRST = "call_mt_first"
    BACK_TO_MT = "back_to_mt"
    KEEP_APPOINTMENT = "keep_appointment"


@dataclass(frozen=True, slots=True)
class PlatformResult:
    """Outcome, request and reasons; the appointment when there is one."""

    outcome: PlatformOutcome
    request: RequestView
    reasons: tuple[Reason, ...]
    appointment: AppointmentView | None = None
    duplicates: tuple[Duplicate, ...] = ()


@dataclass(frozen=True, slots=True)
class UnservedView:
    """A request that the pool left without a slot, and why, in French."""

    request_id: UUID
    number: str
    deadline: datetime | None
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class PoolFigures:
    """What a run over the pool did. Waits count from `decided_at`; kilometres are great-circle.

    `lost`: assigned by the engine, but taken, cancelled or changed while it was solving; they stay open.
    """

    requests: int
    slots: int
    served: int
    served_within_delay: int
    lost: int
    unserved: int
    mean_wait_h: float | None
    mean_km: float | None
    solve_s: float

    def to_json(self) -> dict[str, Any]:
        """The figures as they are stored."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class PoolReport:
    """One run of the engine over the open requests of a territory, as stored and printed."""

    run_id: UUID
    territory_id: UUID
    started_at: datetime
    finished_at: datetime
    status: str
    figures: PoolFigures
    unserved: tuple[UnservedView, ...]
