"""An address may try so often in a period, no more."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from api.security.errors import TooManyRequests
from api.security.throttle import Throttle

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)


def _tried(times: int) -> Throttle:
    throttle = Throttle(allowed=3, per=timedelta(minutes=10))
    for _ in range(times):
        throttle.check("a", NOW)
        throttle.count("a", NOW)
    return throttle


def test_the_tries_allowed_pass_and_the_next_waits() -> None:
    throttle = _tried(3)

    with pytest.raises(TooManyRequests) as refusal:
        throttle.check("a", NOW + timedelta(minutes=4))

    assert refusal.value.fields == {"retry_after": 360}
    assert "360 secondes" in refusal.value.sentence


def test_another_address_is_not_kept_waiting() -> None:
    _tried(3).check("b", NOW)


def test_a_new_period_begins_afresh() -> None:
    throttle = _tried(3)
    later = NOW + timedelta(minutes=10)

    throttle.check("a", later)
    throttle.count("a", later)
    throttle.check("a", later)


def test_who_proved_himself_begins_afresh() -> None:
    throttle = _tried(3)

    throttle.forget("a")

    throttle.check("a", NOW)


def test_an_address_waits_twice_as_long_each_time_and_an_hour_at_most() -> None:
    throttle = Throttle(allowed=1, per=timedelta(minutes=10), longest=timedelta(hours=1))
    now, waits = NOW, []
    for _ in range(5):
        throttle.count("a", now)
        with pytest.raises(TooManyRequests) as refusal:
            throttle.check("a", now)
        waits.append(refusal.value.fields["retry_after"] // 60)
        now += timedelta(minutes=waits[-1])

    assert waits == [10, 20, 40, 60, 60]


def test_a_quiet_period_or_a_proof_forgets_how_often_an_address_was_closed_out() -> None:
    throttle = Throttle(allowed=1, per=timedelta(minutes=10), longest=timedelta(hours=1))
    throttle.count("a", NOW)
    later = NOW + timedelta(minutes=25)

    throttle.count("a", later)

    with pytest.raises(TooManyRequests) as refusal:
        throttle.check("a", later)
    assert refusal.value.fields["retry_after"] == 600
    throttle.forget("a")
    throttle.check("a", later)
