"""An instance cut into parts that cannot influence each other, each numbered from zero for its solver."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from snp.assignment.arrays import Arrays, Ints
from snp.assignment.candidates import Pairs
from snp.assignment.columns import Group
from snp.assignment.components import Rows, first_of_each, joined, renumbered
from snp.assignment.flow import Matching
from snp.assignment.options import Options, Singles, options_of
from snp.assignment.rules import local_day

_PAIRS_TOGETHER = 50_000
"""Parts without groups are solved together up to about this size: they are many and small."""


@dataclass(frozen=True, slots=True)
class FlowPart:
    """Singles only: the flow problem, and for each of its pairs the pair of the instance."""

    matching: Matching
    pairs: Ints


@dataclass(frozen=True, slots=True)
class CoupledPart:
    """Singles and groups: options, the pair behind each single's column, the groups, slots by number."""

    options: Options
    pairs: Ints
    groups: list[Group]
    slots: Ints


def parts_of(arrays: Arrays, pairs: Pairs, groups: Sequence[Group]) -> Iterator[FlowPart | CoupledPart]:
    """Cut where no request can choose between two sides and no practitioner stands on both."""
    single = ~arrays.requests.coupled[pairs.request]
    alone = np.flatnonzero(single)
    practitioner = arrays.slots.practitioner
    label = _labels(arrays, pairs.request[alone], practitioner[pairs.slot[alone]], groups)
    at = label[practitioner[pairs.slot[alone]]]
    groups_at: dict[int, list[Group]] = defaultdict(list)
    for group in groups:
        if len(group.burden):
            groups_at[int(label[practitioner[group.slots[0, 0]]])].append(group)
    order = np.argsort(at, kind="stable")
    begin = first_of_each(at[order])
    stretches = dict(zip(at[order][begin].tolist(), np.split(alone[order], begin[1:]), strict=False))
    waiting: list[Ints] = []
    for part in sorted(stretches.keys() | groups_at.keys()):
        here = stretches.get(part, alone[:0])
        if part in groups_at:
            yield _coupled_part(arrays, pairs, here, groups_at[part])
            continue
        waiting.append(here)
        if sum(map(len, waiting)) >= _PAIRS_TOGETHER:
            yield _flow_part(arrays, pairs, np.sort(np.concatenate(waiting)))
            waiting = []
    if waiting:
        yield _flow_part(arrays, pairs, np.sort(np.concatenate(waiting)))


def _labels(arrays: Arrays, request: Rows, practitioner: Ints, groups: Sequence[Group]) -> Ints:
    """By practitioner, the part he belongs to."""
    first = first_of_each(request)
    lengths = np.diff(np.append(first, len(request)))
    left, right = [np.repeat(practitioner[first], lengths)], [practitioner]
    for group in groups:
        theirs = np.unique(arrays.slots.practitioner[group.slots])
        left.append(np.full(len(theirs), theirs[0] if len(theirs) else 0))
        right.append(theirs)
    return joined(len(arrays.slots.practitioners), np.concatenate(left), np.concatenate(right))


def _flow_part(arrays: Arrays, pairs: Pairs, here: Ints) -> FlowPart:
    requests, request = renumbered(pairs.request[here], len(arrays.requests))
    slots, slot = renumbered(pairs.slot[here], len(arrays.slots))
    whose = arrays.slots.practitioner[slots]
    practitioners, practitioner = renumbered(whose, len(arrays.slots.practitioners))
    matching = Matching(
        arrays.requests.priority[requests],
        practitioner,
        np.zeros(len(practitioners), np.int64),
        request.astype(np.int32),
        slot.astype(np.int32),
        pairs.burden[here],
    )
    return FlowPart(matching, here)


def _coupled_part(arrays: Arrays, pairs: Pairs, here: Ints, groups: list[Group]) -> CoupledPart:
    requests, request = np.unique(pairs.request[here], return_inverse=True)
    slots = np.unique(np.concatenate([pairs.slot[here], *(group.slots.ravel() for group in groups)]))
    _, practitioner = np.unique(arrays.slots.practitioner[slots], return_inverse=True)
    singles = Singles(
        arrays.requests.priority[requests],
        request,
        np.searchsorted(slots, pairs.slot[here]),
        pairs.burden[here],
    )
    local = [
        Group(group.requests, np.searchsorted(slots, group.slots), group.burden, group.complete)
        for group in groups
    ]
    counts = np.array(
        [np.bincount(arrays.requests.priority[list(group.requests)], minlength=3) for group in groups]
    )
    days = [local_day(arrays.slots.facts[slot].start) for slot in slots.tolist()]
    _, sitting = np.unique(np.stack([practitioner, days]), axis=1, return_inverse=True)
    return CoupledPart(options_of(singles, local, counts, practitioner, sitting), here, groups, slots)
