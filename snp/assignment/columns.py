"""The ways to serve those that need several slots at once: one column for each set of slots that will do.

A column of a request with sessions is its slots in time order; a column of a household is an unbroken run and
the best way to seat its members, which does not depend on what the slots are worth to others.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import permutations

import numpy as np
from ortools.graph.python.linear_sum_assignment import SimpleLinearSumAssignment

from snp.assignment.arrays import Arrays, Bools, Ints
from snp.assignment.candidates import Pairs
from snp.assignment.rules import local_day

MOST_COLUMNS = 400_000
"""Ways of one group to list; a group with more is cut short and said to be so."""
_MOST_PERMUTED = 4


@dataclass(frozen=True, slots=True)
class Group:
    """Requests that are served together or not at all: a household, or one request with sessions.

    `slots[i]` are the slots of way `i`, in the order of `requests` for a household and of time for sessions.
    """

    requests: tuple[int, ...]
    slots: Ints
    burden: Ints
    complete: bool


def groups_of(arrays: Arrays, pairs: Pairs, *, most: int = MOST_COLUMNS) -> list[Group]:
    """Every coupled request's group with its ways, `most` at most; none means that nothing can be done."""
    coupled = arrays.requests.coupled
    if not coupled.any():
        return []
    bounds = np.searchsorted(pairs.request, np.arange(len(coupled) + 1))
    days = _days(arrays, pairs, coupled)
    groups = []
    homes: dict[int, list[int]] = defaultdict(list)
    for row in np.flatnonzero(coupled).tolist():
        if arrays.requests.household[row] >= 0:
            homes[int(arrays.requests.household[row])].append(row)
        else:
            groups.append(_sessions(arrays, pairs, row, slice(bounds[row], bounds[row + 1]), days, most=most))
    for members in homes.values():
        parts = [slice(bounds[row], bounds[row + 1]) for row in members]
        groups.append(_household(arrays, pairs, members, parts, days, most=most))
    return sorted(groups, key=lambda group: group.requests)


def _days(arrays: Arrays, pairs: Pairs, coupled: Bools) -> Ints:
    """Local day by slot, counted from the first, for the slots that coupled requests may take."""
    days = np.zeros(len(arrays.slots), np.int64)
    needed = np.unique(pairs.slot[coupled[pairs.request]])
    if len(needed):
        ordinals = np.array([local_day(arrays.slots.facts[slot].start) for slot in needed.tolist()])
        days[needed] = ordinals - ordinals.min()
    return days


def _sessions(arrays: Arrays, pairs: Pairs, row: int, part: slice, days: Ints, *, most: int) -> Group:
    """Join session to session: same practitioner, next day within the allowed gap."""
    request = arrays.requests.facts[row]
    slots = pairs.slot[part].astype(np.int64)
    order = np.lexsort((slots, days[slots], arrays.slots.practitioner[slots]))
    sorted_slots = slots[order]
    furthest = int(days.max(initial=0)) + 1
    least_gap = min(max(1, request.min_gap_days), furthest)
    most_gap = min(request.max_gap_days, furthest)
    span = 2 * furthest + 1
    key = arrays.slots.practitioner[sorted_slots] * span + days[sorted_slots]
    chosen = np.flatnonzero(~pairs.late[part])
    ways, burden = slots[chosen][:, None], pairs.burden[part][chosen]
    complete = True
    for _ in range(request.sessions - 1):
        if not len(ways):
            break
        last = arrays.slots.practitioner[ways[:, -1]] * span + days[ways[:, -1]]
        begin = np.searchsorted(key, last + least_gap)
        stop = np.searchsorted(key, last + most_gap, side="right")
        many = np.maximum(stop - begin, 0)
        if many.sum() > most:
            complete = False
            many = np.clip(most - (np.cumsum(many) - many), 0, many)
        offset = np.arange(many.sum()) - np.repeat(np.cumsum(many) - many, many)
        following = sorted_slots[np.repeat(begin, many) + offset]
        ways = np.column_stack([np.repeat(ways, many, axis=0), following])
        burden = np.repeat(burden, many)
    return Group((row,), ways, burden, complete)


def _household(
    arrays: Arrays, pairs: Pairs, members: list[int], parts: list[slice], days: Ints, *, most: int
) -> Group:
    """Seat the members in every unbroken run of as many slots."""
    cost = [dict(zip(pairs.slot[p].tolist(), pairs.burden[p].tolist(), strict=True)) for p in parts]
    runs, complete = _runs(arrays, sorted(set().union(*cost)), len(members), days, most)
    ways, burdens = [], []
    for run in runs:
        seated = _seated(run, cost)
        if seated is not None:
            ways.append(seated[0])
            burdens.append(seated[1])
    slots = np.array(ways, np.int64).reshape(len(ways), len(members))
    return Group(tuple(members), slots, np.array(burdens, np.int64), complete)


def _runs(
    arrays: Arrays, slots: list[int], size: int, days: Ints, most: int
) -> tuple[list[tuple[int, ...]], bool]:
    """Every chain of `size` slots of one practitioner and day, each starting where the one before ends."""
    starting: dict[tuple[int, int, int], list[int]] = defaultdict(list)
    columns = arrays.slots
    place = {slot: (int(columns.practitioner[slot]), int(days[slot])) for slot in slots}
    for slot in slots:
        starting[*place[slot], int(columns.start[slot])].append(slot)
    runs: list[tuple[int, ...]] = [(slot,) for slot in slots]
    complete = True
    for _ in range(size - 1):
        runs = [
            (*run, following)
            for run in runs
            for following in starting.get((*place[run[-1]], int(columns.end[run[-1]])), ())
        ]
        if len(runs) > most:
            runs, complete = runs[:most], False
    return runs, complete


def _seated(run: tuple[int, ...], cost: list[dict[int, int]]) -> tuple[tuple[int, ...], int] | None:
    """The cheapest way to give each member a slot of the run that suits it, if there is one."""
    if len(run) > _MOST_PERMUTED:
        return _seated_by_assignment(run, cost)
    best: tuple[int, tuple[int, ...]] | None = None
    for seats in permutations(run):
        points = 0
        for member, slot in zip(cost, seats, strict=True):
            if slot not in member:
                break
            points += member[slot]
        else:
            if best is None or (points, seats) < best:
                best = points, seats
    return None if best is None else (best[1], best[0])


def _seated_by_assignment(
    run: tuple[int, ...], cost: list[dict[int, int]]
) -> tuple[tuple[int, ...], int] | None:
    assignment = SimpleLinearSumAssignment()
    for member, points in enumerate(cost):
        for seat, slot in enumerate(run):
            if slot in points:
                assignment.add_arc_with_cost(member, seat, points[slot])
    if assignment.num_nodes() < len(run) or assignment.solve() != SimpleLinearSumAssignment.OPTIMAL:
        return None
    seats = tuple(run[assignment.right_mate(member)] for member in range(len(run)))
    return seats, int(assignment.optimal_cost())
