"""How the pages show the calendars that are read: when they were, or why they cannot be. Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from api.web import wording
from slots.feeds import service as feeds
from slots.feeds.facts import CalendarView
from slots.feeds.refusals import FAULTS_FR


@dataclass(frozen=True, slots=True)
class Row:
    """One of his calendars as the page shows it."""

    id: UUID
    host: str
    state: str
    trouble: str


def troubles(session: Session, practitioner_id: UUID, now: datetime) -> list[str]:
    """Return a sentence for each of his calendars that cannot be read."""
    rows = (row_of(one, now) for one in feeds.list_calendars(session, practitioner_id))
    return [f"Votre calendrier ({row.host}) ne se lit plus. {row.trouble}" for row in rows if row.trouble]


def row_of(one: CalendarView, now: datetime) -> Row:
    """Return a calendar as the page shows it: when it was read, or why it cannot be."""
    if one.read_at is None:
        state = "Sera lu dans la minute." if one.fault is None else "Jamais lu."
    else:
        state = f"Lu {wording.until(one.read_at, now)}."
    trouble = ""
    if one.fault is not None and one.failing_since is not None:
        kept = " Ce qu’il disait avant reste appliqué." if one.read_at else ""
        since = wording.until(one.failing_since, now)
        trouble = f"Depuis {since} : {FAULTS_FR[one.fault]}.{kept}"
    return Row(one.id, one.host, state, trouble)
