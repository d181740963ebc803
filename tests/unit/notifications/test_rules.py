"""Pauses double, are spread, are capped, and never shorter than what the other side asked."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snp.notifications.channels import WaysOut
from snp.notifications.facts import Refused, Retry
from snp.notifications.rules import LONGEST_WAIT, RetryPolicy, is_given_up, pause

POLICY = RetryPolicy(first=timedelta(seconds=2), longest=timedelta(minutes=15), attempts=200)


def test_pauses_double_up_to_the_longest() -> None:
    seconds = [pause(POLICY, attempt, chance=1.0).total_seconds() for attempt in range(1, 13)]
    assert seconds == [2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]


@given(attempt=st.integers(1, 10_000), chance=st.floats(0, 1, exclude_max=True))
def test_a_pause_is_spread_over_the_upper_half(attempt: int, chance: float) -> None:
    whole = pause(POLICY, attempt, chance=1.0)
    assert whole / 2 <= pause(POLICY, attempt, chance=chance) <= whole


@given(asked=st.timedeltas(min_value=timedelta(), max_value=timedelta(days=400)))
def test_the_other_side_is_waited_for_but_not_for_ever(asked: timedelta) -> None:
    waited = pause(POLICY, 1, chance=0.0, asked=asked)
    assert waited <= LONGEST_WAIT
    assert waited >= min(asked, LONGEST_WAIT)


def test_the_defaults_outlast_a_week_end_without_anybody() -> None:
    waits = [pause(RetryPolicy(), attempt, chance=0.5) for attempt in range(1, RetryPolicy().attempts)]
    assert sum(waits, timedelta()) > timedelta(hours=62)


def test_the_last_attempt_is_the_last() -> None:
    assert [is_given_up(POLICY, attempt) for attempt in (199, 200, 201)] == [False, True, True]


@pytest.mark.parametrize("reason", ["Mme Durand absente", "0612345678", "", "é"])
def test_a_reason_that_could_carry_a_person_is_refused(reason: str) -> None:
    with pytest.raises(ValueError, match="code"):
        Retry(reason)
    with pytest.raises(ValueError, match="code"):
        Refused(reason)


def test_a_topic_has_one_way_out() -> None:
    class Letter:
        name = "letter"
        topics = frozenset({"told"})
        width = 1

        def prepare(self, session, message, now):
            raise AssertionError

    with pytest.raises(ValueError, match="told"):
        WaysOut((Letter(),), {"told": ()})
