"""The words of sharing: what a territory lends to a neighbour, how the agreement stands, what was taken."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from uuid import UUID

from slots.agenda.facts import FreeSlot
from snp.assignment.facts import Audience


class SharingState(StrEnum):
    """How an agreement stands. Each change is a row with author and time, never edited.

    `offered` by who lends; `accepted` or `declined` by who borrows; `ended` by either, or when its days are
    over.
    """

    OFFERED = "offered"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Terms:
    """Which slots are lent.

    `weekdays`: ISO, 1 is Monday. `starts_from` and `starts_before`: local wall time of the slot's start,
    `[from, before)`; None for the whole day. `audiences`: through whom the neighbour's request may come; the
    slot must be offered to it too. `most_a_day` and `most_percent` (of the slots of the rule that day,
    rounded down) bound what is taken on one local day. `last_hours`: only slots still free that many hours
    before they start. `first_day` and `last_day` (included, None for no end): the days of the slots.
    """

    professions: frozenset[str]
    weekdays: frozenset[int]
    audiences: frozenset[Audience]
    first_day: date
    last_day: date | None = None
    starts_from: time | None = None
    starts_before: time | None = None
    most_a_day: int | None = None
    most_percent: int | None = None
    last_hours: int | None = None


@dataclass(frozen=True, slots=True)
class SharingView:
    """An agreement: `lender_id` gives slots, `borrower_id` may take them. Its terms never change."""

    id: UUID
    lender_id: UUID
    borrower_id: UUID
    terms: Terms
    state: SharingState
    version: int
    created_at: datetime
    created_by: str
    accepted_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class SharingLine:
    """One line of an agreement's story."""

    state: SharingState
    at: datetime
    author: str


@dataclass(frozen=True, slots=True)
class LentSlot:
    """A free slot of a neighbour that may be claimed under an agreement."""

    slot: FreeSlot
    sharing: SharingView


@dataclass(frozen=True, slots=True)
class SlotTerms:
    """What an agreement judges of a slot."""

    id: UUID
    practitioner_id: UUID
    profession: str
    start: datetime
    audiences: frozenset[Audience]
    territory_ids: frozenset[UUID]


@dataclass(frozen=True, slots=True)
class SharingCount:
    """What was taken under an agreement, by when the slots start: a count, and nothing of who came."""

    sharing_id: UUID
    lender_id: UUID
    borrower_id: UUID
    taken: int


@dataclass(frozen=True, slots=True)
class OptOut:
    """A practitioner whose slots in a territory are not lent, from `since` on."""

    practitioner_id: UUID
    territory_id: UUID
    since: datetime
