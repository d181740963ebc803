"""Requests that need one slot and stand alone: the exact answer on all levels, by one minimum-cost flow.

Every request sends one unit to the sink, either through a slot and its practitioner or by a bypass that means
unserved. The k-th unit through a practitioner costs 2k - 1 on the spread level, so that n units cost n * n.
The levels are one integer cost per arc where this provably fits, see docs/adr/0010.

Priorities weigh 3, 2, 1. That serves P1 before P2 before P3: the sets of requests that can be served together
form a matroid, and there every strictly decreasing positive weight has the lexicographically best sets as its
optimum. Source: J. Edmonds, Matroids and the greedy algorithm, Mathematical Programming 1 (1971).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from snp.assignment.arrays import Bools, Ints
from snp.assignment.network import (
    MAX_COST,
    UNREACHED,
    Level,
    Network,
    distances,
    fits,
    lexicographic_flow,
    scaled,
    unit_of,
)

_WEIGHT = np.array([3, 2, 1], np.int64)

Rows = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Matching:
    """One flow problem: priority by request, practitioner by slot, pairs by request, slot and burden.

    `load` says how many slots each practitioner gives already, outside of the problem.
    """

    priority: Ints
    practitioner: Ints
    load: Ints
    request: Rows
    slot: Rows
    burden: Ints


@dataclass(frozen=True, slots=True)
class SlotPrice:
    """What one more slot like this one would bring: a request served of which priority, else points saved."""

    serves: int | None
    """Row of the priority of the one more request that is served; None when it would serve nobody more."""
    burden: int
    """Points of burden saved (negative when the one more served adds some)."""


def best_pairs(problem: Matching, *, limit: int = MAX_COST) -> Bools:
    """Which pairs an optimal answer takes: most P1, P2, P3 served, then least burden, then least spread."""
    network, levels = network_of(problem)
    return lexicographic_flow(network, levels, limit=limit)[: len(problem.request)]


def slot_prices(problem: Matching, taken: Bools) -> list[SlotPrice]:
    """What one more slot like each would bring, exactly: the best change along the residual graph."""
    worth, unit = slot_worth(problem, taken)
    return [_price(value, unit) for value in worth.tolist()]


def slot_worth(problem: Matching, taken: Bools) -> tuple[Ints, int]:
    """The same in points of burden, and how many points serving one more P3 stands for."""
    network, levels = network_of(problem)
    requests, slots = len(problem.priority), len(problem.practitioner)
    start = np.full(network.nodes, UNREACHED)
    start[-1] = 0
    served, burden = levels[:2]
    burden = Level(burden.cost, 2 * burden.most + 1)  # room for a change in either direction
    if not fits(network, (served, burden)):
        burden = Level(np.zeros_like(burden.cost), 1)
    flow = _flow_that_takes(problem, taken)
    height = distances(network, scaled((served, burden)), flow, start)[requests : requests + slots]
    return np.maximum(-height, 0) * (height < UNREACHED), unit_of((served, burden), 0)


def network_of(problem: Matching) -> tuple[Network, list[Level]]:
    """The network and its levels. Arcs: pairs, bypasses, slot to practitioner, practitioner to sink."""
    requests, slots = len(problem.priority), len(problem.practitioner)
    at_slot, at_practitioner = requests + np.arange(slots), requests + slots + problem.practitioner
    sink = requests + slots + len(problem.load)
    tail = (problem.request, np.arange(requests), at_slot, np.sort(at_practitioner))
    head = (requests + problem.slot, np.full(requests, sink), at_practitioner, np.full(slots, sink))
    supply = np.zeros(sink + 1, np.int64)
    supply[:requests] = 1
    supply[sink] = -requests
    network = Network(np.concatenate(tail, dtype=np.int32), np.concatenate(head, dtype=np.int32), supply)
    nothing = [np.zeros(len(part), np.int64) for part in tail]
    spread = 2 * _rank_of_unit(problem) + 1 + 2 * np.repeat(problem.load, _offered(problem))
    unserved = _WEIGHT[problem.priority]
    return network, [
        Level(np.concatenate([nothing[0], unserved, nothing[2], nothing[3]]), int(unserved.sum())),
        Level(np.concatenate([problem.burden, *nothing[1:]]), _most_burden(problem)),
        Level(np.concatenate([*nothing[:3], spread]), int(spread.sum())),
    ]


def _offered(problem: Matching) -> Ints:
    return np.bincount(problem.practitioner, minlength=len(problem.load))


def _rank_of_unit(problem: Matching) -> Ints:
    """0 for the first arc of each practitioner to the sink, 1 for the second and so on."""
    offered = _offered(problem)
    return np.arange(len(problem.practitioner)) - np.repeat(np.cumsum(offered) - offered, offered)


def _most_burden(problem: Matching) -> int:
    by_request = np.zeros(len(problem.priority), np.int64)
    by_slot = np.zeros(len(problem.practitioner), np.int64)
    np.maximum.at(by_request, problem.request, problem.burden)
    np.maximum.at(by_slot, problem.slot, problem.burden)
    return min(int(by_request.sum()), int(by_slot.sum()))


def _flow_that_takes(problem: Matching, taken: Bools) -> Bools:
    unserved = np.ones(len(problem.priority), np.bool_)
    unserved[problem.request[taken]] = False
    used = np.zeros(len(problem.practitioner), np.bool_)
    used[problem.slot[taken]] = True
    load = np.bincount(problem.practitioner[used], minlength=len(problem.load))
    return np.concatenate(
        [taken, unserved, used, _rank_of_unit(problem) < np.repeat(load, _offered(problem))]
    )


def _price(worth: int, unit: int) -> SlotPrice:
    weight = (worth + unit // 2) // unit
    return SlotPrice(3 - weight if weight else None, worth - weight * unit)
