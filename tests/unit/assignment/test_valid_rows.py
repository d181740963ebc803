from __future__ import annotations

from itertools import combinations, combinations_with_replacement

import numpy as np

from snp.assignment.bounds import IMPOSSIBLE, bound_of
from snp.assignment.clock import Clock
from snp.assignment.cuts import violated_cuts
from snp.assignment.master import Branch, Goal, Master, Prices
from snp.assignment.options import Options, answer_of
from snp.assignment.valid_rows import ValidRows, least_of_size


def some_options(seed: int) -> Options:
    """Six single ways and six group ways for five owners over seven slots of two practitioners."""
    rng = np.random.default_rng(seed)
    slots = np.full((12, 3), 7)
    owner = np.array([0, 0, 1, 1, 2, 2, 3, 3, 3, 4, 4, 4])
    for column in range(12):
        size = 1 if column < 6 else int(rng.integers(2, 4))
        theirs = np.array([0, 1, 2, 3]) if rng.random() < 0.5 else np.array([4, 5, 6])
        slots[column, :size] = np.sort(rng.choice(theirs, size, replace=False))
    counts = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 1, 0], [0, 1, 2]])
    return Options(
        owner=owner,
        slots=slots,
        burden=rng.integers(0, 30, 12),
        counts=counts,
        singles=3,
        practitioner=np.array([0, 0, 0, 0, 1, 1, 1]),
        sitting=np.array([0, 0, 1, 1, 2, 2, 3]),
        complete=True,
    )


def whole_answers(options: Options) -> list[tuple[int, ...]]:
    def fits(columns: tuple[int, ...]) -> bool:
        used = [slot for column in columns for slot in options.slots[column].tolist() if slot < 7]
        owners = [int(options.owner[column]) for column in columns]
        return len(set(used)) == len(used) and len(set(owners)) == len(owners)

    return [columns for many in range(5) for columns in combinations(range(12), many) if fits(columns)]


def test_a_tangent_never_exceeds_the_square_of_the_load() -> None:
    for many in range(5):
        for sizes in combinations_with_replacement(range(1, 8), many):
            for t in range(12):
                least = int(least_of_size(np.array(sizes, np.int64), t).sum()) - t * (t + 1)
                assert least <= sum(sizes) ** 2


def test_a_tangent_is_exact_at_its_loads_of_single_slots_and_at_one_large_group() -> None:
    for t in range(8):
        for load in (t, t + 1):
            assert load * (2 * t + 1) - t * (t + 1) == load * load
        assert least_of_size(np.array([t + 3]), t)[0] - t * (t + 1) == (t + 3) ** 2


def test_whole_answers_satisfy_every_cut() -> None:
    for seed in range(40):
        options = some_options(seed)
        share = np.random.default_rng(seed).uniform(0.3, 0.7, 12)
        for cut in violated_cuts(options, np.arange(12), share):
            assert max(cut[list(columns)].sum() for columns in whole_answers(options)) <= 1


def random_prices(rng: np.random.Generator, valid: ValidRows) -> Prices:
    return Prices(
        slot=np.append(rng.uniform(0, 20, 7), 0.0),
        floor=rng.uniform(0, 40, 3),
        burden=float(rng.uniform(0, 2)),
        cut=rng.uniform(0, 5, len(valid.cuts)),
        tangent=rng.uniform(0, 3, len(valid.tangents)),
    )


def cost(options: Options, goal: Goal, columns: tuple[int, ...]) -> int | None:
    answer = answer_of(options, np.array(columns, np.int64))
    if any(have < need for have, need in zip(answer.served, goal.floor, strict=True)):
        return None
    if goal.most_burden is not None and answer.burden > goal.most_burden:
        return None
    return int(goal.cost[list(columns)].sum()) + goal.spread * answer.spread


def test_the_bound_of_any_prices_holds_and_so_does_the_slack_of_any_column() -> None:
    for seed in range(60):
        rng = np.random.default_rng(seed)
        options = some_options(seed)
        valid = ValidRows(options, cuts=violated_cuts(options, np.arange(12), rng.uniform(0.3, 0.7, 12)))
        valid.touch([(int(rng.integers(2)), int(rng.integers(4))) for _ in range(3)])
        goal = Goal(options.burden * 3, floor=(0, 1, 0), most_burden=60, spread=2)
        everything = Branch(np.ones(12, np.bool_), frozenset())
        bound = bound_of(valid, goal, everything, random_prices(rng, valid))
        for columns in whole_answers(options):
            reached = cost(options, goal, columns)
            if reached is not None:
                assert bound.value <= reached
                assert bound.allows(reached)[list(columns)].all()


def test_an_owner_that_must_be_served_but_cannot_makes_a_branch_impossible() -> None:
    options = some_options(1)
    branch = Branch(options.owner != 3, frozenset({3}))
    valid = ValidRows(options)
    bound = bound_of(valid, Goal(options.burden), branch, random_prices(np.random.default_rng(1), valid))
    assert bound.value == IMPOSSIBLE


def test_the_prices_of_the_relaxation_prove_its_value() -> None:
    for seed in range(20):
        options = some_options(seed)
        first = Goal(options.burden)
        master = Master(
            options, np.arange(12), [(who, t) for who in (0, 1) for t in range(2)], first, Clock()
        )
        assert master.prices() is not None
        master.touch([(who, t) for who in (0, 1) for t in range(2, 4)])
        goal = Goal(options.burden - 25, spread=1)
        everything = Branch(np.ones(12, np.bool_), frozenset())
        master.aim(goal)
        prices = master.prices()
        assert prices is not None
        bound = bound_of(master.valid, goal, everything, prices)
        assert abs(bound.raw / bound.unit - master.value()) < 0.02
