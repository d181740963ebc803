"""Cuts that the whole answers satisfy and the divided ones of the relaxation do not: subset-row cuts.

Of three things of which each goes to one column at most (slots, owners), at most one column can use two. In
the relaxation three half columns can, each using another two. Source: M. Jepsen, B. Petersen, S. Spoorendonk,
D. Pisinger, Subset-row inequalities applied to the vehicle-routing problem, Operations Research 56 (2008).
"""

from __future__ import annotations

import numpy as np

from snp.assignment.arrays import Bools, Floats, Ints
from snp.assignment.options import Options

_ENOUGH = 1 + 1e-3
_AT_ONCE = 24
_WHOLE = 1 - 1e-6


def violated_cuts(options: Options, columns: Ints, share: Floats) -> list[Bools]:
    """The cuts that these shares break most: for each, the columns of which at most one may be taken."""
    divided = share < _WHOLE
    columns, share = columns[divided], share[divided]
    rows, uses = _uses(options, columns)
    weighted = uses * share[:, None]
    together = _together(uses, share)
    worst: dict[tuple[int, int, int], float] = {}
    for first, second in np.argwhere(np.triu(together > 0, 1)).tolist():
        total = together[first, second] + together[first] + together[second]
        total[[first, second]] = 0
        if total.max() <= _ENOUGH:
            continue
        total -= 2 * weighted[(uses[:, first] > 0) & (uses[:, second] > 0)].sum(axis=0)
        total[[first, second]] = 0
        third = int(total.argmax())
        if total[third] > _ENOUGH:
            one, two, three = sorted((first, second, third))
            worst[one, two, three] = float(total[third])
    chosen = sorted(worst, key=lambda triple: (-worst[triple], triple))[:_AT_ONCE]
    return [_columns_using_two(options, rows[list(triple)]) for triple in chosen]


def _uses(options: Options, columns: Ints) -> tuple[Ints, Floats]:
    """The rows that the columns use (owners, then slots), and which column uses which."""
    used = np.column_stack([options.owner[columns], options.owners + options.slots[columns]])
    real = used < options.owners + options.slot_count
    rows, place = np.unique(used[real], return_inverse=True)
    uses = np.zeros((len(columns), len(rows)))
    uses[np.repeat(np.arange(len(columns)), real.sum(axis=1)), place] = 1
    return rows, uses


def _together(uses: Floats, share: Floats) -> Floats:
    """By pair of rows, the share of the columns that use both.

    Columns use few rows; a product of matrices would wake a thread for every processor, and cost more.
    """
    column, row = np.nonzero(uses)
    many = np.bincount(column, minlength=len(share))
    first = np.repeat(np.arange(len(row)), many[column])
    begin = np.cumsum(many) - many
    place = np.arange(len(first)) - np.repeat(np.cumsum(many[column]) - many[column], many[column])
    second = begin[column[first]] + place
    together = np.zeros((uses.shape[1], uses.shape[1]))
    np.add.at(together, (row[first], row[second]), share[column[first]])
    return together


def _columns_using_two(options: Options, triple: Ints) -> Bools:
    named = np.zeros(options.owners + options.slot_count + 1, np.int8)
    named[triple] = 1
    hits = named[options.owner]
    hits += options.priced(named[options.owners :])
    two: Bools = hits >= 2
    return two
