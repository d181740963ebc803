from __future__ import annotations

import random
from itertools import product

import numpy as np
import pytest

from snp.assignment.flow import Matching, best_pairs, network_of, slot_prices
from snp.assignment.greedy import greedy_pairs
from snp.assignment.network import MAX_COST, Level, Network, fits, lexicographic_flow, scaled


def a_matching(seed: int, *, requests: int = 5, slots: int = 4, points: int = 9) -> Matching:
    rng = random.Random(seed)
    pairs = [pair for pair in product(range(requests), range(slots)) if rng.random() < 0.6]
    practitioners = sorted({0, 1})
    return Matching(
        priority=np.array([rng.randrange(3) for _ in range(requests)]),
        practitioner=np.array([rng.choice(practitioners) for _ in range(slots)]),
        load=np.array([rng.randrange(3), 0]),
        request=np.array([r for r, _ in pairs], np.int32),
        slot=np.array([s for _, s in pairs], np.int32),
        burden=np.array([rng.randrange(points) for _ in pairs], np.int64),
    )


def value(matching: Matching, taken: np.ndarray) -> tuple[int, ...]:
    served = np.bincount(matching.priority[matching.request[taken]], minlength=3)
    load = matching.load + np.bincount(matching.practitioner[matching.slot[taken]], minlength=2)
    return (*served.tolist(), -int(matching.burden[taken].sum()), -int((load * load).sum()))


def best_value(matching: Matching) -> tuple[int, ...]:
    def go(request: int, used: frozenset[int], chosen: list[int]) -> tuple[int, ...]:
        if request == len(matching.priority):
            taken = np.zeros(len(matching.request), np.bool_)
            taken[chosen] = True
            return value(matching, taken)
        best = go(request + 1, used, chosen)
        for pair in np.flatnonzero(matching.request == request).tolist():
            slot = int(matching.slot[pair])
            if slot not in used:
                best = max(best, go(request + 1, used | {slot}, [*chosen, pair]))
        return best

    return go(0, frozenset(), [])


@pytest.mark.parametrize("limit", [MAX_COST, 60_000, 2_000, 0])
def test_the_flow_is_best_on_every_level_however_the_levels_are_split(limit: int) -> None:
    for seed in range(60):
        matching = a_matching(seed)
        assert value(matching, best_pairs(matching, limit=limit)) == best_value(matching)


def test_costs_beyond_the_range_are_solved_level_by_level() -> None:
    matching = a_matching(3, points=1 << 54)
    network, levels = network_of(matching)
    assert not fits(network, levels)
    assert value(matching, best_pairs(matching)) == best_value(matching)


def test_a_single_level_beyond_the_range_is_an_error() -> None:
    network = Network(np.array([0], np.int32), np.array([1], np.int32), np.array([1, -1]))
    with pytest.raises(OverflowError):
        lexicographic_flow(network, [Level(np.array([1 << 62]), 1 << 62)])


def test_a_point_of_a_level_outweighs_all_levels_after_it() -> None:
    levels = [Level(np.array([1, 0, 0]), 3), Level(np.array([0, 7, 0]), 20), Level(np.array([0, 0, 5]), 9)]
    assert scaled(levels).tolist() == [21 * 10, 7 * 10, 5]


def test_one_more_slot_like_another_brings_exactly_its_price() -> None:
    for seed in range(40):
        matching = a_matching(seed)
        before = best_value(matching)
        for slot, price in enumerate(slot_prices(matching, best_pairs(matching))):
            copies = np.flatnonzero(matching.slot == slot)
            more = Matching(
                matching.priority,
                np.append(matching.practitioner, matching.practitioner[slot]),
                matching.load,
                np.append(matching.request, matching.request[copies]),
                np.append(matching.slot, np.full(len(copies), len(matching.practitioner), np.int32)),
                np.append(matching.burden, matching.burden[copies]),
            )
            after = best_value(more)
            gained = [b - a for a, b in zip(before, after, strict=True)]
            assert price.burden == gained[3]
            assert sum(gained[:3]) == (0 if price.serves is None else 1)
            if price.serves is not None:
                assert gained[price.serves] == 1


def test_the_greedy_answer_is_allowed_and_leaves_no_free_slot_that_suits() -> None:
    for seed in range(60):
        matching = a_matching(seed)
        taken = greedy_pairs(matching)
        slots, requests = matching.slot[taken], matching.request[taken]
        assert len(set(slots.tolist())) == len(slots)
        assert len(set(requests.tolist())) == len(requests)
        left = ~np.isin(matching.request, requests) & ~np.isin(matching.slot, slots)
        assert not left.any()


def test_nothing_to_match_is_no_flow() -> None:
    nothing = np.zeros(0, np.int64)
    empty = nothing.astype(np.int32)
    assert len(best_pairs(Matching(nothing, nothing, nothing, empty, empty, nothing))) == 0
