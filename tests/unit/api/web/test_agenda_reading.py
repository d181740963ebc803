"""Days, hours and numbers as practitioners type them; and where their forms start from."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from api.web.agenda.habits import rows_of, usual_times
from api.web.agenda.reading import Typed, parse_day, parse_time, weekdays_of, write_day, write_time
from snp.assignment.facts import Audience
from tests.support.agenda import local

TODAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("24/11", TODAY),
        ("23/11", date(2027, 11, 23)),
        ("1/1", date(2027, 1, 1)),
        ("01.01.2027", date(2027, 1, 1)),
        ("2026-12-01", date(2026, 12, 1)),
        ("1-12-2026", date(2026, 12, 1)),
    ],
)
def test_a_day_is_read_as_people_type_it(typed: str, day: date) -> None:
    assert parse_day(typed, TODAY) == day


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "Choisissez un jour"),
        ("mardi", "Le jour s’écrit"),
        ("31/11", "n’existe pas"),
        ("29/02", "n’existe pas"),
        ("23/11/2026", "déjà passé"),
        ("2026-11-23", "déjà passé"),
        ("2029-11-23", "trop loin"),
        ("9999-99-99", "n’existe pas"),
    ],
)
def test_a_day_that_cannot_be_says_what_to_revise(typed: str, sentence: str) -> None:
    found = parse_day(typed, TODAY)
    assert isinstance(found, str)
    assert sentence in found


@pytest.mark.parametrize(
    ("typed", "at"),
    [
        *(("18", time(18)), ("18h", time(18)), ("18 h 30", time(18, 30)), ("18H30", time(18, 30))),
        *(("18:30", time(18, 30)), ("1830", time(18, 30)), ("830", time(8, 30)), ("8h05", time(8, 5))),
        *(("00:00", time()), ("18.15", time(18, 15))),
    ],
)
def test_an_hour_is_read_as_people_type_it(typed: str, at: time) -> None:
    assert parse_time(typed) == at


@pytest.mark.parametrize("typed", ["24h", "18h60", "six heures", "18h3", "-1", "18:30:00", "99999"])
def test_an_hour_that_cannot_be_is_asked_again(typed: str) -> None:
    assert parse_time(typed) == "L’heure s’écrit 18 h 30 ou 18:30"


def test_what_a_field_shows_is_read_back() -> None:
    assert parse_day(write_day(TODAY), TODAY) == TODAY
    assert parse_time(write_time(time(8, 5))) == time(8, 5)


@pytest.mark.parametrize("typed", ["0", "61", "deux", "2.5", "²", "-3", "99999"])
def test_a_number_out_of_bounds_is_told(typed: str) -> None:
    form = Typed({"patients": typed}, {})
    assert form.number("patients", low=1, high=60, missing="Dites combien") == 1
    assert form.errors == {"patients": "Indiquez un nombre de 1 à 60"}


def test_no_ticked_audience_is_told_only_where_the_page_asked() -> None:
    usual = frozenset({Audience.REGULATION})
    assert Typed({}, {}).audiences(usual) == usual
    asked = Typed({"publics": "oui"}, {})
    asked.audiences(usual)
    assert asked.errors == {"publics": "Choisissez au moins un public"}


def test_days_of_the_week_come_in_their_order() -> None:
    assert weekdays_of({"jour_SA": "oui", "jour_MO": "oui", "jour_XX": "oui"}) == ("MO", "SA")


def slot(start: datetime, minutes: int = 15, buffer: int = 0) -> Any:
    end = start + timedelta(minutes=minutes)
    return SimpleNamespace(start=start, end=end, busy_until=end + timedelta(minutes=buffer))


def test_slots_that_follow_each_other_are_one_row() -> None:
    nine, ten = local("2026-11-24 09:00"), local("2026-11-24 10:00")
    first = [slot(nine), slot(nine + timedelta(minutes=15))]
    rows = rows_of([*first, slot(ten, buffer=5), slot(ten + timedelta(minutes=20))])
    assert [len(row) for row in rows] == [2, 2]


def test_the_hours_offered_are_the_usual_ones_filled_up_in_order() -> None:
    row = [slot(local(f"2026-11-{day} 07:45")) for day in (10, 17, 24)]
    times = usual_times([[one] for one in row])
    assert times == tuple(sorted(times))
    assert len(times) == 6
    assert time(7, 45) in times
    assert usual_times([]) == (time(8, 30), time(11, 30), time(14), time(17), time(18), time(19))


def test_an_hour_keeps_its_place_over_a_clock_change() -> None:
    rows = [[slot(local("2026-10-23 07:45"))], [slot(local("2026-10-26 07:45"))]]
    assert sum(at == time(7, 45) for at in usual_times(rows)) == 1
