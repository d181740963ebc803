"""Dates, times and delays as French readers say them. Non-breaking spaces keep a number with its unit."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from snp.days.local import PARIS, local, local_day

_NBSP: Final = "\u00a0"
_WEEKDAYS: Final = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
_MONTHS: Final = (
    *("janvier", "février", "mars", "avril", "mai", "juin"),
    *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
)
_NEAR_DAYS: Final = {-1: "hier", 0: "aujourd’hui", 1: "demain", 2: "après-demain"}


def say_day(day: date, *, year: bool = False) -> str:
    """A date in words: « mardi 24 novembre », « dimanche 1er novembre 2026 »."""
    number = "1er" if day.day == 1 else str(day.day)
    words = f"{_WEEKDAYS[day.weekday()]} {number}{_NBSP}{_MONTHS[day.month - 1]}"
    return f"{words} {day.year}" if year else words


def say_time(instant: datetime, zone: ZoneInfo = PARIS) -> str:
    """The local time of an instant: « 18 h 30 », « 8 h », « 0 h 15 »."""
    shown = local(instant, zone)
    minutes = f"{_NBSP}{shown.minute:02d}" if shown.minute else ""
    return f"{shown.hour}{_NBSP}h{minutes}"


def say_instant(instant: datetime, zone: ZoneInfo = PARIS, *, year: bool = False) -> str:
    """A local date and time: « mardi 24 novembre à 18 h 30 »."""
    return f"{say_day(local_day(instant, zone), year=year)} à {say_time(instant, zone)}"


def say_interval(start: datetime, end: datetime, zone: ZoneInfo = PARIS) -> str:
    """A local interval: « mardi 24 novembre de 18 h 30 à 18 h 45 »; a midnight end is « minuit »."""
    first, last = local_day(start, zone), local_day(end, zone)
    if last == first:
        return f"{say_day(first)} de {say_time(start, zone)} à {say_time(end, zone)}"
    if last == first + timedelta(days=1) and not any(local(end, zone).timetuple()[3:6]):
        return f"{say_day(first)} de {say_time(start, zone)} à minuit"
    return f"du {say_instant(start, zone)} au {say_instant(end, zone)}"


def say_relative(instant: datetime, now: datetime, zone: ZoneInfo = PARIS) -> str:
    """An instant as seen from `now`: « aujourd’hui à 18 h 30 », « demain à 9 h », else the date."""
    distance = (local_day(instant, zone) - local_day(now, zone)).days
    near = _NEAR_DAYS.get(distance)
    return f"{near} à {say_time(instant, zone)}" if near else say_instant(instant, zone)


def say_delay(delay: timedelta) -> str:
    """A duration, to the minute under a day and to the hour above.

    « 45 min », « 1 h 30 », « 2 jours 3 h ».
    """
    minutes = max(0, round(delay / timedelta(minutes=1)))
    if minutes < 60:
        return f"{minutes}{_NBSP}min"
    hours, rest = divmod(minutes, 60)
    if hours < 48:
        return f"{hours}{_NBSP}h{_NBSP}{rest:02d}" if rest else f"{hours}{_NBSP}h"
    days, left = divmod(hours, 24)
    return f"{days}{_NBSP}jours {left}{_NBSP}h" if left else f"{days}{_NBSP}jours"
