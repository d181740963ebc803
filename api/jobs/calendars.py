"""Reads the imported calendars whose turn came; nothing is locked while a foreign server thinks.

Each calendar and each agenda commits alone, so that one bad calendar cannot undo the others.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Final
from uuid import UUID

from sqlmodel import Session

from api.wiring import Wiring
from slots.feeds import service as feeds
from slots.feeds.facts import Source
from slots.feeds.ical_client import CalendarClient
from slots.feeds.refusals import CalendarUnreadable
from snp.errors import NotFound, SnpError
from snp.platform.actors import Actor, system
from snp.platform.events import Event
from snp.platform.logs import log

BEHIND: Final = timedelta(days=1)
AHEAD: Final = timedelta(days=62)
MOST_SECONDS: Final = 40.0
"""Slow servers hold one thread of the scheduler no longer: the others wait for the next fire."""


def refresh_calendars(wiring: Wiring) -> int:
    """Read the imported calendars whose turn came, then bring the agendas that follow one in line.

    No transaction is open while a foreign server thinks. Returns how many calendars were read.
    """
    now, by = wiring.clock.now(), system("refresh-calendars")
    with wiring.transaction() as session:
        due = feeds.calendars_due(session, keys=wiring.keys, now=now)
    client = CalendarClient(allowed_hosts=wiring.settings.calendar_hosts_allowed)
    read, ends = 0, time.monotonic() + MOST_SECONDS
    for source in due:
        if time.monotonic() > ends:
            break
        read += _one_calendar(wiring, client, source)
    with wiring.transaction() as session:
        following = feeds.practitioners_to_align(session)
    for practitioner_id in following:
        _one_agenda(wiring, practitioner_id, by)
    return read


def _one_calendar(wiring: Wiring, client: CalendarClient, source: Source) -> int:
    """Read one calendar; one that cannot be read keeps its last good state."""
    now = wiring.clock.now()
    try:
        found = feeds.refresh(client, source, start=now - BEHIND, end=now + AHEAD)
    except CalendarUnreadable as refusal:
        log(
            Event.CALENDAR_UNREADABLE,
            level=logging.WARNING,
            calendar_id=source.calendar_id,
            reason=refusal.fault,
        )
        return _stored(
            wiring, partial(feeds.store_fault, calendar_id=source.calendar_id, fault=refusal.fault, now=now)
        )
    return _stored(
        wiring, partial(feeds.store_refreshed, calendar_id=source.calendar_id, found=found, now=now)
    )


def _stored(wiring: Wiring, write: Callable[[Session], None]) -> int:
    try:
        with wiring.transaction() as session:
            write(session)
    except NotFound:  # its owner took it away meanwhile
        return 0
    return 1


def _one_agenda(wiring: Wiring, practitioner_id: UUID, by: Actor) -> None:
    try:
        with wiring.transaction() as session:
            feeds.align(session, practitioner_id, by=by, now=wiring.clock.now())
    except SnpError as refusal:
        log(Event.JOB_SKIPPED, level=logging.WARNING, error=refusal, practitioner_id=practitioner_id)
