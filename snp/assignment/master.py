"""The linear relaxation over columns, grown as prices call for them.

OR-Tools' GLOP finds the prices. They are floating point and nothing is believed of them: `bounds` proves what
they are worth. Goals and branches change bounds and costs only: each solve starts where the last one ended.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from ortools.linear_solver import linear_solver_pb2, pywraplp

from snp.assignment.arrays import Bools, Floats, Ints
from snp.assignment.clock import Clock
from snp.assignment.lp_model import Layout, model_of
from snp.assignment.options import Options
from snp.assignment.valid_rows import Tangent, ValidRows, least_of_size

_TOLERANCE = 1e-6
_COLUMNS_PER_OWNER = 4
_DEAREST = 1e9
"""No more than this is charged for what is missing: beyond, floating point would see nothing else."""
_EXACT = (
    "use_preprocessing: false use_scaling: false "  # either would make each solve start anew
    "primal_feasibility_tolerance: 1e-9 dual_feasibility_tolerance: 1e-9"
)
_PRIMAL = f"{_EXACT} use_dual_simplex: false"
_DUAL = f"{_EXACT} use_dual_simplex: true"


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
    """What the last solve takes: of every variable, and of the columns in the order they were added."""

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
        self._solver = pywraplp.Solver("assignment", pywraplp.Solver.GLOP_LINEAR_PROGRAMMING)
        self._answer = linear_solver_pb2.MPSolutionResponse()
        self._solution = Solution(np.zeros(0), np.zeros(0))
        self._take_up(goal)
        self._solver.LoadModelFromProto(model_of(layout, self._costs[columns], self._dues()))
        self._infinity = self._solver.infinity()
        self._objective = self._solver.Objective()
        self._rows = self._solver.constraints()
        self._variables = self._solver.variables()
        self._columns = columns
        self._place = np.arange(len(columns))
        self._inside = np.zeros(len(options.owner), np.bool_)
        self._inside[columns] = True
        self._shut = np.zeros(len(options.owner), np.bool_)
        self._forced: frozenset[int] = frozenset()
        self._dual = False
        self._cut_rows: list[int] = []
        self._tangent_rows = list(range(layout.tangent_row, layout.rows))
        self._bound_floors(goal)

    def kept(self, columns: Ints, goal: Goal) -> Master:
        """The same relaxation where only these columns are left; `goal` is what it is to aim at."""
        inside = np.flatnonzero(self._inside[columns])
        small = Master(self._options.kept(columns), inside, self.valid.tangents, goal, self._clock)
        small.cut([members[columns] for members in self.valid.cuts])
        return small

    def aim(self, goal: Goal) -> None:
        """Take up a goal, keeping the columns found so far."""
        if goal is self._goal:
            return
        self._take_up(goal)
        for place, cost in zip(self._place.tolist(), self._costs[self._columns].tolist(), strict=True):
            self._objective.SetCoefficient(self._variables[place], cost)
        for load in self._variables[self._layout.loads]:
            self._objective.SetCoefficient(load, goal.spread / goal.scale)
        self._charge_missing()
        self._bound_floors(goal)
        self._dual = False

    def _take_up(self, goal: Goal) -> None:
        self._goal = goal
        self._costs = goal.cost / goal.scale + (0.0 if goal.guide is None else goal.guide)
        self._penalty = 4.0 * (
            int(np.abs(goal.cost).max(initial=0)) + goal.spread * self._options.slot_count + 1
        )

    def _bound_floors(self, goal: Goal) -> None:
        layout = self._layout
        for row, least in zip(self._rows[layout.floor_row : layout.floor_row + 3], goal.floor, strict=True):
            row.SetLb(least)
        self._rows[layout.burden_row].SetUb(self._infinity if goal.most_burden is None else goal.most_burden)

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
        for variable in self._variables[self._layout.missing]:
            self._objective.SetCoefficient(variable, self._penalty / self._goal.scale)

    def add(self, columns: Ints) -> None:
        """Let the relaxation use these columns."""
        new = columns[~self._inside[columns]]
        self._dual = False
        self._inside[new] = True
        self._place = np.append(self._place, len(self._variables) + np.arange(len(new)))
        self._columns = np.append(self._columns, new)
        options, nowhere = self._options, self._options.slot_count
        for column, owner, slots in zip(
            new.tolist(), options.owner[new].tolist(), options.slots[new].tolist(), strict=True
        ):
            self._add_one(column, owner, [slot for slot in slots if slot < nowhere])

    def branch(self, branch: Branch) -> None:
        """Put on the decisions of a branch, in place of those of the last."""
        shut = self._inside & ~branch.allowed
        changed = (shut != self._shut)[self._columns]
        for place, column in zip(self._place[changed].tolist(), self._columns[changed].tolist(), strict=True):
            self._variables[place].SetUb(0 if shut[column] else self._infinity)
        for owner in self._forced ^ branch.forced:
            self._rows[owner].SetLb(1 if owner in branch.forced else -self._infinity)
        self._dual |= bool(changed.any()) or self._forced != branch.forced
        self._shut, self._forced = shut, branch.forced

    def cut(self, cuts: Sequence[Bools]) -> None:
        """Of the columns of each cut, allow one at most."""
        for members in cuts:
            row = self._new_row(-self._infinity, 1, self._cut_rows)
            for place in self._place[members[self._columns]].tolist():
                row.SetCoefficient(self._variables[place], 1)
            self.valid.cuts.append(members)
        self._dual = True

    def touch(self, tangents: Sequence[Tangent]) -> None:
        """Let the loads of these practitioners cost what their tangents say, at least."""
        loads = self._variables[self._layout.loads]
        for practitioner, t in tangents:
            row = self._new_row(-t * (t + 1), self._infinity, self._tangent_rows)
            row.SetCoefficient(loads[practitioner], 1)
            theirs = np.flatnonzero(self.valid.practitioner[self._columns] == practitioner)
            least = least_of_size(self.valid.size[self._columns[theirs]], t)
            for place, value in zip(self._place[theirs].tolist(), least.tolist(), strict=True):
                row.SetCoefficient(self._variables[place], -value)
        self.valid.touch(tangents)
        self._dual = True

    def _new_row(self, least: float, most: float, kind: list[int]) -> pywraplp.Constraint:
        row = self._solver.Constraint(least, most)
        kind.append(len(self._rows))
        self._rows.append(row)
        return row

    def touch_where_needed(self) -> bool:
        """Add the tangents that the last solve undercuts; False when there are none."""
        if not self._goal.spread:
            return False
        tangents = self.valid.violated_tangents(*self.taken(), self._solution.value[self._layout.loads])
        self.touch(tangents)
        return bool(tangents)

    def prices(self) -> Prices | None:
        """Solve over the columns known so far; None when the solver gives up or there is no time."""
        self._solver.set_time_limit(self._clock.left_ms() or 0)
        self._solver.SetSolverSpecificParametersAsString(_DUAL if self._dual else _PRIMAL)
        if self._solver.Solve() != pywraplp.Solver.OPTIMAL:
            return None
        self._solver.FillSolutionResponseProto(self._answer)
        value = np.array(self._answer.variable_value)
        dual = np.array(self._answer.dual_value) * self._goal.scale
        self._solution = Solution(value, value[self._place])
        layout = self._layout
        return Prices(
            np.maximum(np.append(-dual[layout.slot_row : layout.floor_row], 0), 0),
            np.maximum(dual[layout.floor_row : layout.burden_row], 0),
            max(-float(dual[layout.burden_row]), 0.0),
            np.maximum(-dual[self._cut_rows], 0),
            np.maximum(dual[self._tangent_rows], 0),
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
        wanted = np.flatnonzero(reduced < best[options.owner] - self._worthwhile())
        wanted = wanted[branch.allowed[wanted] & ~self._inside[wanted]]
        self.add(best_per_owner(options.owner[wanted], reduced[wanted], wanted, _COLUMNS_PER_OWNER))
        return len(wanted) > 0

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
        return float(self._answer.objective_value) * self._goal.scale

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

    def taken_by_groups(self) -> tuple[Ints, Floats]:
        """The same, of groups only."""
        columns, share = self.taken()
        groups = columns >= self._options.pairs
        return columns[groups], share[groups]

    def _add_one(self, column: int, owner: int, slots: list[int]) -> None:
        options, layout, rows = self._options, self._layout, self._rows
        variable = self._solver.NumVar(0, self._infinity, "")
        self._variables.append(variable)
        self._objective.SetCoefficient(variable, float(self._costs[column]))
        rows[owner].SetCoefficient(variable, 1)
        for slot in slots:
            rows[options.owners + slot].SetCoefficient(variable, 1)
        for priority, count in enumerate(options.counts[owner].tolist()):
            if count:
                rows[layout.floor_row + priority].SetCoefficient(variable, count)
        for row, members in zip(self._cut_rows, self.valid.cuts, strict=True):
            if members[column]:
                rows[row].SetCoefficient(variable, 1)
        rows[layout.burden_row].SetCoefficient(variable, float(options.burden[column]))
        for tangent, least in self.valid.tangents_of(column):
            rows[self._tangent_rows[tangent]].SetCoefficient(variable, -least)


def best_per_owner(owner: Ints, rank: Floats, columns: Ints, many: int) -> Ints:
    """Of each owner the `many` columns that rank lowest."""
    order = np.lexsort((columns, rank, owner))
    sorted_owner = owner[order]
    place = np.arange(len(order)) - np.searchsorted(sorted_owner, sorted_owner)
    return columns[order[place < many]]
