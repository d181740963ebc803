"""Who is served when those before come first."""

from __future__ import annotations

from itertools import combinations, permutations

from hypothesis import given
from hypothesis import strategies as st

from snp.assignment.facts import Instance
from snp.assignment.rules import broken_rule
from snp.assignment.turns import served_in_turn
from tests.support.surety import NOW, a_pledge, a_surety


@given(
    starts=st.lists(st.integers(1, 12), max_size=4),
    deadlines=st.lists(st.integers(1, 12), max_size=5),
)
def test_each_is_served_exactly_when_all_before_him_still_are(starts: list[int], deadlines: list[int]):
    slots = [a_surety(f"s{i}", hours).slot for i, hours in enumerate(starts)]
    requests = [a_pledge(f"r{i}", hours).request for i, hours in enumerate(deadlines)]
    expected: list[str] = []
    for request in requests:
        if _together([r for r in requests if r.id in {*expected, request.id}], slots):
            expected.append(request.id)
    instance = Instance(NOW, tuple(slots), tuple(requests))
    assert served_in_turn(instance, requests) == frozenset(expected)


def _together(requests: list, slots: list) -> bool:
    """By brute force: whether all of these can have a slot of their own."""
    return any(
        all(broken_rule(r, s, NOW) is None for r, s in zip(order, chosen, strict=True))
        for chosen in combinations(slots, len(requests))
        for order in permutations(requests)
    )
