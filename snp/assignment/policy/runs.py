"""Slots that go together: the sessions of one request.

Searches by cost per column, so that a policy can prefer what others need least.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime

from snp.assignment.policy.slot_table import Need, SlotTable
from snp.assignment.rules import local_day

Cost = Callable[[int], float]


def no_cost(_column: int) -> float:
    """Every column alike."""
    return 0.0


def earliest_sessions(table: SlotTable, need: Need, now: datetime) -> tuple[str, ...]:
    """The sessions that begin first, and follow each other soonest."""
    return cheapest_sessions(table, need, now, no_cost)[1]


def cheapest_sessions(
    table: SlotTable, need: Need, now: datetime, cost: Cost
) -> tuple[float, tuple[str, ...]]:
    """Cost and slots of the cheapest series, the earliest of equals; no slots when none fits.

    Dynamic programming over the days of each practitioner: at most one slot a day counts, the cheapest.
    """
    request = need.request
    columns, _ = table.suitable(need, now.timestamp(), any_time=True)
    offers: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for column in columns.tolist():
        slot = table.slot_at(column)
        offers[slot.practitioner].append((local_day(slot.start), column))
    best: tuple[float, float, tuple[int, ...]] | None = None
    for practitioner in sorted(offers):
        found = _series(table, offers[practitioner], need, cost)
        if found is not None and (best is None or found[:2] < best[:2]):
            best = found
    if best is None:
        return 0.0, ()
    assert len(best[2]) == request.sessions
    return best[0], tuple(table.slot_at(column).id for column in best[2])


def _series(
    table: SlotTable, offers: list[tuple[int, int]], need: Need, cost: Cost
) -> tuple[float, float, tuple[int, ...]] | None:
    request = need.request
    least_gap = max(1, request.min_gap_days)
    ways: list[tuple[float, float, int, tuple[int, ...]]] = [
        (cost(column), float(table.start[column]), day, (column,))
        for day, column in offers
        if table.start[column] <= need.deadline
    ]
    for _ in range(request.sessions - 1):
        if not ways:
            return None
        longer: dict[int, tuple[float, float, int, tuple[int, ...]]] = {}
        for day, column in offers:
            before = [way for way in ways if least_gap <= day - way[2] <= request.max_gap_days]
            if before:
                way = min(before, key=lambda item: item[:2])
                candidate = (way[0] + cost(column), way[1], day, (*way[3], column))
                if day not in longer or candidate[:2] < longer[day][:2]:
                    longer[day] = candidate
        ways = [*longer.values()]
    if not ways:
        return None
    total, start, _, chosen = min(ways, key=lambda item: item[:2])
    return total, start, chosen
