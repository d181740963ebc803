"""Clocks tell aware instants."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from snp.platform.clock import Clock, SteppedClock, SystemClock


def test_the_machine_tells_utc():
    clock: Clock = SystemClock()
    assert clock.now().tzinfo is UTC


def test_a_stepped_clock_moves_only_when_told():
    clock = SteppedClock(datetime.fromisoformat("2026-11-24T10:00:00+01:00"))
    assert clock.now() == clock.now() == datetime(2026, 11, 24, 9, tzinfo=UTC)
    assert clock.advance(timedelta(hours=1)) == datetime(2026, 11, 24, 10, tzinfo=UTC) == clock.now()


def test_a_clock_refuses_a_naive_instant():
    with pytest.raises(ValueError, match="aware"):
        SteppedClock(datetime(2026, 11, 24))  # noqa: DTZ001 - the mistake itself
