"""Rows that hold for every whole answer and tighten the relaxation: cuts, and what a load costs at least.

A practitioner who gives n slots costs n * n on the spread level. For every whole t, n * n is at least
(2 t + 1) n - t (t + 1); and a column that takes k > t + 1 of his slots at once may count k * k + t (t + 1)
instead of (2 t + 1) k, see docs/adr/0011 for the proof. These tangents replace n * n in the relaxation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from snp.assignment.arrays import Bools, Floats, Ints
from snp.assignment.options import Options

Tangent = tuple[int, int]
"""A practitioner and the t of the row."""

_VIOLATED = 1e-4


@dataclass(slots=True)
class ValidRows:
    """The rows found so far, by the columns they weigh on."""

    options: Options
    cuts: list[Bools] = field(default_factory=list)
    """For each, the columns of which at most one may be taken."""
    tangents: list[Tangent] = field(default_factory=list)
    size: Ints = field(init=False)
    """By column, how many slots it takes."""
    practitioner: Ints = field(init=False)
    """By column, whose slots they are: sessions and households keep to one practitioner."""

    def __post_init__(self) -> None:
        self.size = (self.options.slots < self.options.slot_count).sum(axis=1)
        self.practitioner = self.options.practitioner[self.options.slots[:, 0]]

    def charge(self, cost: npt.NDArray[Any], cuts: Sequence[float], tangents: Sequence[float]) -> None:
        """Add to the cost of each column what these prices of rows charge for it."""
        for price, members in zip(cuts, self.cuts, strict=True):
            if price:
                cost[members] += price
        if not any(tangents):
            return
        most = int(self.size.max(initial=0))
        charges = np.zeros((self.options.practitioners, most + 1), cost.dtype)
        for price, (practitioner, t) in zip(tangents, self.tangents, strict=True):
            if price:
                charges[practitioner] += price * least_of_sizes(most, t).astype(cost.dtype)
        cost += charges[self.practitioner, self.size]

    def violated_tangents(self, columns: Ints, share: Floats, cost: Floats) -> list[Tangent]:
        """For each practitioner the tangent furthest above what the relaxation counts for him."""
        found = []
        size, practitioner = self.size[columns], self.practitioner[columns]
        load = np.bincount(practitioner, share * size, minlength=len(cost))
        many = int(load.max(initial=0)) + 2
        least = np.stack(
            [
                np.bincount(practitioner, share * least_of_size(size, t), minlength=len(cost)) - t * (t + 1)
                for t in range(many)
            ]
        )
        best = least.argmax(axis=0)
        for who in np.flatnonzero(least.max(axis=0) > cost + _VIOLATED).tolist():
            tangent = who, int(best[who])
            if tangent not in self.tangents:
                found.append(tangent)
        return found


def least_of_size(size: Ints, t: int) -> Ints:
    """What a column of so many slots adds to the tangent at t."""
    return np.where(size <= t + 1, (2 * t + 1) * size, size * size + t * (t + 1))


def least_of_sizes(most: int, t: int) -> Ints:
    """The same for every size from 0 to `most`."""
    return least_of_size(np.arange(most + 1), t)
