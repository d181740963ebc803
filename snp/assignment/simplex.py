"""A linear program that grows, held by the solver from solve to solve: OR-Tools' GLOP, driven in bulk.

Changes go to the solver as arrays. It keeps its matrix and its last basis: a solve after a small change costs
the few steps that the change calls for. Uses the layer of MathOpt below its modelling objects, which would
hold every coefficient once more in Python.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from ortools.math_opt import (
    callback_pb2,
    model_parameters_pb2,
    model_pb2,
    model_update_pb2,
    parameters_pb2,
    result_pb2,
    solution_pb2,
    sparse_containers_pb2,
)
from ortools.math_opt.core.python import solver as math_opt

from snp.assignment.arrays import Bools, Floats, Ints

_NO_CALLBACK = callback_pb2.CallbackRegistrationProto()


@dataclass(frozen=True, slots=True)
class Entries:
    """Row, variable and value of entries of the matrix; each place once."""

    row: Ints
    variable: Ints
    value: Floats


@dataclass(frozen=True, slots=True)
class Optimum:
    """What the last solve found, by number: of the variables their values, of the rows their prices."""

    cost: float
    value: Floats
    price: Floats


class Simplex:
    """Minimise the cost of variables from zero up, rows kept within their bounds."""

    def __init__(self, cost: Floats, least: Floats, most: Floats, entries: Entries) -> None:
        self.variables, self.rows = len(cost), len(least)
        self._result = result_pb2.SolveResultProto()
        self._wanted = model_parameters_pb2.ModelSolveParametersProto()
        self._wanted.variable_values_filter.skip_zero_values = True
        self._wanted.dual_values_filter.skip_zero_values = True
        self._wanted.reduced_costs_filter.filter_by_ids = True  # none of them
        self._solver = math_opt.new(
            parameters_pb2.SOLVER_TYPE_GLOP,
            model_pb2.ModelProto(
                variables=_variables(0, self.variables),
                objective=model_pb2.ObjectiveProto(linear_coefficients=_vector(np.arange(len(cost)), cost)),
                linear_constraints=_rows(0, least, most),
                linear_constraint_matrix=_matrix(entries),
            ),
            parameters_pb2.SolverInitializerProto(),
        )

    def add_variables(self, cost: Floats, entries: Entries) -> None:
        """More variables, numbered on; `entries` are theirs."""
        first, self.variables = self.variables, self.variables + len(cost)
        update = model_update_pb2.ModelUpdateProto(
            new_variables=_variables(first, self.variables), linear_constraint_matrix_updates=_matrix(entries)
        )
        update.objective_updates.linear_coefficients.CopyFrom(_vector(np.arange(first, self.variables), cost))
        self._update(update)

    def add_rows(self, least: Floats, most: Floats, entries: Entries) -> None:
        """More rows, numbered on; `entries` are theirs."""
        first, self.rows = self.rows, self.rows + len(least)
        self._update(
            model_update_pb2.ModelUpdateProto(
                new_linear_constraints=_rows(first, least, most),
                linear_constraint_matrix_updates=_matrix(entries),
            )
        )

    def charge(self, variables: Ints, cost: Floats) -> None:
        """Change what these variables cost; numbers in order."""
        update = model_update_pb2.ModelUpdateProto()
        update.objective_updates.linear_coefficients.CopyFrom(_vector(variables, cost))
        self._update(update)

    def limit(self, variables: Ints, most: Floats) -> None:
        """Change how much these variables may be; numbers in order."""
        update = model_update_pb2.ModelUpdateProto()
        update.variable_updates.upper_bounds.CopyFrom(_vector(variables, most))
        self._update(update)

    def bound_rows(self, rows: Ints, least: Floats, most: Floats) -> None:
        """Change the bounds of rows; numbers in order."""
        update = model_update_pb2.ModelUpdateProto()
        update.linear_constraint_updates.lower_bounds.CopyFrom(_vector(rows, least))
        update.linear_constraint_updates.upper_bounds.CopyFrom(_vector(rows, most))
        self._update(update)

    def start_from(self, variables: Bools, rows: Bools) -> None:
        """Let the next solve begin with this basis; all else stands at a bound.

        A basis has as many as there are rows: where these are fewer, rows of those left out join them.
        """
        missing = self.rows - int(variables.sum() + rows.sum())
        if missing < 0:
            raise ValueError("a basis with more than one for each row")
        rows = rows.copy()
        rows[np.flatnonzero(~rows)[:missing]] = True
        self._wanted.initial_basis.CopyFrom(
            solution_pb2.BasisProto(
                variable_status=_statuses(variables, solution_pb2.BASIS_STATUS_AT_LOWER_BOUND),
                constraint_status=_statuses(rows, solution_pb2.BASIS_STATUS_AT_LOWER_BOUND),
            )
        )

    def basis(self) -> tuple[Bools, Bools]:
        """Which variables and which rows were in the basis at the end of the last solve."""
        variables, rows = np.zeros(self.variables, np.bool_), np.zeros(self.rows, np.bool_)
        for solution in self._result.solutions[:1]:
            for basic, of in (
                (variables, solution.basis.variable_status),
                (rows, solution.basis.constraint_status),
            ):
                basic[np.array(of.ids, np.int64)] = np.array(of.values) == solution_pb2.BASIS_STATUS_BASIC
        return variables, rows

    def _update(self, update: model_update_pb2.ModelUpdateProto) -> None:
        if not self._solver.update(update):
            raise AssertionError("the solver takes any change of a linear program")

    def solve(self, *, dual: bool, milliseconds: int | None) -> Optimum | None:
        """The optimum, by the dual simplex or the primal; None when the solver gives up or time is over."""
        parameters = parameters_pb2.SolveParametersProto()
        glop = parameters.glop
        glop.use_preprocessing = glop.use_scaling = False  # either would make each solve start anew
        glop.primal_feasibility_tolerance = glop.dual_feasibility_tolerance = 1e-9
        glop.use_dual_simplex = dual
        if not dual:  # exact norms of all edges would cost more than the steps they save
            glop.optimization_rule = glop.feasibility_rule = glop.DEVEX
        if milliseconds is not None:
            parameters.time_limit.FromMilliseconds(milliseconds)
        result = self._solver.solve(parameters, self._wanted, None, _NO_CALLBACK, None, None)
        self._wanted.ClearField("initial_basis")
        self._result = result
        if result.termination.reason != result_pb2.TERMINATION_REASON_OPTIMAL:
            return None
        found = result.solutions[0]
        return Optimum(
            found.primal_solution.objective_value,
            _dense(found.primal_solution.variable_values, self.variables),
            _dense(found.dual_solution.dual_values, self.rows),
        )


def _variables(first: int, end: int) -> model_pb2.VariablesProto:
    many = end - first
    return model_pb2.VariablesProto(
        ids=range(first, end),
        lower_bounds=[0.0] * many,
        upper_bounds=[np.inf] * many,
        integers=[False] * many,
    )


def _rows(first: int, least: Floats, most: Floats) -> model_pb2.LinearConstraintsProto:
    return model_pb2.LinearConstraintsProto(
        ids=range(first, first + len(least)), lower_bounds=least.tolist(), upper_bounds=most.tolist()
    )


def _statuses(basic: Bools, else_: int) -> solution_pb2.SparseBasisStatusVector:
    values = np.where(basic, solution_pb2.BASIS_STATUS_BASIC, else_).tolist()
    return solution_pb2.SparseBasisStatusVector(ids=range(len(values)), values=values)


def _vector(numbers: Ints, values: Floats) -> sparse_containers_pb2.SparseDoubleVectorProto:
    return sparse_containers_pb2.SparseDoubleVectorProto(ids=numbers.tolist(), values=values.tolist())


def _matrix(entries: Entries) -> sparse_containers_pb2.SparseDoubleMatrixProto:
    order = np.lexsort((entries.variable, entries.row))
    return sparse_containers_pb2.SparseDoubleMatrixProto(
        row_ids=entries.row[order].tolist(),
        column_ids=entries.variable[order].tolist(),
        coefficients=entries.value[order].tolist(),
    )


def _dense(vector: sparse_containers_pb2.SparseDoubleVectorProto, many: int) -> npt.NDArray[np.float64]:
    dense = np.zeros(many)
    dense[np.array(vector.ids, np.int64)] = vector.values
    return dense
