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


def test_what_was_taken_is_told_once_and_what_others_took_is_missing() -> None:
    buckets = Buckets(rate=1, capacity=10)
    for _ in range(4):
        buckets.take("a", 0.0)

    assert buckets.untold() == {"a": 4}
    assert buckets.untold() == {}
    buckets.take("a", 0.0)
    buckets.settle({"a": 3.0, "b": 1.0}, 0.0)

    assert [buckets.take("a", 0.0) for _ in range(3)] == [0, 0, 1]
    assert buckets.untold() == {"a": 3}


def test_a_few_requests_are_not_worth_telling() -> None:
    buckets = Buckets(rate=50, capacity=1_000)
    for _ in range(9):
        buckets.take("a", 0.0)

    assert buckets.untold() == {}
    buckets.take("a", 0.0)
    assert buckets.untold() == {"a": 10}


def test_what_did_not_arrive_is_told_later() -> None:
    buckets = Buckets(rate=1, capacity=10)
    buckets.take("a", 0.0)
    told = buckets.untold()
    buckets.take("a", 0.0)

    buckets.keep_untold(told)

    assert buckets.untold() == {"a": 2}


def test_what_is_owed_is_waited_for() -> None:
    buckets = Buckets(rate=2, capacity=10)
    buckets.take("a", 0.0)
    buckets.untold()

    buckets.settle({"a": -9.0}, 0.0)

    assert buckets.take("a", 0.0) == 5
    assert buckets.take("a", 5.0) == 0


def test_a_forgotten_bucket_is_not_told_of() -> None:
    buckets = Buckets(rate=1, capacity=1, remembered=2)
    for name in "abc":
        buckets.take(name, 0.0)

    assert buckets.untold() == {"b": 1, "c": 1}
