"""The relaxation's first model, laid down in bulk: rows and variables in a fixed order, from numpy arrays.

Rows: owners, slots, the three floors, burden. Variables: the columns, what may be missing (a floor, a group,
burden), then what the load of each practitioner costs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from snp.assignment.arrays import Floats, Ints
from snp.assignment.options import Options
from snp.assignment.simplex import Entries, Simplex
from snp.assignment.valid_rows import Tangent, ValidRows, least_of_size


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

    def entries_of(self, columns: Ints, first: int) -> Entries:
        """What these columns, numbered as variables from `first` on, have in the rows of any model."""
        options = self.options
        place = first + np.arange(len(columns))
        slots = options.slots[columns]
        served = options.counts[options.owner[columns]]
        counted = np.nonzero(served)
        real = np.nonzero(slots < options.slot_count)
        row = (
            options.owner[columns],
            self.slot_row + slots[real],
            self.floor_row + counted[1],
            np.full(len(place), self.burden_row),
        )
        variable = (place, first + real[0], first + counted[0], place)
        value = (np.ones(len(place)), np.ones(len(real[0])), served[counted], options.burden[columns])
        return Entries(np.concatenate(row), np.concatenate(variable), np.concatenate(value).astype(float))


def first_simplex(layout: Layout, cost: Floats, dues: tuple[float, float]) -> Simplex:
    """The model: rows at most 1, floors and burden slack; `dues` are the costs of a miss and of a load."""
    options, tangents = layout.options, layout.valid.tangents
    parts = layout.entries_of(layout.columns, 0), _of_missing(layout), _of_tangents(layout)
    missing, loads = (part.stop - part.start for part in (layout.missing, layout.loads))
    once = options.owners + options.slot_count
    least = np.concatenate(
        [np.full(once, -np.inf), np.zeros(3), [-np.inf], [-t * (t + 1.0) for _, t in tangents]]
    )
    most = np.concatenate([np.ones(once), np.full(layout.rows - once, np.inf)])
    costs = np.concatenate([cost, np.full(missing, dues[0]), np.full(loads, dues[1])])
    return Simplex(costs, least, most, joined_entries(parts))


def _of_missing(layout: Layout) -> Entries:
    groups = np.arange(layout.options.singles, layout.options.owners)
    row = np.concatenate([layout.floor_row + np.arange(3), groups, [layout.burden_row]])
    value = np.append(np.ones(len(row) - 1), -1.0)
    return Entries(row, np.arange(layout.missing.start, layout.missing.stop), value)


def _of_tangents(layout: Layout) -> Entries:
    place = np.arange(len(layout.columns))
    return joined_entries(
        [
            tangent_entries(layout, row, tangent, layout.columns, place)
            for row, tangent in enumerate(layout.valid.tangents, start=layout.tangent_row)
        ]
    )


def tangent_entries(layout: Layout, row: int, tangent: Tangent, columns: Ints, place: Ints) -> Entries:
    """What a tangent's row holds: the load of its practitioner, and his columns."""
    practitioner, t = tangent
    valid = layout.valid
    theirs = np.flatnonzero(valid.practitioner[columns] == practitioner)
    least = least_of_size(valid.size[columns[theirs]], t)
    variable = np.append(place[theirs], layout.loads.start + practitioner)
    return Entries(np.full(len(variable), row), variable, np.append(-least, 1).astype(float))


def joined_entries(parts: Sequence[Entries]) -> Entries:
    """The entries of all of them."""
    none = np.zeros(0, np.int64)
    return Entries(
        np.concatenate([none, *(part.row for part in parts)]),
        np.concatenate([none, *(part.variable for part in parts)]),
        np.concatenate([np.zeros(0), *(part.value for part in parts)]),
    )
