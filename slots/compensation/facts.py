"""The words of compensation: acts and slots as they are judged, terms, statements, budget.

Money is whole cents. Days, weeks (their Monday) and months (their first day) are local to the territory.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Self
from uuid import UUID

from slots.agenda.facts import SlotState


class VerdictStatus(StrEnum):
    """Whether the SNP majoration of an act holds; `to_confirm`: only its practitioner can tell."""

    HOLDS = "holds"
    TO_CONFIRM = "to_confirm"
    DOES_NOT_HOLD = "does_not_hold"


class LineKind(StrEnum):
    """What a line of a statement is about; the Assurance maladie pays majorations, the CPTS the rest."""

    MAJORATION = "majoration"
    UNUSED_SLOT = "unused_slot"
    COORDINATION = "coordination"


class FundingKind(StrEnum):
    """What a CPTS may fund: a slot kept free that nobody took, or time given to coordination."""

    UNUSED_SLOT = "unused_slot"
    COORDINATION = "coordination"


class Activity(StrEnum):
    """What coordination time was given to."""

    MEETING = "meeting"
    PROTOCOL = "protocol"
    TRAINING = "training"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why: a stable code, a French sentence, where the rule comes from. No identity, no free text."""

    code: str
    sentence: str
    source: str

    def to_json(self) -> dict[str, Any]:
        """The reason as it is stored."""
        return asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """The reason as it was stored."""
        return cls(code=stored["code"], sentence=stored["sentence"], source=stored["source"])


@dataclass(frozen=True, slots=True)
class DecisionFact:
    """A decision that sent a request to a slot: when, by which account or key, in which role."""

    at: datetime
    decider: str
    role: str


@dataclass(frozen=True, slots=True)
class Regulated:
    """What the regulation knows of a request; no identity of a patient.

    `decisions` by instant. `has_mt` None: not known. `mt_practitioner_id`: the médecin traitant, when he was
    identified.
    """

    request_id: UUID
    number: str
    decisions: tuple[DecisionFact, ...] = ()
    has_mt: bool | None = None
    mt_practitioner_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """What the practitioner said of an act: codes billed with it, and whether he is the médecin traitant."""

    appointment_id: UUID
    codes: frozenset[str]
    is_mt: bool | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Act:
    """A consultation that was to be given on a slot. `honoured`: the patient came.

    `changed_at`: when something last happened to it. `specialty`: its doctor's (ANS, TRE_R38), where known.
    """

    appointment_id: UUID
    slot_id: UUID
    request_id: UUID
    practitioner_id: UUID
    territory_id: UUID
    seen_at: datetime
    booked_at: datetime
    day: date
    week: date
    is_doctor: bool
    honoured: bool
    changed_at: datetime
    specialty: str | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the majoration of an act holds, what proves it, and why. `rank`: its place in the week."""

    act: Act
    status: VerdictStatus
    amount_cents: int
    reasons: tuple[Reason, ...]
    decision: DecisionFact | None = None
    request_number: str | None = None
    billed: tuple[str, ...] = ()
    rank: int | None = None


@dataclass(frozen=True, slots=True)
class SlotFact:
    """A slot that is over. `taken`: a patient came or was to come; `no_show`: he did not.

    `available_since`: since when it was on offer without a break.
    """

    slot_id: UUID
    practitioner_id: UUID
    profession: str
    start: datetime
    end: datetime
    day: date
    week: date
    state: SlotState
    taken: bool
    no_show: bool
    available_since: datetime
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class TermsDetails:
    """What a CPTS pays from a day on. `rate_cents`: a slot, or an hour of coordination; 0: nothing any more.

    Caps count slots (or hours) paid to one practitioner; None: no cap. `min_notice_hours`: on offer at least
    so long before its start. `profession`: whose slots; None for coordination.
    """

    kind: FundingKind
    valid_from: date
    rate_cents: int
    profession: str | None = None
    valid_until: date | None = None
    cap_week: int | None = None
    cap_month: int | None = None
    cap_year: int | None = None
    min_notice_hours: int = 0
    pays_released: bool = False
    pays_no_show: bool = False


@dataclass(frozen=True, slots=True)
class Terms:
    """Terms as they were decided; later ones win on the days that both cover."""

    id: UUID
    territory_id: UUID
    details: TermsDetails
    created_at: datetime
    created_by: str


@dataclass(frozen=True, slots=True)
class JudgedSlot:
    """What a slot kept free is worth, by which terms, and why."""

    slot: SlotFact
    amount_cents: int
    reasons: tuple[Reason, ...]
    terms: Terms | None = None


@dataclass(frozen=True, slots=True)
class CoordinationTime:
    """Time that a practitioner gave to the CPTS on a day, as he declared it."""

    id: UUID
    practitioner_id: UUID
    territory_id: UUID
    day: date
    week: date
    minutes: int
    activity: Activity
    created_at: datetime
    withdrawn_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class JudgedTime:
    """What coordination time is worth. `paid_minutes`: what the caps leave of it."""

    time: CoordinationTime
    paid_minutes: int
    amount_cents: int
    reasons: tuple[Reason, ...]
    terms: Terms | None = None


@dataclass(frozen=True, slots=True)
class DraftLine:
    """A line as it is computed. `event_id`: the appointment, slot or declaration that it is about.

    `corrected_month`: it corrects what a closed statement of that month says of the event, by the difference.
    `day`: of the event; for a correction, the day on which what changed it was noted.
    """

    kind: LineKind
    event_id: UUID
    day: date
    at: datetime
    quantity: int
    unit_cents: int
    amount_cents: int
    reasons: tuple[Reason, ...]
    corrected_month: date | None = None
    terms_id: UUID | None = None
    request_number: str | None = None
    status: VerdictStatus | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A line as it stands in a statement; `position` counts from 1."""

    id: UUID
    statement_id: UUID
    position: int
    content: DraftLine


@dataclass(frozen=True, slots=True)
class Statement:
    """The month of a practitioner in a CPTS: a draft until it is closed, then never changed."""

    id: UUID
    territory_id: UUID
    practitioner_id: UUID
    month: date
    cpts_cents: int
    cpam_cents: int
    computed_at: datetime
    closed_at: datetime | None
    closed_by: str | None

    @property
    def is_closed(self) -> bool:
        """True once nothing of it may change."""
        return self.closed_at is not None


@dataclass(frozen=True, slots=True)
class StatementPaper:
    """A statement as it is printed: whose it is, for which CPTS, its lines."""

    statement: Statement
    lines: tuple[Line, ...]
    practitioner: str
    identifier: str
    territory: str


@dataclass(frozen=True, slots=True)
class YearSettings:
    """What a coordinator set for a year: the envelope, and how long a month stays open after its end."""

    territory_id: UUID
    year: int
    envelope_cents: int
    close_after_days: int
    created_at: datetime | None = None
    created_by: str | None = None


@dataclass(frozen=True, slots=True)
class MonthFigures:
    """The sums of one month. `spent`: closed statements; `committed`: drafts. `acts` counts by verdict."""

    month: date
    spent_cents: int = 0
    committed_cents: int = 0
    forecast_cents: int = 0
    cpam_cents: int = 0
    by_kind: Mapping[LineKind, int] = field(default_factory=dict)
    acts: Mapping[VerdictStatus, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Budget:
    """A year of a CPTS: what the ACI brings, the envelope, what is spent, committed and expected.

    `forecast_cents`: from today to 31 December, at the pace of `pace_days` days that brought `pace_cents`.
    """

    year: int
    settings: YearSettings
    aci_fixed_cents: int
    aci_variable_cents: int
    aci_source: str
    months: tuple[MonthFigures, ...]
    pace_cents: int
    pace_days: int
    forecast_cents: int

    @property
    def spent_cents(self) -> int:
        """What closed statements say."""
        return sum(month.spent_cents for month in self.months)

    @property
    def committed_cents(self) -> int:
        """What drafts say."""
        return sum(month.committed_cents for month in self.months)

    @property
    def expected_cents(self) -> int:
        """The whole year, as far as can be told."""
        return self.spent_cents + self.committed_cents + self.forecast_cents

    @property
    def left_cents(self) -> int:
        """What the envelope would leave; negative when it does not suffice."""
        return self.settings.envelope_cents - self.expected_cents


@dataclass(frozen=True, slots=True)
class EventLine:
    """Something that happened to what a line is about: the end of every drill-down."""

    what: str
    code: str
    at: datetime
    author: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class StoredVerdict:
    """The verdict on an act as it was last stored; what proves it, never whom it was about."""

    appointment_id: UUID
    practitioner_id: UUID
    territory_id: UUID
    request_number: str | None
    seen_at: datetime
    decided_at: datetime | None
    decided_by: str | None
    decided_role: str | None
    week: date
    rank: int | None
    billed: tuple[str, ...]
    status: VerdictStatus
    amount_cents: int
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class PackageCondition:
    """One condition of the yearly SAS package, and whether it looks met; an information, not a right."""

    sentence: str
    met: bool


@dataclass(frozen=True, slots=True)
class Package:
    """The yearly SAS package and its conditions as the service can see them."""

    year: int
    amount_cents: int
    source: str
    conditions: tuple[PackageCondition, ...]
