"""The best that somebody who knew the whole stream could do: an upper bound on every policy.

A request may take any slot that suits it at the moment it arrives, whether that slot is already published or
will be before it starts, unless the slot is withdrawn before it starts. Each slot serves one request, each
request counts 9, 3 or 1. Whoever cancels is served only by a slot that starts before. A request of several
sessions takes one slot only, and a household's members are taken apart: both relax the rules, so the bound
still holds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from snp.assignment.facts import Priority
from snp.assignment.policy.pairing import best_pairing
from snp.assignment.policy.slot_table import SlotTable
from snp.assignment.stream import (
    VALUE,
    AppointmentCancelled,
    RequestArrived,
    SlotPublished,
    SlotWithdrawn,
    Stream,
)


@dataclass(frozen=True, slots=True)
class Clairvoyant:
    """Requests served by priority in one best plan, its value, and who takes which slot."""

    served: dict[Priority, int]
    value: int
    plan: dict[str, str]


def clairvoyant(stream: Stream) -> Clairvoyant:
    """Solve the whole stream at once, as a flow of greatest value."""
    table, arrivals = _everything(stream)
    cancelled = {
        event.request_id: event.at.timestamp()
        for event in stream.events
        if isinstance(event, AppointmentCancelled)
    }
    tails, heads = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)]
    for row, arrival in enumerate(arrivals):
        columns, _ = table.suitable(table.compile(arrival.request), arrival.at.timestamp())
        columns = columns[table.start[columns] < cancelled.get(arrival.request.id, np.inf)]
        tails.append(np.full(len(columns), row, dtype=np.int64))
        heads.append(columns)
    plan = _best_plan(arrivals, np.concatenate(tails), np.concatenate(heads), table)
    served = dict.fromkeys(Priority, 0)
    for arrival in arrivals:
        if arrival.request.id in plan:
            served[arrival.request.priority] += 1
    return Clairvoyant(served, sum(VALUE[p] * n for p, n in served.items()), plan)


def _everything(stream: Stream) -> tuple[SlotTable, list[RequestArrived]]:
    """A table of every slot that is there when it starts, and the requests to decide."""
    until = stream.header.history_until
    slots = {}
    for event in stream.events:
        match event:
            case SlotPublished() if event.at <= event.slot.start and event.slot.start >= until:
                slots[event.slot.id] = event.slot
            case SlotWithdrawn() if event.slot_id in slots and event.at <= slots[event.slot_id].start:
                del slots[event.slot_id]
            case _:
                pass
    table = SlotTable(max(1, len(slots)))
    for slot in slots.values():
        table.add(slot)
    arrivals = [e for e in stream.events if isinstance(e, RequestArrived) and e.at >= until]
    return table, arrivals


def _best_plan(
    rows: list[RequestArrived], tails: np.ndarray, heads: np.ndarray, table: SlotTable
) -> dict[str, str]:
    """Request id to slot id of a plan of greatest value."""
    values = np.array([VALUE[arrival.request.priority] for arrival in rows], dtype=np.int64)
    taken = best_pairing(tails, heads, values[tails])
    return {
        rows[r].request.id: table.slot_at(int(c)).id
        for r, c in zip(tails[taken].tolist(), heads[taken].tolist(), strict=True)
    }
