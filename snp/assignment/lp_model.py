"""The relaxation's first model, laid down in bulk: rows and variables in a fixed order, from numpy arrays.

Rows: owners, slots, the three floors, burden. Variables: the columns, what may be missing (a floor, a group,
burden), then what the load of each practitioner costs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from ortools.linear_solver import linear_solver_pb2

from snp.assignment.arrays import Floats, Ints
from snp.assignment.options import Options
from snp.assignment.valid_rows import ValidRows, least_of_size

_NO_LIMIT = 1e18
"""Rows without any bound would be dropped on loading."""

_Entries = tuple[Ints, Ints, Floats]
"""Row, variable and coefficient of each entry of the matrix."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Where things stand in the model of some options."""

    options: Options
    columns: Ints
    valid: ValidRows

    @property
    def slot_row(self) -> int:
        """The first slot's row; owners come before."""
        return self.options.owners

    @property
    def floor_row(self) -> int:
        """The row of P1 served; P2 and P3 follow."""
        return self.slot_row + self.options.slot_count

    @property
    def burden_row(self) -> int:
        """The row of burden."""
        return self.floor_row + 3

    @property
    def tangent_row(self) -> int:
        """The first tangent's row, the last rows."""
        return self.burden_row + 1

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return self.tangent_row + len(self.valid.tangents)

    @property
    def missing(self) -> slice:
        """The variables of what may be missing."""
        groups = self.options.owners - self.options.singles
        return slice(len(self.columns), len(self.columns) + 3 + groups + 1)

    @property
    def loads(self) -> slice:
        """The variables of what each practitioner's load costs."""
        return slice(self.missing.stop, self.missing.stop + self.options.practitioners)


def model_of(layout: Layout, cost: Floats, dues: tuple[float, float]) -> linear_solver_pb2.MPModelProto:
    """The model: rows at most 1, floors and burden slack; `dues` are the costs of a miss and of a load."""
    parts = _of_columns(layout), _of_missing(layout), *_of_tangents(layout)
    row, variable, value = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.argsort(row, kind="stable")
    edges = np.searchsorted(row[order], np.arange(layout.rows + 1)).tolist()
    variables, values = variable[order].tolist(), value[order].tolist()
    model = linear_solver_pb2.MPModelProto()
    missing, loads = (part.stop - part.start for part in (layout.missing, layout.loads))
    for price in (*cost.tolist(), *[dues[0]] * missing, *[dues[1]] * loads):
        model.variable.add(lower_bound=0.0, upper_bound=np.inf, objective_coefficient=price)
    once = layout.options.owners + layout.options.slot_count
    bounds = [(-np.inf, 1.0)] * once + [(0.0, np.inf)] * 3 + [(-np.inf, _NO_LIMIT)]
    bounds += [(-t * (t + 1.0), np.inf) for _, t in layout.valid.tangents]
    for at, (lower, upper) in enumerate(bounds):
        here = slice(edges[at], edges[at + 1])
        model.constraint.add(
            lower_bound=lower, upper_bound=upper, var_index=variables[here], coefficient=values[here]
        )
    return model


def _of_columns(layout: Layout) -> _Entries:
    options, columns = layout.options, layout.columns
    place = np.arange(len(columns))
    slots = options.slots[columns]
    served = options.counts[options.owner[columns]]
    counted = np.nonzero(served)
    real = np.nonzero(slots < options.slot_count)
    row = (
        options.owner[columns],
        layout.slot_row + slots[real],
        layout.floor_row + counted[1],
        np.full(len(place), layout.burden_row),
    )
    variable = (place, real[0], counted[0], place)
    value = (np.ones(len(place)), np.ones(len(real[0])), served[counted], options.burden[columns])
    return np.concatenate(row), np.concatenate(variable), np.concatenate(value).astype(float)


def _of_missing(layout: Layout) -> _Entries:
    groups = np.arange(layout.options.singles, layout.options.owners)
    row = np.concatenate([layout.floor_row + np.arange(3), groups, [layout.burden_row]])
    value = np.append(np.ones(len(row) - 1), -1.0)
    return row, np.arange(layout.missing.start, layout.missing.stop), value


def _of_tangents(layout: Layout) -> Iterator[_Entries]:
    valid, columns = layout.valid, layout.columns
    for row, (practitioner, t) in enumerate(valid.tangents, start=layout.tangent_row):
        theirs = np.flatnonzero(valid.practitioner[columns] == practitioner)
        least = least_of_size(valid.size[columns[theirs]], t)
        variable = np.append(theirs, layout.loads.start + practitioner)
        yield np.full(len(variable), row), variable, np.append(-least, 1).astype(float)
