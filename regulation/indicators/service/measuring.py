"""Measure indicators over periods: one statement each, two where it is narrowed, then masks and targets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Final

from sqlmodel import Session

from regulation.indicators import reading
from regulation.indicators.facts import (
    Asked,
    Count,
    Dimension,
    Figure,
    IndicatorView,
    Period,
    Population,
    Query,
)
from regulation.indicators.periods import Node, children, grains_of, last_day, parts_of
from regulation.indicators.reading import Span, classes_of
from regulation.indicators.rules import target_met
from regulation.indicators.tabling import Meaning, Table, levels_of, years_of
from regulation.indicators.vocabulary import POSSIBLE
from snp.days import SnpHours, local_day
from snp.directory.facts import TerritoryView
from snp.errors import InvalidValue

MOST_YEARS: Final = 12
"""How far apart compared periods may be; all the years between them are read."""


def measure(
    session: Session,
    territory: TerritoryView,
    indicators: Sequence[IndicatorView],
    asked: Asked,
    *,
    now: datetime,
) -> tuple[Figure, ...]:
    """Return the figures of indicators for a period, those beside it, its grain and its cut.

    An indicator that cannot be cut as asked keeps its own cut. What begins after `now` is not counted. Raises
    `InvalidValue` for a grain that is no part of the period.
    """
    if asked.grain is not None and asked.grain not in grains_of(asked.period.unit):
        raise InvalidValue("grain", "plus petit que la période.")
    today = local_day(now, territory.settings.snp_hours.zone)
    steps = () if asked.grain is None else parts_of(asked.period, asked.grain)
    steps = tuple(step for step in steps if step.first <= today)
    periods = (asked.period, *asked.beside, *steps)
    years, levels = years_of(periods), levels_of(periods)
    if len(years) > MOST_YEARS:
        raise InvalidValue("beside", f"{MOST_YEARS} années au plus entre les périodes.")
    hours = territory.settings.snp_hours
    end = years[-1].replace(year=years[-1].year + 1)
    care = _care_days(hours, years[0], min(end, today + timedelta(days=1)))
    span = Span(territory.id, years[0], end, hours.zone, now, care)
    return tuple(_figure(session, one, asked, steps=steps, span=span, levels=levels) for one in indicators)


def _figure(
    session: Session,
    indicator: IndicatorView,
    asked: Asked,
    *,
    steps: Sequence[Period],
    span: Span,
    levels: tuple[str, ...],
) -> Figure:
    query = indicator.definition.query
    is_cut_so = asked.split in POSSIBLE[query.population].dimensions
    split = asked.split if is_cut_so else indicator.definition.split
    table = _table(session, query, span, levels, split)
    whole = table.whole(asked.period)
    over = last_day(asked.period) < local_day(span.now, span.zone)
    return Figure(
        indicator,
        asked.period,
        whole,
        beside=tuple((period, table.whole(period)) for period in asked.beside),
        series=tuple((step, table.whole(step)) for step in steps),
        parts=table.parts(asked.period) if split else (),
        split=split,
        met=target_met(indicator.definition, asked.period.unit, whole, over=over),
    )


def _table(
    session: Session, query: Query, span: Span, levels: tuple[str, ...], split: Dimension | None
) -> Table:
    years = tuple(date(year, 1, 1) for year in range(span.first.year, span.end.year))
    table = Table(_meaning(query, span), levels[-1], years)
    if query.filters:
        table.also_masked = _guard(session, query, span, levels, years)
    table.settle(_counts(session, query, span, levels, split))
    return table


def _guard(
    session: Session, query: Query, span: Span, levels: tuple[str, ...], years: tuple[date, ...]
) -> frozenset[Node]:
    """The nodes where a narrowed indicator would tell what the whole, or the same cut of it, keeps back."""
    (dimension, values), *_ = query.filters.items()
    wide = replace(query, filters={})
    table = Table(_meaning(wide, span), levels[-1], years)
    table.settle(_counts(session, wide, span, levels, dimension))
    told_by_cut = {node for node, hidden in table.lines_masked.items() if not hidden.isdisjoint(values)}
    return table.masked | told_by_cut


def _meaning(query: Query, span: Span) -> Meaning:
    classes = classes_of(query)
    return Meaning(query, classes.names, classes.chosen, classes.by_group, span.care_days)


def _counts(
    session: Session, query: Query, span: Span, levels: tuple[str, ...], split: Dimension | None
) -> list[Count]:
    levels_and_weeks = (*levels, "week") if "piece" in levels else levels
    if query.population is not Population.MEMBER:
        return reading.count(session, query, span, levels_and_weeks, split=split)
    today = local_day(span.now, span.zone)
    nodes = {node for node in _nodes(span, levels_and_weeks) if node[1] <= today}
    return reading.count_members(session, query, span, nodes)


def _nodes(span: Span, levels: tuple[str, ...]) -> set[Node]:
    """Every node of the calendar that the days of a span touch."""
    found: set[Node] = set()
    for level in levels:
        for year in range(span.first.year, span.end.year):
            start = date(year, 1, 1)
            if level == "week":
                found |= {(level, one) for one in _mondays(start)}
            else:
                found |= {(level, one) for one in children("year", start, level)}
    return found


def _mondays(year: date) -> list[date]:
    day = year - timedelta(days=year.weekday())
    return [day + timedelta(weeks=n) for n in range(54) if (day + timedelta(weeks=n)).year <= year.year]


def _care_days(hours: SnpHours, first: date, end: date) -> tuple[date, ...]:
    """The local days of `[first, end)` on which unscheduled care is given."""
    days = (first + timedelta(days=n) for n in range(max(0, (end - first).days)))
    return tuple(day for day in days if hours.of(day) is not None)
