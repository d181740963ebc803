"""The jobs of series of physiotherapy: closing, and reminders of missing sheets. A batch commits alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from api.wiring import Wiring
from regulation.series import service as series
from snp.platform.actors import system
from snp.platform.events import Event
from snp.platform.logs import log


def close_series(wiring: Wiring) -> int:
    """Close the series that nobody closed and that are over; returns how many."""
    by = system("close-series")
    closed = _by_batches(
        wiring, lambda session, after, now: series.close_due(session, after=after, by=by, now=now)
    )
    if closed:
        log(Event.SERIES_CLOSED, count=closed)
    return closed


def ask_for_sheets(wiring: Wiring) -> int:
    """Queue a reminder for each series that is over and has no finished sheet; returns how many."""
    told = _by_batches(
        wiring, lambda session, after, now: series.ask_for_sheets(session, after=after, now=now)
    )
    if told:
        log(Event.SHEETS_ASKED, count=told)
    return told


def _by_batches(
    wiring: Wiring, unit: Callable[[Session, UUID | None, datetime], tuple[UUID | None, int]]
) -> int:
    total, after = 0, None
    while True:
        with wiring.transaction() as session:
            after, done = unit(session, after, wiring.clock.now())
        total += done
        if after is None:
            return total
