"""What was counted as a table of cells, with what is masked in it. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from regulation.indicators import estimates
from regulation.indicators.facts import Cell, Count, Part, Period, Query, Statistic, Unit
from regulation.indicators.masking import Vector, group_masks, tree_masks, week_masked
from regulation.indicators.periods import LEVELS, Node, end_of, pieces

_NONE: Final = frozenset[str]()


@dataclass(frozen=True, slots=True)
class Meaning:
    """How the counts of a query are read: the classes of its condition, and which of them it holds."""

    query: Query
    classes: tuple[str, ...] = ()
    chosen: frozenset[str] = frozenset()
    by_group: bool = False
    care_days: Collection[date] = ()

    def chosen_count(self, count: Count) -> int:
        """How many events the condition holds for; all of them without one."""
        if not self.classes:
            return count.n
        return sum(part for name, part in zip(self.classes, count.parts, strict=True) if name in self.chosen)

    def vector(self, count: Count, *, cut: bool) -> Vector:
        """Everything that a cell gives away; classes masked on their own are left to a table that is cut."""
        if self.query.statistic is Statistic.PEOPLE:
            return count.n, int(count.value or 0)
        if not self.classes:
            return (count.n,)
        if not self.by_group:
            return count.n, *count.parts
        if not cut:
            return (count.n,)
        chosen = self.chosen_count(count)
        return (chosen,) if self.query.statistic is Statistic.COUNT else (chosen, count.n - chosen)

    def cell(self, count: Count | None, period: Period) -> Cell:
        """The figure of a node; a node without events counts none, and has no share."""
        statistic = self.query.statistic
        n = 0 if count is None else count.n
        match statistic:
            case Statistic.COUNT:
                chosen = 0 if count is None else self.chosen_count(count)
                return Cell(chosen, n)
            case Statistic.SHARE:
                return Cell(100 * self.chosen_count(count) / n if count and n else None, n)
            case Statistic.AVOIDED:
                central, low, high = estimates.avoided(n)
                return Cell(central, n, low=low, high=high)
            case Statistic.DAYS:
                end = end_of(period.unit.value, period.first)
                days = sum(period.first <= day < end for day in self.care_days)
                return Cell(count.value if count and count.value is not None else 0, days)
            case Statistic.HOURS | Statistic.PEOPLE:
                return Cell(count.value if count and count.value is not None else 0, n)
            case _:
                return Cell(count.value if count else None, n)


@dataclass(slots=True)
class Table:
    """The counts of one query over whole years, by node and line; `also_masked`: masked from elsewhere."""

    meaning: Meaning
    deepest: str
    years: tuple[date, ...]
    wholes: dict[Node, Count] = field(default_factory=dict)
    lines: dict[str, dict[Node, Count]] = field(default_factory=dict)
    also_masked: frozenset[Node] = frozenset()
    masked: frozenset[Node] = frozenset()
    classes_masked: dict[Node, frozenset[str]] = field(default_factory=dict)
    lines_masked: dict[Node, frozenset[str]] = field(default_factory=dict)

    def settle(self, counts: Iterable[Count]) -> None:
        """Take the counts in, and decide what is masked."""
        for count in counts:
            node = (count.level, count.first)
            if count.key is None:
                self.wholes[node] = count
            else:
                self.lines.setdefault(count.key, {})[node] = count
        vectors = {node: self.meaning.vector(count, cut=False) for node, count in self.wholes.items()}
        self.masked = tree_masks(self.years, vectors, self.deepest) | self.also_masked
        if self.meaning.by_group:
            self.classes_masked = group_masks(self.years, self._classes(), self.masked, self.deepest)
        hidden = {node for node in self.wholes if self.is_masked(node)}
        self.lines_masked = group_masks(self.years, self._lines(), hidden | self.masked, self.deepest)

    def whole(self, period: Period) -> Cell:
        """The figure of a period."""
        node = (period.unit.value, period.first)
        if self.is_masked(node):
            return Cell(masked=True)
        return self.meaning.cell(self.wholes.get(node), period)

    def parts(self, period: Period) -> tuple[Part, ...]:
        """The lines of the cut for a period, largest first, masked ones last; counts with their shares."""
        node = (period.unit.value, period.first)
        found = [self._part(code, period) for code in self.lines if node in self.lines[code]]
        if self.is_masked(node):
            found = [Part(one.code, Cell(masked=True)) for one in found]
        return tuple(sorted(found, key=lambda one: (one.cell.masked, -(one.cell.value or 0), one.code)))

    def is_masked(self, node: Node) -> bool:
        """Whether the whole of a node is kept back."""
        if node[0] == Unit.WEEK:
            return week_masked(node[1], self.masked) or any(map(self._class_is_masked, pieces(node[1])))
        return node in self.masked or self._class_is_masked(node)

    def _class_is_masked(self, node: Node) -> bool:
        return not self.meaning.chosen.isdisjoint(self.classes_masked.get(node, _NONE))

    def line_masked(self, code: str, node: Node) -> bool:
        """Whether one line of the cut is kept back in a node."""
        nodes = pieces(node[1]) if node[0] == Unit.WEEK else (node,)
        return any(code in self.lines_masked.get(one, _NONE) for one in nodes)

    def _part(self, code: str, period: Period) -> Part:
        node = (period.unit.value, period.first)
        if self.line_masked(code, node):
            return Part(code, Cell(masked=True))
        cell = self.meaning.cell(self.lines[code][node], period)
        total = self.meaning.cell(self.wholes.get(node), period).value
        is_count = self.meaning.query.statistic in {Statistic.COUNT, Statistic.HOURS}
        share = 100 * cell.value / total if is_count and total and cell.value is not None else None
        return Part(code, cell, share)

    def _classes(self) -> dict[Node, dict[str, Vector]]:
        names = self.meaning.classes
        return {
            node: {name: (part,) for name, part in zip(names, count.parts, strict=True)}
            for node, count in self.wholes.items()
        }

    def _lines(self) -> dict[Node, dict[str, Vector]]:
        table: dict[Node, dict[str, Vector]] = {}
        for code, nodes in self.lines.items():
            for node, count in nodes.items():
                table.setdefault(node, {})[code] = self.meaning.vector(count, cut=True)
        return table


def years_of(periods: Sequence[Period]) -> tuple[date, ...]:
    """The first days of the calendar years that periods touch, and all between, in order."""
    first = min(period.first for period in periods).year
    last = max(end_of(period.unit.value, period.first) - timedelta(days=1) for period in periods).year
    return tuple(date(year, 1, 1) for year in range(first, last + 1))


def levels_of(periods: Sequence[Period]) -> tuple[str, ...]:
    """The levels of the calendar that these periods need, from the year down; weeks stand beside them."""
    units = {period.unit for period in periods}
    if Unit.DAY in units:
        return LEVELS
    return LEVELS[: LEVELS.index("piece") + 1] if Unit.WEEK in units else LEVELS[:3]
