from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bench.assignment_instances import Shape, draw
from snp.assignment.checks import violations
from snp.assignment.facts import Assignment, Instance, Priority, Status, Weights
from snp.assignment.rules import breaks_household
from snp.assignment.solving import solve
from tests.support.assignment import (
    NOW,
    a_request,
    a_slot,
    an_instance,
    best_value,
    random_instance,
    value_of,
)

SMALL = Shape(slots=60, requests=80, side_km=20, coupled=0.3)


def given(answer: Assignment) -> dict[str, tuple[str, ...]]:
    return {item.request: item.slots for item in answer.assignments}


def value(answer: Assignment) -> tuple[int, ...]:
    return value_of(answer.served, answer.burden, answer.spread)


def test_nothing_to_solve_is_optimal() -> None:
    answer = solve(an_instance())
    assert (answer.status, answer.burden, answer.spread) == (Status.OPTIMAL, 0, 0)
    assert answer.served == {Priority.P1: 0, Priority.P2: 0, Priority.P3: 0}


def test_the_example_of_the_format_is_served() -> None:
    request = a_request(earliest="2026-11-23T08:20:00+01:00", lat=47.0814, lon=-2.0372)
    answer = solve(an_instance([a_slot(lat=47.1158, lon=-2.1033)], [request]))
    assert given(answer) == {"r1": ("s1",)}
    assert answer.burden == 13


def test_one_p1_is_worth_more_than_two_p2() -> None:
    slots = [a_slot("s1"), a_slot("s2", starts="2026-11-24T10:00:00+01:00")]
    soon = "2026-11-23T11:00:00+01:00"
    requests = [
        a_request("r1", Priority.P1, sessions=2),
        a_request("r2", Priority.P2, deadline=soon),
        a_request("r3", Priority.P2),
    ]
    assert given(solve(an_instance(slots, requests))) == {"r1": ("s1", "s2")}


def test_more_p2_are_served_before_any_p3() -> None:
    slots = [a_slot("s1"), a_slot("s2", starts="2026-11-23T10:15:00+01:00")]
    requests = [a_request("r1", Priority.P3), a_request("r2", Priority.P2), a_request("r3", Priority.P2)]
    assert set(given(solve(an_instance(slots, requests)))) == {"r2", "r3"}


def test_equal_burdens_are_spread_over_practitioners() -> None:
    slots = [a_slot("s1", "p1"), a_slot("s2", "p1"), a_slot("s3", "p2")]
    answer = solve(an_instance(slots, [a_request("r1"), a_request("r2")]))
    assert answer.spread == 2


def test_a_practitioner_who_is_all_that_two_sides_share_still_counts_as_one() -> None:
    far = 30.0
    slots = [
        a_slot("s1", "shared", lat=40), a_slot("s2", "other", lat=40),
        a_slot("s3", "shared", lat=50), a_slot("s4", "another", lat=50),
    ]  # fmt: skip
    requests = [a_request("r1", lat=40, max_km=far), a_request("r2", lat=50, max_km=far)]
    assert solve(an_instance(slots, requests)).spread == 2


def test_a_practitioner_may_give_overlapping_slots() -> None:
    answer = solve(an_instance([a_slot("s1"), a_slot("s2")], [a_request("r1"), a_request("r2")]))
    assert len(answer.assignments) == 2


def test_a_household_of_one_is_an_ordinary_request() -> None:
    assert given(solve(an_instance([a_slot()], [a_request(household="h")]))) == {"r1": ("s1",)}


def test_a_large_household_is_seated_in_one_run() -> None:
    slots = [a_slot(f"s{i}", starts=NOW + timedelta(minutes=15 * i)) for i in range(12)]
    slots[4] = replace(slots[4], audiences=frozenset())
    requests = [a_request(f"r{i}", household="h", earliest=NOW + timedelta(minutes=15 * i)) for i in range(7)]
    answer = solve(an_instance(slots, requests))
    assert len(answer.assignments) == 7
    by_id = {slot.id: slot for slot in slots}
    assert breaks_household([by_id[slot] for item in answer.assignments for slot in item.slots]) is None


def test_a_large_household_whose_members_do_not_all_fit_is_not_seated() -> None:
    slots = [a_slot(f"s{i}", starts=NOW + timedelta(minutes=15 * i)) for i in range(6)]
    requests = [a_request(f"r{i}", household="h", deadline=NOW + timedelta(minutes=15)) for i in range(6)]
    assert not solve(an_instance(slots, requests)).assignments


def test_a_household_with_one_member_nobody_can_see_is_not_served() -> None:
    slots = [a_slot("s1"), a_slot("s2", starts="2026-11-23T10:15:00+01:00")]
    requests = [a_request("r1", household="h"), a_request("r2", household="h", only=[])]
    assert not solve(an_instance(slots, requests)).assignments


def test_gaps_beyond_any_calendar_are_no_obstacle() -> None:
    slots = [a_slot("s1"), a_slot("s2", starts="2026-11-24T10:00:00+01:00")]
    request = a_request(sessions=2, max_gap_days=10**30)
    assert given(solve(an_instance(slots, [request]))) == {"r1": ("s1", "s2")}
    impossible = a_request(sessions=2, min_gap_days=10**29, max_gap_days=10**30)
    assert not solve(an_instance(slots, [impossible])).assignments


def test_an_optimal_answer_has_no_bound_and_a_feasible_one_has() -> None:
    instance = draw(SMALL, 1)
    assert solve(instance).bound is None
    hasty = solve(instance, time_limit=0)
    assert hasty.status is Status.FEASIBLE
    assert set(hasty.bound or {}) == {"P1", "P2", "P3", "burden", "spread"}


@pytest.mark.parametrize("time_limit", [0.0, 1e-3, 1e-2])
def test_without_time_the_answer_is_allowed_and_its_bounds_hold(time_limit: float) -> None:
    for seed in range(25):
        instance = random_instance(seed, slots=9, requests=7)
        answer = solve(instance, time_limit=time_limit)
        assert violations(instance, answer) == []
        if answer.bound is not None:
            served, burden, spread = *[best_value(instance)[:3]], *best_value(instance)[3:]
            for priority, best in zip(Priority, served, strict=True):
                assert answer.bound[priority] >= best
            assert answer.bound["burden"] <= -burden
            assert answer.bound["spread"] <= -spread


def test_a_hasty_answer_is_no_better_than_the_best() -> None:
    for seed in range(5):
        instance = draw(SMALL, seed)
        hasty, best = solve(instance, time_limit=0.0), solve(instance)
        assert violations(instance, hasty) == []
        assert value(hasty) <= value(best)
        bound = hasty.bound or {}
        assert all(bound[priority] >= best.served[priority] for priority in Priority)
        assert bound["burden"] <= best.burden
        assert bound["spread"] <= best.spread


def test_a_time_limit_that_suffices_changes_nothing() -> None:
    instance = draw(SMALL, 2)
    assert replace(solve(instance, time_limit=3_600), wall_s=0) == replace(solve(instance), wall_s=0)


def test_large_weights_are_solved_exactly_too() -> None:
    weights = Weights({Priority.P1: 1e9, Priority.P2: 3e8, Priority.P3: 7e7}, 1e8)
    for seed in range(40):
        instance = replace(random_instance(seed), weights=weights)
        answer = solve(instance)
        assert answer.status is Status.OPTIMAL
        assert value(answer) == best_value(instance)


def instance_of_many_parts() -> Instance:
    parts = [random_instance(seed, slots=5, requests=4) for seed in range(0, 40, 2)]
    return an_instance(
        [
            replace(slot, id=f"{i}-{slot.id}", practitioner=f"{i}-{slot.practitioner}", lat=slot.lat - 4 * i)
            for i, part in enumerate(parts)
            for slot in part.slots
        ],
        [
            replace(
                request,
                id=f"{i}-{request.id}",
                lat=request.lat - 4 * i,
                modes=request.modes & {"AMB", "HH"},
                household=None if request.household is None else f"{i}-{request.household}",
                excluded_practitioners=frozenset(),
                only_practitioners=None,
            )
            for i, part in enumerate(parts)
            for request in part.requests
        ],
    )


def test_parts_that_do_not_touch_are_each_solved_best() -> None:
    whole = instance_of_many_parts()
    total = solve(whole)
    assert violations(whole, total) == []
    alone = [
        solve(
            replace(
                whole,
                slots=tuple(slot for slot in whole.slots if slot.id.startswith(f"{i}-")),
                requests=tuple(request for request in whole.requests if request.id.startswith(f"{i}-")),
            )
        )
        for i in range(20)
    ]
    assert value(total) == tuple(sum(values) for values in zip(*map(value, alone), strict=True))
