"""Every statement that counts: one for an indicator, whatever the periods, over the views of `reading`.

Days, weeks and months begin at local midnight. What has not begun at `now` is left out.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Session

from regulation.indicators.facts import (
    Condition,
    Count,
    Dimension,
    Measure,
    Population,
    Query,
    Statistic,
)
from regulation.indicators.periods import Node, end_of
from snp.days import at_local

C = Condition


def _view(name: str, *columns: str) -> sa.TableClause:
    return sa.table(name, *map(sa.column, ("territory_id", "at", *columns)), schema="reading")


VIEWS: Final[Mapping[Population, sa.TableClause]] = {
    Population.SLOT: _view("slot", "profession", "mode", "minutes", "fate", "territory_ids"),
    Population.TAKEN_BACK: _view("taken_back", "profession", "mode", "territory_ids"),
    Population.REQUEST: _view("request", "origin", "disposition", "day_call"),
    Population.NEED: _view(
        *("need", "opened_at", "origin", "profession", "priority"),
        *("delay_minutes", "delay_class", "deadline_class", "outcome", "decided_at"),
    ),
    Population.VISIT: _view(
        "visit", "profession", "mode", "origin", "attendance", "no_mt", "person_key", "km"
    ),
    Population.LATE_FREED: _view("late_freed", "profession", "refilled"),
}


@dataclass(frozen=True, slots=True)
class Classes:
    """The classes that a condition's population falls into, and which of them the condition holds.

    `by_group`: each class is an indicator of its own, so that small ones are masked one by one.
    """

    column: str
    names: tuple[str, ...]
    chosen: frozenset[str]
    by_group: bool = False


def _fate(*chosen: str) -> Classes:
    return Classes("fate", ("taken", "taken_elsewhere", "released", "lost"), frozenset(chosen), by_group=True)


def _delay(*chosen: str) -> Classes:
    return Classes("delay_class", ("within_24", "within_48", "later"), frozenset(chosen))


CLASSES: Final[Mapping[Condition, Classes]] = {
    C.TAKEN: _fate("taken", "taken_elsewhere"),
    C.TAKEN_HERE: _fate("taken"),
    C.TAKEN_ELSEWHERE: _fate("taken_elsewhere"),
    C.RELEASED: _fate("released"),
    C.LOST: _fate("lost"),
    C.SERVED: Classes("outcome", ("served", "unserved", "elsewhere"), frozenset({"served"})),
    C.WITHIN_24: _delay("within_24"),
    C.WITHIN_48: _delay("within_24", "within_48"),
    C.WITHIN_DEADLINE: Classes("deadline_class", ("in_time", "too_late"), frozenset({"in_time"})),
    C.NO_SHOW: Classes("attendance", ("honoured", "no_show"), frozenset({"no_show"})),
    C.REFILLED: Classes("refilled", ("yes", "no"), frozenset({"yes"})),
    C.TOOK_PART: Classes("took_part", ("yes", "no"), frozenset({"yes"})),
}

_MEASURED: Final = {Measure.DELAY: "delay_minutes", Measure.DISTANCE: "km"}
_QUANTILE: Final = {Statistic.MEDIAN: 0.5, Statistic.P90: 0.9}


NO_CLASSES: Final = Classes("", (), frozenset())


@dataclass(frozen=True, slots=True)
class Span:
    """Which days are read, `[first, end)`, in which zone, as of `now`; the days of care among them."""

    territory_id: UUID
    first: date
    end: date
    zone: ZoneInfo
    now: datetime
    care_days: tuple[date, ...] = ()

    @property
    def bounds(self) -> tuple[datetime, datetime]:
        """The instants at which the days begin and end."""
        return at_local(self.first, time(0), self.zone), at_local(self.end, time(0), self.zone)


def count(
    session: Session, query: Query, span: Span, levels: Sequence[str], *, split: Dimension | None = None
) -> list[Count]:
    """Return what was counted in every node of the calendar, in all and line by line of the cut."""
    parts = classes_of(query).names
    statement = _statement(query, span, levels, split)
    return [
        Count(
            level=row.level,
            first=row.first,
            key=None if row.whole else row.key,
            n=row.n,
            parts=tuple(getattr(row, f"part_{number}") for number in range(len(parts))),
            value=None if row.value is None else float(row.value),
        )
        for row in session.execute(statement)
    ]


def classes_of(query: Query) -> Classes:
    """The classes of a query's condition; none where it has no condition, or one that only narrows."""
    return NO_CLASSES if query.condition is None else CLASSES.get(query.condition, NO_CLASSES)


def _statement(query: Query, span: Span, levels: Sequence[str], split: Dimension | None) -> sa.Select[Any]:
    """One row for each node of the calendar that has events, and for each line of the cut in it."""
    events = _events(query, span).subquery("event")
    node = (
        sa.func.unnest(sa.literal(list(levels), ARRAY(sa.Text))).table_valued("level").render_derived("node")
    )
    first = _first_day(node.c.level, events.c.day).label("first")
    placed = sa.select(events, node.c.level, first).join(node, sa.true()).subquery("placed")
    c, classes = placed.c, classes_of(query)
    key = c[split.value] if split else sa.null()
    statement = sa.select(
        c.level,
        c.first,
        sa.cast(key, sa.Text).label("key"),
        (sa.func.grouping(key) == 1 if split else sa.true()).label("whole"),
        sa.func.count().label("n"),
        _value(query, span, placed).label("value"),
        *(
            sa.func.count().filter(c[classes.column] == name).label(f"part_{number}")
            for number, name in enumerate(classes.names)
        ),
    )
    if split is None:
        return statement.group_by(c.level, c.first)
    sets = sa.func.grouping_sets(sa.tuple_(c.level, c.first), sa.tuple_(c.level, c.first, key))
    return statement.group_by(sets)


def _events(query: Query, span: Span) -> sa.Select[Any]:
    """The events that count, with the local day of each; what an index can be asked for is said twice."""
    view = VIEWS[query.population]
    start, end = span.bounds
    day = sa.cast(sa.func.timezone(span.zone.key, view.c.at), sa.Date).label("day")
    statement = sa.select(view, day).where(
        view.c.territory_id == span.territory_id, view.c.at >= start, view.c.at < end, view.c.at <= span.now
    )
    if query.population is Population.NEED:
        statement = statement.where(view.c.opened_at < end, view.c.decided_at >= start)
    if query.population in {Population.SLOT, Population.TAKEN_BACK}:
        here = sa.literal([span.territory_id], ARRAY(sa.Uuid))
        statement = statement.where(view.c.territory_ids.op("@>")(here))
    for dimension, values in query.filters.items():
        statement = statement.where(view.c[dimension.value].in_(sorted(values)))
    if query.measure is not None:
        statement = statement.where(view.c[_MEASURED[query.measure]].is_not(None))
    if query.condition is C.NO_MT:
        statement = statement.where(view.c.no_mt)
    elif query.condition is not None:
        classes = CLASSES[query.condition]
        statement = statement.where(view.c[classes.column].in_(classes.names))
    if query.statistic is Statistic.AVOIDED:
        statement = statement.where(view.c.day_call)
    return statement


def _first_day(level: sa.ColumnElement[str], day: sa.ColumnElement[date]) -> sa.ColumnElement[date]:
    """The first day of the part of a level that holds a day; a piece is what a week and a month share."""

    def cut(unit: str) -> sa.ColumnElement[date]:
        return sa.cast(sa.func.date_trunc(unit, sa.cast(day, sa.DateTime)), sa.Date)

    return sa.case(
        *((level == unit, cut(unit)) for unit in ("year", "quarter", "month", "week")),
        (level == "piece", sa.func.greatest(cut("month"), cut("week"))),
        else_=day,
    )


def _value(query: Query, span: Span, events: sa.Subquery) -> sa.ColumnElement[Any]:
    match query.statistic:
        case Statistic.MEDIAN | Statistic.P90:
            assert query.measure is not None
            share = _QUANTILE[query.statistic]
            return sa.func.percentile_cont(share).within_group(events.c[_MEASURED[query.measure]])
        case Statistic.HOURS:
            return sa.func.sum(events.c.minutes) / 60
        case Statistic.DAYS:
            open_days = sa.literal(list(span.care_days), ARRAY(sa.Date))
            return sa.func.count(sa.distinct(events.c.day)).filter(events.c.day == sa.any_(open_days))
        case Statistic.PEOPLE:
            return sa.func.count(sa.distinct(events.c.person_key))
        case _:
            return sa.null()


_MEMBERS: Final = """
WITH node AS (SELECT * FROM unnest(CAST(:levels AS text[]), CAST(:firsts AS date[]), CAST(:ends AS date[]),
                                   CAST(:starts_at AS timestamptz[]), CAST(:ends_at AS timestamptz[]))
              AS node(level, first, ends, starts_at, ends_at)),
member AS (
    SELECT DISTINCT node.level, node.first, m.practitioner_id, m.profession,
           EXISTS (SELECT 1 FROM reading.offered_by s WHERE s.practitioner_id = m.practitioner_id
                   AND s.at >= node.starts_at AND s.at < node.ends_at AND s.at <= :now
                   AND s.territory_ids @> ARRAY[CAST(:territory AS uuid)]) AS took_part
    FROM node JOIN reading.membership m
      ON m.territory_id = :territory AND m.since < node.ends AND (m.until IS NULL OR m.until > node.first)
    WHERE CAST(:professions AS text[]) IS NULL OR m.profession = ANY (CAST(:professions AS text[])))
SELECT level, first, profession AS key, grouping(profession) = 1 AS whole, count(*) AS n,
       count(*) FILTER (WHERE took_part) AS yes
FROM member GROUP BY GROUPING SETS ((level, first), (level, first, profession))
"""


def count_members(session: Session, query: Query, span: Span, nodes: Collection[Node]) -> list[Count]:
    """Return how many members each node of the calendar had, and how many of them took part."""
    ordered = sorted(nodes)
    ends = [end_of(*node) for node in ordered]
    chosen = query.filters.get(Dimension.PROFESSION)
    rows = session.execute(
        sa.text(_MEMBERS),
        {
            "levels": [level for level, _ in ordered],
            "firsts": [first for _, first in ordered],
            "ends": ends,
            "starts_at": [at_local(first, time(0), span.zone) for _, first in ordered],
            "ends_at": [at_local(end, time(0), span.zone) for end in ends],
            "territory": span.territory_id,
            "now": span.now,
            "professions": sorted(chosen) if chosen else None,
        },
    )
    parted = query.condition is C.TOOK_PART
    return [
        Count(
            level=row.level,
            first=row.first,
            key=None if row.whole else row.key,
            n=row.n,
            parts=(row.yes, row.n - row.yes) if parted else (),
            value=None,
        )
        for row in rows
    ]
