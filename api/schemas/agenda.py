"""The agenda on the wire: slots, patterns and their edits, absences, and what is told back."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, Field

from api.schemas.forms import Code, Day, In, Instant, Line, Out, Sorted
from slots.agenda.facts import (
    SHOWN_BOTH_WAYS,
    EditScope,
    ExceptionKind,
    NoticeCode,
    Occupancy,
    OccurrenceChange,
    Offer,
    PatternDraft,
    SasView,
    SlotChange,
    SlotEventKind,
    SlotState,
)
from snp.assignment.facts import Audience, Mode

Audiences = Annotated[frozenset[Audience], Field(min_length=1)]
SasViews = Annotated[
    frozenset[SasView],
    Field(description="Comment la plateforme SAS montre ces créneaux à la régulation ; vide : pas du tout."),
]
Territories = Annotated[frozenset[UUID], Field(min_length=1, max_length=20)]
Reasons = Annotated[frozenset[Code], Field(max_length=100)]
Minutes = Annotated[int, Field(ge=5, le=240)]
Patients = Annotated[int, Field(ge=1, le=60)]


def _without_offset(wall: time) -> time:
    if wall.tzinfo is not None:
        raise ValueError("heure locale, sans décalage")
    return wall


WallTime = Annotated[
    time,
    AfterValidator(_without_offset),
    Field(description="Heure locale (Europe/Paris), sans décalage.", examples=["18:00"]),
]
"""A local wall time."""
Rrule = Annotated[str, Field(min_length=6, max_length=300, examples=["FREQ=WEEKLY;BYDAY=TU,TH"])]


class OfferIn(In):
    """On what terms slots are offered: where, how, to whom, for which reasons."""

    site_id: UUID
    mode: Mode = Mode.AMB
    audiences: Audiences = frozenset({Audience.REGULATION, Audience.DESK})
    territory_ids: Territories
    reasons: Annotated[Reasons, Field(description="Vide : tous les motifs.")] = frozenset()
    slot_minutes: Annotated[
        Minutes | None, Field(description="Absent : la durée usuelle de la profession.")
    ] = None
    buffer_minutes: Annotated[int, Field(ge=0, le=120)] = 0
    release_minutes: Annotated[
        int | None, Field(ge=0, le=20_160, description="Rendu au praticien X minutes avant s’il est libre.")
    ] = None

    sas: SasViews = SHOWN_BOTH_WAYS

    def to_facts(self) -> Offer:
        """Return the offer as the agenda takes it."""
        return Offer(**dict(self))


class SingleSlotIn(In):
    """One slot."""

    kind: Literal["single"]
    practitioner_id: UUID
    start: Instant
    offer: OfferIn


class SlotRangeIn(In):
    """A range cut into slots: `patients` of them, or by `offer.slot_minutes`; all or nothing."""

    kind: Literal["range"]
    practitioner_id: UUID
    start: Instant
    end: Instant
    offer: OfferIn
    patients: Patients | None = None


SlotsIn = Annotated[SingleSlotIn | SlotRangeIn, Field(discriminator="kind")]


class PatternDraftIn(In):
    """A recurring opening in local time: each day of `rrule`, from `starts_at`, `patients` slots in a row."""

    offer: OfferIn
    rrule: Rrule
    first_day: Day
    starts_at: WallTime
    patients: Patients
    last_day: Day | None = None

    def to_facts(self) -> PatternDraft:
        """Return the draft as the agenda takes it."""
        return PatternDraft(**(dict(self) | {"offer": self.offer.to_facts()}))


class PatternIn(PatternDraftIn):
    """A recurring opening of a practitioner."""

    practitioner_id: UUID

    def to_facts(self) -> PatternDraft:
        """Return the draft as the agenda takes it."""
        values = {name: value for name, value in dict(self).items() if name != "practitioner_id"}
        return PatternDraft(**(values | {"offer": self.offer.to_facts()}))


class OccurrenceIn(In):
    """What becomes of one occurrence; with nothing set it returns to what its pattern says."""

    scope: Literal[EditScope.THIS]
    day: Annotated[Day, Field(description="Le jour d’origine de l’occurrence.")]
    cancelled: bool = False
    moved_day: Day | None = None
    starts_at: WallTime | None = None
    patients: Patients | None = None

    def to_facts(self) -> OccurrenceChange:
        """Return the change as the agenda takes it."""
        return OccurrenceChange(
            cancelled=self.cancelled, day=self.moved_day, starts_at=self.starts_at, patients=self.patients
        )


class FollowingIn(In):
    """From `day` on, the pattern becomes this."""

    scope: Literal[EditScope.FOLLOWING]
    day: Day
    pattern: PatternDraftIn

    def to_facts(self) -> PatternDraft:
        """Return the draft as the agenda takes it."""
        return self.pattern.to_facts()


class AllIn(In):
    """The whole pattern becomes this."""

    scope: Literal[EditScope.ALL]
    pattern: PatternDraftIn

    @property
    def day(self) -> date | None:
        """No day: all of them."""
        return None

    def to_facts(self) -> PatternDraft:
        """Return the draft as the agenda takes it."""
        return self.pattern.to_facts()


PatternEditIn = Annotated[OccurrenceIn | FollowingIn | AllIn, Field(discriminator="scope")]


class SlotChangeIn(In):
    """New terms for one slot; what is left out stays."""

    audiences: Audiences | None = None
    territory_ids: Territories | None = None
    reasons: Reasons | None = None
    sas: SasViews | None = None

    def to_facts(self) -> SlotChange:
        """Return the change as the agenda takes it."""
        return SlotChange(**dict(self))


class AbsenceIn(In):
    """The practitioner is away on `[start, end)`.

    `reason`: given, taken slots are freed too and their requests served again; left out, they stay.
    """

    practitioner_id: UUID
    start: Instant
    end: Instant
    label: Line | None = None
    reason: Line | None = None


class SlotOut(Out):
    """A dated slot as it stands now; `closing`: it stays only for who took it."""

    id: UUID
    practitioner_id: UUID
    site_id: UUID
    profession: str
    pattern_id: UUID | None
    occurrence_day: date | None
    start: datetime
    end: datetime
    busy_until: datetime
    mode: Mode
    audiences: Annotated[list[Audience], Sorted]
    territory_ids: Annotated[list[UUID], Sorted]
    reasons: Annotated[list[str], Sorted]
    sas: Annotated[list[SasView], Sorted]
    release_at: datetime | None
    state: SlotState
    occupancy: Occupancy
    closing: bool
    hidden_by_id: UUID | None
    version: int
    created_at: datetime


class SlotEventOut(Out):
    """Something that happened to a slot."""

    event: SlotEventKind
    at: datetime
    author: str
    reason: str | None


class SlotDetailOut(SlotOut):
    """A slot with its story, oldest first."""

    story: list[SlotEventOut]


class NoticeOut(Out):
    """Something the practitioner should know of what he asked."""

    code: NoticeCode
    day: date
    sentence: str
    start: datetime | None
    slot_id: UUID | None


class OfferOut(Out):
    """On what terms slots are offered."""

    site_id: UUID
    mode: Mode
    audiences: Annotated[list[Audience], Sorted]
    territory_ids: Annotated[list[UUID], Sorted]
    reasons: Annotated[list[str], Sorted]
    sas: Annotated[list[SasView], Sorted]
    slot_minutes: int | None
    buffer_minutes: int
    release_minutes: int | None


class ExceptionOut(Out):
    """One occurrence that departs from its pattern."""

    day: date
    kind: ExceptionKind
    moved_day: date | None
    moved_starts_at: time | None
    patients: int | None


class PatternOut(Out):
    """A pattern as it stands, with its exceptions by original day."""

    id: UUID
    practitioner_id: UUID
    offer: OfferOut
    rrule: str
    first_day: date
    last_day: date | None
    starts_at: time
    patients: int
    slot_minutes: int
    replaces_id: UUID | None
    ended_at: datetime | None
    expanded_until: date | None
    version: int
    created_at: datetime
    created_by: str
    exceptions: list[ExceptionOut]


class PublicationOut(Out):
    """What an act left in the agenda: slots now open, slots taken back, notices, the pattern it made."""

    slots: list[SlotOut]
    withdrawn: list[UUID]
    notices: list[NoticeOut]
    pattern: PatternOut | None


class AbsenceOut(Out):
    """A practitioner away on `[start, end)`; `lifted_at` set: he is not, after all."""

    id: UUID
    practitioner_id: UUID
    start: datetime
    end: datetime
    label: str | None
    lifted_at: datetime | None
    version: int
    created_at: datetime
    created_by: str


class AbsenceOutcomeOut(Out):
    """What lifting an absence did."""

    absence: AbsenceOut
    hidden: list[UUID]
    restored: list[UUID]
    notices: list[NoticeOut]
