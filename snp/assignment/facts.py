"""The words of an assignment problem and of its answer: what is offered, what is needed, who got what.

Semantics: the `snp-instance/1` and `snp-assignment/1` formats (docs/formats.md). No I/O, no solver.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Priority(StrEnum):
    """Regulation priority of a request that reaches the engine; P0 never does (hard stop to the SAMU)."""

    P1 = "P1"
    P2 = "P2"
    P3 = "P3"


class Mode(StrEnum):
    """How the patient is seen: at the practice (AMB), at home (HH), by teleconsultation (VR).

    Source: HL7 v3 ActCode, as used by the SAS implementation guide (`Slot.appointmentType` companions).
    """

    AMB = "AMB"
    HH = "HH"
    VR = "VR"


class Audience(StrEnum):
    """Who may book a slot: regulation, a desk (pharmacy, nurse practice), doctors and physios, the public."""

    REGULATION = "regulation"
    DESK = "desk"
    PROFESSIONALS = "professionals"
    PUBLIC = "public"


class Status(StrEnum):
    """`optimal`: proven on every level; `feasible`: the time limit came first and bounds are given."""

    OPTIMAL = "optimal"
    FEASIBLE = "feasible"


class UnservedReason(StrEnum):
    """Why a request got nothing."""

    NO_SUITABLE_SLOT = "no_suitable_slot"
    OUTCOMPETED = "outcompeted"


class Rule(StrEnum):
    """What may keep a slot from a request, in the order in which explanations name them."""

    PROFESSION = "profession"
    MODE = "mode"
    AUDIENCE = "audience"
    PRACTITIONER = "practitioner"
    TOO_EARLY = "too_early"
    TOO_LATE = "too_late"
    DISTANCE = "distance"
    SESSIONS = "sessions"
    HOUSEHOLD = "household"


@dataclass(frozen=True, slots=True)
class Slot:
    """An offered slot, `[start, end)`, aware datetimes; coordinates in WGS 84 degrees."""

    id: str
    practitioner: str
    profession: str
    mode: Mode
    start: datetime
    end: datetime
    lat: float
    lon: float
    audiences: frozenset[Audience]


@dataclass(frozen=True, slots=True)
class Request:
    """A need: the first session starts within `[max(now, earliest), deadline]`, at most `max_km` away."""

    id: str
    priority: Priority
    professions: frozenset[str]
    modes: frozenset[Mode]
    earliest: datetime
    deadline: datetime
    lat: float
    lon: float
    audience: Audience
    max_km: float = 30.0
    sessions: int = 1
    min_gap_days: int = 1
    max_gap_days: int = 7
    household: str | None = None
    excluded_practitioners: frozenset[str] = frozenset()
    only_practitioners: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Weights:
    """Burden weights: points per hour of wait by priority, points per kilometre."""

    wait_per_hour: dict[Priority, float] = field(
        default_factory=lambda: {Priority.P1: 8, Priority.P2: 4, Priority.P3: 1}
    )
    travel_per_km: float = 1


@dataclass(frozen=True, slots=True)
class Instance:
    """One batch: every slot free at `now` and every open request."""

    now: datetime
    slots: tuple[Slot, ...]
    requests: tuple[Request, ...]
    weights: Weights = field(default_factory=Weights)


@dataclass(frozen=True, slots=True)
class Assigned:
    """A served request and its slots in time order (several for sessions); burden in points."""

    request: str
    slots: tuple[str, ...]
    burden: int


@dataclass(frozen=True, slots=True)
class Unserved:
    """A request left without a slot, the code of why and an English detail; then the same as data.

    `excluded`: how many slots each rule keeps away (a slot counts once, under the first rule it breaks).
    `taken_by`: the requests that hold its suitable slots. `suitable`: how many slots suit it, taken or free.
    `one_more_slot`: the priority of the request that one more slot like these would serve, if any.
    """

    request: str
    reason: UnservedReason
    detail: str
    excluded: dict[Rule, int] = field(default_factory=dict, compare=False)
    taken_by: tuple[str, ...] = field(default=(), compare=False)
    suitable: int = field(default=0, compare=False)
    one_more_slot: Priority | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Assignment:
    """An answer: the three levels reached, who got what, who got nothing and why.

    `bound` (only when `feasible`): level name (`P1`, `P2`, `P3`, `burden`, `spread`) to its proven bound.
    """

    status: Status
    served: dict[Priority, int]
    burden: int
    spread: int
    assignments: tuple[Assigned, ...]
    unserved: tuple[Unserved, ...]
    wall_s: float = 0.0
    bound: dict[str, int] | None = None
