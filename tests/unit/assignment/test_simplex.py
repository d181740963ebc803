"""The linear program behind the relaxation: grown, changed and begun anew, it always finds the optimum."""

from __future__ import annotations

import numpy as np
import pytest

from snp.assignment.simplex import Entries, Optimum, Simplex


def entries(matrix: list[list[float]]) -> Entries:
    values = np.array(matrix, float)
    row, variable = np.nonzero(values)
    return Entries(row, variable, values[row, variable])


def bakery() -> Simplex:
    """Two loaves earn 3 and 5; 4 of the first, 6 of the second, 18 of dough."""
    least = np.full(3, -np.inf)
    return Simplex(
        np.array([-3.0, -5.0]), least, np.array([4.0, 6.0, 18.0]), entries([[1, 0], [0, 1], [3, 2]])
    )


def solved(simplex: Simplex, *, dual: bool = False) -> Optimum:
    found = simplex.solve(dual=dual, milliseconds=None)
    assert found is not None
    return found


def test_the_optimum_has_the_prices_of_what_is_scarce() -> None:
    found = solved(bakery())
    assert found.cost == pytest.approx(-36)
    assert found.value == pytest.approx([2, 6])
    assert found.price == pytest.approx([0, -3, -1])


def test_a_variable_that_comes_later_is_used() -> None:
    simplex = bakery()
    solved(simplex)
    simplex.add_variables(np.array([-4.0]), Entries(np.array([2]), np.array([2]), np.array([1.0])))
    found = solved(simplex)
    assert found.cost == pytest.approx(-72)
    assert found.value == pytest.approx([0, 0, 18])


def test_a_row_that_comes_later_holds_and_so_do_changed_limits() -> None:
    simplex = bakery()
    solved(simplex)
    simplex.add_rows(
        np.array([-np.inf]), np.array([7.0]), Entries(np.zeros(2, int) + 3, np.arange(2), np.ones(2))
    )
    assert solved(simplex, dual=True).value == pytest.approx([1, 6])
    simplex.limit(np.array([1]), np.array([2.0]))
    assert solved(simplex, dual=True).value == pytest.approx([4, 2])
    simplex.bound_rows(np.array([0]), np.array([-np.inf]), np.array([1.0]))
    assert solved(simplex, dual=True).value == pytest.approx([1, 2])
    simplex.charge(np.array([0]), np.array([1.0]))
    assert solved(simplex).value == pytest.approx([0, 2])


@pytest.mark.parametrize(
    "basic", [([True, True], [True, False, False]), ([True, False], [True, False, False])]
)
def test_any_basis_to_begin_with_leads_to_the_same_optimum(basic: tuple[list[bool], list[bool]]) -> None:
    simplex = bakery()
    simplex.start_from(np.array(basic[0]), np.array(basic[1]))
    assert solved(simplex).cost == pytest.approx(-36)


def test_the_basis_of_the_last_solve_has_as_many_as_there_are_rows() -> None:
    simplex = bakery()
    solved(simplex)
    variables, rows = simplex.basis()
    assert variables.tolist() == [True, True]
    assert rows.tolist() == [True, False, False]


def test_what_cannot_be_has_no_optimum() -> None:
    simplex = bakery()
    simplex.bound_rows(np.array([0]), np.array([100.0]), np.array([200.0]))
    assert simplex.solve(dual=True, milliseconds=1000) is None
