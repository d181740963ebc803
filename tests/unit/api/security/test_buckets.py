"""A caller may keep up a rate, after a rest a burst, and starves nobody else."""

from __future__ import annotations

from api.security.buckets import Buckets


def test_a_burst_then_the_rate() -> None:
    buckets = Buckets(rate=2, capacity=4)

    assert [buckets.take("a", 0.0) for _ in range(5)] == [0, 0, 0, 0, 1]
    assert [buckets.take("a", 1.0) for _ in range(3)] == [0, 0, 1]
    assert [buckets.take("a", 60.0) for _ in range(5)] == [0, 0, 0, 0, 1]


def test_each_has_a_bucket_of_his_own() -> None:
    buckets = Buckets(rate=1, capacity=1)

    assert buckets.take("a", 0.0) == 0
    assert buckets.take("a", 0.0) == 1
    assert buckets.take("b", 0.0) == 0


def test_the_wait_is_long_enough() -> None:
    buckets = Buckets(rate=0.25, capacity=1)

    assert buckets.take("a", 0.0) == 0
    wait = buckets.take("a", 0.0)
    assert wait == 4
    assert buckets.take("a", float(wait)) == 0


def test_no_rate_is_no_limit() -> None:
    buckets = Buckets(rate=0, capacity=0)

    assert {buckets.take("a", 0.0) for _ in range(100)} == {0}


def test_a_clock_that_stands_gives_nothing_and_memory_is_bounded() -> None:
    buckets = Buckets(rate=1, capacity=1, remembered=10)
    for number in range(1_000):
        buckets.take(str(number), 5.0)

    assert buckets.take("999", 4.0) == 1
    assert buckets.take("0", 5.0) == 0
