"""What the pages of indicators show: cards with their chart and table, choices of periods. Reads only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from api.web import charts
from api.web.desk_views import Option
from regulation.indicators import wording
from regulation.indicators.facts import Dimension, Figure, Measure, Part, Period, Population, Unit
from regulation.indicators.periods import after, before, grains_of, period_of
from regulation.indicators.vocabulary import DIMENSIONS, POSSIBLE, UNITS
from snp.errors import InvalidValue

_SECTIONS: Final = (
    ("offre", "Offre de créneaux", (Population.SLOT, Population.TAKEN_BACK, Population.MEMBER)),
    ("delais", "Délais", (Population.NEED,)),
    ("demandes", "Demandes", (Population.REQUEST,)),
    ("rendez-vous", "Rendez-vous", (Population.VISIT, Population.LATE_FREED)),
)
OF_PAGE: Final[Mapping[Unit, Unit | None]] = {
    Unit.YEAR: Unit.MONTH,
    Unit.QUARTER: Unit.MONTH,
    Unit.MONTH: Unit.WEEK,
    Unit.WEEK: Unit.DAY,
    Unit.DAY: None,
}
"""How finely the page of all indicators follows a period; the page of one lets it be chosen."""

_PLURAL: Final[Mapping[Unit, str]] = {
    Unit.MONTH: "Par mois",
    Unit.WEEK: "Par semaine",
    Unit.DAY: "Par jour",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a table."""

    label: str
    value: str
    masked: bool = False
    share: str = ""
    change: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """An indicator as it is shown."""

    code: str
    name: str
    description: str
    method: str
    value: str
    masked: bool
    base: str
    beside: tuple[Line, ...]
    target: str
    met: str
    met_tone: str
    contract_ref: str
    chart: charts.Chart | None
    steps: tuple[Line, ...]
    first_step: str
    last_step: str
    cut: str
    parts: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """Indicators that go together."""

    code: str
    heading: str
    cards: tuple[Card, ...]


def sections(figures: tuple[Figure, ...], professions: Mapping[str, str]) -> tuple[Section, ...]:
    """Return the cards by what they are about; empty sections are left out."""
    found = (
        Section(
            code,
            heading,
            tuple(
                card(one, professions)
                for one in figures
                if one.indicator.definition.query.population in populations
            ),
        )
        for code, heading, populations in _SECTIONS
    )
    return tuple(one for one in found if one.cards)


def card(figure: Figure, professions: Mapping[str, str]) -> Card:
    """Return a figure as it is shown."""
    definition = figure.indicator.definition
    query = definition.query
    cells = [cell for _, cell in figure.series]
    target = definition.target if definition.target and figure.period.unit is not Unit.DAY else None
    is_level = query.statistic.value in {"share", "median", "p90"}
    line = (
        None
        if target is None or not is_level
        else target.value * (60 if query.measure is Measure.DELAY else 1)
    )
    steps = tuple(
        Line(wording.say_period(step), wording.say_value(query, cell), cell.masked)
        for step, cell in figure.series
    )
    return Card(
        code=figure.indicator.code,
        name=definition.name,
        description=definition.description,
        method=wording.say_query(query, professions),
        value=wording.say_value(query, figure.whole),
        masked=figure.whole.masked,
        base=_base(figure),
        beside=tuple(
            Line(
                wording.say_period(period),
                wording.say_value(query, cell),
                cell.masked,
                change=wording.say_change(query, figure.whole, cell),
            )
            for period, cell in figure.beside
        ),
        target=wording.say_target(definition),
        met=wording.say_met(figure.met),
        met_tone={True: "good", False: "alarm", None: ""}[figure.met],
        contract_ref=definition.contract_ref,
        chart=charts.bars([cell.value for cell in cells], [cell.masked for cell in cells], line)
        if cells
        else None,
        steps=steps,
        first_step=wording.say_step(figure.series[0][0]) if figure.series else "",
        last_step=wording.say_step(figure.series[-1][0]) if figure.series else "",
        cut=DIMENSIONS[figure.split] if figure.split else "",
        parts=_parts(figure, professions),
    )


def _base(figure: Figure) -> str:
    query, whole = figure.indicator.definition.query, figure.whole
    if whole.masked or query.statistic.value not in {"share", "median", "p90", "avoided"}:
        return ""
    return f"sur {wording.number(whole.base)}"


def _parts(figure: Figure, professions: Mapping[str, str]) -> tuple[Line, ...]:
    split = figure.split
    if split is None:
        return ()

    def line(part: Part) -> Line:
        label = wording.say_key(split, part.code, professions)
        share = "" if part.share is None else wording.percent(part.share)
        return Line(
            label, wording.say_value(figure.indicator.definition.query, part.cell), part.cell.masked, share
        )

    return tuple(line(part) for part in figure.parts)


def read_period(unit: str, day: str, today: date) -> Period:
    """Return the period that an address names; the current year for what it does not understand."""
    kind = Unit(unit) if unit in {one.value for one in Unit} else Unit.YEAR
    return period_of(kind, read_day(day) or today)


def read_day(text: str) -> date | None:
    """Return a day as a browser's date field writes it; None for anything else, or out of reach."""
    try:
        day = date.fromisoformat(text)
        period_of(Unit.DAY, day)
    except (ValueError, InvalidValue):
        return None
    return day


def choices(period: Period, today: date) -> dict[str, Any]:
    """Return what the form of periods offers, and the periods beside to walk to."""
    following = after(period)
    return {
        "period": period,
        "period_name": wording.say_period(period),
        "period_days": wording.say_days(period),
        "running": period.first <= today < following.first,
        "earlier": before(period).first.isoformat(),
        "later": following.first.isoformat() if following.first <= today else "",
        "units": [Option(one.value, UNITS[one]) for one in Unit],
        "grains": [Option(one.value, _PLURAL[one]) for one in grains_of(period.unit)],
    }


def cuts(population: Population) -> list[Option]:
    """Return by what a population may be cut."""
    return [
        Option("", "Sans"),
        *(Option(one.value, DIMENSIONS[one]) for one in POSSIBLE[population].dimensions),
    ]


def read_cut(text: str) -> Dimension | None:
    """Return the dimension that an address names, if any."""
    return Dimension(text) if text in {one.value for one in Dimension} else None


def masked_somewhere(cards: tuple[Card, ...]) -> bool:
    """Tell whether something is masked on a page."""
    return any(
        one.masked or any(line.masked for line in (*one.beside, *one.steps, *one.parts)) for one in cards
    )
