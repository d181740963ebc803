"""The relaxation's first model, laid down in bulk: rows and variables in a fixed order, from numpy arrays.

Rows: owners, slots, the three floors, tangents. Variables: the columns, what may be missing (a floor, a
group, burden), what the load of each practitioner costs, who is left unserved, which slots stay unused.

Floors count who is left unserved and tangents which slots stay unused, instead of the columns: most of these
stand in the rows of their owner and their slots only, and the matrix is a third of what it would be.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from snp.assignment.arrays import Bools, Floats, Ints
from snp.assignment.options import Options
from snp.assignment.simplex import Entries, Simplex
from snp.assignment.valid_rows import ValidRows


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
    def tangent_row(self) -> int:
        """The first tangent's row, the last rows."""
        return self.floor_row + 3

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

    @property
    def unserved(self) -> slice:
        """The variables of who is left unserved."""
        return slice(self.loads.stop, self.loads.stop + self.options.owners)

    @property
    def unused(self) -> slice:
        """The variables of the slots that stay unused."""
        return slice(self.unserved.stop, self.unserved.stop + self.options.slot_count)

    def floors(self, floor: tuple[int, int, int]) -> Floats:
        """What the rows of the floors must reach, who is left unserved counting against them."""
        reached: Floats = np.array(floor, float) - self.options.counts.sum(axis=0)
        return reached

    def tangent_floors(self) -> Floats:
        """What the rows of the tangents must reach, the slots that stay unused counting towards it."""
        whose, t = self.valid.tangent_arrays
        offered = np.bincount(self.options.practitioner, minlength=self.options.practitioners)
        reached: Floats = ((2 * t + 1) * offered[whose] - t * (t + 1)).astype(float)
        return reached

    def entries_of(self, columns: Ints, place: Ints) -> Entries:
        """What these columns have in the rows of their owners and slots."""
        options = self.options
        slots = options.slots[columns]
        which, at = np.nonzero(slots < options.slot_count)
        row = np.concatenate([options.owner[columns], self.slot_row + slots[which, at]])
        return Entries(row, np.concatenate([place, place[which]]), np.ones(len(row)))


def first_simplex(layout: Layout, cost: Floats, dues: tuple[float, float]) -> Simplex:
    """The model: owners and slots once, no floor; `dues` are the costs of a miss and of a load."""
    options = layout.options
    place = np.arange(len(layout.columns))
    parts = [layout.entries_of(layout.columns, place), _of_rests(layout), *_of_floors(layout)]
    parts.append(
        tangent_entries(layout, np.arange(layout.tangent_row, layout.rows), 0, layout.columns, place)
    )
    missing, loads = (part.stop - part.start for part in (layout.missing, layout.loads))
    once = np.ones(options.owners + options.slot_count)
    least = np.concatenate([once, layout.floors((0, 0, 0)), layout.tangent_floors()])
    most = np.concatenate([once, np.full(layout.rows - len(once), np.inf)])
    costs = np.concatenate([cost, np.full(missing, dues[0]), np.full(loads, dues[1]), np.zeros(len(once))])
    return Simplex(costs, least, most, joined_entries(parts))


def basis_of(layout: Layout, taken: Ints) -> tuple[Bools, Bools]:
    """The variables and rows of the basis in which these of the layout's columns are taken and no others.

    The slots of a column taken are unused to the amount of nothing. Of the tangents of a practitioner that
    with the highest cost at his load sets it.
    """
    options, tangents = layout.options, layout.valid.tangents
    variables, rows = np.zeros(layout.unused.stop, np.bool_), np.zeros(layout.rows, np.bool_)
    variables[taken] = variables[layout.unused] = variables[layout.unserved] = True
    variables[layout.unserved.start + options.owner[layout.columns[taken]]] = False
    rows[layout.floor_row :] = True
    load = np.bincount(
        layout.valid.practitioner[layout.columns[taken]],
        layout.valid.size[layout.columns[taken]],
        minlength=options.practitioners,
    )
    highest: dict[int, tuple[float, int]] = {}
    for row, (practitioner, t) in enumerate(tangents, start=layout.tangent_row):
        cost = (2 * t + 1) * float(load[practitioner]) - t * (t + 1)
        highest[practitioner] = max(highest.get(practitioner, (-np.inf, 0)), (cost, row))
    for practitioner, (cost, row) in highest.items():
        if cost > 0:
            variables[layout.loads.start + practitioner] = True
            rows[row] = False
    return variables, rows


def _of_rests(layout: Layout) -> Entries:
    """The owners left unserved and the slots left unused, in their rows."""
    row = np.arange(layout.floor_row)
    return Entries(row, np.arange(layout.unserved.start, layout.unused.stop), np.ones(len(row)))


def _of_floors(layout: Layout) -> tuple[Entries, ...]:
    """What may be missing, and the unserved in the rows of the floors."""
    options, first = layout.options, layout.missing.start
    groups = np.arange(options.singles, options.owners)
    row = np.concatenate([layout.floor_row + np.arange(3), groups])
    missing = Entries(row, first + np.arange(len(row)), np.ones(len(row)))
    parts = [missing]
    for start, owners in ((layout.unserved.start, np.arange(options.owners)), (first + 3, groups)):
        which, priority = np.nonzero(options.counts[owners])
        value = -options.counts[owners][which, priority].astype(float)
        parts.append(Entries(layout.floor_row + priority, start + which, value))
    return tuple(parts)


def tangent_entries(layout: Layout, rows: Ints, known: int, columns: Ints, place: Ints) -> Entries:
    """What the rows of tangents hold, from number `known` on: loads, unused slots, larger columns."""
    whose, t = layout.valid.tangent_arrays
    number, slot = np.nonzero(whose[known:, None] == layout.options.practitioner)
    number += known
    loads = Entries(rows[known:], layout.loads.start + whose[known:], np.ones(len(whose) - known))
    unused = Entries(rows[number], layout.unused.start + slot, (2 * t[number] + 1).astype(float))
    return joined_entries([loads, unused, columns_above(layout.valid, rows, known, columns, place)])


def columns_above(valid: ValidRows, rows: Ints, known: int, columns: Ints, place: Ints) -> Entries:
    """What columns larger than a tangent's point have in its row, from number `known` on."""
    which, number, above = valid.above_tangents(columns, known)
    return Entries(rows[number], place[which], -above.astype(float))


def joined_entries(parts: Sequence[Entries]) -> Entries:
    """The entries of all of them."""
    none = np.zeros(0, np.int64)
    return Entries(
        np.concatenate([none, *(part.row for part in parts)]),
        np.concatenate([none, *(part.variable for part in parts)]),
        np.concatenate([np.zeros(0), *(part.value for part in parts)]),
    )
