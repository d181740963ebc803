"""What time does to series: those that nobody closed are over, and missing sheets are asked for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlmodel import Session

from regulation.intake import moving
from regulation.intake import repository as requests
from regulation.intake.facts import RequestState
from regulation.orientation.service.ending import close_when_over
from regulation.series import keeping, repository
from regulation.series.facts import SeriesEnd, SeriesView
from regulation.series.rules import LAPSE, SHEET_DUE, begun, to_come
from slots.appointments.facts import AppointmentView
from snp.notifications import service as outbox
from snp.platform.actors import Actor

SHEET_MISSING: Final = "physio.sheet_missing"
"""Topic of the outbox: once for each series, and once more after a week."""
AGAIN: Final = timedelta(days=7)
BATCH: Final = 200


def close_due(
    session: Session, *, after: UUID | None = None, by: Actor, now: datetime
) -> tuple[UUID | None, int]:
    """Close the series of a batch that are over.

    The last series looked at (None at the end), how many closed.
    """
    batch = repository.open_series(session, after=after, limit=BATCH)
    closed = 0
    sessions = keeping.sessions_of(session, [one.request_id for one in batch])
    for one in batch:
        if not _may_be_over(one, sessions[one.request_id], now):
            continue
        closed += _close(session, one.request_id, by=by, now=now)
    return (batch[-1].request_id if batch else None), closed


def ask_for_sheets(session: Session, *, after: UUID | None = None, now: datetime) -> tuple[UUID | None, int]:
    """Queue a reminder for each series of a batch whose last session is over and whose sheet is missing."""
    batch = repository.open_series(session, after=after, limit=BATCH)
    ids = [one.request_id for one in batch]
    finished, sessions = repository.finished_sheets(session, ids), keeping.sessions_of(session, ids)
    told = 0
    for one in batch:
        if one.request_id in finished or one.practitioner_id is None:
            continue
        due = sheet_due_at(sessions[one.request_id], now)
        if due is None or due > now:
            continue
        turn = min(1, (now - due) // AGAIN)
        subject = f"sheet-of:{one.request_id}:{turn}"
        if not outbox.was_queued(session, subject):
            payload: dict[str, object] = {"request_id": str(one.request_id)}
            outbox.enqueue(session, SHEET_MISSING, subject, payload, now, territory_id=one.territory_id)
            told += 1
    return (batch[-1].request_id if batch else None), told


def sheet_due_at(sessions: Sequence[AppointmentView], now: datetime) -> datetime | None:
    """When the sheet of a series is due: a day after its last session.

    None while one is to come, or none took place.
    """
    done = begun(sessions, now)
    if not done or to_come(sessions, now):
        return None
    return max(one.end for one in done) + SHEET_DUE


def _may_be_over(one: SeriesView, sessions: Sequence[AppointmentView], now: datetime) -> bool:
    last = max((each.end for each in sessions), default=one.opened_at)
    return not to_come(sessions, now) and (not sessions or last + LAPSE <= now)


def _close(session: Session, request_id: UUID, *, by: Actor, now: datetime) -> int:
    """Close one series if it is still over once locked."""
    view = moving.lock_all(session, [request_id])[request_id]
    series = repository.lock(session, [request_id])[request_id]
    sessions = keeping.sessions_of(session, [request_id])[request_id]
    if not series.is_open or not _may_be_over(series, sessions, now):
        return 0
    if begun(sessions, now):
        keeping.close(session, series, SeriesEnd.LAPSED, by=by, now=now)
        close_when_over(session, requests.load(session, [request_id])[request_id], by=by, now=now)
        return 1
    forgotten = view.state is RequestState.UNSERVED and series.opened_at + LAPSE <= now
    if not (keeping.is_over(view) or forgotten):
        return 0
    keeping.close(session, series, SeriesEnd.GIVEN_UP, by=by, now=now)
    return 1
