"""The linear relaxation over columns, grown as prices call for them.

OR-Tools' GLOP finds the prices. They are floating point and nothing is believed of them: `bounds` proves what
they are worth. Goals and branches change bounds and costs only: each solve starts where the last one ended.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from snp.assignment.arrays import Bools, Floats, Ints
from snp.assignment.clock import Clock
from snp.assignment.lp_model import (
    Layout,
    basis_of,
    columns_above,
    first_simplex,
    joined_entries,
    tangent_entries,
)
from snp.assignment.options import Options
from snp.assignment.simplex import Entries
from snp.assignment.valid_rows import Tangent, ValidRows

_TOLERANCE = 1e-6
WHOLE = 1 - 1e-5
"""A share from which on a column counts as taken."""

_COLUMNS_PER_OWNER = 8
_SOON_WANTED = 3
"""Points of burden: columns dearer by less come in with those asked for, as branches ask for them soon."""
_DEAREST = 1e9
"""No more than this is charged for what is missing: beyond, floating point would see nothing else."""


@dataclass(frozen=True, slots=True)
class Goal:
    """What a phase minimises: the cost of the columns taken plus `spread` times the spread.

    Within what earlier phases settled: `floor[k]` requests of each priority served, `most_burden` spent.
    The relaxation counts in units of `scale`, so that its floating point sees the larger part of the cost.
    `guide` is added to the relaxation's costs only, to lead it among equals; bounds do not know it.
    """

    cost: Ints
    floor: tuple[int, int, int] = (0, 0, 0)
    most_burden: int | None = None
    spread: int = 0
    scale: int = 1
    guide: Floats | None = None

    def kept(self, columns: Ints) -> Goal:
        """The same goal where only these columns are left."""
        guide = None if self.guide is None else self.guide[columns]
        return replace(self, cost=self.cost[columns], guide=guide)


@dataclass(frozen=True, slots=True)
class Branch:
    """Decisions taken on the way down: the columns still allowed, the owners that must be served."""

    allowed: Bools
    forced: frozenset[int]


@dataclass(frozen=True, slots=True)
class Prices:
    """Dual prices, none negative: of slots, of the floors, of burden, of cuts, of tangents."""

    slot: Floats
    floor: Floats
    burden: float
    cut: Floats
    tangent: Floats


@dataclass(frozen=True, slots=True)
class Solution:
    """What the last solve costs and takes: of every variable, and of the columns as they were added."""

    cost: float
    value: Floats
    share: Floats


class Master:
    """One relaxation, from the columns and tangents to begin with, for a first goal."""

    def __init__(
        self, options: Options, columns: Ints, tangents: Sequence[Tangent], goal: Goal, clock: Clock
    ) -> None:
        self._options = options
        self._clock = clock
        self.valid = ValidRows(options)
        self.valid.touch(tangents)
        layout = self._layout = Layout(options, columns, self.valid)
        self._solution = Solution(0.0, np.zeros(0), np.zeros(0))
        self._take_up(goal)
        self._simplex = first_simplex(layout, self._costs[columns], self._dues())
        self._columns = columns
        self._place = np.arange(len(columns))
        self._inside = np.zeros(len(options.owner), np.bool_)
        self._inside[columns] = True
        self._shut = np.zeros(len(options.owner), np.bool_)
        self._forced: frozenset[int] = frozenset()
        self._dual = False
        self._cut_rows: list[int] = []
        self._tangent_rows = list(range(layout.tangent_row, layout.rows))
        self._burden_row: int | None = None
        self._bound_floors(goal)

    def begin_with(self, taken: Ints) -> None:
        """Let the first solve begin with an answer, all of whose columns are known."""
        self._simplex.start_from(*basis_of(self._layout, np.searchsorted(self._columns, taken)))

    def kept(self, columns: Ints, goal: Goal) -> Master:
        """The same relaxation where only these columns are left; `goal` is what it is to aim at."""
        inside = np.flatnonzero(self._inside[columns])
        small = Master(self._options.kept(columns), inside, self.valid.tangents, goal, self._clock)
        small.cut([members[columns] for members in self.valid.cuts])
        small.start_like(self, columns)
        return small

    def start_like(self, other: Master, columns: Ints) -> None:
        """Let the first solve begin where the last of another ended; `columns` are its numbers for ours."""
        place = np.zeros(len(other._inside), np.int64)
        place[other._columns] = other._place
        rest = np.arange(other._layout.missing.start, other._layout.unused.stop)
        once = np.arange(self._layout.tangent_row)
        burden = [] if other._burden_row is None else [other._burden_row]
        rows = np.concatenate([once, other._tangent_rows, burden, other._cut_rows]).astype(np.int64)
        variables, basic = other._simplex.basis()
        self._simplex.start_from(variables[np.append(place[columns[self._columns]], rest)], basic[rows])

    def aim(self, goal: Goal) -> None:
        """Take up a goal, keeping the columns found so far."""
        if goal is self._goal:
            return
        self._take_up(goal)
        layout = self._layout
        cost = np.zeros(self._simplex.variables)
        cost[self._place] = self._costs[self._columns]
        cost[layout.missing], cost[layout.loads] = self._dues()
        self._simplex.charge(np.arange(len(cost)), cost)
        self._bound_floors(goal)
        self._dual = False

    def _take_up(self, goal: Goal) -> None:
        self._goal = goal
        self._costs = goal.cost / goal.scale + (0.0 if goal.guide is None else goal.guide)
        self._penalty = 4.0 * (
            int(np.abs(goal.cost).max(initial=0)) + goal.spread * self._options.slot_count + 1
        )

    def _bound_floors(self, goal: Goal) -> None:
        floors = self._layout.floor_row + np.arange(3)
        self._simplex.bound_rows(floors, self._layout.floors(goal.floor), np.full(3, np.inf))
        if goal.most_burden is not None and self._burden_row is None:
            self._burden_row = self._simplex.rows
            exceeded = Entries(
                np.array([self._burden_row]), np.array([self._layout.missing.stop - 1]), np.array([-1.0])
            )
            entries = joined_entries([self._burdens(self._columns, self._place), exceeded])
            self._simplex.add_rows(np.array([-np.inf]), np.array([float(goal.most_burden)]), entries)

    def _dues(self) -> tuple[float, float]:
        """What a missing unit and a point of spread cost in the model."""
        return self._penalty / self._goal.scale, self._goal.spread / self._goal.scale

    def misses(self) -> bool:
        """Whether the last solve falls short of a floor, of a forced owner, or exceeds the burden."""
        return bool((self._solution.value[self._layout.missing] > _TOLERANCE).any())

    def insist(self) -> bool:
        """Charge more for what is missing, if anything is and more can be charged; False when not."""
        if self._penalty > _DEAREST * self._goal.scale or not self.misses():
            return False
        self._penalty *= 16
        self._charge_missing()
        self._dual = False
        return True

    def _charge_missing(self) -> None:
        missing = np.arange(self._layout.missing.start, self._layout.missing.stop)
        self._simplex.charge(missing, np.full(len(missing), self._dues()[0]))

    def add(self, columns: Ints) -> None:
        """Let the relaxation use these columns."""
        new = columns[~self._inside[columns]]
        if not len(new):
            return
        place = self._simplex.variables + np.arange(len(new))
        self._simplex.add_variables(self._costs[new], self._entries_of(new, place))
        self._dual = False
        self._inside[new] = True
        self._place = np.append(self._place, place)
        self._columns = np.append(self._columns, new)

    def _entries_of(self, columns: Ints, place: Ints) -> Entries:
        parts = [self._layout.entries_of(columns, place), self._burdens(columns, place)]
        for row, members in zip(self._cut_rows, self.valid.cuts, strict=True):
            inside = place[members[columns]]
            parts.append(Entries(np.full(len(inside), row), inside, np.ones(len(inside))))
        parts.append(columns_above(self.valid, np.array(self._tangent_rows, np.int64), 0, columns, place))
        return joined_entries(parts)

    def _burdens(self, columns: Ints, place: Ints) -> Entries:
        """What columns have in the row of burden, if there is one."""
        if self._burden_row is None:
            return joined_entries([])
        return Entries(
            np.full(len(place), self._burden_row), place, self._options.burden[columns].astype(float)
        )

    def branch(self, branch: Branch) -> None:
        """Put on the decisions of a branch, in place of those of the last."""
        shut = self._inside & ~branch.allowed
        changed = (shut != self._shut)[self._columns]
        if changed.any():
            closed = shut[self._columns[changed]]
            self._simplex.limit(self._place[changed], np.where(closed, 0.0, np.inf))
        owners = np.array(sorted(self._forced ^ branch.forced), np.int64)
        if len(owners):
            served = np.isin(owners, list(branch.forced))
            self._simplex.limit(self._layout.unserved.start + owners, np.where(served, 0.0, np.inf))
        self._dual |= bool(changed.any()) or self._forced != branch.forced
        self._shut, self._forced = shut, branch.forced

    def cut(self, cuts: Sequence[Bools]) -> None:
        """Of the columns of each cut, allow one at most."""
        if cuts:
            row, column = np.nonzero(np.array([members[self._columns] for members in cuts]))
            entries = Entries(self._simplex.rows + row, self._place[column], np.ones(len(row)))
            self._cut_rows += range(self._simplex.rows, self._simplex.rows + len(cuts))
            self._simplex.add_rows(np.full(len(cuts), -np.inf), np.ones(len(cuts)), entries)
            self.valid.cuts += cuts
            self._dual = True

    def touch(self, tangents: Sequence[Tangent]) -> None:
        """Let the loads of these practitioners cost what their tangents say, at least."""
        if tangents:
            known = len(self.valid.tangents)
            self.valid.touch(tangents)
            self._tangent_rows += range(self._simplex.rows, self._simplex.rows + len(tangents))
            least = self._layout.tangent_floors()[known:]
            rows = np.array(self._tangent_rows, np.int64)
            entries = tangent_entries(self._layout, rows, known, self._columns, self._place)
            self._simplex.add_rows(least, np.full(len(tangents), np.inf), entries)
            self._dual = True

    def touch_where_needed(self) -> bool:
        """Add the tangents that the last solve undercuts; False when there are none."""
        if not self._goal.spread:
            return False
        tangents = self.valid.violated_tangents(*self.taken(), self._solution.value[self._layout.loads])
        self.touch(tangents)
        return bool(tangents)

    def prices(self) -> Prices | None:
        """Solve over the columns known so far; None when the solver gives up or there is no time."""
        found = self._simplex.solve(dual=self._dual, milliseconds=self._clock.left_ms())
        if found is None:
            return None
        dual = found.price * self._goal.scale
        self._solution = Solution(found.cost, found.value, found.value[self._place])
        layout = self._layout
        tangent = np.maximum(dual[self._tangent_rows], 0)
        slot = (
            -dual[layout.slot_row : layout.floor_row] - self.valid.rise(tangent)[self._options.practitioner]
        )
        return Prices(
            np.maximum(np.append(slot, 0), 0),
            np.maximum(dual[layout.floor_row : layout.tangent_row], 0),
            0.0 if self._burden_row is None else max(-float(dual[self._burden_row]), 0.0),
            np.maximum(-dual[self._cut_rows], 0),
            tangent,
        )

    def grow(self, prices: Prices, branch: Branch) -> bool:
        """Add the columns that these prices ask for; False when there are none."""
        options, goal = self._options, self._goal
        reduced = self._costs * goal.scale + options.priced(prices.slot) + prices.burden * options.burden
        reduced -= (options.counts @ prices.floor)[options.owner]
        self.valid.charge(reduced, prices.cut, prices.tangent)
        best = np.zeros(options.owners)
        usable = self._columns[branch.allowed[self._columns]]
        np.minimum.at(best, options.owner[usable], reduced[usable])
        dearer = reduced - best[options.owner]
        outside = branch.allowed & ~self._inside
        if not (outside & (dearer < -self._worthwhile())).any():
            return False
        limit = _SOON_WANTED * goal.scale if goal.guide is None else -self._worthwhile()
        wanted = np.flatnonzero(outside & (dearer < limit))
        self.add(best_per_owner(options.owner[wanted], reduced[wanted], wanted, _COLUMNS_PER_OWNER))
        return True

    def _worthwhile(self) -> float:
        """By how much a column must improve on those inside to be asked for."""
        if self._goal.guide is not None:
            return max(1e-3 * float(self._goal.guide.max(initial=0)), _TOLERANCE * 1e-2)
        return _TOLERANCE * max(1.0, float(np.abs(self._goal.cost).max(initial=0)))

    @property
    def inside(self) -> Ints:
        """The columns known so far."""
        return np.flatnonzero(self._inside)

    def value(self) -> float:
        """What the relaxation of the last solve costs, over the columns known."""
        return self._solution.cost * self._goal.scale

    def ceiling(self) -> int:
        """No bound gets higher than this, whatever columns are added to those of the last solve."""
        if self.misses():
            return 1 << 61
        doubt = 0.25 if self._goal.guide is not None else _TOLERANCE * self._goal.scale
        return math.ceil(self.value() - doubt)

    def taken(self) -> tuple[Ints, Floats]:
        """The columns in use and how much of each."""
        used = np.flatnonzero(self._solution.share > _TOLERANCE)
        return self._columns[used], self._solution.share[used]

    def whole(self) -> Ints | None:
        """The columns of the answer that the last solve is, if it takes each of them whole or not at all."""
        columns, share = self.taken()
        return columns if (share > WHOLE).all() else None

    def taken_by_groups(self) -> tuple[Ints, Floats]:
        """The same, of groups only."""
        columns, share = self.taken()
        groups = columns >= self._options.pairs
        return columns[groups], share[groups]


def best_per_owner(owner: Ints, rank: Floats, columns: Ints, many: int) -> Ints:
    """Of each owner the `many` columns that rank lowest."""
    order = np.lexsort((columns, rank, owner))
    sorted_owner = owner[order]
    place = np.arange(len(order)) - np.searchsorted(sorted_owner, sorted_owner)
    return columns[order[place < many]]
