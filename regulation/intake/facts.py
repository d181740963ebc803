"""The words of a request (dossier): who brings it, its states and moves, what is decided for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from regulation.facts import Reason
from snp.assignment.facts import Audience, Mode


class Origin(StrEnum):
    """Who brings the request."""

    ARM = "arm"
    OSNP = "osnp"
    REGULATEUR = "regulateur"
    PHARMACY = "pharmacy"
    NURSE = "nurse"
    DOCTOR = "doctor"
    PHYSIO = "physio"
    SAS = "sas"


class Sex(StrEnum):
    """Administrative sex. Source: ISO/IEC 5218 as used by the INS reference (M, F, I)."""

    MALE = "M"
    FEMALE = "F"
    UNKNOWN = "I"


class RequestState(StrEnum):
    """Where a request stands; the allowed moves are in `regulation.intake.rules`.

    `oriented`, `closed` and `cancelled` are final; an `unserved` request may still be decided anew.
    """

    RECEIVED = "received"
    WAITING_MT = "waiting_mt"
    TO_ESTIMATE = "to_estimate"
    TO_DECIDE = "to_decide"
    SEEKING = "seeking"
    HELD = "held"
    BOOKED = "booked"
    ORIENTED = "oriented"
    CLOSED = "closed"
    CANCELLED = "cancelled"
    UNSERVED = "unserved"


class Move(StrEnum):
    """What moves a request; each is a row with author, time and reasons."""

    OPEN = "open"
    CHECK_MT = "check_mt"
    WAIT_MT = "wait_mt"
    RESUME = "resume"
    ESTIMATE = "estimate"
    DECIDE = "decide"
    STOP = "stop"
    ORIENT = "orient"
    ADVISE = "advise"
    HOLD = "hold"
    HOLD_ENDED = "hold_ended"
    BOOK = "book"
    REOPEN = "reopen"
    HONOUR = "honour"
    NO_SHOW = "no_show"
    CANCEL = "cancel"
    GIVE_UP = "give_up"
    CORRECT = "correct"


class Disposition(StrEnum):
    """What the médecin régulateur decides.

    Source: F. Guillaud, *Les CPTS*, thesis, Nantes 2023 (dumas-04424157), flow of the regulation.
    """

    ADVICE = "advice"
    TELECONSULTATION = "teleconsultation"
    SNP_CONSULTATION = "snp_consultation"
    BACK_TO_MT = "back_to_mt"
    EMERGENCY = "emergency"
    SMUR = "smur"
    PDSA = "pdsa"
    PHARMACIST = "pharmacist"
    TRANSPORT = "transport"
    CALL_15 = "call_15"
    CALL_116117 = "call_116117"
    KEEP_APPOINTMENT = "keep_appointment"


class CallPriority(StrEnum):
    """Regulation priority, P0 vital to P3 deferred. Source: SAMU-Hub-Modeles nomenclature."""

    P0 = "P0"
    P1 = "P1"
    P2 = "P2"
    P3 = "P3"


class ResponseLevel(StrEnum):
    """R1 vital (SMUR), R2 true urgency, R3 continuity of care, R4 advice. Source: SAMU-Hub-Modeles."""

    R1 = "R1"
    R2 = "R2"
    R3 = "R3"
    R4 = "R4"


class MtStatus(StrEnum):
    """What is known of the médecin traitant for this need."""

    UNKNOWN = "unknown"
    NONE = "none"
    NOT_CALLED = "not_called"
    UNAVAILABLE = "unavailable"
    TOO_LATE = "too_late"
    AVAILABLE = "available"
    ALREADY_BOOKED = "already_booked"


class CallBack(StrEnum):
    """What calling a patient back gave, when the request stays where it stands."""

    NO_ANSWER = "no_answer"
    REACHED = "reached"


@dataclass(frozen=True, slots=True)
class Urgency:
    """What may be typed at any step about how urgent the need is; R1, R2 and P0 stop everything."""

    priority: CallPriority | None = None
    response_level: ResponseLevel | None = None


@dataclass(frozen=True, slots=True)
class PatientTraits:
    """The minimal traits of a patient, as typed; checked and normalised by `regulation.intake.traits`.

    `phone`: the call-back number; a desk that has the patient at its counter may leave it out.
    `insee`: the commune where the patient is now, from which distances are measured.
    """

    family_name: str
    given_name: str
    birth_date: date
    sex: Sex
    insee: str
    phone: str | None = None


@dataclass(frozen=True, slots=True)
class CallerTraits:
    """Who speaks, when it is not the patient: a name, a number, and what he is to the patient."""

    name: str
    phone: str | None = None
    relation: str | None = None


@dataclass(frozen=True, slots=True)
class Identity:
    """A patient's identity, opened; `patient_id` names the row it was sealed for."""

    patient_id: UUID
    traits: PatientTraits


@dataclass(frozen=True, slots=True)
class ConfidentialPart:
    """What a reader with the right to it opens at once: the identity, who called, the note."""

    identity: Identity
    caller: CallerTraits | None
    note: str | None


@dataclass(frozen=True, slots=True)
class Opening:
    """What is typed to open a request. `organisation_id`: the desk that brings it, where there is one.

    `reason`: a code of the triage lists, or None when the call has not named one yet.
    """

    territory_id: UUID
    origin: Origin
    patient: PatientTraits
    caller: CallerTraits | None = None
    reason: str | None = None
    note: str | None = None
    organisation_id: UUID | None = None
    urgency: Urgency = field(default_factory=Urgency)


@dataclass(frozen=True, slots=True)
class MtAnswers:
    """What the caller says of his médecin traitant, in the order in which it is asked.

    `available`: he can see the patient within the delay. `offered_at`: the appointment he offered.
    `absent`: away and not replaced; his own slots are then left out. `holds_appointment_at`: the patient
    already holds an appointment for this need, with anyone. `other_need`: the appointment that the service
    found for this patient is for something else.
    """

    has_mt: bool | None = None
    called: bool | None = None
    available: bool | None = None
    offered_at: datetime | None = None
    absent: bool = False
    mt_practitioner_id: UUID | None = None
    holds_appointment_at: datetime | None = None
    other_need: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """What the régulateur decides.

    `delay_h` None: the OSNP's estimate, or the territory's default. `professions` and `modes` empty: a
    general practitioner, at the practice. `max_km` None: the territory's default radius. `can_wait`: decided
    outside SNP hours, yet the need can wait for the next opening. `household_with`: another request to be
    seen by the same carer in one run. `reasons`: why, or by which protocol, kept with the move.
    """

    disposition: Disposition
    urgency: Urgency = field(default_factory=Urgency)
    delay_h: int | None = None
    professions: frozenset[str] = frozenset()
    modes: frozenset[Mode] = frozenset()
    max_km: float | None = None
    not_before: datetime | None = None
    sessions: int = 1
    min_gap_days: int = 1
    max_gap_days: int = 7
    household_with: UUID | None = None
    excluded_practitioner_ids: frozenset[UUID] = frozenset()
    only_practitioner_ids: frozenset[UUID] | None = None
    can_wait: bool = False
    reason: str | None = None
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Correction:
    """What may be corrected on a live request; None leaves a field as it is.

    Urgency is not corrected: it is decided anew, or stops the request.
    """

    patient: PatientTraits | None = None
    caller: CallerTraits | None = None
    reason: str | None = None
    note: str | None = None
    max_km: float | None = None
    excluded_practitioner_ids: frozenset[UUID] | None = None


@dataclass(frozen=True, slots=True)
class RequestView:
    """A request without any identity: what the engine, a coordinator's board or a queue may read.

    `organisation_id` or `practitioner_id`: the desk, or the carer at the professionals' desk, that brings it.
    """

    id: UUID
    number: str
    territory_id: UUID
    patient_id: UUID
    insee: str
    origin: Origin
    organisation_id: UUID | None
    practitioner_id: UUID | None
    state: RequestState
    audience: Audience
    reason: str | None
    mt_status: MtStatus
    estimated_delay_h: int | None
    disposition: Disposition | None
    priority: CallPriority | None
    response_level: ResponseLevel | None
    professions: frozenset[str]
    modes: frozenset[Mode]
    max_km: float | None
    earliest: datetime | None
    deadline: datetime | None
    decided_at: datetime | None
    sessions: int
    min_gap_days: int
    max_gap_days: int
    household_id: UUID | None
    excluded_practitioner_ids: frozenset[UUID]
    only_practitioner_ids: frozenset[UUID] | None
    version: int
    created_at: datetime
    created_by: str


@dataclass(frozen=True, slots=True)
class MoveView:
    """One line of a request's story."""

    id: UUID
    move: Move
    from_state: RequestState | None
    to_state: RequestState
    at: datetime
    author: str
    role: str
    reasons: tuple[Reason, ...]
    data: dict[str, Any]


class SamePatient(StrEnum):
    """By what an earlier request looks like this one; a shared phone alone may be a relative."""

    PERSON_AND_PHONE = "person_and_phone"
    PERSON = "person"
    PHONE = "phone"


@dataclass(frozen=True, slots=True)
class Duplicate:
    """An open or recent request of what looks like the same patient.

    `starts`: when its appointments start, if it is booked. `same_need`: nothing says that it is another need.
    """

    request: RequestView
    same: SamePatient
    same_need: bool
    starts: tuple[datetime, ...] = ()


@dataclass(frozen=True, slots=True)
class StepResult:
    """Where a request stands after a step, why, and what else the caller should be told.

    `reasons` are those stored with the move. `duplicates` are shown, they never block by themselves.
    """

    request: RequestView
    reasons: tuple[Reason, ...] = ()
    duplicates: tuple[Duplicate, ...] = ()

    @property
    def stopped(self) -> bool:
        """True when the step ended in a hard stop towards the 15 (or its mobile unit)."""
        return self.request.disposition in {Disposition.CALL_15, Disposition.SMUR}


class RequestOrder(StrEnum):
    """How a list is ordered: the queue by deadline (those without one last), or newest first."""

    DEADLINE = "deadline"
    NEWEST = "newest"


@dataclass(frozen=True, slots=True)
class RequestFilter:
    """Which requests to list; empty sets and None mean no restriction."""

    territory_id: UUID | None = None
    states: frozenset[RequestState] = frozenset()
    origins: frozenset[Origin] = frozenset()
    organisation_id: UUID | None = None
    dispositions: frozenset[Disposition] = frozenset()
    priorities: frozenset[CallPriority] = frozenset()
    created_from: datetime | None = None
    created_until: datetime | None = None
    deadline_until: datetime | None = None
    order: RequestOrder = RequestOrder.DEADLINE


@dataclass(frozen=True, slots=True)
class Sight:
    """Which requests somebody sees: all that every given field allows; None allows any, `nothing` none."""

    territory_ids: frozenset[UUID] | None = None
    organisation_id: UUID | None = None
    practitioner_id: UUID | None = None
    nothing: bool = False


class TimeLeft(StrEnum):
    """How long a request that seeks a slot still has; `none`: no deadline was set yet."""

    OVERDUE = "overdue"
    UNDER_4H = "under_4h"
    UNDER_24H = "under_24h"
    LATER = "later"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class OpenCount:
    """How many requests of a territory seek a slot and have this much time left."""

    territory_id: UUID
    time_left: TimeLeft
    count: int


@dataclass(frozen=True, slots=True)
class PatientStanding:
    """Where a patient is known; `forgotten_at`: since when nobody knows any more who that was."""

    id: UUID
    territory_id: UUID
    created_at: datetime
    forgotten_at: datetime | None


@dataclass(frozen=True, slots=True)
class NeedSeen:
    """A need that was decided to seek a slot: when, until when, of whom, from where, and where it stands."""

    request_id: UUID
    at: datetime
    deadline: datetime
    professions: frozenset[str]
    insee: str
    state: RequestState
