"""The busy times of an iCalendar text. Pure: nothing is kept but when, never what, with whom or where.

Source: RFC 5545 §3.6.1 (VEVENT), §3.8.2.7 (TRANSP), §3.8.1.11 (STATUS), §3.3.5 (floating times).
"""

from __future__ import annotations

import math
import threading
from calendar import monthrange
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

import recurring_ical_events
from icalendar import Calendar
from icalendar.parser import Contentlines
from icalendar.timezone import tzp

from slots.agenda.facts import Interval
from slots.feeds.facts import FetchFault
from slots.feeds.refusals import CalendarUnreadable
from slots.feeds.writing import UID_DOMAIN
from slots.feeds.zones import check_zones
from snp.days import at_local

MOST_EVENTS: Final = 20_000
MOST_BUSY_TIMES: Final = 5_000
MOST_TIMES_A_DAY: Final = 8
MOST_SEARCHED: Final = 100
LONGEST: Final = timedelta(days=370)
_TOO_OFTEN: Final = frozenset({"SECONDLY", "MINUTELY", "HOURLY"})
"""Rules that nobody's agenda needs, and that cost as much as they repeat: left out."""

_PICKY: Final = ("BYMONTHDAY", "BYYEARDAY", "BYWEEKNO", "BYSETPOS")
_ONCE: Final = ("DTSTART", "DTEND", "DURATION", "RECURRENCE-ID", "STATUS", "TRANSP")
_DECIDING: Final = frozenset(
    {"DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID", "STATUS", "TRANSP"}
)
"""An event of which one of these cannot be read says nothing."""

_ONE_AT_A_TIME: Final = threading.Lock()
"""The library keeps the zones that calendars define by name, for all of the process: the next calendar to use
the name would be read by the zone of a stranger."""

_FREE: Final = frozenset({"FREE", "WORKINGELSEWHERE"})


def read_busy(text: bytes, start: datetime, end: datetime) -> tuple[Interval, ...]:
    """Return when a calendar says its owner is busy within `[start, end)`: disjoint, by start.

    Left out: transparent and cancelled events, those Outlook calls free, and our own slots. An all-day event
    takes its local days; a floating time is read in Paris. Raises `CalendarUnreadable`.
    """
    with _ONE_AT_A_TIME:
        tzp.use_default()  # forgets the zones that the calendar before defined
        return _read(text, start, end)


def _read(text: bytes, start: datetime, end: datetime) -> tuple[Interval, ...]:
    try:
        lines = Contentlines.from_ical(text)  # type: ignore[no-untyped-call]  # the library's own
        check_zones(lines)
        calendar = Calendar.from_ical(lines)
    except (ValueError, IndexError, KeyError, AttributeError, TypeError, RecursionError):
        raise CalendarUnreadable(FetchFault.NOT_A_CALENDAR) from None
    if not isinstance(calendar, Calendar) or calendar.name != "VCALENDAR":
        raise CalendarUnreadable(FetchFault.NOT_A_CALENDAR)
    try:
        _leave_out(calendar)
        found = recurring_ical_events.of(calendar, skip_bad_series=True).between(
            start - timedelta(days=1), end + timedelta(days=1)
        )
        times = [_interval(one) for one in found if _is_busy(one)]
    except (ValueError, ArithmeticError, LookupError, AttributeError, TypeError, RecursionError):
        raise CalendarUnreadable(FetchFault.NOT_A_CALENDAR) from None
    clipped = (
        Interval(max(one.start, start), min(one.end, end))
        for one in times
        if one is not None and one.start < end and start < one.end
    )
    busy = merge(clipped)
    if len(busy) > MOST_BUSY_TIMES:
        raise CalendarUnreadable(FetchFault.TOO_LARGE)
    return busy


def merge(times: Iterable[Interval]) -> tuple[Interval, ...]:
    """Return the union of times: disjoint, not touching, by start."""
    union: list[Interval] = []
    for one in sorted(times, key=lambda span: (span.start, span.end)):
        if union and one.start <= union[-1].end:
            union[-1] = Interval(union[-1].start, max(union[-1].end, one.end))
        else:
            union.append(one)
    return tuple(union)


def _leave_out(calendar: Calendar) -> None:
    """Take out what is no event or no whole one, our own slots, and rules that repeat within the day."""
    events = [one for one in calendar.subcomponents if one.name == "VEVENT"]
    if len(events) > MOST_EVENTS:
        raise CalendarUnreadable(FetchFault.TOO_LARGE)
    others = (one for one in events if not str(one.get("UID", "")).endswith(UID_DOMAIN))
    kept = [one for one in others if _is_whole(one) and not any(map(_costs_too_much, _rules(one)))]
    if sum(any(map(_is_searched_for, _rules(one))) for one in kept) > MOST_SEARCHED:
        raise CalendarUnreadable(FetchFault.TOO_LARGE)
    zones = [one for one in calendar.subcomponents if one.name == "VTIMEZONE"]
    calendar.subcomponents = [*zones, *kept]


def _is_whole(event: Any) -> bool:
    """Tell whether what decides is there, readable, and said once."""
    if _DECIDING.intersection(name for name, _ in event.errors):
        return False
    return "DTSTART" in event and not any(isinstance(event.get(name), list) for name in _ONCE)


def _rules(event: Any) -> list[Any]:
    rules = event.get("RRULE", [])
    return rules if isinstance(rules, list) else [rules]


def _costs_too_much(rule: Any) -> bool:
    """Tell whether a rule repeats within the day, or may be looked for in vain until the year 9999.

    A rule that names days which do not exist (30 February) has no first occurrence: the search for one runs
    through every period there is, some thousand years, but three million days.
    """
    frequencies = {str(freq).upper() for freq in rule.get("FREQ", [])}
    times_a_day = math.prod(max(1, len(rule.get(name, []))) for name in ("BYHOUR", "BYMINUTE", "BYSECOND"))
    if frequencies & _TOO_OFTEN or times_a_day > MOST_TIMES_A_DAY:
        return True
    if frequencies & {"DAILY", "WEEKLY"} and any(name in rule for name in _PICKY):
        return True
    return not _names_a_day(rule)


def _names_a_day(rule: Any) -> bool:
    """Tell whether some month that a rule names has some day of the month that it names."""
    months = [int(month) for month in rule.get("BYMONTH", range(1, 13))]
    longest = max((monthrange(2024, month)[1] for month in months if month in range(1, 13)), default=0)
    return longest > 0 and any(0 < abs(int(day)) <= longest for day in rule.get("BYMONTHDAY", [1]))


def _is_searched_for(rule: Any) -> bool:
    """Tell whether only a search says that a rule ever occurs."""
    return any(name in rule for name in _PICKY if name != "BYMONTHDAY")


def _is_busy(event: Any) -> bool:
    outlook = str(event.get("X-MICROSOFT-CDO-BUSYSTATUS", "")).upper()
    return (
        str(event.get("STATUS", "")).upper() != "CANCELLED"
        and str(event.get("TRANSP", "OPAQUE")).upper() != "TRANSPARENT"
        and outlook not in _FREE
    )


def _interval(event: Any) -> Interval | None:
    """Return when an event is, in UTC; None when it lasts no time, or longer than anybody is busy."""
    begins, ends = event["DTSTART"].dt, event["DTEND"].dt
    found = Interval(_instant(begins), _instant(ends))
    return found if timedelta() < found.end - found.start <= LONGEST else None


def _instant(moment: date | datetime) -> datetime:
    if not isinstance(moment, datetime):
        return at_local(moment, time())
    if moment.tzinfo is None:
        return at_local(moment.date(), moment.time())
    return moment.astimezone(UTC)
