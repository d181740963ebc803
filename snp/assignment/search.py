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
from snp.assignment.cuts import violated_cuts
from snp.assignment.master import Branch, Goal, Master, Prices
from snp.assignment.options import Answer, Options, completed, without_conflict
from snp.assignment.valid_rows import ValidRows

_Decision = tuple[int, Bools, bool]
"""An owner, some columns, and whether he is likely to take one of them."""
_WHOLE = 1 - 1e-5
_ROUNDS_OF_CUTS = 12
_WORTHWHILE = 0.1
"""Of the gap that is left: a round of cuts that closes less is the last."""


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
        self._master.branch(root)
        self._master.aim(self._goal)
        bound, columns, share = self._exact(root)
        if bound.value < self._cost and len(columns):
            self._try(columns[np.argsort(-share, kind="stable")])
        bound, columns, share = self._cut_down(root, bound, columns, share)
        proven = bound.value
        if proven < self._cost:
            better = Branch(allowed & bound.allows(self._cost - 1), frozenset())
            proven = self._below(better, bound, columns, share)
        return Found(self._best, min(proven, self._cost), allowed & bound.allows(self._cost))

    def _cut_down(
        self, root: Branch, bound: Bound, columns: Ints, share: Floats
    ) -> tuple[Bound, Ints, Floats]:
        """Tighten the root while cuts are found and help."""
        for _ in range(_ROUNDS_OF_CUTS):
            if bound.value >= self._cost or self._late():
                break
            cuts = violated_cuts(self._options, *self._master.taken())
            if not cuts:
                break
            self._master.cut(cuts)
            tighter, columns, share = self._exact(root)
            gained = tighter.raw - bound.raw
            bound = tighter if gained > 0 else bound
            if gained < _WORTHWHILE * (self._cost * bound.unit - bound.raw):
                break
        return bound, columns, share

    def _below(self, root: Branch, bound: Bound, columns: Ints, share: Floats) -> int:
        """Explore all branches; the least bound of those that time left open, or the cost found."""
        open_branches = [(bound.value, branch) for branch in self._children(root, columns, share)]
        found: Bound | None
        while open_branches:
            if self._late():
                return min(self._cost, *(value for value, _ in open_branches))
            value, branch = open_branches.pop()
            if value >= self._cost:
                continue
            found, columns, share = self._relaxed(branch, to_the_end=False)
            if found is not None:
                value = max(value, found.value)  # time may have cut the relaxation short
            if value >= self._cost:
                continue
            if (share > _WHOLE).all():
                self._try(columns)
            if value < self._cost:
                open_branches += [(value, child) for child in self._children(branch, columns, share)]
        return self._cost

    def _relaxed(self, branch: Branch, *, to_the_end: bool) -> tuple[Bound | None, Ints, Floats]:
        """The bound of a branch and the group columns that its relaxation takes.

        None instead of a bound, unless `to_the_end`, where it could not prune and the groups are divided.
        """
        master = self._master
        master.branch(branch)
        best: Bound | None = None
        while True:
            prices = master.prices()
            if prices is None:  # the simplex gave up: whoever is still open is decided one by one
                weakest = bound_of(master.valid, self._goal, branch, no_prices(master.valid))
                return best or weakest, np.zeros(0, np.int64), np.zeros(0)
            too_low = master.value() < self._cost - 1
            if too_low and not to_the_end and self._is_divided() and not master.misses():
                return None, *master.taken_by_groups()  # the bound is lower still: only branching helps
            bound = bound_of(master.valid, self._goal, branch, prices)
            best = bound if best is None or bound.raw > best.raw else best
            if best.value >= min(self._cost, master.ceiling()) or self._late():
                break
            if too_low and master.insist():
                continue
            if not master.grow(prices, branch) and not master.touch_where_needed():
                break
        return best, *master.taken_by_groups()

    def _exact(self, branch: Branch) -> tuple[Bound, Ints, Floats]:
        bound, columns, share = self._relaxed(branch, to_the_end=True)
        assert bound is not None
        return bound, columns, share

    def _is_divided(self) -> bool:
        _, share = self._master.taken_by_groups()
        return bool((share < _WHOLE).any())

    def _try(self, ranked: Ints) -> None:
        answer = completed(self._options, without_conflict(self._options, ranked))
        cost = self._cost_of(answer)
        if (cost, _reversed(answer)) < (self._cost, _reversed(self._best)):
            self._best, self._cost = answer, cost

    def _children(self, branch: Branch, columns: Ints, share: Floats) -> list[Branch]:
        """Two branches: an owner takes one of some columns, or none of them. The last is tried first."""
        decision = self._undecided(branch, columns, share) or self._open(branch)
        if decision is None:
            self._try(np.flatnonzero(branch.allowed & self._options.coupled))
            return []
        owner, among, likely = decision
        theirs = self._options.owner == owner
        takes = Branch(branch.allowed & (~theirs | among), branch.forced | {owner})
        leaves = Branch(branch.allowed & ~(theirs & among), branch.forced)
        return [leaves, takes] if likely else [takes, leaves]

    def _undecided(self, branch: Branch, columns: Ints, share: Floats) -> _Decision | None:
        """What the relaxation is most divided about: whom to serve, else by whom, else when, else where."""
        options = self._options
        everything = np.zeros(options.slot_count, np.int64)
        each = np.arange(options.slot_count)
        for kind in (everything, options.practitioner, options.sitting, each):
            of_slot = np.append(kind, -1)
            divided = _most_divided(options.owner[columns], of_slot[options.slots[columns]], share)
            for owner, number, amount in divided:
                among = (of_slot[options.slots] == number).any(axis=1)
                others = branch.allowed & (options.owner == owner) & ~among
                if owner not in branch.forced or others.any():
                    return owner, among, amount >= 0.5
        return None

    def _open(self, branch: Branch) -> _Decision | None:
        """Any owner whose slots are not settled, though the relaxation happens to be whole."""
        options = self._options
        columns = np.flatnonzero(branch.allowed & options.coupled)
        many = np.bincount(options.owner[columns], minlength=options.owners)
        for column in columns.tolist():
            owner = int(options.owner[column])
            if many[owner] > 1 or owner not in branch.forced:
                only = np.zeros(len(options.owner), np.bool_)
                only[column] = True
                return owner, only, True
        return None


def _most_divided(owner: Ints, number: Ints, share: Floats) -> list[tuple[int, int, float]]:
    """Owners, numbers that their columns touch, the share of these; first what is large and near one half."""
    totals: dict[tuple[int, int], float] = {}
    size: dict[int, int] = {}
    for who, numbers, part in zip(owner.tolist(), number.tolist(), share.tolist(), strict=True):
        size[who] = max(size.get(who, 0), sum(what >= 0 for what in numbers))
        for what in set(numbers) - {-1}:
            totals[who, what] = totals.get((who, what), 0.0) + part
    divided = [(who, what, total) for (who, what), total in totals.items() if total < _WHOLE]
    return sorted(divided, key=lambda found: (-round(found[2] * (1 - found[2]) * size[found[0]], 6), found))


def no_prices(valid: ValidRows) -> Prices:
    """Prices of nothing, from which a weak bound follows."""
    slots, cuts, tangents = valid.options.slot_count + 1, len(valid.cuts), len(valid.tangents)
    return Prices(np.zeros(slots), np.zeros(3), 0.0, np.zeros(cuts), np.zeros(tangents))


def _reversed(answer: Answer) -> tuple[int, ...]:
    return tuple(-value for value in answer.value)
