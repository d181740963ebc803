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

_TOLERANCE = 1e-6
_COLUMNS_PER_OWNER = 4
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
    """Dual prices, none negative: of slots, of a practitioner's load, of the floors, of burden, of cuts."""

    slot: Floats
    load: Floats
    floor: Floats
    burden: float
    cut: Floats


class Master:
    """One relaxation, from the columns to begin with. `spread` makes room for goals on burden and spread."""

    def __init__(self, options: Options, columns: Ints, *, spread: bool = False) -> None:
        self._options = options
        layout = self._layout = Layout(options, columns, spread)
        self._solver = pywraplp.Solver("assignment", pywraplp.Solver.GLOP_LINEAR_PROGRAMMING)
        self._solver.LoadModelFromProto(model_of(layout))
        self._infinity = self._solver.infinity()
        self._objective = self._solver.Objective()
        self._objective.SetMinimization()
        self._rows = self._solver.constraints()
        variables = self._solver.variables()
        self._variables = variables[: len(columns)]
        self._missing = variables[layout.missing]
        self._units = variables[layout.units]
        self._columns: list[int] = columns.tolist()
        self._inside = np.zeros(len(options.owner), np.bool_)
        self._inside[columns] = True
        self._shut = np.zeros(len(options.owner), np.bool_)
        self._forced: frozenset[int] = frozenset()
        self._dual = False
        self.cuts: list[Bools] = []
        self._cut_rows: list[pywraplp.Constraint] = []
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
        if layout.spread:
            self._rows[layout.burden_row].SetUb(
                self._infinity if goal.most_burden is None else goal.most_burden
            )
            for unit, rank in zip(self._units, _ranks(self._options).tolist(), strict=True):
                self._objective.SetCoefficient(unit, goal.spread * (2 * rank + 1) / scale)
        dearest = int(np.abs(goal.cost).max(initial=0)) + goal.spread * self._options.slot_count + 1
        for variable in self._missing:
            self._objective.SetCoefficient(variable, 10 * dearest / scale)
        self._dual = False

    def add(self, columns: Ints) -> None:
        """Let the relaxation use these columns."""
        new = columns[~self._inside[columns]]
        self._dual = False
        self._inside[new] = True
        options = self._options
        for column, owner, slots in zip(
            new.tolist(), options.owner[new].tolist(), options.slots[new].tolist(), strict=True
        ):
            self._add_one(column, owner, [slot for slot in slots if slot < options.slot_count])

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
            self.cuts.append(members)
            self._cut_rows.append(row)
        self._dual = True

    def prices(self) -> Prices | None:
        """Solve over the columns known so far; None when the solver gives up."""
        self._solver.SetSolverSpecificParametersAsString(_DUAL if self._dual else _PRIMAL)
        if self._solver.Solve() != pywraplp.Solver.OPTIMAL:
            return None
        layout = self._layout
        dual = [row.dual_value() for row in self._rows[layout.slot_row : layout.rows]]
        slots = self._options.slot_count
        burden, load = (-dual[slots + 3], dual[slots + 4 :]) if layout.spread else (0.0, [])
        cut = [row.dual_value() for row in self._cut_rows]
        scale = self._goal.scale
        return Prices(
            np.maximum(np.array([*dual[:slots], 0.0]) * -scale, 0),
            np.maximum(np.array(load) * -scale, 0),
            np.maximum(np.array(dual[slots : slots + 3]) * scale, 0),
            max(burden * scale, 0.0),
            np.maximum(np.array(cut) * -scale, 0),
        )

    def grow(self, prices: Prices, branch: Branch) -> bool:
        """Add the columns that these prices ask for; False when there are none."""
        options, goal = self._options, self._goal
        price = prices.slot.copy()
        if len(prices.load):
            price[:-1] += prices.load[options.practitioner]
        reduced = goal.cost + price[options.slots].sum(axis=1) + prices.burden * options.burden
        reduced -= (options.counts @ prices.floor)[options.owner]
        for price_of_cut, members in zip(prices.cut.tolist(), self.cuts, strict=True):
            if price_of_cut:
                reduced[members] += price_of_cut
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
            rows[layout.slot_row + slot].SetCoefficient(variable, 1)
        for priority, count in enumerate(options.counts[owner].tolist()):
            if count:
                rows[layout.floor_row + priority].SetCoefficient(variable, count)
        for row, members in zip(self._cut_rows, self.cuts, strict=True):
            if members[column]:
                row.SetCoefficient(variable, 1)
        if layout.spread:  # the slots of one column are one practitioner's
            rows[layout.burden_row].SetCoefficient(variable, float(options.burden[column]))
            load_row = layout.burden_row + 1 + int(options.practitioner[slots[0]])
            rows[load_row].SetCoefficient(variable, len(slots))


def _ranks(options: Options) -> Ints:
    """0 for the first unit of a practitioner's load, 1 for the second and so on; practitioners in order."""
    practitioner = np.sort(options.practitioner)
    return np.arange(len(practitioner)) - np.searchsorted(practitioner, practitioner)


def best_per_owner(owner: Ints, rank: Floats, columns: Ints, many: int) -> Ints:
    """Of each owner the `many` columns that rank lowest."""
    order = np.lexsort((columns, rank, owner))
    sorted_owner = owner[order]
    place = np.arange(len(order)) - np.searchsorted(sorted_owner, sorted_owner)
    return columns[order[place < many]]
