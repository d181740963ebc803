"""A rota problem to its best rota with a bound, or to the rules that cannot all hold.

The rows are first solved by linear relaxation and branching, which settles most rotas at the root; what that
leaves open goes to CP-SAT, which begins from the rota found so far. Rules that clash are named by CP-SAT.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from ortools.sat.python import cp_model

from slots.rota.checks import cost_of
from slots.rota.conflicts import conflicts_of
from slots.rota.facts import RotaAnswer, RotaProblem, Status
from slots.rota.model import Model, build
from slots.rota.reading import read_problem
from slots.rota.relaxing import branch
from slots.rota.writing import write_answer

WORKERS: Final = 2
SEED: Final = 1
TIME_LIMIT_S: Final = 60.0
_WIDTHS: Final = (6, 400)
"""Tangents on each side of a carer's due; the second is for rotas that leave somebody further away."""

Progress = Callable[[float, int, int], None]
"""Told of each better rota: seconds since the beginning, its cost, the bound."""


def solve(
    problem: RotaProblem,
    *,
    time_limit: float = TIME_LIMIT_S,
    progress: Progress | None = None,
    relax: bool = True,
) -> RotaAnswer:
    """The best rota, proven or with what is known of the best; or why there is none.

    A rota that is proven best costs the same on every machine. Outcomes are values: `infeasible` with its
    conflicts, `unknown` when the time ran out first. `relax=False`: CP-SAT alone.
    """
    started = time.monotonic()
    answer = RotaAnswer(Status.UNKNOWN, {}, None, 0, 0.0)
    for width in _WIDTHS:
        left = time_limit - (time.monotonic() - started)
        if left <= 0:
            break
        run = _Run(build(problem, width=width), started, progress)
        if relax:
            run.relax(left / 2)
        if not run.is_settled:
            run.search(max(left - (time.monotonic() - started), 0.1))
        answer = run.answer()
        if run.is_exact:
            break
    if answer.status is not Status.INFEASIBLE:
        return answer
    conflicts, is_minimal = conflicts_of(problem, time_limit=max(5.0, time_limit / 3))
    taken = time.monotonic() - started
    return replace(answer, wall_s=taken, conflicts=conflicts, is_minimal=is_minimal)


class _Run:
    """One model on its way to an answer."""

    def __init__(self, model: Model, started: float, progress: Progress | None) -> None:
        self._model = model
        self._started = started
        self._progress = progress
        self._values: list[int] | None = None
        self._bound = 0
        self._is_infeasible = False
        self.is_exact = True
        """Whether the model's objective is the rota's true cost."""

    @property
    def is_settled(self) -> bool:
        """Nothing better can be found."""
        return self._is_infeasible or (self._values is not None and self._bound >= self._cost())

    def relax(self, seconds: float) -> None:
        """Solve by linear relaxation and branching."""
        found = branch(self._model, seconds=seconds)
        self._take(found.values, found.bound, is_infeasible=found.is_infeasible)

    def search(self, seconds: float) -> None:
        """Solve by CP-SAT, from what is known."""
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = WORKERS
        solver.parameters.random_seed = SEED
        solver.parameters.max_time_in_seconds = seconds
        solver.parameters.linearization_level = 2
        self._hint()
        status = solver.solve(self._model.cp, _Told(self._started, self._progress))
        if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            self._take(None, None, is_infeasible=status == cp_model.INFEASIBLE)
            return
        values = list(solver.response_proto.solution)
        self._take(values, math.ceil(solver.best_objective_bound - 1e-6), is_infeasible=False)

    def answer(self) -> RotaAnswer:
        """What is known."""
        taken = time.monotonic() - self._started
        if self._values is None:
            status = Status.INFEASIBLE if self._is_infeasible else Status.UNKNOWN
            return RotaAnswer(status, {}, None, self._bound, taken)
        turns = self._turns()
        cost = cost_of(self._model.problem, turns)
        bound = min(self._bound, cost.total)
        status = Status.OPTIMAL if bound == cost.total else Status.FEASIBLE
        self.is_exact = status is Status.OPTIMAL or cost.total == self._cost()
        return RotaAnswer(status, turns, cost, bound, taken)

    def _take(self, values: list[int] | None, bound: int | None, *, is_infeasible: bool) -> None:
        before = self._values
        self._is_infeasible |= is_infeasible
        self._bound = max(self._bound, bound or 0)
        if values is not None:
            self._values = values
            if before is not None and self._cost(before) < self._cost():
                self._values = before
            elif self._progress is not None:
                self._progress(time.monotonic() - self._started, self._cost(), self._bound)

    def _cost(self, values: list[int] | None = None) -> int:
        """The model's objective."""
        told = values or self._values
        assert told is not None
        objective = self._model.cp.proto.objective
        terms = zip(objective.vars, objective.coeffs, strict=True)
        total = sum(round(count) * told[number] for number, count in terms)
        return int(total) + round(objective.offset)

    def _turns(self) -> dict[str, frozenset[str]]:
        assert self._values is not None
        held: dict[str, set[str]] = {shift.id: set() for shift in self._model.problem.shifts}
        for shift_id, carer_id in self._model.settled:
            held[shift_id].add(carer_id)
        for (shift_id, carer_id), var in self._model.turn.items():
            if self._values[var.index]:
                held[shift_id].add(carer_id)
        return {shift_id: frozenset(carers) for shift_id, carers in held.items()}

    def _hint(self) -> None:
        """Begin from the rota found so far, or from the one in force."""
        problem = self._model.problem
        for (shift_id, carer_id), var in self._model.turn.items():
            if self._values is not None:
                self._model.cp.add_hint(var, self._values[var.index])
            elif problem.in_force is not None:
                self._model.cp.add_hint(var, carer_id in problem.held_in_force(shift_id))


class _Told(cp_model.CpSolverSolutionCallback):
    """Tells of each better rota."""

    def __init__(self, started: float, progress: Progress | None) -> None:
        super().__init__()
        self._started = started
        self._progress = progress

    def on_solution_callback(self) -> None:
        """Tell the cost and the bound so far."""
        if self._progress is not None:
            bound = max(0, math.ceil(self.best_objective_bound - 1e-6))
            self._progress(time.monotonic() - self._started, round(self.objective_value), bound)


def solve_text(text: str, seconds: float) -> str:
    """From an `snp-rota/1` document to an `snp-rota-answer/1` one: what another process is asked for."""
    return write_answer(solve(read_problem(text), time_limit=seconds))
