"""The batch assignment: an instance to its best answer, with the reason for every request left over.

Each part of the instance is solved exactly: by a flow where every request stands alone, by relaxation, branch
and bound where sessions or households tie slots together. Always the same answer for the same instance, in
whatever order it lists things.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from snp.assignment.arrays import PRIORITIES, Arrays, Bools, Ints, arrays_of
from snp.assignment.candidates import Pairs, suitable_pairs
from snp.assignment.clock import Clock
from snp.assignment.columns import MOST_COLUMNS, Group, groups_of
from snp.assignment.coupled import solve_part
from snp.assignment.explanations import explain
from snp.assignment.facts import Assigned, Assignment, Instance, Priority, Status
from snp.assignment.flow import Matching, best_pairs
from snp.assignment.greedy import greedy_pairs
from snp.assignment.parts import CoupledPart, FlowPart, parts_of
from snp.assignment.rules import burden

_LEVELS = (*(priority.value for priority in PRIORITIES), "burden", "spread")
_SECONDS_PER_ARC = 3e-6
"""What a flow takes, rather over- than underestimated: it cannot be stopped once begun."""

_SECONDS_PER_COLUMN = 4e-6
"""What a way of a group takes to list, price and bound a few times over."""


def solve(instance: Instance, *, time_limit: float | None = None) -> Assignment:
    """The best answer on all levels, or the best found in `time_limit` seconds, with bounds.

    Raises: `MalformedInput` when the weights make burdens too large to be added exactly.
    """
    clock = Clock(time_limit)
    arrays = arrays_of(instance)
    pairs = suitable_pairs(arrays)
    coupled = int(arrays.requests.coupled.sum())
    groups = groups_of(
        arrays, pairs, most=clock.affords(_SECONDS_PER_COLUMN, each_of=coupled, most=MOST_COLUMNS)
    )
    solution = _Solution(arrays, pairs)
    for part in parts_of(arrays, pairs, groups):
        if isinstance(part, FlowPart):
            solution.add_flow(part, clock)
        else:
            solution.add_coupled(part, clock)
    return solution.written(groups, clock)


@dataclass
class _Solution:
    """What has been decided so far, and the bounds that hold for it."""

    arrays: Arrays
    pairs: Pairs
    taken: list[Ints] = field(default_factory=list)
    """Pairs of singles that are taken."""
    seated: dict[int, tuple[int, ...]] = field(default_factory=dict)
    """Slots by coupled request."""
    bound: Ints = field(default_factory=lambda: np.zeros(5, np.int64))
    proven: bool = True

    def add_flow(self, part: FlowPart, clock: Clock) -> None:
        matching = part.matching
        if clock.allows(len(matching.request) * _SECONDS_PER_ARC):
            chosen = best_pairs(matching)
            self.bound += _reached(matching, chosen)
        else:
            chosen = greedy_pairs(matching)
            servable = np.bincount(matching.priority, minlength=3)
            self.bound[:3] += np.minimum(servable, len(matching.practitioner))
            self.proven = False
        self.taken.append(part.pairs[chosen])

    def add_coupled(self, part: CoupledPart, clock: Clock) -> None:
        found = solve_part(part.options, clock)
        self.bound += np.array(found.bound)
        self.proven &= found.is_proven
        singles = found.answer.columns[found.answer.columns < len(part.pairs)]
        self.taken.append(part.pairs[singles])
        for column in found.answer.columns[len(singles) :].tolist():
            group = part.groups[int(part.options.owner[column]) - part.options.singles]
            slots = part.slots[
                [s for s in part.options.slots[column].tolist() if s < len(part.slots)]
            ].tolist()
            if len(group.requests) == 1:
                self.seated[group.requests[0]] = tuple(slots)
            else:
                self.seated.update({row: (slot,) for row, slot in zip(group.requests, slots, strict=True)})

    def written(self, groups: list[Group], clock: Clock) -> Assignment:
        """The answer in the words of the instance."""
        singles = np.concatenate([*self.taken, np.zeros(0, np.int64)]).astype(np.int64)
        pair_of = dict(zip(self.pairs.request[singles].tolist(), singles.tolist(), strict=True))
        slots_of = {row: (int(self.pairs.slot[pair]),) for row, pair in pair_of.items()} | self.seated
        assignments = tuple(self._assigned(row, slots_of[row], pair_of) for row in sorted(slots_of))
        return Assignment(
            status=Status.OPTIMAL if self.proven else Status.FEASIBLE,
            served=self._served(list(slots_of)),
            burden=sum(item.burden for item in assignments),
            spread=self._spread([slot for slots in slots_of.values() for slot in slots]),
            assignments=assignments,
            unserved=explain(self.arrays, self.pairs, groups, slots_of),
            wall_s=clock.elapsed(),
            bound=None if self.proven else dict(zip(_LEVELS, self.bound.tolist(), strict=True)),
        )

    def _assigned(self, row: int, slots: tuple[int, ...], pair_of: dict[int, int]) -> Assigned:
        request = self.arrays.requests.facts[row]
        given = [self.arrays.slots.facts[slot] for slot in slots]
        if row in pair_of:
            points = int(self.pairs.burden[pair_of[row]])
        else:
            points = burden(request, given[0], self.arrays.instance.weights)
        return Assigned(request.id, tuple(slot.id for slot in given), points)

    def _served(self, rows: list[int]) -> dict[Priority, int]:
        counts = np.bincount(self.arrays.requests.priority[rows], minlength=3) if rows else [0, 0, 0]
        return {priority: int(count) for priority, count in zip(PRIORITIES, counts, strict=True)}

    def _spread(self, slots: list[int]) -> int:
        load = np.bincount(self.arrays.slots.practitioner[slots]) if slots else np.zeros(0, np.int64)
        return int((load * load).sum())


def _reached(matching: Matching, chosen: Bools) -> Ints:
    """What a flow part reaches on each level; being optimal, these are its bounds."""
    slots = matching.practitioner[matching.slot[chosen]]
    load = np.bincount(slots, minlength=len(matching.load))
    served = np.bincount(matching.priority[matching.request[chosen]], minlength=3)
    return np.concatenate([served, [matching.burden[chosen].sum(), (load * load).sum()]])
