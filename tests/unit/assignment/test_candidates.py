from __future__ import annotations

import random

import pytest

from snp.assignment.arrays import arrays_of
from snp.assignment.candidates import suitable_pairs
from snp.assignment.facts import Instance, Mode, Priority, Weights
from snp.assignment.malformed import MalformedInput
from snp.assignment.rules import broken_rule, burden, great_circle_km
from tests.support.assignment import a_request, a_slot, an_instance, random_instance


def found(instance: Instance, **how: int) -> dict[tuple[str, str], tuple[int, bool]]:
    arrays = arrays_of(instance)
    pairs = suitable_pairs(arrays, **how)
    rows = zip(pairs.request, pairs.slot, pairs.burden, pairs.late, strict=True)
    return {
        (arrays.requests.facts[r].id, arrays.slots.facts[s].id): (int(points), bool(late))
        for r, s, points, late in rows
    }


def expected(instance: Instance) -> dict[tuple[str, str], tuple[int, bool]]:
    return {
        (request.id, slot.id): (burden(request, slot, instance.weights), slot.start > request.deadline)
        for request in instance.requests
        for slot in instance.slots
        if broken_rule(request, slot, instance.now, later_session=request.sessions > 1) is None
    }


def scattered(rng: random.Random, km: float, *, pole: bool) -> Instance:
    def lat() -> float:
        return rng.uniform(88, 90) if pole else rng.uniform(-60, 60)

    def lon() -> float:
        return rng.choice([180.0, -180.0, 179.99, rng.uniform(-180, 180)])

    return an_instance(
        [a_slot(f"s{i}", lat=lat(), lon=lon(), mode=rng.choice(list(Mode))) for i in range(80)],
        [
            a_request(f"r{i}", lat=lat(), lon=lon(), max_km=km * rng.choice([1, 0.6]), modes=list(Mode))
            for i in range(80)
        ],
    )


@pytest.mark.parametrize("few", [0, 1 << 16])
def test_the_index_finds_what_looking_at_all_pairs_finds(few: int) -> None:
    for seed in range(150):
        instance = random_instance(seed)
        assert found(instance, few=few) == expected(instance)


@pytest.mark.parametrize("km", [0, 3, 30, 700, 9_000, 40_000])
@pytest.mark.parametrize("pole", [False, True])
def test_the_index_knows_poles_and_the_date_line(km: float, pole: bool) -> None:
    instance = scattered(random.Random(f"{km} {pole}"), km, pole=pole)
    assert found(instance, few=0) == expected(instance)


def test_many_pairs_are_looked_at_in_pieces() -> None:
    instance = scattered(random.Random(1), 5_000, pole=False)
    assert found(instance, at_once=7) == expected(instance)


def test_a_distance_at_the_limit_is_settled_by_the_scalar_rule() -> None:
    km = great_circle_km(47.1, -2.0, 47.3, -2.2)
    near = a_request("near", max_km=km)
    far = a_request("far", max_km=km - 1e-9)
    assert set(found(an_instance([a_slot(lat=47.3, lon=-2.2)], [near, far]))) == {("near", "s1")}


def test_a_burden_at_one_half_is_settled_by_the_scalar_rule() -> None:
    km = great_circle_km(47.1, -2.0, 47.3, -2.2)
    weights = Weights(dict.fromkeys(Priority, 0.0), 2.5 / km)
    instance = an_instance([a_slot(lat=47.3, lon=-2.2)], [a_request()], weights=weights)
    assert found(instance) == expected(instance)


def test_a_wait_of_half_a_point_rounds_up() -> None:
    request = a_request(priority=Priority.P3, earliest="2026-11-23T09:30:00+01:00")
    assert found(an_instance([a_slot()], [request])) == {("r1", "s1"): (1, False)}


def test_burdens_that_cannot_be_added_exactly_are_refused() -> None:
    weights = Weights(dict.fromkeys(Priority, 1e12), 1.0)
    request = a_request(earliest="1926-11-23T08:00:00+01:00")
    with pytest.raises(MalformedInput, match="weights: burdens are too large"):
        found(an_instance([a_slot()], [request], weights=weights))
