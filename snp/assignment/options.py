"""All ways to serve the requests of one part, singles and groups alike, as one table of columns.

An owner is what is served whole or not at all: a request, a household, a request with its sessions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from snp.assignment.arrays import Bools, Ints
from snp.assignment.columns import Group
from snp.assignment.flow import Matching, best_pairs

_Number = TypeVar("_Number", np.int8, np.int64, np.float64)


@dataclass(frozen=True, slots=True)
class Options:
    """Columns by row in the order of their owners, owners by number.

    The first `singles` owners need one slot, the others several.
    `practitioner` and `sitting` (a practitioner's day) are numbers by slot.
    `slots` is padded with the number of slots, which stands for no slot. `counts[owner]` is how many requests
    of P1, P2, P3 the owner brings. `burden` is never negative.
    """

    owner: Ints
    slots: Ints
    burden: Ints
    counts: Ints
    singles: int
    practitioner: Ints
    sitting: Ints
    complete: bool

    @property
    def practitioners(self) -> int:
        """How many practitioners there are."""
        return int(self.practitioner.max(initial=-1)) + 1

    @property
    def owners(self) -> int:
        """How many owners there are."""
        return len(self.counts)

    @property
    def slot_count(self) -> int:
        """How many slots there are; also the number that stands for no slot."""
        return len(self.practitioner)

    @property
    def coupled(self) -> Bools:
        """Which columns take several slots or belong to an owner that might."""
        return self.owner >= self.singles

    def kept(self, columns: Ints) -> Options:
        """The same owners with only these columns."""
        return replace(
            self, owner=self.owner[columns], slots=self.slots[columns], burden=self.burden[columns]
        )

    @property
    def pairs(self) -> int:
        """How many columns are pairs of singles; they come first."""
        return int(np.searchsorted(self.owner, self.singles))

    def priced(self, price: npt.NDArray[_Number]) -> npt.NDArray[_Number]:
        """By column, what its slots cost together; the last price is that of no slot, nothing."""
        total = price[self.slots[:, 0]]
        total[self.pairs :] += price[self.slots[self.pairs :, 1:]].sum(axis=1, dtype=price.dtype)
        return total


@dataclass(frozen=True, slots=True)
class Singles:
    """Requests that stand alone: priority of each, and pairs by request, slot and burden."""

    priority: Ints
    request: Ints
    slot: Ints
    burden: Ints


@dataclass(frozen=True, slots=True)
class Answer:
    """Columns taken, and what they reach on each level."""

    columns: Ints
    served: tuple[int, int, int]
    burden: int
    spread: int

    @property
    def value(self) -> tuple[int, int, int, int, int]:
        """Larger is better, level by level."""
        return (*self.served, -self.burden, -self.spread)


def options_of(
    singles: Singles, groups: Sequence[Group], group_counts: Ints, practitioner: Ints, sitting: Ints
) -> Options:
    """One table of the pairs of singles and the ways of groups, all by local numbers of slots."""
    nowhere = len(practitioner)
    width = max([group.slots.shape[1] for group in groups], default=1)
    owner, burdens = [singles.request], [singles.burden]
    slots = [_padded(singles.slot[:, None], width, nowhere)]
    for number, group in enumerate(groups, start=len(singles.priority)):
        owner.append(np.full(len(group.burden), number))
        slots.append(_padded(group.slots, width, nowhere))
        burdens.append(group.burden)
    return Options(
        np.concatenate(owner, dtype=np.int64),
        np.concatenate(slots, dtype=np.int64),
        np.concatenate(burdens),
        np.concatenate([np.eye(3, dtype=np.int64)[singles.priority], group_counts]),
        len(singles.priority),
        practitioner,
        sitting,
        all(group.complete for group in groups),
    )


def _padded(slots: Ints, width: int, nowhere: int) -> Ints:
    padded = np.full((len(slots), width), nowhere, np.int64)
    padded[:, : slots.shape[1]] = slots
    return padded


def matching_beside(options: Options, chosen: Ints, allowed: Bools | None = None) -> tuple[Matching, Ints]:
    """The flow problem of the singles when these group columns are taken, and the columns of its pairs."""
    used = np.zeros(options.slot_count + 1, np.bool_)
    used[options.slots[chosen]] = True
    pairs = options.pairs
    open_pairs = ~used[options.slots[:pairs, 0]]
    free = np.flatnonzero(open_pairs if allowed is None else open_pairs & allowed[:pairs])
    load = np.bincount(options.practitioner[used[:-1]], minlength=options.practitioners)
    return (
        Matching(
            options.counts[: options.singles].argmax(axis=1),
            options.practitioner,
            load,
            options.owner[free].astype(np.int32),
            options.slots[free, 0].astype(np.int32),
            options.burden[free],
        ),
        free,
    )


def completed(options: Options, chosen: Ints, allowed: Bools | None = None) -> Answer:
    """The best answer on all levels that takes exactly these group columns, and pairs that are allowed."""
    matching, free = matching_beside(options, chosen, allowed)
    return answer_of(options, np.concatenate([chosen, free[best_pairs(matching)]]))


def answer_of(options: Options, columns: Ints) -> Answer:
    """What taking these columns reaches."""
    slots = options.slots[columns].ravel()
    load = np.bincount(options.practitioner[slots[slots < options.slot_count]], minlength=1)
    served = options.counts[options.owner[columns]].sum(axis=0)
    return Answer(
        np.sort(columns),
        (int(served[0]), int(served[1]), int(served[2])),
        int(options.burden[columns].sum()),
        int((load * load).sum()),
    )


def without_conflict(options: Options, ranked: Ints) -> Ints:
    """The first of the ranked columns, then each that shares neither owner nor slot with those before."""
    owners: set[int] = set()
    taken: set[int] = set()
    chosen = []
    for column in ranked.tolist():
        owner = int(options.owner[column])
        slots = [slot for slot in options.slots[column].tolist() if slot < options.slot_count]
        if owner not in owners and taken.isdisjoint(slots):
            owners.add(owner)
            taken.update(slots)
            chosen.append(column)
    return np.array(chosen, np.int64)
