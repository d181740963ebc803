"""Parts in which sessions or households tie slots together: the levels one after the other, each proven.

A phase minimises one level among the answers that are best on those before: served requests, burden, spread.
The bound that proves a phase says which columns an equally good answer may take; only those enter the next.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from snp.assignment.arrays import Bools, Floats, Ints
from snp.assignment.clock import Clock
from snp.assignment.flow import best_pairs, slot_worth
from snp.assignment.master import Goal, Master, best_per_owner
from snp.assignment.options import (
    Answer,
    Options,
    answer_of,
    completed,
    matching_beside,
    without_conflict,
)
from snp.assignment.search import Search
from snp.assignment.valid_rows import Tangent

_FIRST_COLUMNS = 6
_LARGEST_WEIGHT = 1_000_000
"""Above this, served P1, P2 and P3 are three phases: in floating point one could not see the other."""
_OUT_OF_QUESTION = 1 << 60


@dataclass(frozen=True, slots=True)
class Part:
    """An answer for one part of an instance and a bound for each level; both agree where it is proven best.

    `bound`: at most so many P1, P2, P3 served, at least so much burden, spread; of the best answer there is.
    """

    answer: Answer
    bound: tuple[int, ...]

    @property
    def is_proven(self) -> bool:
        """Whether no answer is better on any level."""
        return self.bound == (*self.answer.served, self.answer.burden, self.answer.spread)


def solve_part(options: Options, clock: Clock) -> Part:
    """The best answer of a coupled part; when time runs out, the best found and how good one could be."""
    answer, likely = _first_answer(options)
    if clock.late():
        return _unproven(answer, [], options)
    allowed = np.ones(len(options.owner), np.bool_)
    weightings = _weightings(options)
    goal = _most_served_goal(options, weightings[0], settled=[])
    master = Master(options, likely, _tangents_around(options, answer), goal, clock)
    master.begin_with(answer.columns)
    settled: list[int] = []
    for weights in weightings:
        goal = goal if not settled else _most_served_goal(options, weights, settled)
        search = Search(options, master, goal, _Cost(tuple(settled), weights), clock)
        found = search.run(answer, allowed)
        answer, allowed = found.answer, found.allowed
        settled += _most_served(-found.bound, weights, answer, options)
        if tuple(settled) != answer.served[: len(settled)]:
            return _unproven(answer, settled, options)
    master.touch([t for t in _tangents_around(options, answer) if t not in master.valid.tangents])
    last = _burden_with_spread if _fits_combined(options) else _burden_then_spread
    part = last(options, master, answer, allowed, clock)
    return part if options.complete else _unproven(part.answer, [], options)


def _burden_with_spread(
    options: Options, master: Master, answer: Answer, allowed: Bools, clock: Clock
) -> Part:
    """Both at once, a point of burden outweighing all spread: one tree of branches instead of two."""
    point, served = _point(options), answer.served
    goal = Goal(options.burden * point, served, spread=1, scale=point)
    found = Search(options, master, goal, lambda a: _combined(a, served, point), clock).run(answer, allowed)
    best = found.answer
    least = found.bound // point
    spread = found.bound - least * point if least == best.burden else 0
    return Part(best, (*served, least, spread))


def _burden_then_spread(
    options: Options, master: Master, answer: Answer, allowed: Bools, clock: Clock
) -> Part:
    """One after the other, where both at once would not fit in 64 bits."""
    served = answer.served
    goal = Goal(options.burden, served)
    found = Search(options, master, goal, _Cost(served, None), clock).run(answer, allowed)
    best = found.answer
    if found.bound < best.burden:
        return _unproven(best, [*served, found.bound], options)
    goal = Goal(np.zeros_like(options.burden), served, best.burden, spread=1)
    cost = _Cost((*served, best.burden), None)
    found = Search(options, master, goal, cost, clock).run(best, found.allowed)
    return Part(found.answer, (*served, best.burden, found.bound))


def _tangents_around(options: Options, answer: Answer) -> list[Tangent]:
    """The tangents on either side of the loads of an answer."""
    slots = options.slots[answer.columns].ravel()
    used = options.practitioner[slots[slots < options.slot_count]]
    load = np.bincount(used, minlength=options.practitioners).tolist()
    return [(who, t) for who, many in enumerate(load) for t in range(max(0, many - 1), many + 1)]


def _point(options: Options) -> int:
    """What a point of burden weighs beside the spread: more than all spread there can be."""
    offered = np.bincount(options.practitioner)
    return int((offered * offered).sum()) + 1


def _fits_combined(options: Options) -> bool:
    """Whether burden and spread can be weighed together and summed in 64 bits."""
    return int(options.burden.max(initial=0)) * _point(options) * (options.owners + 1) < 1 << 57


def _combined(answer: Answer, served: tuple[int, int, int], point: int) -> int:
    return answer.burden * point + answer.spread if answer.served == served else _OUT_OF_QUESTION


@dataclass(frozen=True, slots=True)
class _Cost:
    """What an answer costs on the level after those settled; out of the question when worse on these."""

    settled: tuple[int, ...]
    weights: Ints | None

    def __call__(self, answer: Answer) -> int:
        reached = (*answer.served, answer.burden, answer.spread)
        if reached[: len(self.settled)] != self.settled:
            return _OUT_OF_QUESTION
        if self.weights is not None:
            return -int(self.weights @ np.array(answer.served))
        return reached[len(self.settled)]


def _weightings(options: Options) -> list[Ints]:
    """One weighting of P1, P2, P3 where it is exact in floating point, else one after the other."""
    _, second, third = options.counts.sum(axis=0).tolist()
    weights = np.array([(second + 1) * (third + 1), third + 1, 1])
    return [weights] if weights[0] <= _LARGEST_WEIGHT else list(np.eye(3, dtype=np.int64))


def _most_served_goal(options: Options, weights: Ints, settled: list[int]) -> Goal:
    """Serve most; among the answers that serve as many the relaxation is led to those of little burden.

    What leads it adds up to less than a quarter of a point, so that no bound is lowered by a whole one.
    """
    cost = -(options.counts @ weights)[options.owner]
    return Goal(cost, _floor(settled), guide=_guide(options))


def _guide(options: Options) -> Floats:
    most = np.zeros(options.owners, np.int64)
    np.maximum.at(most, options.owner, options.burden)
    return options.burden / (4.0 * float(most.sum()) + 1)


def _floor(settled: list[int]) -> tuple[int, int, int]:
    first, second, third = (*settled, 0, 0, 0)[:3]
    return first, second, third


def _most_served(most: int, weights: Ints, answer: Answer, options: Options) -> list[int]:
    """How many of each priority the best answer serves at most, if its weighted sum is at most `most`."""
    bounds = []
    for level in np.flatnonzero(weights).tolist():
        weight = int(weights[level])
        bounds.append(min(most // weight, _servable(options)[level]))
        most -= weight * answer.served[level]
        if bounds[-1] != answer.served[level]:
            break
    return bounds


def _unproven(answer: Answer, settled: list[int], options: Options) -> Part:
    """Bounds for what is not settled: whoever has a way may be served, nothing need be spent."""
    known = settled if options.complete else []
    return Part(answer, (*known, *(*_servable(options), 0, 0)[len(known) :]))


def _servable(options: Options) -> tuple[int, ...]:
    """How many of each priority have a way to be served at all."""
    has_way = np.bincount(options.owner, minlength=options.owners) > 0
    return tuple(options.counts[has_way].sum(axis=0).tolist())


def _first_answer(options: Options) -> tuple[Answer, Ints]:
    """An answer to begin with, and the columns that matter at the prices of the best one without any group.

    Groups that are worth more than their slots are to the singles are placed one after the other, the singles
    as well as possible beside them.
    """
    matching, free = matching_beside(options, np.zeros(0, np.int64))
    pairs = best_pairs(matching)
    worth, unit = slot_worth(matching, pairs)
    gain = (options.counts @ np.array([3, 2, 1]))[options.owner] * unit - options.burden
    gain -= options.priced(np.append(worth, 0))
    alone = answer_of(options, free[pairs])
    everyone = np.arange(len(options.owner))
    likely = best_per_owner(options.owner, -gain.astype(float), everyone, _FIRST_COLUMNS)
    groups = likely[(likely >= options.pairs) & (gain[likely] > 0)]
    chosen = without_conflict(options, groups[np.argsort(-gain[groups], kind="stable")])
    answer = max(alone, completed(options, chosen), key=lambda found: found.value)
    return answer, np.union1d(answer.columns, np.union1d(free[pairs], likely))
