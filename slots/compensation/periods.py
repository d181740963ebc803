"""Weeks and months on the wall of a territory. Pure."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from snp.days import PARIS, day_bounds, local_day


def week_of(day: date) -> date:
    """The Monday of the week of a day: a week runs from Monday to Sunday.

    Source: NGAP 14.1.3 says « par semaine »; the calendar week is the reading kept here (ISO 8601).
    """
    return day - timedelta(days=day.weekday())


def month_of(day: date) -> date:
    """The first day of the month of a day."""
    return day.replace(day=1)


def next_month(month: date) -> date:
    """The first day of the following month."""
    return (month.replace(day=28) + timedelta(days=4)).replace(day=1)


def months_before(month: date, count: int) -> date:
    """The first day of the month so many months earlier."""
    index = month.year * 12 + month.month - 1 - count
    return date(index // 12, index % 12 + 1, 1)


def month_bounds(month: date, zone: ZoneInfo = PARIS) -> tuple[datetime, datetime]:
    """The instants (UTC) when a local month begins and ends."""
    return day_bounds(month, zone)[0], day_bounds(next_month(month), zone)[0]


def week_bounds(week: date, zone: ZoneInfo = PARIS) -> tuple[datetime, datetime]:
    """The instants (UTC) when the week of a Monday begins and ends; 167 or 169 hours when clocks change."""
    return day_bounds(week, zone)[0], day_bounds(week + timedelta(days=7), zone)[0]


def dates_of(instant: datetime, zone: ZoneInfo = PARIS) -> tuple[date, date]:
    """The local day of an instant, and the Monday of its week."""
    day = local_day(instant, zone)
    return day, week_of(day)
