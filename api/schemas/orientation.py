"""Proposals, holds, appointments and runs over the pool, on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, model_validator

from api.schemas.forms import In, Line, Out, ReasonOut
from api.schemas.requests import RequestOut
from regulation.live.facts import Basis, Outcome
from slots.appointments.facts import AppointmentStatusKind, CancelledBy
from snp.assignment.facts import Mode


class ProposalsIn(In):
    """How many proposals are wanted, and on what terms."""

    k: Annotated[int, Field(ge=1, le=5)] = 3
    at_once: Annotated[
        bool, Field(description="Le patient demande une heure tout de suite, plutôt qu’une promesse.")
    ] = False
    anyway: Annotated[
        bool,
        Field(description="Proposer malgré l’avis du moteur (OSNP, régulateur) ; gardé dans l’histoire."),
    ] = False


class HoldIn(In):
    """What to keep: a proposal, or chosen slots of a request."""

    proposal_id: UUID | None = None
    request_id: UUID | None = None
    slot_ids: Annotated[tuple[UUID, ...], Field(max_length=6)] = ()
    minutes: Annotated[int | None, Field(ge=1, le=60)] = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.proposal_id is None) != (self.request_id is not None and len(self.slot_ids) > 0):
            raise ValueError("donnez proposal_id, ou bien request_id et slot_ids")
        return self


class AppointmentCancelIn(In):
    """Why the appointment is given up."""

    reason: Annotated[Line, Field(examples=["le patient est guéri"])]


class AppointmentMoveIn(In):
    """Where the appointment goes, and why."""

    slot_id: UUID
    reason: Line


class ProposedSlotOut(Out):
    """A slot as it is read out to the caller."""

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
    lent_by: str | None = Field(
        default=None, description="Territoire voisin qui partage ce créneau ; null : créneau du territoire."
    )


class ProposalOut(Out):
    """One way to serve a request; wait (from now) and distance are those of the first slot."""

    id: UUID | None
    rank: int
    slots: list[ProposedSlotOut]
    wait_minutes: int
    km: float
    burden: int
    why: list[ReasonOut]


class AdviceOut(Out):
    """What to tell the caller beside the proposals, or instead of them: a promise, or the waiting list.

    `outcome`: `offered`, `promise_offered` (then `seen_before`), or `waiting` (then `place` on the list).
    `basis`: what ordered the slots; `prices`, or a fall-back that the sentences tell.
    """

    outcome: Outcome
    basis: Basis
    sentences: list[ReasonOut]
    decision_id: UUID | None
    seen_before: datetime | None
    place: int | None


class ProposalsOut(Out):
    """The best proposals, and why there are no others."""

    request_id: UUID | None
    round_id: UUID | None
    proposals: list[ProposalOut]
    free: int
    suitable: int
    why_not: list[ReasonOut]
    advice: AdviceOut | None = None


class HoldOut(Out):
    """Slots kept until `expires_at`; `bundle_id` confirms or drops them."""

    bundle_id: UUID
    expires_at: datetime
    request_ids: list[UUID]
    slots: list[ProposedSlotOut]


class HeldSlotOut(Out):
    """A slot kept for a request."""

    slot_id: UUID
    request_id: UUID
    session_no: int
    practitioner_id: UUID
    start: datetime
    end: datetime


class RunningHoldOut(Out):
    """A hold that runs until `expires_at`, slots in session order."""

    bundle_id: UUID
    expires_at: datetime
    slots: list[HeldSlotOut]


class AppointmentOut(Out):
    """A slot taken for a request; no identity."""

    id: UUID
    slot_id: UUID
    request_id: UUID
    session_no: int
    practitioner_id: UUID
    site_id: UUID
    organisation_id: UUID | None
    start: datetime
    end: datetime
    mode: Mode
    status: AppointmentStatusKind
    live: bool
    replaces_id: UUID | None
    version: int
    created_at: datetime
    created_by: str
    sharing_id: UUID | None = Field(
        default=None, description="Accord par lequel un territoire voisin a prêté le créneau."
    )


class BookedOut(AppointmentOut):
    """An appointment just made, with the code that the patient keeps."""

    patient_code: str = Field(examples=["K7PQ3-XWD9M"])


class BookingOut(Out):
    """The appointments of a confirmed hold, in session order."""

    appointments: list[BookedOut]


class StatusOut(Out):
    """One line of an appointment's story."""

    status: AppointmentStatusKind
    at: datetime
    author: str
    cancelled_by: CancelledBy | None
    reason: str | None


class AppointmentDetailOut(AppointmentOut):
    """An appointment with its story, oldest first."""

    story: list[StatusOut]


class ReopenedOut(Out):
    """A request that lost its appointment and seeks again, with fresh proposals."""

    request: RequestOut
    proposals: ProposalsOut


class GivenUpOut(Out):
    """What giving an appointment up led to: the request seeks again (`proposals`), or not."""

    request: RequestOut
    proposals: ProposalsOut | None = None


class FreedOut(Out):
    """Requests that lost their slot and seek again."""

    reopened: list[ReopenedOut]


class AbsenceMadeOut(FreedOut):
    """The absence, and the requests that lost their slot by it."""

    id: UUID


class PatientAppointmentOut(Out):
    """What a patient's code shows: when, with whom, where. No identity of the patient."""

    start: datetime
    end: datetime
    mode: Mode
    status: AppointmentStatusKind
    live: bool
    practitioner_name: str
    site_name: str
    site_address: str
    site_phone: str | None


class UnservedOut(Out):
    """A request that the pool left without a slot, and why."""

    request_id: UUID
    number: str
    deadline: datetime | None
    reasons: list[ReasonOut]


class PoolFiguresOut(Out):
    """What a run did: waits from the decision, great-circle kilometres."""

    requests: int
    slots: int
    served: int
    served_within_delay: int
    lost: int
    unserved: int
    mean_wait_h: float | None
    mean_km: float | None
    solve_s: float


class RunOut(Out):
    """One run of the engine over the open requests of a territory."""

    run_id: UUID
    territory_id: UUID
    started_at: datetime
    finished_at: datetime
    status: str
    figures: PoolFiguresOut
    unserved: list[UnservedOut]
