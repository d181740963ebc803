"""An appointment as a patient's calendar takes it in. It says when and where, nothing of why. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from icalendar import Alarm, Calendar, Event

from slots.appointments.facts import AppointmentView

PRODUCT: Final = "-//SNP//rendez-vous//FR"
_FIRST: Final = datetime(2025, 1, 1, tzinfo=UTC)
"""Sequences count seconds from here: a move is a new appointment, and later than the one it replaces."""
REMIND: Final = timedelta(hours=-2)


def calendar_of(one: AppointmentView, *, place: str, now: datetime) -> bytes:
    """Return a calendar of one event, cancelled when the appointment no longer stands.

    Imported again after a change it replaces itself. Source: RFC 5545 §3.8.4.7 (UID), §3.8.7.4 (SEQUENCE).
    """
    event = Event()
    event.add("uid", f"{one.request_id}-{one.session_no}@rendez-vous.snp")
    event.add("sequence", int((one.created_at - _FIRST).total_seconds()) + one.version)
    event.add("dtstamp", now.astimezone(UTC))
    event.add("dtstart", one.start.astimezone(UTC))
    event.add("dtend", one.end.astimezone(UTC))
    event.add("summary", "Rendez-vous")
    event.add("location", place)
    event.add("status", "CONFIRMED" if one.live else "CANCELLED")
    if one.live:
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", "Rendez-vous")
        alarm.add("trigger", REMIND)
        event.add_component(alarm)
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add_component(event)
    return bytes(calendar.to_ical())
