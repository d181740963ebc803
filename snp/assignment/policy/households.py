"""Households in a live day: members are seen one after another by one practitioner, or not at all.

Members arrive as requests of their own. They are answered together at the earliest `answer_by` among those
known (the instant of the first call when none is given), so that members called in at once are served as one
run or refused as one. Whoever comes after that is served only by a slot that touches the run his family
holds, and refused when the family was; a refused household is not kept on the waiting list.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from itertools import permutations

from snp.assignment.facts import Slot
from snp.assignment.policy.desk import Caller, Desk
from snp.assignment.policy.runs import Cost
from snp.assignment.rules import breaks_household, local_day
from snp.assignment.stream import Answer

LARGEST = 6
"""Members beyond this number are not tried in every order."""


def answer_household(
    desk: Desk, members: Sequence[Caller], now: datetime, cost: Cost, limit: float
) -> list[Answer]:
    """Serve the members in the cheapest run whose cost stays below `limit`, or refuse them all."""
    run = cheapest_run(desk, members, now, cost)
    if run is None or run[0] >= limit:
        return [Answer(now, member.arrival.request.id, reason="no_run_for_household") for member in members]
    slots = run[1]
    return [
        Answer(now, member.arrival.request.id, (slot.id,), reason="served")
        for member, slot in zip(members, slots, strict=True)
    ]


def answer_late_member(desk: Desk, member: Caller, family: Sequence[Caller], now: datetime) -> Answer:
    """Serve a member who comes after the others by a slot that makes their run longer, or refuse."""
    request = member.arrival.request
    held = [
        desk.table.slot_at(desk.table.column[i]) for c in family for i in c.slots if i in desk.table.column
    ]
    if held:
        columns, _ = desk.table.suitable(member.need, now.timestamp())
        for column in columns.tolist():
            slot = desk.table.slot_at(column)
            if breaks_household([*held, slot]) is None:
                return Answer(now, request.id, (slot.id,), reason="served")
    return Answer(now, request.id, reason="household_already_answered")


def cheapest_run(
    desk: Desk, members: Sequence[Caller], now: datetime, cost: Cost
) -> tuple[float, list[Slot]] | None:
    """Cost and slots, one per member in their order, of the cheapest unbroken run that suits all."""
    suits = [set(desk.table.suitable(m.need, now.timestamp())[0].tolist()) for m in members]
    days: dict[tuple[str, int], list[int]] = defaultdict(list)
    for column in sorted(set().union(*suits)):
        slot = desk.table.slot_at(column)
        days[slot.practitioner, local_day(slot.start)].append(column)
    best: tuple[float, float, list[int]] | None = None
    for key in sorted(days):
        for run in _runs(desk, days[key], len(members)):
            order = _seating(run, suits)
            if order is not None:
                found = (sum(map(cost, run)), float(desk.table.start[run[0]]), order)
                if best is None or found[:2] < best[:2]:
                    best = found
    return None if best is None else (best[0], [desk.table.slot_at(column) for column in best[2]])


def _runs(desk: Desk, columns: list[int], length: int) -> list[tuple[int, ...]]:
    """Every unbroken run of that many columns."""
    table = desk.table
    after: dict[float, list[int]] = defaultdict(list)
    for column in columns:
        after[float(table.start[column])].append(column)
    runs: list[tuple[int, ...]] = [(column,) for column in columns]
    for _ in range(length - 1):
        runs = [(*run, more) for run in runs for more in after.get(float(table.end[run[-1]]), ())]
    return runs


def _seating(run: tuple[int, ...], suits: list[set[int]]) -> list[int] | None:
    """Who takes which slot of a run: one column per member, None when nobody's order fits."""
    orders = permutations(run) if len(run) <= LARGEST else iter([run])
    for order in orders:
        if all(column in own for column, own in zip(order, suits, strict=True)):
            return list(order)
    return None
