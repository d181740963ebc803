"""Indicators on the wire: definitions from closed lists, figures, the yearly report."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Self

from pydantic import Field

from api.schemas.forms import Code, In, Line, Out
from regulation.indicators.facts import (
    Cell,
    Condition,
    Definition,
    Dimension,
    Figure,
    IndicatorView,
    Measure,
    Period,
    Population,
    Query,
    Report,
    RevisionView,
    Sense,
    Statistic,
    Target,
    Unit,
)

IndicatorCode = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,39}$", examples=["creneaux-perdus"])]
Value = Annotated[float, Field(ge=0, le=1_000_000, allow_inf_nan=False)]


class TargetIn(In):
    """A value to reach; shares in hundredths, delays in hours."""

    sense: Sense
    value: Value


class DefinitionIn(In):
    """A definition; what may go together is told by the refusals."""

    name: Line
    description: Annotated[str, Field(max_length=600)] = ""
    population: Population
    statistic: Statistic
    condition: Condition | None = None
    measure: Measure | None = None
    filters: Annotated[dict[Dimension, Annotated[list[Code], Field(max_length=20)]], Field(max_length=1)] = (
        Field(default_factory=dict)
    )
    split: Dimension | None = None
    period: Unit = Unit.YEAR
    target: TargetIn | None = None
    contract_ref: Annotated[str, Field(max_length=200)] = ""

    def to_facts(self) -> Definition:
        """Return the definition."""
        filters = {name: frozenset(values) for name, values in self.filters.items()}
        return Definition(
            name=self.name,
            description=self.description,
            query=Query(self.population, self.statistic, self.condition, self.measure, filters),
            split=self.split,
            period=self.period,
            target=None if self.target is None else Target(self.target.sense, self.target.value),
            contract_ref=self.contract_ref,
        )


class IndicatorIn(DefinitionIn):
    """A new indicator, with its short name."""

    code: IndicatorCode


class TargetOut(Out):
    """A value to reach."""

    sense: Sense
    value: float


class DefinitionOut(Out):
    """A definition as it stands."""

    name: str
    description: str
    population: Population
    statistic: Statistic
    condition: Condition | None
    measure: Measure | None
    filters: dict[Dimension, list[str]]
    split: Dimension | None
    period: Unit
    target: TargetOut | None
    contract_ref: str

    @classmethod
    def of_definition(cls, one: Definition) -> Self:
        """Return a definition as it is shown."""
        query = one.query
        return cls(
            name=one.name,
            description=one.description,
            population=query.population,
            statistic=query.statistic,
            condition=query.condition,
            measure=query.measure,
            filters={name: sorted(values) for name, values in query.filters.items()},
            split=one.split,
            period=one.period,
            target=None if one.target is None else TargetOut.of(one.target),
            contract_ref=one.contract_ref,
        )


class IndicatorOut(Out):
    """An indicator of a territory; version 0 is the ready set's own."""

    code: str
    version: int
    retired: bool
    ready: bool
    definition: DefinitionOut

    @classmethod
    def of_view(cls, one: IndicatorView) -> Self:
        """Return an indicator as it is shown."""
        shown = DefinitionOut.of_definition(one.definition)
        return cls(code=one.code, version=one.version, retired=one.retired, ready=one.ready, definition=shown)


class IndicatorRevisionOut(Out):
    """An indicator as it stood after one edit."""

    version: int
    at: datetime
    author: str
    retired: bool
    definition: DefinitionOut

    @classmethod
    def of_view(cls, one: RevisionView) -> Self:
        """Return a revision as it is shown."""
        shown = DefinitionOut.of_definition(one.definition)
        return cls(version=one.version, at=one.at, author=one.author, retired=one.retired, definition=shown)


class CellOut(Out):
    """One figure. Masked: between 1 and 4, or what would give such a number away; nothing is told then.

    Shares in hundredths, delays in minutes, distances in kilometres. Null: nothing to compute it from.
    """

    value: float | None
    base: int | None
    masked: bool
    low: float | None = None
    high: float | None = None

    @classmethod
    def of_cell(cls, cell: Cell) -> Self:
        """Return a figure as it is shown."""
        base = None if cell.masked else cell.base
        return cls(value=cell.value, base=base, masked=cell.masked, low=cell.low, high=cell.high)


class PeriodCellOut(CellOut):
    """A figure of one period, named by its first local day."""

    unit: Unit
    first: date

    @classmethod
    def of_period(cls, period: Period, cell: Cell) -> Self:
        """Return the figure of a period as it is shown."""
        shown = CellOut.of_cell(cell).model_dump()
        return cls(unit=period.unit, first=period.first, **shown)


class PartOut(CellOut):
    """One line of a cut; `share` of the whole in hundredths, for counts."""

    key: str
    share: float | None


class FigureOut(Out):
    """An indicator over a period, beside others, through time and cut by a dimension."""

    code: str
    name: str
    whole: PeriodCellOut
    met: bool | None = Field(description="Objectif atteint ; null : sans objectif, ou trop tôt pour le dire.")
    beside: list[PeriodCellOut]
    series: list[PeriodCellOut]
    split: Dimension | None
    parts: list[PartOut]

    @classmethod
    def of_figure(cls, one: Figure) -> Self:
        """Return a figure as it is shown."""
        return cls(
            code=one.indicator.code,
            name=one.indicator.definition.name,
            whole=PeriodCellOut.of_period(one.period, one.whole),
            met=one.met,
            beside=[PeriodCellOut.of_period(*pair) for pair in one.beside],
            series=[PeriodCellOut.of_period(*pair) for pair in one.series],
            split=one.split,
            parts=[
                PartOut(key=part.code, share=part.share, **CellOut.of_cell(part.cell).model_dump())
                for part in one.parts
            ],
        )


class FiguresOut(Out):
    """The figures of a territory, drawn at an instant. `data_of`: of when they are, told by a replica."""

    drawn_at: datetime
    data_of: datetime | None = None
    figures: list[FigureOut]


class ReportOut(FiguresOut):
    """A year of a territory for the dialogue with the CPAM. `until`: the last day that counts."""

    territory: str
    year: int
    until: date

    @classmethod
    def of_report(cls, report: Report) -> Self:
        """Return a report as it is shown."""
        return cls(
            drawn_at=report.drawn_at,
            data_of=report.data_of,
            territory=report.territory,
            year=report.year,
            until=report.until,
            figures=[FigureOut.of_figure(one) for one in report.figures],
        )
