"""The same model by linear relaxation and branching: where its relaxation is tight, solved at the root.

Reads the rows of the CP-SAT model as they stand, so that there is one statement of the rules. See ADR 79.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

from ortools.linear_solver.python import model_builder

from slots.rota.model import Model

SOLVERS: Final = ("highs", "scip")
_UNBOUNDED: Final = 2**40
_EXACT: Final = {"highs": "output_flag = false\nmip_rel_gap = 0\nmip_abs_gap = 0.5", "scip": "limits/gap = 0"}


@dataclass(frozen=True, slots=True)
class Relaxed:
    """What branching found: values of the model's variables by index, and a bound; either may be missing."""

    values: list[int] | None = None
    bound: int | None = None
    is_infeasible: bool = False


def branch(model: Model, *, seconds: float) -> Relaxed:
    """Solve by the first linear solver that is built in; nothing known where there is none."""
    for name in SOLVERS:
        solver = model_builder.Solver(name)
        if solver.solver_is_supported():
            return _solved(model, solver, name, seconds)
    return Relaxed()


def _solved(model: Model, solver: Any, name: str, seconds: float) -> Relaxed:
    rows, variables = _rows(model)
    solver.set_time_limit_in_seconds(seconds)
    solver.set_solver_specific_parameters(_EXACT[name])
    status = solver.solve(rows)
    if status == model_builder.SolveStatus.INFEASIBLE:
        return Relaxed(is_infeasible=True)
    if status not in (model_builder.SolveStatus.OPTIMAL, model_builder.SolveStatus.FEASIBLE):
        return Relaxed()
    bound = solver.best_objective_bound
    values = [round(solver.value(variable)) for variable in variables]
    return Relaxed(values, math.ceil(bound - 1e-4) if math.isfinite(bound) else None)


def _rows(model: Model) -> tuple[Any, list[Any]]:
    """The rows as a linear model; what unfairness costs need not be whole, its tangents are."""
    proto = model.cp.proto
    rows: Any = model_builder.Model()  # type: ignore[no-untyped-call]
    variables = [
        rows.new_var(low, high, not name.startswith("unfair"), None)
        for name, (low, high) in ((each.name, _ends(each.domain)) for each in proto.variables)
    ]
    literal = [*variables]

    def of(number: int) -> Any:
        return literal[number] if number >= 0 else 1 - literal[-number - 1]

    for row in proto.constraints:
        if row.has_linear():
            low, high = _ends(row.linear.domain)
            terms = zip(row.linear.vars, row.linear.coeffs, strict=True)
            total = model_builder.LinearExpr.sum([count * of(number) for number, count in terms])
            rows.add_linear_constraint(total, low, high)
        elif row.has_at_most_one():
            who = [of(number) for number in row.at_most_one.literals]
            rows.add_linear_constraint(model_builder.LinearExpr.sum(who), -math.inf, 1)
        elif row.has_bool_or():
            who = [of(number) for number in (*row.bool_or.literals, *_negated(row.enforcement_literal))]
            rows.add_linear_constraint(model_builder.LinearExpr.sum(who), 1, math.inf)
        elif row.has_bool_and():
            for number in row.bool_and.literals:
                who = [of(number), *(of(each) for each in _negated(row.enforcement_literal))]
                rows.add_linear_constraint(model_builder.LinearExpr.sum(who), 1, math.inf)
        else:
            raise AssertionError(row)
    terms = zip(proto.objective.vars, proto.objective.coeffs, strict=True)
    total = model_builder.LinearExpr.sum([count * of(number) for number, count in terms])
    rows.minimize(total + proto.objective.offset)
    return rows, variables


def _ends(domain: Any) -> tuple[float, float]:
    """The first and last value of a domain; its indices count from the front only."""
    values = list(domain)
    low = values[0] if values[0] > -_UNBOUNDED else -math.inf
    return low, values[-1] if values[-1] < _UNBOUNDED else math.inf


def _negated(literals: Any) -> list[int]:
    return [-number - 1 for number in literals]
