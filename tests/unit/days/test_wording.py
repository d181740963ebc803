"""Dates and delays as French readers say them."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest

from snp.days import at_local, say_day, say_delay, say_instant, say_interval, say_relative, say_time

DAY = date(2026, 11, 24)


def at(clock: str, day: date = DAY) -> datetime:
    return at_local(day, time.fromisoformat(clock))


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


def test_a_day_is_said_with_its_weekday():
    assert plain(say_day(DAY)) == "mardi 24 novembre"
    assert plain(say_day(date(2026, 11, 1), year=True)) == "dimanche 1er novembre 2026"


@pytest.mark.parametrize(
    ("clock", "words"), [("18:30", "18 h 30"), ("08:00", "8 h"), ("00:15", "0 h 15"), ("09:05", "9 h 05")]
)
def test_a_time_is_said_in_local_hours(clock: str, words: str):
    assert plain(say_time(at(clock))) == words


def test_numbers_keep_with_their_unit():
    assert say_time(at("18:30")) == "18\u00a0h\u00a030"


def test_an_instant_is_said_with_day_and_time():
    assert plain(say_instant(at("18:30"))) == "mardi 24 novembre à 18 h 30"


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        (at("18:30"), at("18:45"), "mardi 24 novembre de 18 h 30 à 18 h 45"),
        (at("23:45"), at("00:00", date(2026, 11, 25)), "mardi 24 novembre de 23 h 45 à minuit"),
        (
            at("23:45"),
            at("08:00", date(2026, 11, 25)),
            "du mardi 24 novembre à 23 h 45 au mercredi 25 novembre à 8 h",
        ),
    ],
)
def test_an_interval_is_said_once_per_day(start: datetime, end: datetime, words: str):
    assert plain(say_interval(start, end)) == words


@pytest.mark.parametrize(
    ("instant", "words"),
    [
        (at("18:30"), "aujourd’hui à 18 h 30"),
        (at("09:00", date(2026, 11, 25)), "demain à 9 h"),
        (at("09:00", date(2026, 11, 26)), "après-demain à 9 h"),
        (at("09:00", date(2026, 11, 23)), "hier à 9 h"),
        (at("09:00", date(2026, 11, 30)), "lundi 30 novembre à 9 h"),
    ],
)
def test_a_near_day_is_said_by_its_distance(instant: datetime, words: str):
    assert plain(say_relative(instant, at("10:00"))) == words


@pytest.mark.parametrize(
    ("delay", "words"),
    [
        (timedelta(minutes=45), "45 min"),
        (timedelta(minutes=90), "1 h 30"),
        (timedelta(hours=2), "2 h"),
        (timedelta(hours=30, minutes=5), "30 h 05"),
        (timedelta(hours=51), "2 jours 3 h"),
        (timedelta(days=3), "3 jours"),
        (timedelta(seconds=-5), "0 min"),
    ],
)
def test_a_delay_is_said_in_its_largest_units(delay: timedelta, words: str):
    assert plain(say_delay(delay)) == words
