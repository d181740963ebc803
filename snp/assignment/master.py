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
    """

    cost: Ints
    floor: tuple[int, int, int] = (0, 0, 0)
    most_burden: int | None = None
    spread: int = 0


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
    """One relaxation; columns are numbered as in its options. `spread` makes room for goals on the spread."""

    def __init__(self, options: Options, *, spread: bool = False) -> None:
        self._options = options
        solver = self._solver = pywraplp.Solver("assignment", pywraplp.Solver.GLOP_LINEAR_PROGRAMMING)
        self._infinity = infinity = solver.infinity()
        self._objective = solver.Objective()
        self._objective.SetMinimization()
        self._owner_rows = [solver.Constraint(-infinity, 1) for _ in range(options.owners)]
        self._slot_rows = [solver.Constraint(-infinity, 1) for _ in range(options.slot_count)]
        self._floor_rows = [solver.Constraint(-infinity, infinity) for _ in range(3)]
        self._burden_row = solver.Constraint(-infinity, infinity)
        self._load_rows = (
            [solver.Constraint(-infinity, 0) for _ in range(options.practitioners)] if spread else []
        )
        self._units = self._add_load_units()
        self._missing = self._add_missing()
        self._variables: list[pywraplp.Variable] = []
        self._columns: list[int] = []
        self._inside = np.zeros(len(options.owner), np.bool_)
        self._shut = np.zeros(len(options.owner), np.bool_)
        self._forced: frozenset[int] = frozenset()
        self._dual = False
        self.cuts: list[Bools] = []
        self._cut_rows: list[pywraplp.Constraint] = []
        self._goal = Goal(np.zeros(len(options.owner), np.int64))

    def aim(self, goal: Goal) -> None:
        """Take up a new goal, keeping the columns found so far."""
        self._goal = goal
        for row, least in zip(self._floor_rows, goal.floor, strict=True):
            row.SetLb(least)
        self._burden_row.SetUb(self._infinity if goal.most_burden is None else goal.most_burden)
        for variable, column in zip(self._variables, self._columns, strict=True):
            self._objective.SetCoefficient(variable, float(goal.cost[column]))
        for unit, rank in self._units:
            self._objective.SetCoefficient(unit, float(goal.spread * (2 * rank + 1)))
        dearest = float(np.abs(goal.cost).max(initial=0) + goal.spread * self._options.slot_count + 1)
        for variable in self._missing:
            self._objective.SetCoefficient(variable, 10 * dearest)
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
            self._owner_rows[owner].SetLb(1 if owner in branch.forced else -self._infinity)
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
        slot = [-row.dual_value() for row in self._slot_rows]
        load = [-row.dual_value() for row in self._load_rows]
        floor = [row.dual_value() for row in self._floor_rows]
        cut = [-row.dual_value() for row in self._cut_rows]
        return Prices(
            np.maximum(np.array([*slot, 0.0]), 0),
            np.maximum(np.array(load), 0),
            np.maximum(np.array(floor), 0),
            max(-self._burden_row.dual_value(), 0.0),
            np.maximum(np.array(cut), 0),
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

    def taken(self) -> tuple[Ints, Floats]:
        """The columns in use and how much of each."""
        share = np.array([variable.solution_value() for variable in self._variables])
        used = np.flatnonzero(share > _TOLERANCE)
        return np.array(self._columns, np.int64)[used], share[used]

    def _add_one(self, column: int, owner: int, slots: list[int]) -> None:
        variable = self._solver.NumVar(0, self._infinity, "")
        self._variables.append(variable)
        self._columns.append(column)
        self._objective.SetCoefficient(variable, float(self._goal.cost[column]))
        self._owner_rows[owner].SetCoefficient(variable, 1)
        for slot in slots:
            self._slot_rows[slot].SetCoefficient(variable, 1)
        for row, count in zip(self._floor_rows, self._options.counts[owner].tolist(), strict=True):
            if count:
                row.SetCoefficient(variable, count)
        self._burden_row.SetCoefficient(variable, float(self._options.burden[column]))
        for row, members in zip(self._cut_rows, self.cuts, strict=True):
            if members[column]:
                row.SetCoefficient(variable, 1)
        if self._load_rows:  # the slots of one column are one practitioner's
            practitioner = self._options.practitioner[slots[0]]
            self._load_rows[practitioner].SetCoefficient(variable, len(slots))

    def _add_load_units(self) -> list[tuple[pywraplp.Variable, int]]:
        units = []
        offered = np.bincount(self._options.practitioner, minlength=len(self._load_rows)).tolist()
        for row, many in zip(self._load_rows, offered, strict=bool(self._load_rows)):
            for rank in range(many):
                unit = self._solver.NumVar(0, 1, "")
                row.SetCoefficient(unit, -1)
                units.append((unit, rank))
        return units

    def _add_missing(self) -> list[pywraplp.Variable]:
        """What a branch may fall short of, dearly: so even a hopeless one has prices, which prove it so."""
        missing = []
        for row in [*self._floor_rows, *self._owner_rows[self._options.singles :]]:
            variable = self._solver.NumVar(0, self._infinity, "")
            row.SetCoefficient(variable, 1)
            missing.append(variable)
        over = self._solver.NumVar(0, self._infinity, "")
        self._burden_row.SetCoefficient(over, -1)
        return [*missing, over]


def best_per_owner(owner: Ints, rank: Floats, columns: Ints, many: int) -> Ints:
    """Of each owner the `many` columns that rank lowest."""
    order = np.lexsort((columns, rank, owner))
    sorted_owner = owner[order]
    place = np.arange(len(order)) - np.searchsorted(sorted_owner, sorted_owner)
    return columns[order[place < many]]
