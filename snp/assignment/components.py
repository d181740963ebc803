"""Which requests, slots and practitioners can influence each other: the parts that may be solved apart.

Practitioners tie their slots together, because the spread level counts all slots of one practitioner.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from snp.assignment.arrays import Ints

Rows = npt.NDArray[np.integer]


def joined(count: int, left: Rows, right: Rows) -> Ints:
    """For each of `count` things the smallest number of a thing it is connected to by the given links."""
    parent = np.arange(count)
    apart = left != right
    left, right = left[apart], right[apart]
    while len(left):
        np.minimum.at(parent, np.maximum(left, right), np.minimum(left, right))
        parent = _roots(parent)
        left, right = parent[left], parent[right]
        apart = left != right
        left, right = left[apart], right[apart]
    return parent


def _roots(parent: Ints) -> Ints:
    while True:
        grandparent = parent[parent]
        if np.array_equal(grandparent, parent):
            return parent
        parent = grandparent


def first_of_each(sorted_keys: Rows) -> Ints:
    """Where each run of equal keys begins."""
    if not len(sorted_keys):
        return np.zeros(0, np.int64)
    return np.flatnonzero(np.concatenate([[True], sorted_keys[1:] != sorted_keys[:-1]]))


def renumbered(values: Rows, count: int) -> tuple[Ints, Ints]:
    """The numbers below `count` that occur, in order, and for each value which of them it is."""
    occurs = np.zeros(count, np.bool_)
    occurs[values] = True
    return np.flatnonzero(occurs), (np.cumsum(occurs) - 1)[values]
