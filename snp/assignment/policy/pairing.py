"""Rows and columns paired once each for the greatest gain, by one flow."""

from __future__ import annotations

import numpy as np
from ortools.graph.python import min_cost_flow

from snp.assignment.policy.slot_table import Ints


def best_pairing(rows: Ints, columns: Ints, gains: Ints) -> Ints:
    """Return which pairs to take, as indices into the three arrays, so that the sum of gains is greatest.

    A flow source → rows → columns → sink, with a way around for whoever is left out. Gains are integers.
    """
    if not len(rows):
        return np.zeros(0, dtype=np.int64)
    asking, used = np.unique(rows), np.unique(columns)
    first_column = int(asking[-1]) + 1
    source = first_column + int(used[-1]) + 1
    sink = source + 1
    flow = min_cost_flow.SimpleMinCostFlow()

    def arcs(tails: Ints, heads: Ints, costs: Ints) -> Ints:
        ones = np.ones(len(tails), dtype=np.int64)
        added: Ints = flow.add_arcs_with_capacity_and_unit_cost(tails, heads, ones, costs)
        return added

    pairs = arcs(rows, columns + first_column, -gains)
    arcs(np.full(len(asking), source), asking, 0 * asking)
    arcs(used + first_column, np.full(len(used), sink), 0 * used)
    around = flow.add_arc_with_capacity_and_unit_cost(source, sink, len(asking), 0)
    assert around >= 0
    flow.set_nodes_supplies(np.array([source, sink]), np.array([len(asking), -len(asking)]))
    status = flow.solve()
    assert status == flow.OPTIMAL, f"flow ended with status {status}"
    return np.flatnonzero(flow.flows(pairs))
