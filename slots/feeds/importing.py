"""A practitioner's own calendars: import one by its address, refresh it, forget it.

A refresh never holds a transaction while a foreign server thinks: ask what is due, fetch, then store. A
calendar that cannot be read keeps its last good state, and says so.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from slots.feeds import repository
from slots.feeds.facts import CalendarView, FetchFault, Refreshed, Source
from slots.feeds.ical_client import CalendarClient, check_address
from slots.feeds.reading import read_busy
from slots.feeds.refusals import TooManyCalendars
from snp.errors import NotFound
from snp.platform.actors import Actor
from snp.platform.columns import new_id
from snp.platform.crypto import Cipher
from snp.platform.keys import Keys

MOST_CALENDARS: Final = 5
EVERY: Final = timedelta(minutes=15)
MOST_AT_ONCE: Final = 20
READ_WHOLE_EVERY: Final = timedelta(hours=24)
"""However unchanged a calendar says it is: its rules repeat into days that were beyond the last reading."""


def import_calendar(
    session: Session,
    practitioner_id: UUID,
    address: str,
    *,
    allowed_hosts: frozenset[str] = frozenset(),
    keys: Keys,
    by: Actor,
    now: datetime,
) -> CalendarView:
    """Note the address of a calendar, to be read at the next refresh.

    Raises `CalendarUnreadable` for an address that is never fetched, `TooManyCalendars`.
    """
    scheme, host, _ = check_address(address, allowed_hosts=allowed_hosts)
    if len(repository.running_calendars(session, practitioner_id)) >= MOST_CALENDARS:
        raise TooManyCalendars(MOST_CALENDARS)
    parts = urlsplit(address)
    plain = urlunsplit((scheme, parts.netloc, parts.path, parts.query, ""))
    ident = new_id()
    repository.insert_calendar(
        session,
        {
            "id": ident,
            "practitioner_id": practitioner_id,
            "address": keys.cipher().seal(plain.encode(), context=_context(ident)),
            "host": host,
            "created_at": now,
            "created_by": by.ident,
        },
    )
    return next(one for one in list_calendars(session, practitioner_id) if one.id == ident)


def list_calendars(session: Session, practitioner_id: UUID) -> list[CalendarView]:
    """Return the calendars a practitioner imports, in the order in which he did."""
    return repository.running_calendars(session, practitioner_id)


def forget_calendar(session: Session, practitioner_id: UUID, calendar_id: UUID, *, now: datetime) -> None:
    """Stop reading a calendar, and forget its address and its busy times. Raises `NotFound`."""
    row = repository.calendar_by_id(session, calendar_id, lock=True)
    if row.practitioner_id != practitioner_id:
        raise NotFound("calendrier", calendar_id)
    repository.replace_busy(session, calendar_id, [])
    repository.update_calendar(session, calendar_id, removed_at=now, address=b"", etag=None)


def calendars_due(session: Session, *, keys: Keys, now: datetime) -> list[Source]:
    """Return the calendars whose turn has come."""
    cipher = keys.cipher()
    return [
        _source(row, _opened(cipher, row.id, row.address), now)
        for row in repository.calendars_due(session, now - EVERY, MOST_AT_ONCE)
    ]


def refresh(client: CalendarClient, source: Source, *, start: datetime, end: datetime) -> Refreshed:
    """Fetch a calendar and read its busy times within `[start, end)`. Raises `CalendarUnreadable`."""
    fetched = client.fetch(source.address, etag=source.etag, last_modified=source.last_modified)
    if fetched.text is None:
        return Refreshed(None, source.etag, source.last_modified)
    return Refreshed(read_busy(fetched.text, start, end), fetched.etag, fetched.last_modified)


def store_refreshed(session: Session, calendar_id: UUID, found: Refreshed, *, now: datetime) -> None:
    """Write what a calendar says now."""
    repository.calendar_by_id(session, calendar_id, lock=True)
    if found.busy is not None:
        repository.replace_busy(session, calendar_id, found.busy)
        known = {"etag": found.etag, "last_modified": found.last_modified, "read_at": now}
        repository.update_calendar(session, calendar_id, **known)
    repository.update_calendar(session, calendar_id, checked_at=now, fault=None, failing_since=None)


def store_fault(session: Session, calendar_id: UUID, fault: FetchFault, *, now: datetime) -> None:
    """Note that a calendar could not be read, and since when; its last good state stays."""
    row = repository.calendar_by_id(session, calendar_id, lock=True)
    since = row.failing_since or now
    repository.update_calendar(session, calendar_id, checked_at=now, fault=fault, failing_since=since)


def reseal_addresses(
    session: Session, *, after: UUID | None = None, limit: int = 500, keys: Keys, by: Actor, now: datetime
) -> UUID | None:
    """Bring the addresses of a batch of calendars under the current key.

    Returns the last one done, to pass as `after`; None when nothing was left. Doing it twice changes nothing.
    """
    del by, now  # an address names no patient: the journal of accesses has no line for it
    cipher, done = keys.cipher(), None
    for row in repository.lock_addresses(session, after=after, limit=limit):
        done = row.id
        if cipher.is_stale(row.address):
            again = cipher.reseal(row.address, context=_context(row.id))
            repository.update_calendar(session, row.id, address=again)
    return done


def _source(row: sa.Row[Any], address: str, now: datetime) -> Source:
    """Return what a refresh needs; without what tells the server that we know its last answer, once a day."""
    if row.read_at is None or row.read_at <= now - READ_WHOLE_EVERY:
        return Source(row.id, row.practitioner_id, address)
    return Source(row.id, row.practitioner_id, address, row.etag, row.last_modified)


def _opened(cipher: Cipher, ident: UUID, envelope: bytes) -> str:
    return cipher.open(envelope, context=_context(ident)).decode()


def _context(ident: UUID) -> str:
    return f"imported_calendar.address:{ident}"
