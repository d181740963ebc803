"""The search over groups against CP-SAT, on instances too large for exhaustive search."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pytest
from ortools.sat.python import cp_model

from snp.assignment.clock import Clock
from snp.assignment.coupled import solve_part
from snp.assignment.options import Options


def crowded(seed: int) -> Options:
    """Singles, and twice as many groups as there is room for, over sittings of six slots each."""
    rng = np.random.default_rng(seed)
    sitting = np.repeat(np.arange(8), 6)
    nowhere, singles, groups = len(sitting), 30, 22
    owner, slots, burden = [], [], []
    for single in range(singles):
        for slot in rng.choice(nowhere, 9, replace=False).tolist():
            owner.append(single)
            slots.append((slot, nowhere, nowhere))
            burden.append(int(rng.integers(0, 25)))
    for group in range(groups):
        size = int(rng.integers(2, 4))
        for first in range(nowhere):
            run = range(first, first + size)
            if rng.random() < 0.4 and run[-1] < nowhere and sitting[first] == sitting[run[-1]]:
                owner.append(singles + group)
                slots.append((*run, *[nowhere] * (3 - size)))
                burden.append(int(rng.integers(0, 50)))
    counts = np.zeros((singles + groups, 3), np.int64)
    counts[np.arange(singles), rng.integers(0, 3, singles)] = 1
    np.add.at(counts, (singles + np.arange(groups), rng.integers(0, 3, groups)), 1)
    np.add.at(counts, (singles + np.arange(groups), rng.integers(0, 3, groups)), 1)
    return Options(
        np.array(owner),
        np.array(slots),
        np.array(burden),
        counts,
        singles,
        sitting // 2,
        sitting,
        complete=True,
    )


def best(options: Options) -> tuple[int, ...]:
    """The five levels, one after the other, by a model that knows nothing of prices."""
    model = cp_model.CpModel()
    taken = [model.new_bool_var("") for _ in options.owner]
    users: dict[tuple[str, int], list[cp_model.IntVar]] = defaultdict(list)
    load: dict[int, list[cp_model.IntVar]] = defaultdict(list)
    for var, owner, slots in zip(taken, options.owner.tolist(), options.slots.tolist(), strict=True):
        users["owner", owner].append(var)
        for slot in slots:
            if slot < options.slot_count:
                users["slot", slot].append(var)
                load[int(options.practitioner[slot])].append(var)
    for group in users.values():
        model.add_at_most_one(group)
    squares = []
    for variables in load.values():
        total = model.new_int_var(0, len(variables), "")
        square = model.new_int_var(0, len(variables) ** 2, "")
        model.add(total == sum(variables))
        model.add_multiplication_equality(square, [total, total])
        squares.append(square)
    served = options.counts[options.owner]
    levels = [
        *(-cp_model.LinearExpr.weighted_sum(taken, served[:, rank].tolist()) for rank in range(3)),
        cp_model.LinearExpr.weighted_sum(taken, options.burden.tolist()),
        sum(squares),
    ]
    values = []
    for level in levels:
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        model.minimize(level)
        assert solver.solve(model) == cp_model.OPTIMAL
        values.append(round(solver.objective_value))
        model.add(level == values[-1])
    return tuple(-value for value in values[:3]) + tuple(values[3:])


@pytest.mark.parametrize("seed", range(8))
def test_a_crowded_part_is_solved_as_well_as_by_a_constraint_solver(seed: int) -> None:
    options = crowded(seed)
    part = solve_part(options, Clock())
    assert part.is_proven
    assert (*part.answer.served, part.answer.burden, part.answer.spread) == best(options)


def test_columns_that_the_best_answer_does_without_may_be_left_out() -> None:
    for seed in range(8):
        options = crowded(seed)
        found = solve_part(options, Clock()).answer
        cheap = np.flatnonzero(options.burden <= 20)
        again = solve_part(options.kept(np.union1d(found.columns, cheap)), Clock()).answer
        assert again.value == found.value


def test_without_time_the_first_answer_is_given_with_bounds_that_hold() -> None:
    options = crowded(1)
    best_answer = solve_part(options, Clock()).answer
    hurried = solve_part(options, Clock(0.0))
    assert not hurried.is_proven
    assert all(most >= best for most, best in zip(hurried.bound[:3], best_answer.served, strict=True))
