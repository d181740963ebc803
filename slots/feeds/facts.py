"""The words of calendars: what a feed tells, what an imported calendar says of its owner's time."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from slots.agenda.facts import Interval


class EntryState(StrEnum):
    """What a feed says of a slot: somebody may take it, somebody has it, it is no more."""

    FREE = "free"
    TAKEN = "taken"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Entry:
    """A slot as a feed tells it.

    `revision` only grows (`SEQUENCE`); `changed_at` is when it last did. `patient`: his name, only where the
    practitioner asked for names in his calendar.
    """

    slot_id: UUID
    start: datetime
    end: datetime
    state: EntryState
    revision: int
    changed_at: datetime
    place: str
    patient: str | None = None


@dataclass(frozen=True, slots=True)
class FeedView:
    """A practitioner's private feed; `secret` opens it."""

    id: UUID
    practitioner_id: UUID
    created_at: datetime
    secret: str = field(repr=False)


class FetchFault(StrEnum):
    """Why a calendar could not be read."""

    NOT_ALLOWED = "not_allowed"
    UNREACHABLE = "unreachable"
    REFUSED = "refused"
    TOO_LARGE = "too_large"
    TOO_SLOW = "too_slow"
    NOT_A_CALENDAR = "not_a_calendar"


@dataclass(frozen=True, slots=True)
class Source:
    """What a refresh needs: where, and what is known of the last good state."""

    calendar_id: UUID
    practitioner_id: UUID
    address: str = field(repr=False)
    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a calendar's server answered: a text, or None when nothing changed since the last good state."""

    text: bytes | None = field(repr=False)
    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True)
class Refreshed:
    """A calendar read whole: its busy times, or None when it has not changed."""

    busy: tuple[Interval, ...] | None
    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True)
class CalendarView:
    """A practitioner's own calendar as its page shows it: never its address, which is a secret.

    `read_at`: the last good state; `fault` and `failing_since`: why the newer ones could not be read.
    """

    id: UUID
    practitioner_id: UUID
    host: str
    created_at: datetime
    read_at: datetime | None
    fault: FetchFault | None
    failing_since: datetime | None
