"""The linear relaxation over columns, grown as prices call for them.

OR-Tools' GLOP finds the prices. They are floating point and nothing is believed of them: `bounds` proves what
they are worth. Goals and branches change bounds and costs only: each solve starts where the last one ended.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from ortools.linear_solver import pywraplp

from snp.assignment.arrays import Bools, Floats, Ints
from snp.assignment.lp_model import Layout, model_of
from snp.assignment.options import Options
from snp.assignment.valid_rows import Tangent, ValidRows, least_of_size

_TOLERANCE = 1e-6
_COLUMNS_PER_OWNER = 4
_DEAREST = 1e9
"""No more than this is charged for what is missing: beyond, floating point would see nothing else."""
_EXACT = "use_preprocessing: false primal_feasibility_tolerance: 1e-9 dual_feasibility_tolerance: 1e-9"
_PRIMAL = f"{_EXACT} use_dual_simplex: false"
_DUAL = f"{_EXACT} use_dual_simplex: true"


@dataclass(frozen=True, slots=True)
class Goal:
    """What a phase minimises: the cost of the columns taken plus `spread` times the spread.

    Within what earlier phases settled: `floor[k]` requests of each priority served, `most_burden` spent.
    The relaxation counts in units of `scale`, so that its floating point sees the larger part of the cost.
    """

    cost: Ints
    floor: tuple[int, int, int] = (0, 0, 0)
    most_burden: int | None = None
    spread: int = 0
    scale: int = 1


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


class Master:
    """One relaxation, from the columns to begin with."""

    def __init__(self, options: Options, columns: Ints) -> None:
        self._options = options
        layout = self._layout = Layout(options, columns)
        self._solver = pywraplp.Solver("assignment", pywraplp.Solver.GLOP_LINEAR_PROGRAMMING)
        self._solver.LoadModelFromProto(model_of(layout))
        self._infinity = self._solver.infinity()
        self._objective = self._solver.Objective()
        self._objective.SetMinimization()
        self._rows = self._solver.constraints()
        variables = self._solver.variables()
        self._variables = variables[: len(columns)]
        self._missing = variables[layout.missing]
        self._loads = variables[layout.loads]
        self._columns: list[int] = columns.tolist()
        self._inside = np.zeros(len(options.owner), np.bool_)
        self._inside[columns] = True
        self._shut = np.zeros(len(options.owner), np.bool_)
        self._forced: frozenset[int] = frozenset()
        self._dual = False
        self._penalty = 0.0
        self.valid = ValidRows(options)
        self._cut_rows: list[pywraplp.Constraint] = []
        self._tangent_rows: list[pywraplp.Constraint] = []
        self._goal = Goal(np.zeros(len(options.owner), np.int64))

    def aim(self, goal: Goal) -> None:
        """Take up a new goal, keeping the columns found so far."""
        self._goal = goal
        layout, scale = self._layout, goal.scale
        for row, least in zip(self._rows[layout.floor_row : layout.floor_row + 3], goal.floor, strict=True):
            row.SetLb(least)
        costs = (goal.cost[self._columns] / scale).tolist()
        for variable, cost in zip(self._variables, costs, strict=True):
            self._objective.SetCoefficient(variable, cost)
        self._rows[layout.burden_row].SetUb(self._infinity if goal.most_burden is None else goal.most_burden)
        for load in self._loads:
            self._objective.SetCoefficient(load, goal.spread / scale)
        self._penalty = 4.0 * (
            int(np.abs(goal.cost).max(initial=0)) + goal.spread * self._options.slot_count + 1
        )
        self._charge_missing()
        self._dual = False

    def misses(self) -> bool:
        """Whether the last solve falls short of a floor, of a forced owner, or exceeds the burden."""
        return any(variable.solution_value() > _TOLERANCE for variable in self._missing)

    def insist(self) -> bool:
        """Charge more for what is missing, if anything is and more can be charged; False when not."""
        if self._penalty > _DEAREST * self._goal.scale or all(
            v.solution_value() < _TOLERANCE for v in self._missing
        ):
            return False
        self._penalty *= 16
        self._charge_missing()
        self._dual = False
        return True

    def _charge_missing(self) -> None:
        for variable in self._missing:
            self._objective.SetCoefficient(variable, self._penalty / self._goal.scale)

    def add(self, columns: Ints) -> None:
        """Let the relaxation use these columns."""
        new = columns[~self._inside[columns]]
        self._dual = False
        self._inside[new] = True
        options, nowhere = self._options, self._options.slot_count
        for column, owner, slots in zip(
            new.tolist(), options.owner[new].tolist(), options.slots[new].tolist(), strict=True
        ):
            self._add_one(column, owner, [slot for slot in slots if slot < nowhere])

    def branch(self, branch: Branch) -> None:
        """Put on the decisions of a branch, in place of those of the last."""
        shut = self._inside & ~branch.allowed
        changed = shut != self._shut
        if changed.any():
            for variable, column in zip(self._variables, self._columns, strict=True):
                if changed[column]:
                    variable.SetUb(0 if shut[column] else self._infinity)
        for owner in self._forced ^ branch.forced:
            self._rows[owner].SetLb(1 if owner in branch.forced else -self._infinity)
        self._dual |= bool(changed.any()) or self._forced != branch.forced
        self._shut, self._forced = shut, branch.forced

    def cut(self, cuts: Sequence[Bools]) -> None:
        """Of the columns of each cut, allow one at most."""
        for members in cuts:
            row = self._solver.Constraint(-self._infinity, 1)
            for variable, column in zip(self._variables, self._columns, strict=True):
                if members[column]:
                    row.SetCoefficient(variable, 1)
            self.valid.cuts.append(members)
            self._cut_rows.append(row)
        self._dual = True

    def touch(self, tangents: Sequence[Tangent]) -> None:
        """Let the loads of these practitioners cost what their tangents say, at least."""
        columns = np.array(self._columns, np.int64)
        for practitioner, t in tangents:
            row = self._solver.Constraint(-t * (t + 1), self._infinity)
            row.SetCoefficient(self._loads[practitioner], 1)
            theirs = np.flatnonzero(self.valid.practitioner[columns] == practitioner)
            least = least_of_size(self.valid.size[columns[theirs]], t)
            for place, value in zip(theirs.tolist(), least.tolist(), strict=True):
                row.SetCoefficient(self._variables[place], -value)
            self.valid.tangents.append((practitioner, t))
            self._tangent_rows.append(row)
        self._dual = True

    def touch_where_needed(self) -> bool:
        """Add the tangents that the last solve undercuts; False when there are none."""
        if not self._goal.spread:
            return False
        cost = np.array([load.solution_value() for load in self._loads])
        tangents = self.valid.violated_tangents(*self.taken(), cost)
        self.touch(tangents)
        return bool(tangents)

    def prices(self) -> Prices | None:
        """Solve over the columns known so far; None when the solver gives up."""
        self._solver.SetSolverSpecificParametersAsString(_DUAL if self._dual else _PRIMAL)
        if self._solver.Solve() != pywraplp.Solver.OPTIMAL:
            return None
        layout, scale, slots = self._layout, self._goal.scale, self._options.slot_count
        dual = np.array([row.dual_value() for row in self._rows[layout.slot_row : layout.rows]]) * scale
        cut = np.array([row.dual_value() for row in self._cut_rows]) * scale
        tangent = np.array([row.dual_value() for row in self._tangent_rows]) * scale
        return Prices(
            np.maximum(np.append(-dual[:slots], 0), 0),
            np.maximum(dual[slots : slots + 3], 0),
            max(-float(dual[slots + 3]), 0.0),
            np.maximum(-cut, 0),
            np.maximum(tangent, 0),
        )

    def grow(self, prices: Prices, branch: Branch) -> bool:
        """Add the columns that these prices ask for; False when there are none."""
        options, goal = self._options, self._goal
        reduced = goal.cost + prices.slot[options.slots].sum(axis=1) + prices.burden * options.burden
        reduced -= (options.counts @ prices.floor)[options.owner]
        self.valid.charge(reduced, prices.cut.tolist(), prices.tangent.tolist())
        best = np.zeros(options.owners)
        usable = self._inside & branch.allowed
        np.minimum.at(best, options.owner[usable], reduced[usable])
        scale = max(1.0, float(np.abs(goal.cost).max(initial=0)))
        wanted = np.flatnonzero(
            ~self._inside & branch.allowed & (reduced < best[options.owner] - _TOLERANCE * scale)
        )
        self.add(best_per_owner(options.owner[wanted], reduced[wanted], wanted, _COLUMNS_PER_OWNER))
        return len(wanted) > 0

    @property
    def inside(self) -> Ints:
        """The columns known so far."""
        return np.flatnonzero(self._inside)

    def value(self) -> float:
        """What the relaxation of the last solve costs, over the columns known."""
        return float(self._objective.Value()) * self._goal.scale

    def taken(self) -> tuple[Ints, Floats]:
        """The columns in use and how much of each."""
        return self._shares(range(len(self._columns)))

    def taken_by_groups(self) -> tuple[Ints, Floats]:
        """The same, of groups only."""
        groups = self._options.coupled[self._columns]
        return self._shares(np.flatnonzero(groups).tolist())

    def _shares(self, places: Sequence[int]) -> tuple[Ints, Floats]:
        share = np.array([self._variables[place].solution_value() for place in places])
        used = np.flatnonzero(share > _TOLERANCE)
        return np.array(self._columns, np.int64)[np.array(places, np.int64)[used]], share[used]

    def _add_one(self, column: int, owner: int, slots: list[int]) -> None:
        options, layout, rows = self._options, self._layout, self._rows
        variable = self._solver.NumVar(0, self._infinity, "")
        self._variables.append(variable)
        self._columns.append(column)
        self._objective.SetCoefficient(variable, float(self._goal.cost[column]) / self._goal.scale)
        rows[owner].SetCoefficient(variable, 1)
        for slot in slots:
            rows[options.owners + slot].SetCoefficient(variable, 1)
        for priority, count in enumerate(options.counts[owner].tolist()):
            if count:
                rows[layout.floor_row + priority].SetCoefficient(variable, count)
        for row, members in zip(self._cut_rows, self.valid.cuts, strict=True):
            if members[column]:
                row.SetCoefficient(variable, 1)
        rows[layout.burden_row].SetCoefficient(variable, float(options.burden[column]))
        practitioner, size = int(self.valid.practitioner[column]), self.valid.size[column]
        for row, (whose, t) in zip(self._tangent_rows, self.valid.tangents, strict=True):
            if whose == practitioner:
                row.SetCoefficient(variable, -int(least_of_size(size, t)))


def best_per_owner(owner: Ints, rank: Floats, columns: Ints, many: int) -> Ints:
    """Of each owner the `many` columns that rank lowest."""
    order = np.lexsort((columns, rank, owner))
    sorted_owner = owner[order]
    place = np.arange(len(order)) - np.searchsorted(sorted_owner, sorted_owner)
    return columns[order[place < many]]
