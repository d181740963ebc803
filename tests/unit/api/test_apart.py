"""What is computed in a process of its own: answered whole, whatever it prints; a failure is told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from api.jobs.apart import apart
from snp.assignment.facts import Priority
from snp.assignment.policy.settings import LiveSettings
from snp.assignment.pricing import Market, price_slots
from tests.unit.assignment.test_pricing import NOW, a_slot, two_weeks


def test_prices_computed_apart_are_those_computed_here() -> None:
    market = Market(
        NOW,
        [],
        two_weeks(Priority.P1, a_day=4),
        [a_slot("soon", NOW + timedelta(hours=3)), a_slot("later", NOW + timedelta(hours=9))],
    )
    there = apart("snp.assignment.pricing:price_slots", market, LiveSettings())
    assert there == price_slots(market, LiveSettings())


def test_what_is_printed_by_the_way_is_no_answer() -> None:
    assert apart("builtins:print", "hello") is None
    assert apart("builtins:max", 1, 3, 2) == 3


def test_a_failure_is_told_and_names_the_function() -> None:
    with pytest.raises(RuntimeError, match="builtins:int"):
        apart("builtins:int", "x")
    with pytest.raises(RuntimeError, match="time:sleep"):
        apart("time:sleep", 60, seconds=2)


def test_instants_keep_their_zone() -> None:
    instant = datetime(2026, 11, 24, tzinfo=UTC)
    assert apart("builtins:max", instant, instant) == instant
