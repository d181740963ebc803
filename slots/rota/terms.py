"""The words of a rota that is kept: who takes part on what terms, plans, turns, exchanges, volunteers.

`facts` states one problem to solve; this is what it is made from and what comes of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from slots.agenda.facts import SHOWN_BOTH_WAYS, SasView
from slots.rota.facts import Half, Kind, Status
from slots.rota.school_holidays import Zone
from snp.assignment.facts import Audience

LEAST_WEEKS: Final = 4
MOST_WEEKS: Final = 12


class WishKind(StrEnum):
    """How a carer stands to a half-day of the week: never his, always his, or liked more or less."""

    NEVER = "never"
    ALWAYS = "always"
    PREFER = "prefer"


class Purpose(StrEnum):
    """Why a plan was asked for: a new rota, or one put right with the least change."""

    BUILD = "build"
    REPAIR = "repair"


class Decision(StrEnum):
    """What became of a plan."""

    CONFIRMED = "confirmed"
    DISCARDED = "discarded"


class Cause(StrEnum):
    """How a turn came to its holder."""

    PLAN = "plan"
    REPAIR = "repair"
    SWAP = "swap"
    VOLUNTEER = "volunteer"


class Reply(StrEnum):
    """What became of an exchange that was proposed, or of an offer to hold a shift."""

    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"


@dataclass(frozen=True, slots=True)
class Opening:
    """A half-day of the week at a place: from when to when, how many carers, how many patients each."""

    site_id: UUID
    weekday: int
    half: Half
    starts_at: time
    ends_at: time
    least: int = 1
    most: int = 1
    patients: int = 6


@dataclass(frozen=True, slots=True)
class Room:
    """How many carers a place takes at once; None: as many as one likes."""

    site_id: UUID
    rooms: int | None = None


@dataclass(frozen=True, slots=True)
class RotaDetails:
    """What a coordinator settles of a rota.

    `gaps`: shifts may stay short, and volunteers are called for. `publish_days`: how far ahead slots are
    published. `takes_volunteers`: who offers to hold a short shift and breaks no rule has it at once.
    `repairs_alone`: a repair is confirmed without waiting for anybody. `audiences`, `sas`,
    `release_minutes`: on what terms the slots are offered.
    """

    name: str
    openings: tuple[Opening, ...]
    places: tuple[Room, ...]
    zone: Zone = Zone.B
    rest_minutes: int = 660
    most_per_day: int = 1
    most_per_week: int = 3
    most_days_in_a_row: int = 3
    gaps: bool = True
    publish_days: int = 14
    takes_volunteers: bool = False
    repairs_alone: bool = False
    audiences: frozenset[Audience] = frozenset({Audience.REGULATION, Audience.DESK})
    sas: frozenset[SasView] = SHOWN_BOTH_WAYS
    release_minutes: int | None = None


@dataclass(frozen=True, slots=True)
class RotaView:
    """A rota as it stands."""

    id: UUID
    territory_id: UUID
    details: RotaDetails
    closed_at: datetime | None
    version: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class WishLine:
    """How a carer stands to a half-day of the week; `points` -3..3, 0 unless he prefers."""

    weekday: int
    half: Half
    kind: WishKind
    points: int = 0


@dataclass(frozen=True, slots=True)
class Member:
    """Who takes part: his share of working time in per cent, his own limit a week, his wishes."""

    practitioner_id: UUID
    name: str
    share: int
    most_per_week: int | None
    site_ids: frozenset[UUID]
    wishes: tuple[WishLine, ...] = ()


@dataclass(frozen=True, slots=True)
class ShiftView:
    """A dated half-day of a rota, and who holds it."""

    id: UUID
    rota_id: UUID
    site_id: UUID
    day: date
    half: Half
    start: datetime
    end: datetime
    least: int
    most: int
    patients: int
    kinds: frozenset[Kind]
    turns: tuple[TurnView, ...] = ()

    @property
    def missing(self) -> int:
        """How many carers it is short of."""
        return max(0, self.least - len(self.turns))


@dataclass(frozen=True, slots=True)
class TurnView:
    """A carer on a shift, since when and why; `published_at`: when his slots were published."""

    id: UUID
    shift_id: UUID
    practitioner_id: UUID
    cause: Cause
    plan_id: UUID | None
    since: datetime
    published_at: datetime | None
    trouble: str | None


@dataclass(frozen=True, slots=True)
class PlanView:
    """A plan that was asked for and what came of it.

    `problem`, `answer`: documents of the formats `snp-rota/1` and `snp-rota-answer/1`; empty until solved.
    """

    id: UUID
    rota_id: UUID
    purpose: Purpose
    first_day: date
    last_day: date
    asked_at: datetime
    started_at: datetime | None
    solved_at: datetime | None
    status: Status | None
    time_limit_s: int
    decision: Decision | None
    decided_at: datetime | None
    problem: Mapping[str, Any] = field(default_factory=dict, repr=False)
    answer: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def can_be_confirmed(self) -> bool:
        """Whether there is a rota that nobody has decided on."""
        return self.decision is None and self.status in (Status.OPTIMAL, Status.FEASIBLE)


@dataclass(frozen=True, slots=True)
class Change:
    """What a plan changes on one shift."""

    shift_id: str
    leaving: frozenset[str]
    coming: frozenset[str]


@dataclass(frozen=True, slots=True)
class SwapView:
    """An exchange: `from_id` gives his turn, for that of `to_id` or for nothing."""

    id: UUID
    rota_id: UUID
    turn_id: UUID
    for_turn_id: UUID | None
    from_id: UUID
    to_id: UUID
    proposed_at: datetime
    reply: Reply | None
    replied_at: datetime | None


@dataclass(frozen=True, slots=True)
class OfferView:
    """A carer who offers to hold a shift that is short."""

    id: UUID
    shift_id: UUID
    practitioner_id: UUID
    offered_at: datetime
    reply: Reply | None
    replied_at: datetime | None


@dataclass(frozen=True, slots=True)
class Moved:
    """What changed hands: turns now held, turns given up, and the taken slots that stay with who had them."""

    taken_up: tuple[UUID, ...] = ()
    given_up: tuple[UUID, ...] = ()
    kept_slots: tuple[UUID, ...] = ()
