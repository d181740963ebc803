"""The words of an indicator: what is counted, how, over which period, against which target. Closed lists.

No list holds a practitioner, a site, an organisation or a commune: a lone practice is a person.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID


class Population(StrEnum):
    """What one event of an indicator is: a row of a view of the schema `reading`, or a membership."""

    SLOT = "slot"
    TAKEN_BACK = "taken_back"
    REQUEST = "request"
    NEED = "need"
    VISIT = "visit"
    LATE_FREED = "late_freed"
    MEMBER = "member"


class Statistic(StrEnum):
    """What is made of the events."""

    COUNT = "count"
    SHARE = "share"
    MEDIAN = "median"
    P90 = "p90"
    HOURS = "hours"
    DAYS = "days"
    PEOPLE = "people"
    AVOIDED = "avoided"


class Condition(StrEnum):
    """Which events of a population are counted, or make the numerator of a share."""

    TAKEN = "taken"
    TAKEN_HERE = "taken_here"
    TAKEN_ELSEWHERE = "taken_elsewhere"
    RELEASED = "released"
    LOST = "lost"
    SERVED = "served"
    WITHIN_24 = "within_24"
    WITHIN_48 = "within_48"
    WITHIN_DEADLINE = "within_deadline"
    NO_SHOW = "no_show"
    NO_MT = "no_mt"
    REFILLED = "refilled"
    TOOK_PART = "took_part"


class Measure(StrEnum):
    """What a quantile is taken of: minutes from the first decision to the appointment, or kilometres."""

    DELAY = "delay"
    DISTANCE = "distance"


class Dimension(StrEnum):
    """By what figures may be cut or narrowed. Never by anything that names somebody."""

    PROFESSION = "profession"
    MODE = "mode"
    ORIGIN = "origin"
    DISPOSITION = "disposition"
    PRIORITY = "priority"


class Unit(StrEnum):
    """The calendar's parts that a figure may cover; any intervals could be subtracted from each other."""

    YEAR = "year"
    QUARTER = "quarter"
    MONTH = "month"
    WEEK = "week"
    DAY = "day"


class Sense(StrEnum):
    """Which side of its target a figure should be."""

    AT_LEAST = "at_least"
    AT_MOST = "at_most"


@dataclass(frozen=True, slots=True)
class Target:
    """A value to reach: a number in the unit of the figure; shares are in hundredths."""

    sense: Sense
    value: float


@dataclass(frozen=True, slots=True)
class Query:
    """A question over events, from closed lists only. `filters` narrow by dimension; empty: everything."""

    population: Population
    statistic: Statistic
    condition: Condition | None = None
    measure: Measure | None = None
    filters: Mapping[Dimension, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Definition:
    """What an indicator is called, asks, and should reach. `period`: over which its target is judged.

    `split`: by what it is cut where nothing else is asked. `contract_ref`: the clause of the ACI contract.
    """

    name: str
    description: str
    query: Query
    split: Dimension | None = None
    period: Unit = Unit.YEAR
    target: Target | None = None
    contract_ref: str = ""


@dataclass(frozen=True, slots=True)
class IndicatorView:
    """An indicator of a territory. `version` 0: as the ready set has it, never touched here."""

    code: str
    definition: Definition
    version: int
    retired: bool
    ready: bool


@dataclass(frozen=True, slots=True)
class RevisionView:
    """An indicator as it stood after one edit, by whom and when."""

    version: int
    at: datetime
    author: str
    definition: Definition
    retired: bool


@dataclass(frozen=True, order=True, slots=True)
class Period:
    """A part of the calendar, named by its first local day; weeks begin on Monday (ISO 8601)."""

    unit: Unit
    first: date


@dataclass(frozen=True, slots=True)
class Cell:
    """One figure. `masked`: small numbers, nothing is told. `value` None: nothing to compute it from.

    Counts, hours and days are plain; shares are in hundredths, delays in minutes, distances in kilometres.
    `base`: over how many events (or days of care) it was computed. `low`, `high`: bounds of an estimate.
    """

    value: float | None = None
    base: int = 0
    masked: bool = False
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """One line of a cut: its code, its figure, and for counts its share of the whole, in hundredths."""

    code: str
    cell: Cell
    share: float | None = None


@dataclass(frozen=True, slots=True)
class Figure:
    """An indicator over a period, beside other periods, through time and cut by a dimension."""

    indicator: IndicatorView
    period: Period
    whole: Cell
    beside: tuple[tuple[Period, Cell], ...] = ()
    series: tuple[tuple[Period, Cell], ...] = ()
    parts: tuple[Part, ...] = ()
    split: Dimension | None = None
    met: bool | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked: a period, others beside it, the grain of a series, a dimension to cut by."""

    period: Period
    beside: tuple[Period, ...] = ()
    grain: Unit | None = None
    split: Dimension | None = None


@dataclass(frozen=True, slots=True)
class Count:
    """One row of a measure: a node of the calendar, a line of the cut (None: all), what was counted there."""

    level: str
    first: date
    key: str | None
    n: int
    parts: tuple[int, ...]
    value: float | None


@dataclass(frozen=True, slots=True)
class Report:
    """A year of a territory as it is handed over: what was measured, when, of whom.

    `data_of`: of when the data are, where a copy of the database told them; None: of `drawn_at`.
    """

    territory_id: UUID
    territory: str
    year: int
    drawn_at: datetime
    until: date
    figures: tuple[Figure, ...]
    professions: Mapping[str, str]
    data_of: datetime | None = None
