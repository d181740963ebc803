"""No small number is told, and none is found by adding and subtracting what is told."""

from __future__ import annotations

from datetime import date

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from regulation.indicators.masking import group_masks, is_small, tree_masks, week_masked
from regulation.indicators.periods import LEVELS, Node, children, pieces, start_of

YEAR = date(2026, 1, 1)
MONTHS = ("year", "quarter", "month")


def summed(days: dict[date, int], levels: tuple[str, ...] = LEVELS) -> dict[Node, int]:
    """Every node of the calendar as the sum of its days."""
    found: dict[Node, int] = {}
    for day, count in days.items():
        for level in levels:
            node = (level, start_of(level, day))
            found[node] = found.get(node, 0) + count
    return found


def nodes_of(levels: tuple[str, ...]) -> list[Node]:
    return [(level, first) for level in levels for first in children("year", YEAR, level)]


def is_derivable(unknown: np.ndarray, known: np.ndarray) -> bool:
    """Whether a sum of cells is a combination of sums that are told."""
    if not len(known):
        return False
    solved = np.linalg.lstsq(known.T, unknown, rcond=None)[0]
    return bool(np.allclose(known.T @ solved, unknown, atol=1e-6))


def test_a_small_number_is_masked_with_the_smallest_other_that_hides_it() -> None:
    days = {date(2026, 1, 5): 3, date(2026, 2, 5): 9, date(2026, 3, 5): 40}
    masked = tree_masks([YEAR], {node: (n,) for node, n in summed(days, MONTHS).items()}, "month")
    told = {
        first.month for level, first in nodes_of(MONTHS) if level == "month" and (level, first) not in masked
    }
    assert 1 not in told
    assert 2 not in told
    assert 3 in told
    assert ("quarter", date(2026, 1, 1)) not in masked


def test_two_small_numbers_whose_sum_is_small_are_hidden_by_a_third() -> None:
    days = {date(2026, 1, 5): 1, date(2026, 2, 5): 1, date(2026, 3, 5): 40}
    masked = tree_masks([YEAR], {node: (n,) for node, n in summed(days, MONTHS).items()}, "month")
    assert {first.month for level, first in masked if level == "month"} >= {1, 2, 3}


def test_a_share_is_masked_by_its_rest_too() -> None:
    vectors = {("year", YEAR): (103, 100, 3)}
    assert ("year", YEAR) in tree_masks([YEAR], vectors, "year")
    assert is_small((103, 100, 3))
    assert not is_small((100, 100, 0))


def test_under_a_masked_period_nothing_is_told() -> None:
    vectors = {node: (n,) for node, n in summed({date(2026, 5, 4): 4}).items()}
    masked = tree_masks([YEAR], vectors, "day")
    assert set(nodes_of(LEVELS)) == masked


def test_a_week_across_two_months_is_masked_with_either_piece() -> None:
    days = {date(2026, 9, 30): 2, date(2026, 10, 1): 30, date(2026, 9, 1): 50}
    masked = tree_masks([YEAR], {node: (n,) for node, n in summed(days).items()}, "piece")
    assert week_masked(date(2026, 9, 28), masked)


@st.composite
def years(draw: st.DrawFn) -> dict[date, int]:
    """A few busy days among months that are quiet, or not."""
    days = draw(st.lists(st.integers(0, 364), min_size=1, max_size=25))
    return {
        date.fromordinal(YEAR.toordinal() + n): draw(st.sampled_from((1, 2, 3, 4, 5, 9, 30))) for n in days
    }


@given(years())
@settings(max_examples=25)
def test_no_masked_period_follows_from_those_that_are_told(days: dict[date, int]) -> None:
    """Quarters, months, weeks and the year, all at once: no masked one is a combination of the others."""
    levels = LEVELS[:4]
    vectors = {node: (n,) for node, n in summed(days, levels).items()}
    masked = tree_masks([YEAR], vectors, "piece")
    atoms = {first: n for n, first in enumerate(children("year", YEAR, "piece"))}

    def row(node: Node) -> np.ndarray:
        line = np.zeros(len(atoms))
        if node[0] == "week":
            inside = [first for level, first in pieces(node[1]) if first in atoms]
        else:
            inside = list(children(*node, "piece")) if node[0] != "piece" else [node[1]]
        for first in inside:
            line[atoms[first]] = 1
        return line

    weeks = [("week", date.fromordinal(date(2026, 1, 5).toordinal() + 7 * n)) for n in range(51)]
    shown = [row(node) for node in nodes_of(LEVELS[:3]) if node not in masked]
    shown += [row(node) for node in weeks if not week_masked(node[1], masked)]
    known = np.array(shown) if shown else np.zeros((0, len(atoms)))
    for node in nodes_of(levels):
        if is_small(vectors.get(node, (0,))):
            assert node in masked
            assert not is_derivable(row(node), known), node


@st.composite
def tables(draw: st.DrawFn) -> dict[tuple[date, str], int]:
    """Months cut into three or four groups."""
    groups = "abcd"[: draw(st.integers(2, 4))]
    sizes = st.sampled_from((0, 0, 1, 2, 4, 5, 8, 20, 60))
    return {(month, group): draw(sizes) for month in children("year", YEAR, "month") for group in groups}


@given(tables())
@settings(max_examples=40)
def test_no_masked_cell_of_a_cut_follows_from_rows_columns_and_totals(
    cells: dict[tuple[date, str], int],
) -> None:
    totals, table = {}, {}
    for (month, group), count in cells.items():
        for level in MONTHS:
            node = (level, start_of(level, month))
            totals[node] = totals.get(node, 0) + count
            line = table.setdefault(node, {})
            line[group] = (line.get(group, (0,))[0] + count,)
    masked = tree_masks([YEAR], {node: (n,) for node, n in totals.items()}, "month")
    hidden = group_masks([YEAR], table, masked, "month")
    atoms = {cell: n for n, cell in enumerate(cells)}

    def row(node: Node, groups: str) -> np.ndarray:
        line = np.zeros(len(atoms))
        for (month, group), number in atoms.items():
            if group in groups and start_of(node[0], month) == node[1]:
                line[number] = 1
        return line

    groups = "".join(sorted({group for _, group in cells}))
    shown = [row(node, groups) for node in table if node not in masked]
    shown += [row(n, g) for n, line in table.items() if n not in masked for g in line if g not in hidden[n]]
    known = np.array(shown) if shown else np.zeros((0, len(atoms)))
    for node, line in table.items():
        for group, vector in line.items():
            if is_small(vector):
                assert node in masked or group in hidden[node]
                assert not is_derivable(row(node, group), known), (node, group)
