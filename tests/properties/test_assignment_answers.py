"""The engine against exhaustive search, and what no change of its input may do."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snp.assignment.checks import violations
from snp.assignment.facts import Assignment, Instance, Priority, Status, Weights
from snp.assignment.solving import solve
from tests.support.assignment import a_slot, best_value, random_instance, value_of

SEEDS = st.integers(0, 10**9)


def value(answer: Assignment) -> tuple[int, ...]:
    return value_of(answer.served, answer.burden, answer.spread)


@pytest.mark.parametrize("coupled", [0.0, 0.3, 0.6, 1.0])
def test_every_answer_equals_exhaustive_search_and_passes_the_checker(coupled: float) -> None:
    for seed in range(150):
        instance = random_instance(seed, slots=9, coupled=coupled)
        answer = solve(instance)
        assert answer.status is Status.OPTIMAL
        assert violations(instance, answer) == []
        assert value(answer) == best_value(instance), seed


@settings(deadline=None, max_examples=150)
@given(SEEDS, st.sampled_from([0.0, 0.5, 1.0]))
def test_any_tiny_instance_is_solved_best(seed: int, coupled: float) -> None:
    instance = random_instance(seed, slots=8, requests=6, coupled=coupled)
    answer = solve(instance)
    assert violations(instance, answer) == []
    assert value(answer) == best_value(instance)


def larger(seed: int) -> Instance:
    return random_instance(seed, slots=30, requests=30, coupled=0.3)


@settings(deadline=None, max_examples=60)
@given(SEEDS)
def test_one_more_slot_never_serves_less(seed: int) -> None:
    instance = larger(seed)
    rng = random.Random(seed)
    like = rng.choice(instance.slots)
    more = replace(like, id="one more", practitioner=rng.choice([like.practitioner, "a newcomer"]))
    before, after = solve(instance), solve(replace(instance, slots=(*instance.slots, more)))
    assert value(after)[:3] >= value(before)[:3]


@settings(deadline=None, max_examples=60)
@given(SEEDS)
def test_one_more_request_never_serves_less(seed: int) -> None:
    instance = larger(seed)
    single = next((r for r in instance.requests if r.household is None and r.sessions == 1), None)
    if single is None:
        return
    more = replace(instance, requests=(*instance.requests, replace(single, id="one more")))
    assert value(solve(more))[:3] >= value(solve(instance))[:3]


@settings(deadline=None, max_examples=60)
@given(SEEDS)
def test_the_order_of_the_input_changes_nothing(seed: int) -> None:
    instance = larger(seed)
    rng = random.Random(seed)
    shuffled = replace(
        instance,
        slots=tuple(rng.sample(instance.slots, len(instance.slots))),
        requests=tuple(rng.sample(instance.requests, len(instance.requests))),
    )
    assert replace(solve(shuffled), wall_s=0) == replace(solve(instance), wall_s=0)


@settings(deadline=None, max_examples=40)
@given(SEEDS)
def test_the_same_input_gives_the_same_answer(seed: int) -> None:
    instance = larger(seed)
    assert replace(solve(instance), wall_s=0) == replace(solve(instance), wall_s=0)


@settings(deadline=None, max_examples=40)
@given(SEEDS, st.integers(2, 50))
def test_scaled_weights_keep_whom_they_serve_and_the_order_of_burdens(seed: int, factor: int) -> None:
    instance = replace(larger(seed), weights=Weights({Priority.P1: 8, Priority.P2: 4, Priority.P3: 4}, 0.0))
    scaled = replace(
        instance,
        weights=Weights({p: w * factor for p, w in instance.weights.wait_per_hour.items()}, 0.0),
    )
    whole_hours = all(
        (slot.start - request.earliest).total_seconds() % 900 == 0
        for slot in instance.slots
        for request in instance.requests
    )
    answer, other = solve(instance), solve(scaled)
    assert value(answer)[:3] == value(other)[:3]
    if whole_hours:  # every burden is then a whole number of points before and after
        assert other.burden == answer.burden * factor


@settings(deadline=None, max_examples=60)
@given(SEEDS)
def test_a_slot_that_suits_nobody_changes_nothing(seed: int) -> None:
    instance = larger(seed)
    useless = a_slot("useless", "nobody's", audiences=())
    answer = solve(replace(instance, slots=(*instance.slots, useless)))
    assert answer.assignments == solve(instance).assignments


@settings(deadline=None, max_examples=40)
@given(SEEDS, st.sampled_from([0.0, 0.002, 0.01]))
def test_whatever_the_time_limit_the_answer_is_allowed(seed: int, time_limit: float) -> None:
    instance = larger(seed)
    assert violations(instance, solve(instance, time_limit=time_limit)) == []
