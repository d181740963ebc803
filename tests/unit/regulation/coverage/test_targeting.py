"""Whom a call asks, in which order, and which moments are put to each."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest

from regulation.coverage import targeting
from regulation.coverage.facts import Moment
from regulation.coverage.halves import HalfDay
from regulation.coverage.targeting import Volunteer, WhyNot
from regulation.coverage.wording import moment_name, reasons_for
from snp.days import PARIS

THURSDAY = HalfDay(date(2026, 11, 26), False)
FRIDAY = HalfDay(date(2026, 11, 27), True)
PLAIN = Volunteer("plain")
EARLY = datetime(2026, 11, 25, 9, tzinfo=PARIS)


def order(*volunteers: Volunteer[str]) -> list[str]:
    return [one.volunteer.who for one in targeting.ranked(volunteers, [THURSDAY])]


def test_who_is_usually_free_then_comes_first() -> None:
    usual = replace(PLAIN, who="usual", habits={THURSDAY.cell: {time(12): 6}})

    assert order(PLAIN, usual) == ["usual", "plain"]


def test_who_is_near_the_need_comes_first() -> None:
    assert order(replace(PLAIN, who="far", near=0.2), PLAIN) == ["plain", "far"]


def test_who_gave_least_comes_first() -> None:
    assert order(replace(PLAIN, who="giver", given=10), PLAIN) == ["plain", "giver"]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"asked_before": True}, WhyNot.ASKED_BEFORE),
        ({"reachable": False}, WhyNot.UNREACHABLE),
        ({"paused": True}, WhyNot.PAUSED),
        ({"messages": 2}, WhyNot.ENOUGH_MESSAGES),
        ({"most_messages": 0}, WhyNot.ENOUGH_MESSAGES),
        ({"this_week": 3, "most_slots": 3}, WhyNot.GIVES_ENOUGH),
    ],
)
def test_who_is_left_in_peace_comes_last_with_the_reason(change: dict[str, object], why: WhyNot) -> None:
    left = replace(PLAIN, who="left", near=1.0, **change)  # type: ignore[arg-type]
    found = targeting.ranked([left, replace(PLAIN, near=0.0)], [THURSDAY])

    assert [one.volunteer.who for one in found] == ["plain", "left"]
    assert found[1].why_not is why
    assert reasons_for(found[1])[0].strip()


def test_usual_times_come_before_the_edges_of_consultations() -> None:
    usual = replace(PLAIN, habits={THURSDAY.cell: {time(9): 1, time(11): 4}})

    starts = [start for start, _ in targeting.moments(usual, [THURSDAY], 30, earliest=EARLY)]

    assert [one.astimezone(PARIS).time() for one in starts[:3]] == [time(11), time(9), time(12)]


def test_moments_alternate_between_half_days_and_leave_what_is_too_early() -> None:
    late = datetime(2026, 11, 26, 11, 45, tzinfo=PARIS)
    found = targeting.moments(PLAIN, [THURSDAY, FRIDAY], 30, earliest=late)

    assert all(start >= late and end - start == timedelta(minutes=30) for start, end in found)
    assert [start.astimezone(PARIS).day for start, _ in found[:2]] == [26, 27]


@pytest.mark.parametrize(("minutes", "slots"), [(10, 3), (15, 2), (20, 2), (30, 1), (45, 1)])
def test_a_moment_lasts_about_half_an_hour(minutes: int, slots: int) -> None:
    assert targeting.in_a_row(minutes) == slots


def test_a_wave_is_larger_when_few_accept() -> None:
    assert targeting.wave_size(0, asked=0, gained=0) == 0
    assert targeting.wave_size(2, asked=0, gained=0) == 5
    assert targeting.wave_size(2, asked=50, gained=2) == targeting.MOST_IN_A_WAVE
    assert targeting.wave_size(2, asked=10, gained=20) < 5


def test_a_moment_reads_as_one_says_it() -> None:
    start = datetime(2026, 11, 26, 12, tzinfo=PARIS)

    said = moment_name(Moment(start, start + timedelta(minutes=30), 2))

    assert said.replace("\u00a0", " ") == "jeudi 26 novembre, 12 h–12 h 30"


def test_the_share_of_the_need_within_reach() -> None:
    assert targeting.share_within([5, 40], [3, 1], 30) == 0.75
    assert targeting.share_within([], [], 30) == 1.0
