"""The pairs of a request and a slot that suits it, found by an index over place and time, never pair by pair.

Space is cut into cubes around the unit sphere (no pole, no date line); in a cube slots stand in the order of
start, so that a request looks at a few stretches of slots. Distances and burdens are computed in bulk and,
wherever rounding could matter, again by the scalar rules, which alone decide.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from snp.assignment.arrays import PRIORITIES, Arrays, Floats, Ints
from snp.assignment.facts import Audience, Mode, Request
from snp.assignment.malformed import MalformedInput
from snp.assignment.rules import EARTH_RADIUS_KM, accepts_practitioner, burden, distance_km

_CHUNK = 1 << 20
"""Pairs looked at together; bounds the memory."""
_DOUBT = 1e-6
"""How near to a limit (kilometres, points) the bulk arithmetic is not trusted."""
_FEW_PAIRS = 1 << 16
"""Up to so many, cutting space into cubes costs more than it saves; time alone is the index."""
_NEIGHBOURS = np.array(list(np.ndindex(3, 3, 3)), np.int64) - 1
_MAX_BURDEN = 1 << 50
"""Beyond, doubles no longer hold burdens to the point."""

_Kind = tuple[str, Mode, frozenset[Audience]]
_Need = tuple[frozenset[str], frozenset[Mode], Audience]


@dataclass(frozen=True, slots=True)
class Pairs:
    """Suitable pairs in the order of (request row, slot row), and the burden of each.

    `late` marks pairs that start after the deadline: good only for a session that is not the first.
    """

    request: npt.NDArray[np.int32]
    slot: npt.NDArray[np.int32]
    burden: Ints
    late: npt.NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.request)


def suitable_pairs(arrays: Arrays) -> Pairs:
    """All pairs of a request and a slot that suits it, including later sessions.

    Raises: `MalformedInput` when a burden is too large to be added exactly.
    """
    slots_of_kind: dict[_Kind, list[int]] = defaultdict(list)
    for row, slot in enumerate(arrays.slots.facts):
        slots_of_kind[slot.profession, slot.mode, slot.audiences].append(row)
    requests_of_need: dict[_Need, list[int]] = defaultdict(list)
    for row, request in enumerate(arrays.requests.facts):
        requests_of_need[request.professions, request.modes, request.audience].append(row)
    found: list[Pairs] = []
    for need, requests in requests_of_need.items():
        for travels in (True, False):
            slots = [
                row
                for kind, rows in slots_of_kind.items()
                if _meets(kind, need) and (kind[1] is not Mode.VR) == travels
                for row in rows
            ]
            if slots:
                found.extend(_pairs_of(arrays, np.array(requests), np.array(sorted(slots)), travels=travels))
    return _in_order(found)


def _meets(kind: _Kind, need: _Need) -> bool:
    profession, mode, audiences = kind
    professions, modes, audience = need
    return profession in professions and mode in modes and audience in audiences


def _pairs_of(arrays: Arrays, requests: Ints, slots: Ints, *, travels: bool) -> Iterator[Pairs]:
    """The pairs among requests and slots whose kinds already match."""
    if not travels or len(requests) * len(slots) <= _FEW_PAIRS:
        stretches = _Stretches(arrays, slots, np.zeros((len(slots), 3), np.int64))
        yield from _filtered(arrays, stretches, requests, np.zeros((len(requests), 3), np.int64), travels)
        return
    sphere_slots = _on_sphere(arrays.slots.lat[slots], arrays.slots.lon[slots])
    reach = arrays.requests.max_km[requests]
    classes = np.ceil(np.log2(np.clip(reach, 1.0, 32_768.0))).astype(np.int64)
    for size in np.unique(classes):
        members = requests[classes == size]
        edge = 2 * np.sin(min(2.0**size / (2 * EARTH_RADIUS_KM), np.pi / 2)) * (1 + 1e-9)
        stretches = _Stretches(arrays, slots, np.floor(sphere_slots / edge).astype(np.int64))
        sphere = _on_sphere(arrays.requests.lat[members], arrays.requests.lon[members])
        cubes = np.floor(sphere / edge).astype(np.int64)[:, None, :] + _NEIGHBOURS
        around = len(_NEIGHBOURS)
        yield from _filtered(arrays, stretches, np.repeat(members, around), cubes.reshape(-1, 3), travels)


def _on_sphere(lat: Floats, lon: Floats) -> Floats:
    phi, lam = np.radians(lat), np.radians(lon)
    return np.stack([np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)], axis=1)


class _Stretches:
    """Slots in the order of (cube, start); asked for the stretch of a cube between two moments."""

    def __init__(self, arrays: Arrays, slots: Ints, cubes: Ints) -> None:
        starts = arrays.slots.start[slots]
        self._moments = np.unique(starts)
        self._codes = np.unique(_code(cubes))
        keys = self._key(np.searchsorted(self._codes, _code(cubes)), np.searchsorted(self._moments, starts))
        order = np.lexsort((slots, keys))
        self._keys = keys[order]
        self.slots = slots[order]

    def between(self, cubes: Ints, first: Ints, last: Ints) -> tuple[Ints, Ints]:
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


def _filtered(
    arrays: Arrays, stretches: _Stretches, requests: Ints, cubes: Ints, travels: bool
) -> Iterator[Pairs]:
    last = np.where(
        arrays.requests.sessions[requests] > 1, np.iinfo(np.int64).max, arrays.requests.deadline[requests]
    )
    begin, stop = stretches.between(cubes, arrays.requests.lower[requests], last)
    some = stop > begin
    requests, begin = requests[some], begin[some]
    counts = stop[some] - begin
    ends = np.cumsum(counts)
    at = 0
    while at < len(requests):
        before = ends[at] - counts[at]
        until = max(at + 1, int(np.searchsorted(ends, before + _CHUNK, side="right")))
        many = counts[at:until]
        request = np.repeat(requests[at:until], many)
        offset = np.arange(len(request)) - np.repeat(ends[at:until] - many - before, many)
        slot = stretches.slots[np.repeat(begin[at:until], many) + offset]
        yield _judged(arrays, request, slot, travels)
        at = until


def _judged(arrays: Arrays, request: Ints, slot: Ints, travels: bool) -> Pairs:
    """Keep the pairs near enough and with an accepted practitioner; price them."""
    km = np.zeros(len(request))
    if travels:
        km = _kilometres(arrays, request, slot)
        near = km <= arrays.requests.max_km[request] + _DOUBT
        request, slot, km = request[near], slot[near], km[near]
        km = _settle_distances(arrays, request, slot, km)
        near = km <= arrays.requests.max_km[request]
        request, slot, km = request[near], slot[near], km[near]
    accepted = _accepted(arrays, request, slot)
    request, slot, km = request[accepted], slot[accepted], km[accepted]
    points = _burdens(arrays, request, slot, km)
    late = arrays.slots.start[slot] > arrays.requests.deadline[request]
    return Pairs(request.astype(np.int32), slot.astype(np.int32), points, late)


def _kilometres(arrays: Arrays, request: Ints, slot: Ints) -> Floats:
    phi_a, phi_b = np.radians(arrays.requests.lat[request]), np.radians(arrays.slots.lat[slot])
    half_dlambda = np.radians(arrays.slots.lon[slot] - arrays.requests.lon[request]) / 2
    h = np.sin((phi_b - phi_a) / 2) ** 2 + np.cos(phi_a) * np.cos(phi_b) * np.sin(half_dlambda) ** 2
    km: Floats = 2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.minimum(1.0, h)))
    return km


def _settle_distances(arrays: Arrays, request: Ints, slot: Ints, km: Floats) -> Floats:
    doubtful = np.flatnonzero(np.abs(km - arrays.requests.max_km[request]) <= _DOUBT)
    for i in doubtful:
        km[i] = distance_km(arrays.requests.facts[request[i]], arrays.slots.facts[slot[i]])
    return km


def _burdens(arrays: Arrays, request: Ints, slot: Ints, km: Floats) -> Ints:
    weights = arrays.instance.weights
    per_hour = np.array([weights.wait_per_hour[priority] for priority in PRIORITIES])
    hours = (arrays.slots.start[slot] - arrays.requests.earliest[request]) / 1e6 / 3600
    points = per_hour[arrays.requests.priority[request]] * hours + weights.travel_per_km * km
    if len(points) and points.max() >= _MAX_BURDEN:
        raise MalformedInput("weights", "burdens are too large to be added exactly")
    whole = np.floor(points + 0.5)
    # Without a journey there is no transcendental function, and both arithmetics are the same.
    doubtful = (np.abs(points - np.floor(points) - 0.5) <= _DOUBT + points * 1e-12) & (km > 0)
    for i in np.flatnonzero(doubtful):
        whole[i] = burden(arrays.requests.facts[request[i]], arrays.slots.facts[slot[i]], weights)
    return whole.astype(np.int64)


def _accepted(arrays: Arrays, request: Ints, slot: Ints) -> npt.NDArray[np.bool_]:
    accepted = np.ones(len(request), np.bool_)
    picky = [row for row in np.unique(request).tolist() if _is_picky(arrays.requests.facts[row])]
    for i in np.flatnonzero(np.isin(request, picky)) if picky else ():
        accepted[i] = accepts_practitioner(
            arrays.requests.facts[request[i]], arrays.slots.facts[slot[i]].practitioner
        )
    return accepted


def _is_picky(request: Request) -> bool:
    return bool(request.excluded_practitioners) or request.only_practitioners is not None


def _in_order(found: list[Pairs]) -> Pairs:
    if not found:
        none = np.zeros(0, np.int32)
        return Pairs(none, none, np.zeros(0, np.int64), np.zeros(0, np.bool_))
    request = np.concatenate([pairs.request for pairs in found])
    slot = np.concatenate([pairs.slot for pairs in found])
    order = np.lexsort((slot, request))
    return Pairs(
        request[order],
        slot[order],
        np.concatenate([pairs.burden for pairs in found])[order],
        np.concatenate([pairs.late for pairs in found])[order],
    )
