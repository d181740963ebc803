from __future__ import annotations

from datetime import timedelta
from itertools import combinations, permutations

from snp.assignment.arrays import arrays_of
from snp.assignment.candidates import suitable_pairs
from snp.assignment.columns import Group, groups_of
from snp.assignment.facts import Instance
from snp.assignment.rules import breaks_household, breaks_sessions, broken_rule, burden
from tests.support.assignment import NOW, a_request, a_slot, an_instance, random_instance


def ways(instance: Instance, **limits: int) -> list[Group]:
    arrays = arrays_of(instance)
    return groups_of(arrays, suitable_pairs(arrays), **limits)


def test_every_way_of_sessions_is_listed_once() -> None:
    for seed in range(60):
        instance = random_instance(seed, coupled=1.0)
        arrays = arrays_of(instance)
        for group in groups_of(arrays, suitable_pairs(arrays)):
            request = arrays.requests.facts[group.requests[0]]
            if request.sessions == 1:
                continue
            by_start = sorted(instance.slots, key=lambda slot: slot.start)
            expected = {
                tuple(slot.id for slot in chosen): burden(request, chosen[0], instance.weights)
                for chosen in combinations(by_start, request.sessions)
                if breaks_sessions(request, chosen) is None
                and all(
                    broken_rule(request, slot, instance.now, later_session=i > 0) is None
                    for i, slot in enumerate(chosen)
                )
            }
            listed = [tuple(arrays.slots.facts[slot].id for slot in way) for way in group.slots.tolist()]
            assert dict(zip(listed, group.burden.tolist(), strict=True)) == expected
            assert len(set(listed)) == len(listed)


def test_every_run_of_a_household_is_listed_with_its_cheapest_seating() -> None:
    for seed in range(60):
        instance = random_instance(seed, coupled=1.0)
        arrays = arrays_of(instance)
        for group in groups_of(arrays, suitable_pairs(arrays)):
            members = [arrays.requests.facts[row] for row in group.requests]
            if len(members) == 1:
                continue
            cheapest: dict[frozenset[str], int] = {}
            for seats in permutations(instance.slots, len(members)):
                if breaks_household(seats) is None and all(
                    broken_rule(member, slot, instance.now) is None
                    for member, slot in zip(members, seats, strict=True)
                ):
                    points = sum(burden(m, s, instance.weights) for m, s in zip(members, seats, strict=True))
                    run = frozenset(slot.id for slot in seats)
                    cheapest[run] = min(points, cheapest.get(run, points))
            listed = {
                frozenset(arrays.slots.facts[slot].id for slot in way): points
                for way, points in zip(group.slots.tolist(), group.burden.tolist(), strict=True)
            }
            assert listed == cheapest


def test_a_group_with_too_many_ways_is_cut_short_and_says_so() -> None:
    slots = [a_slot(f"s{i}", starts=NOW + timedelta(days=i % 4, minutes=i)) for i in range(24)]
    (whole,) = ways(an_instance(slots, [a_request(sessions=3)]))
    (cut,) = ways(an_instance(slots, [a_request(sessions=3)]), most=100)
    assert whole.complete
    assert not cut.complete
    assert 0 < len(cut.burden) <= 100


def test_more_sessions_than_anybody_could_live_are_given_up_at_once() -> None:
    instance = an_instance(slots=[a_slot()], requests=[a_request(sessions=10**12)])

    assert [group.slots.size for group in ways(instance)] == [0]
