"""The words of coverage: lines of the outlook, calls for slots, who is asked and what he answers. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from regulation.coverage.halves import HalfDay
from regulation.coverage.targeting import WhyNot
from regulation.messages.facts import Medium


class Basis(StrEnum):
    """What a forecast rests on: nothing of the territory, less than two weeks, weeks, or more than a year."""

    ASSUMED = "assumed"
    SHORT = "short"
    WEEKS = "weeks"
    YEAR = "year"


class CallEnding(StrEnum):
    """How a call for slots ended."""

    FILLED = "filled"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


class AnswerKind(StrEnum):
    """What somebody who is asked says; each is a row.

    `not_this_week`: nothing is asked of him for seven days; `stop`: nothing at all; `resume`: he may be asked
    again.
    """

    ACCEPTED = "accepted"
    DECLINED = "declined"
    NOT_THIS_WEEK = "not_this_week"
    STOP = "stop"
    RESUME = "resume"


@dataclass(frozen=True, slots=True)
class Line:
    """A half-day ahead. `need`: its quantiles (`forecasting.QUANTILES`); slots: `published` = taken + free.

    `to_come`: slots usually published later. `risk`: probability that somebody whose delay ends there goes
    without; `unserved`: how many are expected to; `nothing_left`: probability that no slot is left at its
    end. `wanted`: slots to ask for there; `called`: slots already asked for by a running call. `lent`: what
    neighbours lend, counted in the risk, not in `free`.
    """

    half: HalfDay
    start: datetime
    end: datetime
    need: tuple[int, ...]
    mean: float
    published: int
    taken: int
    free: int
    to_come: float
    risk: float
    unserved: float
    nothing_left: float
    wanted: int
    called: int = 0
    lent: int = 0


@dataclass(frozen=True, slots=True)
class Sheet:
    """The outlook of one profession of a territory as it was computed.

    `days_known`, `needs_known`: what the forecast learnt from. `level`: needs in an ordinary week.
    `stranded`: open needs that nothing free suits.
    """

    territory_id: UUID
    profession: str
    computed_at: datetime
    basis: Basis
    days_known: int
    needs_known: int
    level: float
    stranded: int
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment that is put to somebody, `[start, end)`, of `slots` slots in a row."""

    start: datetime
    end: datetime
    slots: int


@dataclass(frozen=True, slots=True)
class Asking:
    """Somebody a call would ask, or not: why him, in French, and the moments that would be put to him.

    `why_not` names what keeps him out; `leaves_at`: when the message would leave, outside his quiet hours.
    """

    practitioner_id: UUID
    name: str
    why: tuple[str, ...]
    moments: tuple[Moment, ...] = ()
    leaves_at: datetime | None = None
    medium: Medium | None = None
    why_not: WhyNot | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """Whom a call would ask first, whom it would ask next, and whom it leaves in peace."""

    first: tuple[Asking, ...]
    next: tuple[Asking, ...]
    left: tuple[Asking, ...]


@dataclass(frozen=True, slots=True)
class AnswerView:
    """One answer to an ask; an accepted moment says which, and the slots it became."""

    kind: AnswerKind
    at: datetime
    moment_start: datetime | None = None
    slot_ids: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class AskView:
    """Somebody who was asked, why, what was put to him, and his answers by time."""

    id: UUID
    call_id: UUID
    practitioner_id: UUID
    asked_at: datetime
    leaves_at: datetime
    why: tuple[str, ...]
    moments: tuple[Moment, ...]
    answers: tuple[AnswerView, ...] = ()


@dataclass(frozen=True, slots=True)
class CallView:
    """A call for slots: `wanted` slots by half-day, what was `gained` so far, and how it ended."""

    id: UUID
    territory_id: UUID
    profession: str
    opened_at: datetime
    opened_by: str
    automatic: bool
    closes_at: datetime
    wanted: Mapping[HalfDay, int]
    gained: Mapping[HalfDay, int] = field(default_factory=dict)
    asked: int = 0
    answered: int = 0
    last_wave_at: datetime | None = None
    ended_at: datetime | None = None
    ending: CallEnding | None = None

    def missing(self) -> dict[HalfDay, int]:
        """What is still wanted, by half-day."""
        left = {half: count - self.gained.get(half, 0) for half, count in self.wanted.items()}
        return {half: count for half, count in sorted(left.items()) if count > 0}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a call, as counts, never who said what. `served`: patients seen or booked on its slots."""

    asked: int
    answered: int
    accepted: int
    declined: int
    paused: int
    gained: int
    wanted: int
    served: int


@dataclass(frozen=True, slots=True)
class AskPage:
    """What the page of a link shows: the call, what may still be accepted, and whether he wants peace."""

    ask: AskView
    call: CallView
    open_moments: tuple[Moment, ...]
    gone: Mapping[datetime, str]
    paused: AnswerKind | None
    paused_until: date | None
