"""The matching stays of greatest weight, and its prices are what losing a slot costs."""

from __future__ import annotations

from itertools import combinations, permutations

from hypothesis import given, settings
from hypothesis import strategies as st

from snp.assignment.policy.matching import Matching

rows = st.lists(st.tuples(st.integers(0, 31), st.sampled_from([1, 3, 9])), max_size=6)
COLUMNS = 5


def best(adjacent: dict[int, int], weight: dict[int, int], present: int) -> int:
    """Greatest weight, by trying every set of rows and every order of columns."""
    columns = [c for c in range(COLUMNS) if present >> c & 1]
    top = 0
    for size in range(min(len(adjacent), len(columns)) + 1):
        for chosen in combinations(adjacent, size):
            if any(
                all(adjacent[r] >> c & 1 for r, c in zip(chosen, order, strict=True))
                for order in permutations(columns, size)
            ):
                top = max(top, sum(weight[r] for r in chosen))
    return top


def weight_of(matching: Matching) -> int:
    return sum(matching.weight[row] for row in matching.column_of)


def check(matching: Matching) -> None:
    assert weight_of(matching) == best(matching.adjacent, matching.weight, matching.present)
    assert {c: r for r, c in matching.column_of.items()} == matching.row_of
    for row, column in matching.column_of.items():
        assert matching.adjacent[row] >> column & 1
        assert matching.present >> column & 1


@given(rows, st.lists(st.tuples(st.sampled_from("rcRC"), st.integers(0, 9)), max_size=12), st.integers(0, 31))
@settings(max_examples=150, deadline=None)
def test_it_stays_of_greatest_weight_as_things_come_and_go(
    wanted: list[tuple[int, int]], moves: list[tuple[str, int]], present: int
) -> None:
    matching = Matching()
    for column in range(COLUMNS):
        if present >> column & 1:
            matching.add_column(column)
    coming = list(enumerate(wanted))
    for kind, number in [("r", 0), ("r", 0), *moves]:
        column = number % COLUMNS
        if kind == "r" and coming:
            row, (adjacent, weight) = coming.pop(0)
            matching.add_row(row, adjacent, weight)
        elif kind == "R" and matching.adjacent:
            before = weight_of(matching)
            lost = matching.remove_row(sorted(matching.adjacent)[number % len(matching.adjacent)])
            assert lost == before - weight_of(matching)
        elif kind == "c" and not matching.present >> column & 1:
            matching.add_column(column)
        elif kind == "C":
            before = weight_of(matching)
            assert matching.remove_column(column) == before - weight_of(matching)
        check(matching)


@given(rows, st.integers(0, 31))
@settings(max_examples=150, deadline=None)
def test_a_price_is_what_losing_the_slot_costs(wanted: list[tuple[int, int]], present: int) -> None:
    matching = Matching()
    matching.present = matching.free = present
    for row, (adjacent, weight) in enumerate(wanted):
        matching.add_row(row, adjacent, weight)
    whole = best(matching.adjacent, matching.weight, present)
    seen = 0
    for price, mask in matching.prices():
        assert not mask & seen
        seen |= mask
        for column in range(COLUMNS):
            if mask >> column & 1:
                assert price == whole - best(matching.adjacent, matching.weight, present & ~(1 << column))
                assert price == matching.loss_without_column(column)
    assert seen == present


@given(rows, st.integers(1, 31))
@settings(max_examples=150, deadline=None)
def test_the_loss_of_a_pair_is_never_below_the_true_one(wanted: list[tuple[int, int]], present: int) -> None:
    """One exchange is what the estimate sees: it may miss a better repair, never invent one."""
    matching = Matching()
    matching.present = matching.free = present
    for row, (adjacent, weight) in enumerate(wanted):
        matching.add_row(row, adjacent, weight)
    whole = best(matching.adjacent, matching.weight, present)
    for column in range(COLUMNS):
        askers = [row for row, adjacent in matching.adjacent.items() if adjacent & present & 1 << column]
        for row, loss in zip(askers, matching.losses_of_pairing(askers, column), strict=True):
            assert loss == matching.loss_of_pairing(row, column)
            others = {other: adjacent for other, adjacent in matching.adjacent.items() if other != row}
            kept = matching.weight[row] + best(others, matching.weight, present & ~(1 << column))
            assert loss >= whole - kept


@given(rows, st.integers(0, 31), st.integers(1, 31))
@settings(max_examples=150, deadline=None)
def test_the_cost_of_serving_a_newcomer_is_exact(
    wanted: list[tuple[int, int]], present: int, newcomer: int
) -> None:
    matching = Matching()
    matching.present = matching.free = present
    for row, (adjacent, weight) in enumerate(wanted):
        matching.add_row(row, adjacent, weight)
    whole = best(matching.adjacent, matching.weight, present)
    forced = best({**matching.adjacent, 99: newcomer}, {**matching.weight, 99: 100}, present)
    cost = matching.cost_of_serving(newcomer, 100)
    assert cost == (whole - (forced - 100) if newcomer & present else 100)
