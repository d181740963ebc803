"""What is remembered of tries, and what that allows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from api.security.tries import Terms, Tries, one_less, one_more, seconds_to_wait

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
THREE = Terms(allowed=3, per=timedelta(minutes=10))
DOUBLING = Terms(allowed=1, per=timedelta(minutes=10), longest=timedelta(hours=1))


def tried(times: int, terms: Terms = THREE, *, now: datetime = NOW) -> Tries:
    tries = Tries(now)
    for _ in range(times):
        tries = one_more(tries, terms, now)
    return tries


def test_the_tries_allowed_pass_and_the_next_waits() -> None:
    assert seconds_to_wait(tried(2), THREE, NOW) == 0
    assert seconds_to_wait(tried(3), THREE, NOW + timedelta(minutes=4)) == 360


def test_a_new_period_begins_afresh() -> None:
    later = NOW + timedelta(minutes=10)

    assert seconds_to_wait(tried(3), THREE, later) == 0
    assert one_more(tried(3), THREE, later).count == 1


def test_a_try_that_proved_itself_is_taken_back_and_earlier_failures_stay() -> None:
    tries = one_less(tried(3))

    assert seconds_to_wait(tries, THREE, NOW) == 0
    assert seconds_to_wait(one_more(tries, THREE, NOW), THREE, NOW) == 600
    assert one_less(Tries(NOW)).count == 0


def test_an_address_waits_twice_as_long_each_time_and_an_hour_at_most() -> None:
    now, waits, tries = NOW, [], Tries(NOW)
    for _ in range(5):
        tries = one_more(tries, DOUBLING, now)
        waits.append(seconds_to_wait(tries, DOUBLING, now) // 60)
        now += timedelta(minutes=waits[-1])

    assert waits == [10, 20, 40, 60, 60]


def test_a_quiet_period_forgets_how_often_an_address_was_closed_out() -> None:
    later = NOW + timedelta(minutes=25)

    tries = one_more(tried(1, DOUBLING), DOUBLING, later)

    assert seconds_to_wait(tries, DOUBLING, later) == 600
