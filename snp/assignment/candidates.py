"""The pairs of a request and a slot that suits it, with the burden of each.

Distances and burdens are computed in bulk and, wherever rounding could matter, again by the scalar rules,
which alone decide.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from snp.assignment.arrays import PRIORITIES, Arrays, Bools, Floats, Ints
from snp.assignment.facts import Audience, Mode
from snp.assignment.malformed import MalformedInput
from snp.assignment.nearby import AT_ONCE, FEW_PAIRS, nearby
from snp.assignment.rules import EARTH_RADIUS_KM, accepts_practitioner, burden, distance_km

_DOUBT = 1e-6
"""How near to a limit (kilometres, points) the bulk arithmetic is not trusted."""
_CHORD_KM = 1e-11
"""By how much a distance from a chord may be wrong: a few units in the last place of the unit sphere."""
_MOST_BURDEN = 1 << 56
"""Beyond, the burdens of all could not be added, nor scaled by the flow, in 64 bits."""

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


def suitable_pairs(arrays: Arrays, *, at_once: int = AT_ONCE, few: int = FEW_PAIRS) -> Pairs:
    """All pairs of a request and a slot that suits it, including later sessions.

    `at_once`: pairs looked at together, which bounds the memory. `few`: up to so many pairs, cutting space
    into cubes costs more than it saves, and time alone is the index.

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
                rows = np.array(requests), np.array(sorted(slots))
                pieces = nearby(arrays, *rows, travels=travels, at_once=at_once, few=few)
                found.extend(_judged(arrays, *piece, travels=travels) for piece in pieces)
    return _in_order(found)


def _meets(kind: _Kind, need: _Need) -> bool:
    profession, mode, audiences = kind
    professions, modes, audience = need
    return profession in professions and mode in modes and audience in audiences


def _judged(arrays: Arrays, request: Ints, slot: Ints, *, travels: bool) -> Pairs:
    """Keep the pairs near enough and with an accepted practitioner; price them."""
    km = np.zeros(len(request))
    if travels:
        near, chord = _within_reach(arrays, request, slot)
        request, slot = request[near], slot[near]
        km = _kilometres(chord[near])
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


def _within_reach(arrays: Arrays, request: Ints, slot: Ints) -> tuple[Bools, Floats]:
    """Tell, without trigonometry, what is not certainly too far; and the squared chords of the sphere."""
    reach = 2 * np.sin(np.minimum(arrays.requests.max_km / (2 * EARTH_RADIUS_KM), np.pi / 2))
    longest = (reach * (1 + 1e-9) + 1e-9) ** 2
    chord = arrays.requests.sphere[request] - arrays.slots.sphere[slot]
    squared: Floats = np.einsum("ij,ij->i", chord, chord)
    return squared <= longest[request], squared


def _kilometres(squared: Floats) -> Floats:
    """Great-circle kilometres from squared chords of the unit sphere, to `_CHORD_KM`."""
    km: Floats = 2 * EARTH_RADIUS_KM * np.arcsin(np.minimum(1.0, np.sqrt(squared) / 2))
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
    if len(points) and points.max() * (len(arrays.requests) + 2 * len(arrays.slots)) >= _MOST_BURDEN:
        raise MalformedInput("weights", "burdens are too large to be added exactly")
    whole = np.floor(points + 0.5)
    # Without a journey there is no transcendental function, and both arithmetics are the same.
    doubt = _DOUBT + weights.travel_per_km * _CHORD_KM + points * 1e-12
    doubtful = (np.abs(points - np.floor(points) - 0.5) <= doubt) & (km > 0)
    for i in np.flatnonzero(doubtful):
        whole[i] = burden(arrays.requests.facts[request[i]], arrays.slots.facts[slot[i]], weights)
    return whole.astype(np.int64)


def _accepted(arrays: Arrays, request: Ints, slot: Ints) -> npt.NDArray[np.bool_]:
    accepted = np.ones(len(request), np.bool_)
    for i in np.flatnonzero(arrays.requests.choosy[request]):
        accepted[i] = accepts_practitioner(
            arrays.requests.facts[request[i]], arrays.slots.facts[slot[i]].practitioner
        )
    return accepted


def _in_order(found: list[Pairs]) -> Pairs:
    if not found:
        none = np.zeros(0, np.int32)
        return Pairs(none, none, np.zeros(0, np.int64), np.zeros(0, np.bool_))
    request = np.concatenate([pairs.request for pairs in found])
    slot = np.concatenate([pairs.slot for pairs in found])
    order = np.argsort(request.astype(np.int64) * (int(slot.max(initial=0)) + 1) + slot)
    return Pairs(
        request[order],
        slot[order],
        np.concatenate([pairs.burden for pairs in found])[order],
        np.concatenate([pairs.late for pairs in found])[order],
    )
