"""The end of a day: what is still open is settled at once, with the slots that are there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from ortools.graph.python import min_cost_flow

from snp.assignment.policy.matching import bits
from snp.assignment.policy.scenario import OpenRequest
from snp.assignment.policy.slot_table import SlotTable

_SCALE: Final = 10**7
"""One point of value against the whole of waits and distances of one request: minutes plus tens of metres."""


def best_closing(table: SlotTable, items: Sequence[OpenRequest], now: float) -> dict[str, int]:
    """Return a column for as much value of open requests as can be, then the least waits and distances.

    `now` in epoch seconds. Each item's `columns` are the free slots that can still be named to it in time.
    """
    rows, columns, costs = _arcs(table, items, now)
    if not rows:
        return {}
    flow = min_cost_flow.SimpleMinCostFlow()
    source, sink = len(items) + table.capacity, len(items) + table.capacity + 1
    tails, heads = np.array(rows), np.array(columns) + len(items)
    pairs = flow.add_arcs_with_capacity_and_unit_cost(tails, heads, np.ones(len(rows), int), np.array(costs))
    every, used = np.arange(len(items)), np.unique(heads)
    for start, end in ((np.full(len(items), source), every), (used, np.full(len(used), sink))):
        ones = np.ones(len(start), int)
        flow.add_arcs_with_capacity_and_unit_cost(start, end, ones, ones * 0)
    flow.add_arcs_with_capacity_and_unit_cost(every, np.full(len(items), sink), every * 0 + 1, every * 0)
    flow.set_node_supply(source, len(items))
    flow.set_node_supply(sink, -len(items))
    status = flow.solve()
    assert status == flow.OPTIMAL, status
    taken = np.flatnonzero(flow.flows(pairs))
    return {items[rows[arc]].ident: columns[arc] for arc in taken.tolist()}


def _arcs(
    table: SlotTable, items: Sequence[OpenRequest], now: float
) -> tuple[list[int], list[int], list[int]]:
    rows, columns, costs = [], [], []
    for row, item in enumerate(items):
        own = np.array(list(bits(item.columns)), dtype=np.int64)
        if not len(own):
            continue
        km = table.distance(item.caller.need, own)
        minutes = (table.start[own] - now) / 60
        rows += [row] * len(own)
        columns += own.tolist()
        costs += (np.rint(minutes + 100 * km).astype(np.int64) - item.weight * _SCALE).tolist()
    return rows, columns, costs
