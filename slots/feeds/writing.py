"""A feed as an iCalendar text. Pure: the same entries give the same bytes.

Source: RFC 5545 (iCalendar), RFC 7986 §5 (REFRESH-INTERVAL, NAME), RFC 5546 §2.1.4 (SEQUENCE).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, timedelta
from typing import Final

from icalendar import Calendar, Event

from slots.feeds.facts import Entry, EntryState

UID_DOMAIN: Final = "@creneaux.soins-non-programmes"
"""Ends every UID of ours, so that a calendar that carries our feed is read without it."""

_STATUS: Final = {
    EntryState.FREE: ("TENTATIVE", "Créneau SNP libre"),
    EntryState.TAKEN: ("CONFIRMED", "Rendez-vous SNP"),
    EntryState.GONE: ("CANCELLED", "Créneau SNP retiré"),
}
_REFRESH: Final = timedelta(minutes=15)


def write_feed(entries: Iterable[Entry], *, name: str) -> bytes:
    """Return the feed of a practitioner's slots, by start.

    Instants are in UTC: no time zone to misread. A free slot blocks its time as a taken one does, since
    anybody may take it at any moment; one that is no more blocks nothing. Never why a patient comes.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//Soins non programmés//Créneaux//FR")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("name", name)
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", _REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT15M")
    for entry in sorted(entries, key=lambda one: (one.start, one.slot_id)):
        calendar.add_component(_event(entry))
    text: bytes = calendar.to_ical()
    return text


def _event(entry: Entry) -> Event:
    status, summary = _STATUS[entry.state]
    if entry.state is EntryState.TAKEN and entry.patient:
        summary = f"{summary} : {entry.patient}"
    event = Event()
    event.add("uid", f"{entry.slot_id}{UID_DOMAIN}")
    event.add("sequence", entry.revision)
    event.add("dtstamp", entry.changed_at.astimezone(UTC))
    event.add("last-modified", entry.changed_at.astimezone(UTC))
    event.add("dtstart", entry.start.astimezone(UTC))
    event.add("dtend", entry.end.astimezone(UTC))
    event.add("summary", summary)
    event.add("location", entry.place)
    event.add("status", status)
    event.add("transp", "TRANSPARENT" if entry.state is EntryState.GONE else "OPAQUE")
    event.add("class", "PRIVATE")
    return event
