"""The words of a rota: shifts to hold, carers who hold them, the rules between them, and an answer.

Identifiers are texts chosen by who states the problem; instants are aware, days are local (Europe/Paris).
Knows neither the database nor a solver.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cached_property
from typing import Final

from snp.days import local_day


class Half(StrEnum):
    """The part of a day that a shift belongs to."""

    MORNING = "morning"
    AFTERNOON = "afternoon"
    EVENING = "evening"


class Kind(StrEnum):
    """What is shared fairly apart: everything, and the half-days nobody likes."""

    ALL = "all"
    SATURDAY = "saturday"
    FRIDAY_AFTERNOON = "friday_afternoon"
    SCHOOL_HOLIDAYS = "school_holidays"


UNLOVED: Final = frozenset(Kind) - {Kind.ALL}


class Rule(StrEnum):
    """Every rule a rota may break: the closed list of what a checker says."""

    UNKNOWN = "unknown"
    PLACE = "place"
    AWAY = "away"
    NEVER = "never"
    FIXED = "fixed"
    TOO_FEW = "too_few"
    TOO_MANY = "too_many"
    ROOMS = "rooms"
    TOGETHER = "together"
    PER_DAY = "per_day"
    REST = "rest"
    PER_WEEK = "per_week"
    CONSECUTIVE = "consecutive"
    OBJECTIVE = "objective"


class Status(StrEnum):
    """What is known of an answer.

    `optimal`: proven best; `feasible`: valid, at most its gap from the best; `infeasible`: no rota holds the
    rules, the conflicts say which; `unknown`: the time ran out before anything was known.
    """

    OPTIMAL = "optimal"
    FEASIBLE = "feasible"
    INFEASIBLE = "infeasible"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Span:
    """Instants `[start, end)`, aware."""

    start: datetime
    end: datetime

    def meets(self, other: Span) -> bool:
        """Whether the two share an instant; touching ends do not."""
        return self.start < other.end and other.start < self.end


@dataclass(frozen=True, slots=True)
class Place:
    """Where shifts are held; at most `rooms` carers at once, None: as many as one likes."""

    id: str
    name: str
    rooms: int | None = None


@dataclass(frozen=True)
class Shift:
    """A half-day to hold at a place by `least` to `most` carers; `kinds` leaves out `all`."""

    id: str
    place: str
    start: datetime
    end: datetime
    half: Half
    least: int = 1
    most: int = 1
    kinds: frozenset[Kind] = frozenset()

    @cached_property
    def day(self) -> date:
        """The local day on which it begins."""
        return local_day(self.start)

    @property
    def week(self) -> tuple[int, int]:
        """Its ISO year and week."""
        year, week, _ = self.day.isocalendar()
        return year, week

    @property
    def span(self) -> Span:
        """When it is held."""
        return Span(self.start, self.end)

    def counts_in(self, kind: Kind) -> bool:
        """Whether it is shared among that kind."""
        return kind is Kind.ALL or kind in self.kinds


@dataclass(frozen=True, slots=True)
class Wish:
    """What a carer thinks of a half-day of the week (Monday 0): for it (+1..+3), against it (-1..-3)."""

    weekday: int
    half: Half
    points: int

    def concerns(self, shift: Shift) -> bool:
        """Whether a shift is one of those."""
        return shift.day.weekday() == self.weekday and shift.half is self.half


@dataclass(frozen=True, slots=True)
class Carer:
    """Who may hold shifts.

    `share`: working time in per cent of a full time, by which everything is shared. `places`: where he may be
    put, empty: anywhere. `away`: absences. `never`: half-days of the week he does not work. `fixed`: shifts
    that are his. `most_per_week`: his own limit, under the common one. `before`: shifts he held in earlier
    rotas, by kind, which count as his.
    """

    id: str
    name: str
    share: int = 100
    places: frozenset[str] = frozenset()
    away: tuple[Span, ...] = ()
    never: frozenset[tuple[int, Half]] = frozenset()
    fixed: frozenset[str] = frozenset()
    wishes: tuple[Wish, ...] = ()
    most_per_week: int | None = None
    before: Mapping[Kind, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Limits:
    """The rules of rest that hold for everybody.

    `rest`: between the end of a shift and the start of one on a later day (13 h: never an evening until 20 h,
    then a morning at 8 h). `most_per_day`, `most_per_week` (ISO week), `most_days_in_a_row`: shifts, shifts,
    local days with a shift. Of rest between two days of work the law asks 11 h (code du travail L3131-1, for
    employees; private practice has none of its own): a setting, not a constant.
    """

    rest: timedelta = timedelta(hours=11)
    most_per_day: int = 1
    most_per_week: int = 3
    most_days_in_a_row: int = 3


@dataclass(frozen=True, slots=True)
class Weights:
    """What a point of each part of the objective costs; integers.

    `gap`: a carer missing to a shift's `least` (where gaps are allowed). `change`: a carer put on or taken
    off a shift against the rota in force. `all` and `unloved`: unfairness, a hundredth of a squared shift
    away from one's share. `wish`: a point of a wish against that was ignored, or for that was not granted.
    """

    gap: int = 100_000
    change: int = 2_000
    all: int = 4
    unloved: int = 3
    wish: int = 10

    def of(self, kind: Kind) -> int:
        """The weight of unfairness among a kind."""
        return self.all if kind is Kind.ALL else self.unloved


@dataclass(frozen=True)
class RotaProblem:
    """A rota to build. `gaps`: shifts may stay short of carers, at a price; otherwise that is infeasible.

    `in_force`: who holds the shifts that it names now; changes of those cost. `frozen_before`: shifts that
    begin earlier stay as they are in force, whatever the absences.
    """

    places: tuple[Place, ...]
    shifts: tuple[Shift, ...]
    carers: tuple[Carer, ...]
    limits: Limits = field(default_factory=Limits)
    weights: Weights = field(default_factory=Weights)
    gaps: bool = False
    in_force: Mapping[str, frozenset[str]] | None = None
    frozen_before: datetime | None = None

    @cached_property
    def shift_by_id(self) -> Mapping[str, Shift]:
        """The shifts by identifier."""
        return {shift.id: shift for shift in self.shifts}

    @cached_property
    def carer_by_id(self) -> Mapping[str, Carer]:
        """The carers by identifier."""
        return {carer.id: carer for carer in self.carers}

    @cached_property
    def place_by_id(self) -> Mapping[str, Place]:
        """The places by identifier."""
        return {place.id: place for place in self.places}

    def is_frozen(self, shift: Shift) -> bool:
        """Whether who holds a shift is settled."""
        return self.frozen_before is not None and shift.start < self.frozen_before

    def held_in_force(self, shift_id: str) -> frozenset[str]:
        """Who holds a shift in the rota in force."""
        return (self.in_force or {}).get(shift_id, frozenset())


Turns = Mapping[str, frozenset[str]]
"""Who holds each shift: carers by shift; a shift that is absent is held by nobody."""


@dataclass(frozen=True, slots=True)
class Cost:
    """The parts of an objective, unweighted, and their weighted sum: less is better."""

    gaps: int
    changes: int
    unfairness: Mapping[Kind, int]
    wishes: int
    total: int


@dataclass(frozen=True, slots=True)
class Conflict:
    """One of the rules that cannot all hold; `sentence` is French, for who made the rules."""

    rule: Rule
    sentence: str
    carer: str | None = None
    shift: str | None = None


@dataclass(frozen=True, slots=True)
class RotaAnswer:
    """A rota, or why there is none. `bound`: no rota costs less; `gap` of an optimal one is 0.

    `conflicts`: when infeasible, rules that cannot all hold; `is_minimal`: leaving out any of them would do.
    """

    status: Status
    turns: Turns
    cost: Cost | None
    bound: int
    wall_s: float
    conflicts: tuple[Conflict, ...] = ()
    is_minimal: bool = True

    @property
    def gap(self) -> float | None:
        """How far from the best it may be, as a share of its cost; None without a rota."""
        if self.cost is None:
            return None
        return (self.cost.total - self.bound) / max(1, self.cost.total)
