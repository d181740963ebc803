"""Branch and bound on which slots the groups take; the singles beside them are a flow and need no branch.

A node is a relaxation with some columns of groups forbidden. Its exact bound prunes it; a node whose groups
are whole is completed by the flow, whose value is the node's own. Depth first, the likelier side first.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from snp.assignment.arrays import Bools, Floats, Ints
from snp.assignment.bounds import Bound, bound_of
from snp.assignment.master import Branch, Goal, Master, Prices
from snp.assignment.options import Answer, Options, completed, without_conflict

_WHOLE = 1 - 1e-5


@dataclass(frozen=True, slots=True)
class Found:
    """The best answer for a goal, the proven bound on it, and the columns an equally good answer may take."""

    answer: Answer
    bound: int
    allowed: Bools


class Search:
    """One phase: find the answer of least `cost_of`, among those within `allowed`, and prove it least."""

    def __init__(
        self,
        options: Options,
        master: Master,
        goal: Goal,
        cost_of: Callable[[Answer], int],
        late: Callable[[], bool],
    ) -> None:
        self._options = options
        self._master = master
        self._goal = goal
        self._cost_of = cost_of
        self._late = late

    def run(self, answer: Answer, allowed: Bools) -> Found:
        """Improve `answer` until it is proven best or time is up."""
        self._best, self._cost = answer, self._cost_of(answer)
        root = Branch(allowed, frozenset())
        self._master.aim(self._goal)
        bound, columns, share = self._relaxed(root)
        if bound.value < self._cost and len(columns):
            self._try(columns[np.argsort(-share, kind="stable")])
        proven = bound.value
        if proven < self._cost:
            proven = self._below(root, bound, columns, share)
        return Found(self._best, min(proven, self._cost), allowed & bound.allows(self._cost))

    def _below(self, root: Branch, bound: Bound, columns: Ints, share: Floats) -> int:
        """Explore all branches; the least bound of those that time left open, or the cost found."""
        self._master.expect_branches()
        open_branches = [(bound.value, branch) for branch in self._children(root, columns, share)]
        while open_branches:
            if self._late():
                return min(self._cost, *(value for value, _ in open_branches))
            value, branch = open_branches.pop()
            if value >= self._cost:
                continue
            bound, columns, share = self._relaxed(branch)
            value = max(value, bound.value)  # time may have cut the relaxation short
            if value >= self._cost:
                continue
            if (share > _WHOLE).all():
                self._try(columns)
            if value < self._cost:
                open_branches += [(value, child) for child in self._children(branch, columns, share)]
        return self._cost

    def _relaxed(self, branch: Branch) -> tuple[Bound, Ints, Floats]:
        """The bound of a branch and the group columns that its relaxation takes."""
        master = self._master
        master.branch(branch)
        best: Bound | None = None
        while True:
            prices = master.prices()
            if prices is None:
                break
            bound = bound_of(self._options, self._goal, branch, prices)
            best = bound if best is None or bound.raw > best.raw else best
            if best.value >= self._cost or self._late() or not master.grow(prices, branch):
                break
        if best is None:
            best = bound_of(self._options, self._goal, branch, no_prices(self._options))
            return best, np.zeros(0, np.int64), np.zeros(0)
        return best, *master.taken()

    def _try(self, ranked: Ints) -> None:
        answer = completed(self._options, without_conflict(self._options, ranked))
        cost = self._cost_of(answer)
        if (cost, _reversed(answer)) < (self._cost, _reversed(self._best)):
            self._best, self._cost = answer, cost

    def _children(self, branch: Branch, columns: Ints, share: Floats) -> list[Branch]:
        """Two branches: an owner takes a slot, or it does not. The last is tried first."""
        decision = self._undecided(branch, columns, share)
        if decision is None:
            return []
        owner, slot, likely = decision
        theirs = self._options.owner == owner
        with_slot = theirs & (self._options.slots == slot).any(axis=1)
        takes = Branch(branch.allowed & ~(theirs & ~with_slot), branch.forced | {owner})
        leaves = Branch(branch.allowed & ~with_slot, branch.forced)
        return [leaves, takes] if likely else [takes, leaves]

    def _undecided(self, branch: Branch, columns: Ints, share: Floats) -> tuple[int, int, bool] | None:
        """The owner and slot that the relaxation is most divided about, else any that is still open."""
        options = self._options
        owner = np.repeat(options.owner[columns], options.slots.shape[1])
        slot = options.slots[columns].ravel()
        key = owner * (options.slot_count + 1) + slot
        keys, place = np.unique(key[slot < options.slot_count], return_inverse=True)
        amount = np.bincount(place, np.repeat(share, options.slots.shape[1])[slot < options.slot_count])
        divided = np.abs(amount - 0.5)
        if len(keys) and divided.min() < _WHOLE - 0.5:
            at = int(divided.argmin())
            return *divmod(int(keys[at]), options.slot_count + 1), bool(amount[at] >= 0.5)
        return self._open(branch)

    def _open(self, branch: Branch) -> tuple[int, int, bool] | None:
        options = self._options
        columns = np.flatnonzero(branch.allowed & options.coupled)
        many = np.bincount(options.owner[columns], minlength=options.owners)
        for column in columns.tolist():
            owner = int(options.owner[column])
            if many[owner] == 1 and owner not in branch.forced:
                return owner, int(options.slots[column, 0]), True
            if many[owner] > 1:
                ways = options.slots[columns[options.owner[columns] == owner]]
                slots, uses = np.unique(ways[ways < options.slot_count], return_counts=True)
                return owner, int(slots[uses.argmin()]), True
        self._try(columns)
        return None


def no_prices(options: Options) -> Prices:
    """Prices of nothing, from which a weak bound follows."""
    return Prices(np.zeros(options.slot_count + 1), np.zeros(options.practitioners), np.zeros(3), 0.0)


def _reversed(answer: Answer) -> tuple[int, ...]:
    return tuple(-value for value in answer.value)
