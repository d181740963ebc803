"""Unit-capacity networks: minimum-cost flow, distances in the residual graph, the face of all optimal flows.

Knows nothing of slots and requests. OR-Tools solves; everything said about a solution is recomputed here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

from snp.assignment.arrays import Bools, Ints

UNREACHED = 1 << 62
MAX_COST = (1 << 61) - 1
"""Bound on (largest arc cost) x (nodes + 1): the solver scales costs by nodes + 1 in 64 bits."""


@dataclass(frozen=True, slots=True)
class Network:
    """Arcs of capacity one by tail and head; supply by node, adding up to zero."""

    tail: npt.NDArray[np.int32]
    head: npt.NDArray[np.int32]
    supply: Ints

    @property
    def nodes(self) -> int:
        """How many nodes there are."""
        return len(self.supply)


@dataclass(frozen=True, slots=True)
class Level:
    """A non-negative cost per arc, and a bound on what any flow can cost on this level."""

    cost: Ints
    most: int


def unit_of(levels: Sequence[Level], at: int) -> int:
    """What one point of level `at` weighs: more than all that the levels after it can add up to."""
    weight = 1
    for level in levels[at + 1 :]:
        weight *= level.most + 1
    return weight


def scaled(levels: Sequence[Level]) -> Ints:
    """One cost per arc in which a point of a level outweighs all the levels after it together."""
    total = np.zeros_like(levels[0].cost)
    for i, level in enumerate(levels):
        total += level.cost * unit_of(levels, i)
    return total


def fits(network: Network, levels: Sequence[Level], limit: int = MAX_COST) -> bool:
    """Whether the scaled cost of these levels provably stays within the solver's integers."""
    highest = sum(int(level.cost.max(initial=0)) * unit_of(levels, i) for i, level in enumerate(levels))
    return highest * (network.nodes + 1) <= limit


def lexicographic_flow(network: Network, levels: Sequence[Level], *, limit: int = MAX_COST) -> Bools:
    """The flow that is best on the first level, among those on the second, and so on.

    As many levels as fit are solved together; what is left is solved on the face of the optimal flows so far.
    """
    together = len(levels)
    while together > 1 and not fits(network, levels[:together], limit):
        together -= 1
    flow = _cheapest_flow(network, scaled(levels[:together]))
    while flow is None and together > 1:  # the solver ran out of range all the same
        together -= 1
        flow = _cheapest_flow(network, scaled(levels[:together]))
    if flow is None:
        raise OverflowError("the costs of one level are beyond the flow solver")
    if together == len(levels):
        return flow
    face, free, fixed = optimal_face(network, scaled(levels[:together]), flow)
    rest = [Level(level.cost[free], level.most) for level in levels[together:]]
    flow = np.zeros_like(flow)
    flow[fixed] = True
    flow[free] = lexicographic_flow(face, rest, limit=limit)
    return flow


def optimal_face(network: Network, cost: Ints, flow: Bools) -> tuple[Network, Ints, Ints]:
    """The flows as cheap as `flow`: the network of the arcs they may differ in, those arcs, the arcs all use.

    By complementary slackness: an arc of positive reduced cost carries nothing, one of negative is full.
    """
    height = distances(network, cost, flow, np.zeros(network.nodes, np.int64))
    reduced = cost + height[network.tail] - height[network.head]
    free, fixed = np.flatnonzero(reduced == 0), np.flatnonzero(reduced < 0)
    supply = network.supply.copy()
    np.subtract.at(supply, network.tail[fixed], 1)
    np.add.at(supply, network.head[fixed], 1)
    return Network(network.tail[free], network.head[free], supply), free, fixed


def distances(network: Network, cost: Ints, flow: Bools, start: Ints) -> Ints:
    """Shortest distance to every node in the residual graph of an optimal flow, from given starting heights.

    `start` holds `UNREACHED` for nodes that are no starting point. Bellman and Ford, a whole round at a time.
    """
    tail = np.where(flow, network.head, network.tail)
    head = np.where(flow, network.tail, network.head)
    length = np.where(flow, -cost, cost)
    order = np.argsort(head, kind="stable")
    tail, length = tail[order], length[order]
    entered, first = np.unique(head[order], return_index=True)
    height = start.copy()
    if not len(entered):
        return height
    for _ in range(network.nodes + 1):
        reached = height[tail]
        best = np.minimum.reduceat(np.where(reached < UNREACHED, reached + length, UNREACHED), first)
        closer = best < height[entered]
        if not closer.any():
            return height
        height[entered[closer]] = best[closer]
    raise AssertionError("a negative cycle: the flow was not optimal")


def _cheapest_flow(network: Network, cost: Ints) -> Bools | None:
    """A cheapest flow; None when the costs are out of the solver's range."""
    if not len(cost):
        return np.zeros(0, np.bool_)
    solver = SimpleMinCostFlow()
    solver.add_arcs_with_capacity_and_unit_cost(network.tail, network.head, np.ones_like(cost), cost)
    solver.set_nodes_supplies(np.arange(network.nodes, dtype=np.int32), network.supply)
    status = solver.solve()
    if status == SimpleMinCostFlow.BAD_COST_RANGE:
        return None
    if status != SimpleMinCostFlow.OPTIMAL:
        raise AssertionError(f"the flow solver says {status}")
    flow: Bools = solver.flows(np.arange(len(cost), dtype=np.int32)) > 0
    return flow
