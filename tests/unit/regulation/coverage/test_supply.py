"""What is usually published late, and how long needs can wait."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import numpy as np

from regulation.coverage.halves import open_halves
from regulation.coverage.shortage import USUAL_WAITS
from regulation.coverage.supply import still_to_come, wait_of, waits_of
from snp.days import PARIS, SnpHours

NOW = datetime(2026, 11, 24, 7, tzinfo=PARIS)
HALVES = open_halves(date(2026, 11, 24), 7, SnpHours())


def test_slots_published_the_day_before_are_still_to_come_two_days_ahead() -> None:
    thursdays = [datetime(2026, 11, day, 9, tzinfo=PARIS) for day in (5, 12, 19)]
    late = [(start, start - timedelta(hours=20)) for start in thursdays]

    expected = still_to_come(late, HALVES, NOW)

    assert expected.tolist() == [0, 0, 0, 0, 1, *[0] * (len(HALVES) - 5)]


def test_what_was_published_early_or_long_ago_is_not_expected_again() -> None:
    early = [(datetime(2026, 11, 19, 9, tzinfo=PARIS), datetime(2026, 11, 1, tzinfo=PARIS))]
    old = [(datetime(2026, 9, 3, 9, tzinfo=PARIS), datetime(2026, 9, 2, 20, tzinfo=PARIS))]

    assert not still_to_come([*early, *old], HALVES, NOW).any()
    assert not still_to_come([], HALVES, NOW).any()


def test_a_delay_is_counted_in_half_days_that_are_open() -> None:
    at = datetime(2026, 11, 24, 9, tzinfo=PARIS)

    assert wait_of(at, at + timedelta(hours=3), HALVES) == 0
    assert wait_of(at, at + timedelta(hours=12), HALVES) == 1
    assert wait_of(at, at + timedelta(hours=48), HALVES) == 4
    assert wait_of(at, at - timedelta(hours=48), HALVES) == 0


def test_waits_lean_on_what_is_usual_until_many_are_seen() -> None:
    assert np.allclose(waits_of([]), USUAL_WAITS)
    assert waits_of([0] * 1000)[0] > 0.95
