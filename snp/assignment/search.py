"""Branch and bound on which slots the groups take; the singles beside them are a flow and need no branch.

A node is a relaxation with some columns of groups forbidden. Its exact bound prunes it; a node whose groups
are whole is completed by the flow, whose value is the node's own. The likelier side is followed first, then
the branch of least bound (docs/adr/0053).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from heapq import heappop, heappush
from itertools import count

import numpy as np

from snp.assignment.arrays import Bools, Floats, Ints
from snp.assignment.bounds import Bound, bound_of
from snp.assignment.branching import children_of
from snp.assignment.clock import Clock
from snp.assignment.cuts import violated_cuts
from snp.assignment.master import WHOLE, Branch, Goal, Master, Prices
from snp.assignment.options import Answer, Options, answer_of, completed, without_conflict
from snp.assignment.valid_rows import ValidRows

_Open = tuple[int, int, Branch]
"""A branch to explore: the bound known for it, its number (later ones are lower), itself."""
_LIKELY = 0.3
"""Of a column; less is left out of the first answer."""
_NODES_BETWEEN_SHRINKING = 20
_STILL_MANY = 0.6
_ROUNDS_OF_CUTS = 12
_OF_THE_GAIN, _OF_THE_GAP = 0.1, 0.02
"""A round of cuts is the last when it gains less of what all rounds have, or closes less of the gap."""


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
        clock: Clock,
    ) -> None:
        self._options = options
        self._master = master
        self._goal = goal
        self._cost_of = cost_of
        self._late = clock.late

    def run(self, answer: Answer, allowed: Bools) -> Found:
        """Improve `answer` until it is proven best or time is up."""
        self._best, self._cost = answer, self._cost_of(answer)
        self._names = np.arange(len(allowed))
        self._better = allowed
        root = Branch(allowed, frozenset())
        self._master.branch(root)
        self._master.aim(self._goal)
        bound, columns, share = self._exact(root)
        if bound.value < self._cost and len(columns):
            self._prove(bound, allowed)
            likely = np.argsort(-share, kind="stable")
            likely = columns[likely[share[likely] >= _LIKELY]]
            self._accept(self._master.whole(), likely)
            if bound.value < self._cost and self._goal.guide is not None:
                self._try(np.append(likely, self._beside(likely, bound)))
        bound, columns, share = self._cut_down(root, bound, columns, share)
        proven, whole = bound.value, self._master
        if proven < self._cost:
            self._prove(bound, allowed)
            proven = self._below(Branch(self._better, frozenset()), proven, columns, share)
            whole.add(self._names[self._master.inside])
        return Found(self._best, min(proven, self._cost), allowed & bound.allows(self._cost))

    def _prove(self, bound: Bound, allowed: Bools) -> None:
        """Keep what a bound of the whole says of each column, for when better answers are found."""
        self._bound = bound
        self._better = allowed & bound.allows(self._cost - 1)

    def _beside(self, columns: Ints, bound: Bound) -> Ints:
        """Columns of the groups left out by these, free of conflict with them, least slack first."""
        options = self._options
        chosen = without_conflict(options, columns)
        served = np.zeros(options.owners, np.bool_)
        served[options.owner[chosen]] = True
        used = np.zeros(options.slot_count + 1, np.bool_)
        used[options.slots[chosen]] = True
        used[-1] = False
        groups = options.pairs + np.flatnonzero(self._better[options.pairs :])
        free = groups[~served[options.owner[groups]] & ~used[options.slots[groups]].any(axis=1)]
        return free[np.argsort(bound.slack[free], kind="stable")]

    def _cut_down(
        self, root: Branch, bound: Bound, columns: Ints, share: Floats
    ) -> tuple[Bound, Ints, Floats]:
        """Tighten the root while cuts are found and help."""
        before = bound.raw
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
            gap = self._cost * bound.unit - bound.raw
            if gained <= max(_OF_THE_GAIN * (bound.raw - before), _OF_THE_GAP * gap):
                break
        return bound, columns, share

    def _below(self, root: Branch, value: int, columns: Ints, share: Floats) -> int:
        """Explore all branches; the least bound of those that time left open, or the cost found.

        Down the likelier side while something better may lie there, then on from the branch of least bound.
        """
        queue: list[_Open] = []
        following = self._part((value, 0, root), columns, share, queue)
        for number in count(1):
            if following is None and not queue:
                break
            value, _, branch = following or heappop(queue)
            if self._late():
                return min(self._cost, value, *(value for value, _, _ in queue))
            if value >= self._cost:
                following = None
                continue
            branch = Branch(branch.allowed & self._better, branch.forced)
            bound, columns, share = self._relaxed(branch, to_the_end=False)
            value = max(value, bound.value)
            branch = Branch(branch.allowed & bound.allows(self._cost - 1), branch.forced)
            if value < self._cost and (share > WHOLE).all():
                self._accept(self._master.whole(), columns)
            following = self._part((value, -number, branch), columns, share, queue)
            if number % _NODES_BETWEEN_SHRINKING == 0:
                following, queue = self._shrunk(following, queue)
        return self._cost

    def _part(self, node: _Open, columns: Ints, share: Floats, queue: list[_Open]) -> _Open | None:
        """Branch: the likelier side is returned, the other queued. None if nothing better lies there."""
        value, number, branch = node
        if value >= self._cost:
            return None
        children = children_of(self._options, branch, columns, share)
        if not children:
            self._try(np.flatnonzero(branch.allowed & self._options.coupled))
            return None
        heappush(queue, (value, number, children[1]))
        return value, number, children[0]

    def _shrunk(self, following: _Open | None, queue: list[_Open]) -> tuple[_Open | None, list[_Open]]:
        """Forget the columns that no better answer takes, or no open branch allows, once they are many."""
        open_branches = queue if following is None else [following, *queue]
        if not open_branches:
            return None, []
        still = np.zeros(len(self._better), np.bool_)
        for _, _, branch in open_branches:
            still |= branch.allowed
        kept = np.flatnonzero(self._better & still)
        if len(kept) > _STILL_MANY * len(self._better):
            return following, queue
        goal = self._goal.kept(kept)
        self._master, self._goal = self._master.kept(kept, goal), goal
        self._options = self._options.kept(kept)
        self._names = self._names[kept]
        self._better = self._better[kept]
        less = [
            (value, number, Branch(branch.allowed[kept], branch.forced)) for value, number, branch in queue
        ]
        if following is not None:
            value, number, branch = following
            following = value, number, Branch(branch.allowed[kept], branch.forced)
        return following, less

    def _relaxed(self, branch: Branch, *, to_the_end: bool) -> tuple[Bound, Ints, Floats]:
        """The bound of a branch and the group columns that its relaxation takes.

        Unless `to_the_end`, it is left as soon as it is clear that it cannot prune and only branching helps.
        """
        master = self._master
        master.branch(branch)
        best: Bound | None = None
        while True:
            prices = master.prices()
            if prices is None:  # the simplex gave up: whoever is still open is decided one by one
                weakest = bound_of(master.valid, self._goal, branch, no_prices(master.valid))
                return best or weakest, np.zeros(0, np.int64), np.zeros(0)
            bound = bound_of(master.valid, self._goal, branch, prices)
            best = bound if best is None or bound.raw > best.raw else best
            if best.value >= self._cost or self._late():
                break
            if master.value() < self._cost - 1:
                if not to_the_end and not master.misses() and self._is_divided():
                    break
                if master.insist():
                    continue
            grown = best.value < master.ceiling() and master.grow(prices, branch)
            if not grown and not master.touch_where_needed():
                break
        return best, *master.taken_by_groups()

    def _exact(self, branch: Branch) -> tuple[Bound, Ints, Floats]:
        return self._relaxed(branch, to_the_end=True)

    def _is_divided(self) -> bool:
        _, share = self._master.taken_by_groups()
        return bool((share < WHOLE).any())

    def _accept(self, whole: Ints | None, columns: Ints) -> None:
        """Keep what the relaxation takes, if that is an answer; else complete the columns of groups."""
        if whole is None:
            self._try(columns)
        else:
            self._keep(answer_of(self._options, whole))

    def _try(self, ranked: Ints) -> None:
        """Complete these columns of groups to an answer, and keep it if it is better."""
        self._keep(completed(self._options, without_conflict(self._options, ranked), self._better))

    def _keep(self, answer: Answer) -> None:
        cost = self._cost_of(answer)
        if (cost, _reversed(answer)) < (self._cost, _reversed(self._best)):
            self._best, self._cost = replace(answer, columns=self._names[answer.columns]), cost
            self._better &= self._bound.allows(cost - 1)[self._names]


def no_prices(valid: ValidRows) -> Prices:
    """Prices of nothing, from which a weak bound follows."""
    slots, cuts, tangents = valid.options.slot_count + 1, len(valid.cuts), len(valid.tangents)
    return Prices(np.zeros(slots), np.zeros(3), 0.0, np.zeros(cuts), np.zeros(tangents))


def _reversed(answer: Answer) -> tuple[int, ...]:
    return tuple(-value for value in answer.value)
