"""Which slots a request should look at: an index over place and time, so that it need not look at all.

Space is cut into cubes around the unit sphere (no pole, no date line); in a cube slots stand in the order of
start, so that a request looks at a few stretches of slots.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from snp.assignment.arrays import Arrays, Ints
from snp.assignment.rules import EARTH_RADIUS_KM

AT_ONCE = 1 << 20
FEW_PAIRS = 1 << 16
_NEIGHBOURS = np.array(list(np.ndindex(3, 3, 3)), np.int64) - 1


def nearby(
    arrays: Arrays,
    requests: Ints,
    slots: Ints,
    *,
    travels: bool,
    at_once: int = AT_ONCE,
    few: int = FEW_PAIRS,
) -> Iterator[tuple[Ints, Ints]]:
    """Rows of requests and slots, pair by pair, that time and place do not exclude at a glance; in pieces.

    `travels`: somebody must go there, so place matters.
    """
    if not travels or len(requests) * len(slots) <= few:
        everywhere = _Stretches(arrays, slots, np.zeros((len(slots), 3), np.int64))
        yield from everywhere.pairs(arrays, requests, np.zeros((len(requests), 3), np.int64), at_once)
        return
    reach = arrays.requests.max_km[requests]
    classes = np.ceil(np.log2(np.clip(reach, 1.0, 32_768.0))).astype(np.int64)
    for size in np.unique(classes):
        members = requests[classes == size]
        edge = 2 * np.sin(min(2.0**size / (2 * EARTH_RADIUS_KM), np.pi / 2)) * (1 + 1e-9)
        stretches = _Stretches(arrays, slots, np.floor(arrays.slots.sphere[slots] / edge).astype(np.int64))
        cubes = np.floor(arrays.requests.sphere[members] / edge).astype(np.int64)[:, None, :] + _NEIGHBOURS
        around = len(_NEIGHBOURS)
        yield from stretches.pairs(arrays, np.repeat(members, around), cubes.reshape(-1, 3), at_once)


class _Stretches:
    """Slots in the order of (cube, start); asked for the stretch of a cube between two moments."""

    def __init__(self, arrays: Arrays, slots: Ints, cubes: Ints) -> None:
        starts = arrays.slots.start[slots]
        self._moments = np.unique(starts)
        self._codes = np.unique(_code(cubes))
        keys = self._key(np.searchsorted(self._codes, _code(cubes)), np.searchsorted(self._moments, starts))
        order = np.lexsort((slots, keys))
        self._keys = keys[order]
        self._slots = slots[order]

    def pairs(self, arrays: Arrays, requests: Ints, cubes: Ints, at_once: int) -> Iterator[tuple[Ints, Ints]]:
        """The pairs of each request and the slots of its cube that start in its time, in pieces."""
        last = np.where(
            arrays.requests.sessions[requests] > 1, np.iinfo(np.int64).max, arrays.requests.deadline[requests]
        )
        begin, stop = self._between(cubes, arrays.requests.lower[requests], last)
        some = stop > begin
        requests, begin = requests[some], begin[some]
        counts = stop[some] - begin
        ends = np.cumsum(counts)
        at = 0
        while at < len(requests):
            before = ends[at] - counts[at]
            until = max(at + 1, int(np.searchsorted(ends, before + at_once, side="right")))
            many = counts[at:until]
            request = np.repeat(requests[at:until], many)
            offset = np.arange(len(request)) - np.repeat(ends[at:until] - many - before, many)
            slot = self._slots[np.repeat(begin[at:until], many) + offset]
            yield request, slot
            at = until

    def _between(self, cubes: Ints, first: Ints, last: Ints) -> tuple[Ints, Ints]:
        """For each cube the stretch `[begin, stop)` of slots that start within `[first, last]`."""
        codes = _code(cubes)
        cube = np.minimum(np.searchsorted(self._codes, codes), len(self._codes) - 1)
        begin = np.searchsorted(self._keys, self._key(cube, np.searchsorted(self._moments, first)))
        after = np.searchsorted(self._moments, last, side="right")
        stop = np.searchsorted(self._keys, self._key(cube, after))
        stop = np.where(self._codes[cube] == codes, np.maximum(stop, begin), begin)
        return begin, stop

    def _key(self, cube: Ints, moment: Ints) -> Ints:
        return cube * (len(self._moments) + 1) + moment


def _code(cubes: Ints) -> Ints:
    offset = cubes + (1 << 20)
    return (offset[:, 0] << 42) | (offset[:, 1] << 21) | offset[:, 2]
