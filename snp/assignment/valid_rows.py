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
    _whose: Ints = field(init=False)
    """By tangent, its practitioner."""
    _at: Ints = field(init=False)
    """By tangent, its t."""
    _least: Ints = field(init=False)
    """By tangent and size of column, what such a column of the practitioner adds to it."""

    def __post_init__(self) -> None:
        self.size = (self.options.slots < self.options.slot_count).sum(axis=1)
        self.practitioner = self.options.practitioner[self.options.slots[:, 0]]
        self._whose = self._at = np.zeros(0, np.int64)
        self._least = np.zeros((0, self.options.slots.shape[1] + 1), np.int64)

    def touch(self, tangents: Sequence[Tangent]) -> None:
        """Take these tangents in."""
        if tangents:
            self.tangents += tangents
            whose, at = np.array(tangents, np.int64).T
            self._whose, self._at = np.append(self._whose, whose), np.append(self._at, at)
            sizes = np.arange(self._least.shape[1])
            self._least = np.append(self._least, least_of_size(sizes, at[:, None]), axis=0)

    @property
    def tangent_arrays(self) -> tuple[Ints, Ints]:
        """By tangent, its practitioner and its t."""
        return self._whose, self._at

    def above_tangents(self, columns: Ints, known: int = 0) -> tuple[Ints, Ints, Ints]:
        """Where columns count more than single slots: which of them, number of the tangent, how much more."""
        least = int(self._at[known:].min(initial=len(self.size)))
        large = np.flatnonzero(self.size[columns] > least + 1)
        theirs = self.practitioner[columns[large]][:, None] == self._whose[known:]
        size, t = self.size[columns[large]][:, None], self._at[known:]
        above = np.where(theirs & (size > t + 1), (size - t) * (size - t - 1), 0)
        which, number = np.nonzero(above)
        return large[which], known + number, above[which, number]

    def rise(self, prices: Floats) -> Floats:
        """By practitioner, what his tangents at these prices charge for a single slot."""
        charged = np.zeros(self.options.practitioners)
        np.add.at(charged, self._whose, prices * (2 * self._at + 1))
        return charged

    def charge(self, cost: npt.NDArray[Any], cuts: npt.NDArray[Any], tangents: npt.NDArray[Any]) -> None:
        """Add to the cost of each column what these prices of rows charge for it."""
        for price, members in zip(cuts.tolist(), self.cuts, strict=True):
            if price:
                cost[members] += price
        if not tangents.any():
            return
        charges = np.zeros((self.options.practitioners, self._least.shape[1]), cost.dtype)
        np.add.at(charges, self._whose, tangents[:, None] * self._least)
        cost += charges[self.practitioner, self.size]

    def violated_tangents(self, columns: Ints, share: Floats, cost: Floats) -> list[Tangent]:
        """For each practitioner the tangent furthest above what the relaxation counts for him."""
        size, practitioner = self.size[columns], self.practitioner[columns]
        load = np.bincount(practitioner, share * size, minlength=len(cost)).astype(np.int64)
        around = np.maximum(load + np.arange(-self._least.shape[1], 3)[:, None], 0)
        least = np.stack(
            [
                np.bincount(practitioner, share * least_of_size(size, t[practitioner]), minlength=len(cost))
                - t * (t + 1)
                for t in around
            ]
        )
        best = least.argmax(axis=0)
        wanting = np.flatnonzero(least.max(axis=0) > cost + _VIOLATED)
        found = zip(wanting.tolist(), around[best[wanting], wanting].tolist(), strict=True)
        known = set(self.tangents)
        return [tangent for tangent in found if tangent not in known]


def least_of_size(size: Ints, t: Ints | int) -> Ints:
    """What a column of so many slots adds to the tangent at t."""
    return np.where(size <= t + 1, (2 * t + 1) * size, size * size + t * (t + 1))
