"""The busy times of an iCalendar text. Pure: nothing is kept but when, never what, with whom or where.

Source: RFC 5545 §3.6.1 (VEVENT), §3.8.2.7 (TRANSP), §3.8.1.11 (STATUS), §3.3.5 (floating times).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

import recurring_ical_events
from icalendar import Calendar

from slots.agenda.facts import Interval
from slots.feeds.facts import FetchFault
from slots.feeds.refusals import CalendarUnreadable
from slots.feeds.writing import UID_DOMAIN
from snp.days import at_local

MOST_EVENTS: Final = 20_000
MOST_BUSY_TIMES: Final = 5_000
LONGEST: Final = timedelta(days=370)
_TOO_OFTEN: Final = frozenset({"SECONDLY", "MINUTELY", "HOURLY"})
"""Rules that nobody's agenda needs, and that cost as much as they repeat: left out."""

_DECIDING: Final = frozenset(
    {"DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID", "STATUS", "TRANSP"}
)
"""An event of which one of these cannot be read says nothing."""

_FREE: Final = frozenset({"FREE", "WORKINGELSEWHERE"})


def read_busy(text: bytes, start: datetime, end: datetime) -> tuple[Interval, ...]:
    """Return when a calendar says its owner is busy within `[start, end)`: disjoint, by start.

    Left out: transparent and cancelled events, those Outlook calls free, and our own slots. An all-day event
    takes its local days; a floating time is read in Paris. Raises `CalendarUnreadable`.
    """
    try:
        calendar = Calendar.from_ical(text)
    except (ValueError, IndexError, KeyError, AttributeError, TypeError, RecursionError):
        raise CalendarUnreadable(FetchFault.NOT_A_CALENDAR) from None
    if not isinstance(calendar, Calendar) or calendar.name != "VCALENDAR":
        raise CalendarUnreadable(FetchFault.NOT_A_CALENDAR)
    _leave_out(calendar)
    found = recurring_ical_events.of(calendar, skip_bad_series=True).between(
        start - timedelta(days=1), end + timedelta(days=1)
    )
    times = (_interval(one) for one in found if _is_busy(one))
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
    whole = (one for one in events if not _DECIDING.intersection(name for name, _ in one.errors))
    others = (one for one in whole if not str(one.get("UID", "")).endswith(UID_DOMAIN))
    kept = [one for one in others if not _repeats_within_a_day(one)]
    zones = [one for one in calendar.subcomponents if one.name == "VTIMEZONE"]
    calendar.subcomponents = [*zones, *kept]


def _repeats_within_a_day(event: Any) -> bool:
    rules = event.get("RRULE", [])
    rules = rules if isinstance(rules, list) else [rules]
    return any(str(freq).upper() in _TOO_OFTEN for rule in rules for freq in rule.get("FREQ", []))


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
