"""Who of those who wait can be served together when earlier ones come first, one visit each. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from snp.assignment.facts import Instance, Request
from snp.assignment.policy.matching import Matching
from snp.assignment.suitable import SlotFinder


def served_in_turn(instance: Instance, in_turn: Sequence[Request]) -> frozenset[str]:
    """Return the requests that get a slot when each is served as long as all before it still are.

    The sets that can be served together form a matroid, so nobody later could be served more of them: with
    priorities first in the order, as many of each are served as by the exact levels.
    Source: J. Edmonds, "Matroids and the greedy algorithm", 1971.
    """
    number = {slot.id: i for i, slot in enumerate(instance.slots)}
    finder = SlotFinder(instance)
    matching = Matching()
    for column in number.values():
        matching.add_column(column)
    for row, request in enumerate(in_turn):
        mask = 0
        for slot in finder.suitable(request):
            mask |= 1 << number[slot.id]
        matching.add_row(row, mask, 1)
    return frozenset(in_turn[row].id for row in matching.column_of)
