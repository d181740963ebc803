"""The risk of a shortage, and where slots are asked for."""

from __future__ import annotations

import numpy as np
import pytest

from regulation.coverage.forecasting import Forecast
from regulation.coverage.shortage import MOST_WANTED, USUAL_WAITS, Ahead, outlook, wanted

HALVES = 6


def an_ahead(mean: float = 3.0, free: float = 3.0, **facts: object) -> Ahead:
    many = np.full(HALVES, 1e6)
    told = Forecast(np.full(HALVES, mean), many, many)
    plain: dict[str, object] = {
        "forecast": told,
        "free": np.full(HALVES, free),
        "to_come": np.zeros(HALVES),
        "waits": USUAL_WAITS,
    }
    return Ahead(**(plain | facts))  # type: ignore[arg-type]


def test_plenty_of_slots_leaves_little_risk_and_asks_for_nothing() -> None:
    found = outlook(an_ahead(free=12))

    assert found.unserved.sum() < 3
    assert wanted(an_ahead(mean=1, free=12), [True] * HALVES, least_risk=0.3) == [0] * HALVES


def test_no_slot_at_all_leaves_nobody_served_and_asks_up_to_the_bound() -> None:
    found = outlook(an_ahead(free=0))

    assert found.nothing_left.tolist() == [1.0] * HALVES
    assert found.risk[-1] > 0.9
    assert sum(wanted(an_ahead(free=0), [True] * HALVES, least_risk=0.3)) <= MOST_WANTED


def test_more_slots_never_raise_what_goes_unserved() -> None:
    unserved = [outlook(an_ahead(free=free)).unserved.sum() for free in (0, 1, 2, 4, 8)]

    assert unserved == sorted(unserved, reverse=True)


def test_slots_are_asked_for_only_where_it_is_allowed() -> None:
    asked = wanted(an_ahead(free=0), [False, False, True, False, False, False], least_risk=0.1)

    assert asked[2] > 0
    assert sum(asked) == asked[2]
    assert wanted(an_ahead(free=0), [False] * HALVES, least_risk=0.1) == [0] * HALVES


def test_slots_usually_published_later_count() -> None:
    late = outlook(an_ahead(free=0, to_come=np.full(HALVES, 6.0)))

    assert late.unserved.sum() < outlook(an_ahead(free=0)).unserved.sum() / 2


def test_a_stranded_need_asks_for_its_slot_whatever_the_risk() -> None:
    quiet = an_ahead(mean=0.01, free=5)

    assert wanted(quiet, [True] * HALVES, least_risk=0.9, stranded=[2]) == [0, 0, 1, 0, 0, 0]
    assert wanted(quiet, [False, True, *[False] * 4], least_risk=0.9, stranded=[3, 0]) == [0, 1, 0, 0, 0, 0]


def test_needs_already_open_are_served_first() -> None:
    waiting = an_ahead(mean=0.01, free=0, waiting=[0, 4, 0, 0, 0])

    assert outlook(waiting).unserved[:3].round().tolist() == [0, 4, 0]


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_what_is_left_of_the_first_half_day_scales_its_need(share: float) -> None:
    found = outlook(an_ahead(free=0, first_share=share))

    assert (found.unserved[0] > 0) == (share > 0)


def test_the_same_facts_give_the_same_answer() -> None:
    assert np.array_equal(outlook(an_ahead()).risk, outlook(an_ahead()).risk)


def test_nothing_ahead_is_answered_by_nothing() -> None:
    none = np.zeros(0)
    empty = Ahead(Forecast(none, none, none), none, none, USUAL_WAITS)

    assert outlook(empty).risk.tolist() == []
    assert wanted(empty, [], least_risk=0.3) == []
