from __future__ import annotations

import random

import numpy as np

from snp.assignment.components import first_of_each, joined


def test_things_without_links_stay_apart() -> None:
    nothing = np.zeros(0, np.int64)
    assert joined(3, nothing, nothing).tolist() == [0, 1, 2]


def test_a_long_chain_is_one_part_named_by_its_smallest() -> None:
    order = np.array(random.Random(1).sample(range(500), 500))
    assert set(joined(500, order[:-1], order[1:]).tolist()) == {0}


def test_parts_are_those_of_plain_searching() -> None:
    for seed in range(50):
        rng = random.Random(seed)
        links = [(rng.randrange(30), rng.randrange(30)) for _ in range(rng.randrange(30))]
        parts = {i: {i} for i in range(30)}
        for left, right in links:
            union = parts[left] | parts[right]
            for member in union:
                parts[member] = union
        left, right = (np.array([link[side] for link in links], np.int64) for side in (0, 1))
        assert joined(30, left, right).tolist() == [min(parts[i]) for i in range(30)]


def test_runs_of_equal_keys_begin_where_the_key_changes() -> None:
    assert first_of_each(np.array([3, 3, 5, 7, 7])).tolist() == [0, 2, 3]
    assert first_of_each(np.zeros(0, np.int64)).tolist() == []
