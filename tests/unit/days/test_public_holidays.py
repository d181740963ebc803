"""The legal public holidays, region by region."""

from __future__ import annotations

from datetime import date

import pytest

from snp.days import HolidayRegion, holiday_name, holiday_region, is_holiday, public_holidays


def test_metropolitan_france_has_eleven_holidays():
    days = public_holidays(2026)
    assert list(days) == [
        date(2026, 1, 1),
        date(2026, 4, 6),
        date(2026, 5, 1),
        date(2026, 5, 8),
        date(2026, 5, 14),
        date(2026, 5, 25),
        date(2026, 7, 14),
        date(2026, 8, 15),
        date(2026, 11, 1),
        date(2026, 11, 11),
        date(2026, 12, 25),
    ]
    assert days[date(2026, 11, 11)] == "Armistice"


def test_alsace_and_moselle_keep_good_friday_and_the_26th_of_december():
    here, there = set(public_holidays(2026)), set(public_holidays(2026, HolidayRegion.ALSACE_MOSELLE))
    assert there - here == {date(2026, 4, 3), date(2026, 12, 26)}
    assert here <= there


@pytest.mark.parametrize(
    ("region", "day"),
    [
        (HolidayRegion.GUADELOUPE, date(2026, 5, 27)),
        (HolidayRegion.MARTINIQUE, date(2026, 5, 22)),
        (HolidayRegion.GUYANE, date(2026, 6, 10)),
        (HolidayRegion.REUNION, date(2026, 12, 20)),
        (HolidayRegion.MAYOTTE, date(2026, 4, 27)),
    ],
)
def test_overseas_keeps_the_abolition_of_slavery(region: HolidayRegion, day: date):
    assert set(public_holidays(2026, region)) - set(public_holidays(2026)) == {day}


def test_an_ordinary_day_bears_no_name():
    assert holiday_name(date(2026, 11, 12)) is None
    assert not is_holiday(date(2026, 11, 12))


@pytest.mark.parametrize(
    ("department", "region"),
    [
        ("44", HolidayRegion.METROPOLE),
        ("2A", HolidayRegion.METROPOLE),
        ("57", HolidayRegion.ALSACE_MOSELLE),
        ("67", HolidayRegion.ALSACE_MOSELLE),
        ("974", HolidayRegion.REUNION),
    ],
)
def test_a_department_tells_its_region(department: str, region: HolidayRegion):
    assert holiday_region(department) is region
