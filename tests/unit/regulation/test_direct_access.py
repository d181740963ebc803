"""Sessions without a medical diagnosis: where, when, how many; at the boundaries.

Source: decree 2024-618 of 27 June 2024, order of 6 June 2025.
"""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulation.series.direct_access import (
    TRIAL_DEPARTMENTS,
    add_months,
    episodes,
    exceeded,
    is_allowed,
    left_on,
)

FIRST = date(2026, 9, 1)


def days(*after: int) -> list[date]:
    return [FIRST + timedelta(days=one) for one in after]


@pytest.mark.parametrize(
    ("department", "since", "until", "on", "allowed"),
    [
        ("85", None, None, date(2026, 9, 1), False),
        ("85", date(2025, 7, 15), None, date(2025, 7, 14), False),
        ("85", date(2025, 7, 15), None, date(2025, 7, 15), True),
        ("85", date(2025, 1, 1), None, date(2025, 7, 14), False),
        ("85", date(2025, 7, 15), None, date(2030, 7, 14), True),
        ("85", date(2025, 7, 15), None, date(2030, 7, 15), False),
        ("85", date(2026, 1, 1), date(2026, 8, 31), date(2026, 8, 31), True),
        ("85", date(2026, 1, 1), date(2026, 8, 31), date(2026, 9, 1), False),
        ("44", date(2025, 7, 15), None, date(2026, 9, 1), False),
        ("2b", date(2025, 7, 15), None, date(2026, 9, 1), True),
    ],
)
def test_where_and_when_it_is_allowed(
    department: str, since: date | None, until: date | None, on: date, allowed: bool
) -> None:
    assert is_allowed(department, since, until, on) is allowed


def test_twenty_departments_take_part() -> None:
    assert len(TRIAL_DEPARTMENTS) == 20


@pytest.mark.parametrize(
    ("day", "months", "reached"),
    [
        (date(2026, 9, 1), 3, date(2026, 12, 1)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2027, 11, 30), 3, date(2028, 2, 29)),
        (date(2026, 12, 31), 3, date(2027, 3, 31)),
        (date(2026, 10, 15), 3, date(2027, 1, 15)),
    ],
)
def test_three_months_later(day: date, months: int, reached: date) -> None:
    assert add_months(day, months) == reached


@pytest.mark.parametrize(
    ("had", "planned", "diagnoses", "refused"),
    [
        (days(*range(7)), days(20), [], False),
        (days(*range(8)), days(20), [], True),
        (days(*range(6)), days(20, 22), [], False),
        (days(*range(6)), days(20, 22, 24), [], True),
        (days(*range(8)), [date(2026, 11, 30)], [], True),
        (days(*range(8)), [date(2026, 12, 1)], [], False),
        (days(*range(8)), days(20), days(10), False),
        (days(*range(8)), days(20), days(0), True),
        (days(*range(8)), days(20), days(21), True),
        ([FIRST] * 8, days(1), [], True),
        ([], days(0, 2, 4), [], False),
        (days(*range(9)), [date(2026, 12, 1)], [], False),
    ],
    ids=[
        "the eighth",
        "the ninth",
        "two more make eight",
        "three more make nine",
        "the last day of the episode",
        "the first day after it",
        "a diagnosis on the way",
        "a diagnosis on the first day changes nothing",
        "a diagnosis after the session changes nothing for it",
        "eight on one day",
        "the first three",
        "what was too much before is over",
    ],
)
def test_the_ninth_session_of_an_episode_is_refused(
    had: list[date], planned: list[date], diagnoses: list[date], refused: bool
) -> None:
    assert (exceeded(had, planned, diagnoses) is not None) is refused


@pytest.mark.parametrize(
    ("had", "on", "left", "since"),
    [
        ([], FIRST, 8, None),
        (days(0, 3), FIRST + timedelta(days=10), 6, FIRST),
        (days(*range(8)), date(2026, 11, 30), 0, FIRST),
        (days(*range(8)), date(2026, 12, 1), 8, None),
    ],
)
def test_what_is_left_of_an_episode(had: list[date], on: date, left: int, since: date | None) -> None:
    count, running = left_on(had, on)
    assert (count, running.start if running else None) == (left, since)


@given(st.lists(st.integers(0, 400), max_size=30), st.lists(st.integers(0, 400), max_size=3))
def test_every_session_is_in_one_episode_of_three_months(found: list[int], told: list[int]) -> None:
    sessions, diagnoses = days(*found), days(*told)

    split = episodes(sessions, diagnoses)

    assert sorted(sessions) == [day for one in split for day in one.sessions]
    for one in split:
        assert all(one.start <= day < one.until for day in one.sessions)
        assert not any(one.start < day <= one.sessions[-1] for day in diagnoses)
