"""Why a request got nothing: the rules that kept slots from it, or who holds those that suit it.

Says also what one more slot would change, by following the exchanges it would set off: whoever holds a slot
may move to the new one and leave his own to another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from snp.assignment.arrays import PRIORITIES, Arrays, Ints
from snp.assignment.candidates import Pairs
from snp.assignment.columns import Group
from snp.assignment.exclusions import RuleCounter
from snp.assignment.facts import Request, Rule, Unserved, UnservedReason

_NAMED = 5
"""Holders that the detail names; the others are counted."""
_NOBODY = len(PRIORITIES)


def explain(
    arrays: Arrays, pairs: Pairs, groups: Sequence[Group], slots_of: dict[int, tuple[int, ...]]
) -> tuple[Unserved, ...]:
    """The reason for every request without a slot, in the order of their identifiers."""
    left = [row for row in range(len(arrays.requests)) if row not in slots_of]
    if not left:
        return ()
    view = _View.of(arrays, pairs, groups, slots_of)
    return tuple(_explained(view, row) for row in left)


@dataclass(frozen=True, slots=True)
class _View:
    arrays: Arrays
    pairs: Pairs
    bounds: Ints
    group_of: dict[int, Group]
    holder: list[int]
    """Request row by slot row, -1 for a free slot."""
    serves: list[int]
    """By slot, the priority row of the request that one more slot like it would serve; 3 for nobody."""
    rules: RuleCounter

    @classmethod
    def of(
        cls, arrays: Arrays, pairs: Pairs, groups: Sequence[Group], slots_of: dict[int, tuple[int, ...]]
    ) -> _View:
        holder = np.full(len(arrays.slots), -1, np.int64)
        for row, slots in slots_of.items():
            holder[list(slots)] = row
        bounds = np.searchsorted(pairs.request, np.arange(len(arrays.requests) + 1))
        group_of = {row: group for group in groups for row in group.requests}
        return cls(
            arrays,
            pairs,
            bounds,
            group_of,
            holder.tolist(),
            _serves(arrays, pairs, bounds, holder).tolist(),
            RuleCounter(arrays),
        )

    def suitable(self, row: int) -> list[int]:
        """The slots that suit a request, as its first session where it has several."""
        part = slice(self.bounds[row], self.bounds[row + 1])
        slots: list[int] = self.pairs.slot[part][~self.pairs.late[part]].tolist()
        return slots

    def holders(self, row: int, slots: Sequence[int]) -> list[int]:
        """The requests that hold these slots, without those of the same group."""
        own = self.group_of[row].requests if row in self.group_of else ()
        return sorted({self.holder[slot] for slot in slots}.difference(own, (-1,)))

    def names(self, holders: Sequence[int]) -> tuple[str, ...]:
        """Identifiers of requests by row."""
        facts = self.arrays.requests.facts
        return tuple([facts[held].id for held in holders])


def _explained(view: _View, row: int) -> Unserved:
    suitable = view.suitable(row)
    group = view.group_of.get(row)
    if group is None:
        return _outcompeted(view, row, suitable) if len(suitable) else _unsuited(view, row, suitable)
    if len(group.burden):
        return _group_outcompeted(view, row, suitable, group)
    return _unsuited(view, row, suitable)


def _unsuited(view: _View, row: int, suitable: Sequence[int]) -> Unserved:
    request = view.arrays.requests.facts[row]
    excluded = view.rules.excluded(row, len(suitable))
    if len(suitable):
        excluded[Rule.SESSIONS if request.sessions > 1 else Rule.HOUSEHOLD] = len(suitable)
    if not len(view.arrays.slots):
        detail = "no slot is offered"
    else:
        counts = ", ".join(
            f"{count} by {_rule_text(rule, request)}" for rule, count in excluded.items() if count
        )
        detail = f"none of {len(view.arrays.slots)} slots suits: {counts}"
    return Unserved(
        request.id, UnservedReason.NO_SUITABLE_SLOT, detail, excluded=excluded, suitable=len(suitable)
    )


def _outcompeted(view: _View, row: int, suitable: Sequence[int]) -> Unserved:
    request = view.arrays.requests.facts[row]
    holders = view.names(view.holders(row, suitable))
    serves = min(view.serves[slot] for slot in suitable)
    one_more = PRIORITIES[serves] if serves < _NOBODY else None
    taken = sum(view.holder[slot] >= 0 for slot in suitable)
    detail = f"{_number(len(suitable), 'suitable slot')}, {taken} taken by {_named(holders)}"
    if one_more is not None:
        detail += f"; one more slot like these would serve one more {one_more}"
    return Unserved(
        request.id,
        UnservedReason.OUTCOMPETED,
        detail,
        taken_by=holders,
        suitable=len(suitable),
        one_more_slot=one_more,
    )


def _group_outcompeted(view: _View, row: int, suitable: Sequence[int], group: Group) -> Unserved:
    request = view.arrays.requests.facts[row]
    holders = view.names(view.holders(row, np.unique(group.slots).tolist()))
    what = f"{request.sessions} sessions" if request.sessions > 1 else f"a household of {len(group.requests)}"
    ways = _number(len(group.burden), "way") if group.complete else f"more than {len(group.burden)} ways"
    return Unserved(
        request.id,
        UnservedReason.OUTCOMPETED,
        f"{ways} to place {what}, each needs a slot taken by {_named(holders)}",
        taken_by=holders,
        suitable=len(suitable),
    )


def _serves(arrays: Arrays, pairs: Pairs, bounds: Ints, holder: Ints) -> Ints:
    """Follow exchanges from the unserved, P1 first: whom one more slot like each would serve in the end."""
    alone = ~arrays.requests.coupled
    served = np.zeros(len(arrays.requests), np.bool_)
    served[holder[holder >= 0]] = True
    serves = np.full(len(holder), _NOBODY, np.int64)
    seen = np.zeros(len(arrays.requests), np.bool_)
    for priority in range(_NOBODY):
        moving = np.flatnonzero(alone & ~served & (arrays.requests.priority == priority))
        while len(moving):
            seen[moving] = True
            many = bounds[moving + 1] - bounds[moving]
            offset = np.arange(many.sum()) - np.repeat(np.cumsum(many) - many, many)
            slots = np.unique(pairs.slot[np.repeat(bounds[moving], many) + offset])
            slots = slots[serves[slots] == _NOBODY]
            serves[slots] = priority
            held = holder[slots]
            held = held[held >= 0]
            moving = np.unique(held[alone[held] & ~seen[held]])
    return serves


def _named(holders: Sequence[str]) -> str:
    if not holders:
        return "nobody"
    more = len(holders) - _NAMED
    return ", ".join(holders[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def _number(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def _rule_text(rule: Rule, request: Request) -> str:
    match rule:
        case Rule.TOO_EARLY:
            return "start too early"
        case Rule.TOO_LATE:
            return "start after the deadline"
        case Rule.DISTANCE:
            return f"distance over {request.max_km:g} km"
        case Rule.SESSIONS:
            return f"no {request.sessions} sessions together"
        case Rule.HOUSEHOLD:
            return "no unbroken run for the household"
        case _:
            return rule.value
