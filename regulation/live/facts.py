"""The words of the live policy in the service: prices kept, what was weighed, promises, the waiting list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from regulation.facts import Reason
from regulation.intake.facts import CallPriority
from slots.agenda.facts import PractitionerLoad
from snp.assignment.pricing import ForecastFacts


class Basis(StrEnum):
    """What ordered the slots: prices, what else seeks now, or only the request's own wait and travel."""

    PRICES = "prices"
    CONTENTION = "contention"
    FIRST_COME = "first_come"


class Fallback(StrEnum):
    """Why prices did not order the slots."""

    ABSENT = "prices_absent"
    STALE = "prices_stale"
    EXACT = "policy_exact"


class Outcome(StrEnum):
    """What was said about a request."""

    OFFERED = "offered"
    WAITING = "waiting"
    PROMISE_OFFERED = "promise_offered"
    PROMISED = "promised"
    NAMED = "named"
    SERVED = "served"
    BROKEN = "broken"


class PromiseEnding(StrEnum):
    """How a promise ended: its slot was named, the patient took another time or gave up, or it was broken."""

    NAMED = "named"
    REPLACED = "replaced"
    GIVEN_UP = "given_up"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class PriceSheet:
    """The prices of one profession family of a territory, as they stood at `computed_at`.

    `family`: the professions priced together. `prices` and `own`: see `snp.assignment.pricing.SlotPrices`.
    """

    territory_id: UUID
    family: str
    computed_at: datetime
    scenarios: int
    facts: ForecastFacts
    prices: Mapping[str, tuple[int, ...]]
    wanted: Mapping[str, float]
    own: Mapping[str, Mapping[str, tuple[int, ...]]] = field(default_factory=dict)

    @property
    def professions(self) -> frozenset[str]:
        """The professions priced together."""
        return frozenset(self.family.split("+"))


@dataclass(frozen=True, slots=True)
class WeighedSlot:
    """A slot that was compared, its price to the others expected (None: not priced), and the distance."""

    slot_id: UUID
    start: datetime
    price: float | None
    km: float


@dataclass(frozen=True, slots=True)
class Weighing:
    """What made an answer. Values are in points (P1 9, P2 3, P3 1), means over the sampled futures.

    `value_now`: the value less the price of the best slot; `value_waiting`: what the request is expected to
    bring without an answer now. `fallback`: why prices did not order the slots, None when they did.
    """

    outcome: Outcome
    rule: str
    basis: Basis
    fallback: Fallback | None
    value: int
    value_now: float | None = None
    value_waiting: float | None = None
    prices_at: datetime | None = None
    scenarios: int = 0
    alternatives: tuple[WeighedSlot, ...] = ()


@dataclass(frozen=True, slots=True)
class DecisionView:
    """A decision as it is kept. `anyway`: a regulator had the slots read out against the policy."""

    id: UUID
    request_id: UUID
    at: datetime
    author: str
    role: str
    weighing: Weighing
    round_id: UUID | None
    anyway: bool


@dataclass(frozen=True, slots=True)
class PromiseView:
    """The patient is seen before `seen_before`; the slot is named `notice_minutes` ahead at the latest.

    `certificate`: when it was made, the slot that stood surety for each open promise, by request.
    """

    id: UUID
    request_id: UUID
    territory_id: UUID
    made_at: datetime
    made_by: str
    seen_before: datetime
    notice_minutes: int
    certificate: Mapping[str, str]
    ended_at: datetime | None
    ending: PromiseEnding | None
    slot_id: UUID | None


@dataclass(frozen=True, slots=True)
class Advice:
    """What to tell the caller beside the proposals: why these, or the waiting list, or a promise.

    `seen_before`: set when a promise can be made. `place`: where the request stands on the waiting list.
    `sentences` are French, to be said aloud.
    """

    outcome: Outcome
    basis: Basis
    sentences: tuple[Reason, ...]
    decision_id: UUID | None = None
    seen_before: datetime | None = None
    place: int | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """A line of the waiting list, in the order in which the list is served; no identity.

    `promised_before`: set when the request holds a promise. `reason`: why it waits. `next_step`: what comes.
    """

    place: int
    request_id: UUID
    number: str
    priority: CallPriority | None
    since: datetime
    deadline: datetime | None
    promised_before: datetime | None
    reason: Reason
    next_step: Reason


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a request stands where it stands: decisions, newest first, as sentences, and what comes next."""

    request_id: UUID
    number: str
    decisions: tuple[tuple[DecisionView, tuple[str, ...]], ...]
    promise: PromiseView | None
    place: int | None
    next_step: str


@dataclass(frozen=True, slots=True)
class ShareLine:
    """What became of the requests of one priority or commune: how many, and how many were kept waiting.

    `kept_waiting`: told at least once to wait although a slot was free.
    """

    key: str
    requests: int
    kept_waiting: int
    share_kept: float
    seeking: int
    served: int
    unserved: int


@dataclass(frozen=True, slots=True)
class FairnessReport:
    """Who waited, over a period, for the coordinator. Lines are in order of key, never of merit."""

    territory_id: UUID
    since: datetime
    until: datetime
    by_priority: tuple[ShareLine, ...]
    by_commune: tuple[ShareLine, ...]
    practitioners: tuple[PractitionerLoad, ...]
    promises_made: int
    promises_open: int
    promises_broken: int
