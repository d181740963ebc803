"""The bodies of agreements between territories: what is lent, how the agreement stands, what was taken."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field

from api.schemas.forms import Code, Day, In, Out, Sorted
from slots.sharing.facts import SharingLine, SharingState, SharingView, Terms
from snp.assignment.facts import Audience

Weekdays = Annotated[
    frozenset[Annotated[int, Field(ge=1, le=7)]],
    Field(min_length=1, max_length=7, description="ISO : 1 est lundi.", examples=[[1, 2, 3, 4, 5]]),
]
Wall = Annotated[time | None, Field(description="Heure locale du territoire qui prête.")]


class TermsIn(In):
    """Which slots are lent; what is left out does not bound."""

    professions: Annotated[frozenset[Code], Field(min_length=1, max_length=50)]
    weekdays: Weekdays = frozenset(range(1, 8))
    audiences: Annotated[frozenset[Audience], Field(min_length=1, max_length=3)] = frozenset(
        {Audience.REGULATION, Audience.DESK, Audience.PROFESSIONALS}
    )
    first_day: Day
    last_day: Day | None = None
    starts_from: Wall = None
    starts_before: Wall = None
    most_a_day: Annotated[int | None, Field(ge=1, le=200)] = None
    most_percent: Annotated[int | None, Field(ge=1, le=100)] = None
    last_hours: Annotated[
        int | None, Field(ge=1, le=168, description="Seulement les créneaux encore libres n heures avant.")
    ] = None

    def to_facts(self) -> Terms:
        """Return the terms as the agreement keeps them."""
        return Terms(
            professions=self.professions,
            weekdays=self.weekdays,
            audiences=self.audiences,
            first_day=self.first_day,
            last_day=self.last_day,
            starts_from=self.starts_from,
            starts_before=self.starts_before,
            most_a_day=self.most_a_day,
            most_percent=self.most_percent,
            last_hours=self.last_hours,
        )


class SharingIn(In):
    """An offer to a neighbour."""

    borrower_id: UUID
    terms: TermsIn


class TermsOut(Out):
    """Which slots are lent."""

    professions: Annotated[list[str], Sorted]
    weekdays: Annotated[list[int], Sorted]
    audiences: Annotated[list[Audience], Sorted]
    first_day: date
    last_day: date | None
    starts_from: time | None
    starts_before: time | None
    most_a_day: int | None
    most_percent: int | None
    last_hours: int | None


class SharingOut(Out):
    """An agreement by which `lender_id` lends slots to `borrower_id`."""

    id: UUID
    lender_id: UUID
    borrower_id: UUID
    terms: TermsOut
    state: SharingState
    version: int
    created_at: datetime
    accepted_at: datetime | None
    ended_at: datetime | None


class SharingLineOut(Out):
    """One line of an agreement's story."""

    state: SharingState
    at: datetime
    author: str


class SharingDetailOut(SharingOut):
    """An agreement and its story."""

    story: list[SharingLineOut]

    @classmethod
    def told(cls, view: SharingView, story: tuple[SharingLine, ...]) -> Self:
        """Return an agreement with its story, oldest line first."""
        lines = [SharingLineOut.of(line).model_dump() for line in story]
        return cls.model_validate(SharingOut.of(view).model_dump() | {"story": lines})


class SharingCountOut(Out):
    """How many slots were taken under an agreement; nothing of who came."""

    sharing_id: UUID
    lender_id: UUID
    borrower_id: UUID
    taken: int


class LendingIn(In):
    """Whether a practitioner's slots in a territory may be lent to its neighbours."""

    lent: bool


class OptOutOut(Out):
    """A territory whose neighbours are not lent the practitioner's slots, since when."""

    territory_id: UUID
    since: datetime
