"""The bodies of the médecin traitant list: people, practices asked, places, cards, picks, figures."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, StringConstraints

from api.schemas.forms import Day, In, Insee, Line, Out, ReasonOut
from api.schemas.requests import PatientIn, PatientOut
from regulation.medecin_traitant.register.facts import (
    Card,
    Circumstances,
    CloseReason,
    Consent,
    EntryMove,
    EntryOrigin,
    EntryState,
    EntryView,
    MoveView,
    PersonShown,
    PickOutcome,
    PickView,
    PlaceTerms,
    PlaceView,
    PracticeAnswer,
    PracticeCall,
    RefusalReason,
    RegisterFigures,
    ScoredEntry,
    SignUp,
)

Short = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class CircumstancesIn(In):
    """What counts for the order of the list."""

    ald: bool = False
    pregnant_until: Day | None = None
    discharged_on: Day | None = None
    housebound: bool = False

    def to_facts(self) -> Circumstances:
        """Return them as the list knows them."""
        return Circumstances(self.ald, self.pregnant_until, self.discharged_on, self.housebound)


class ConsentIn(In):
    """That the person agreed to a version of the text."""

    text_version: Line
    by_representative: bool = False


class EntryIn(In):
    """Somebody to put on the list, who agreed."""

    territory_id: UUID
    patient: PatientIn
    consent: ConsentIn
    circumstances: CircumstancesIn = CircumstancesIn()
    email: Short | None = None

    def to_facts(self) -> SignUp:
        """Return it as the list knows it."""
        return SignUp(
            territory_id=self.territory_id,
            patient=self.patient.to_facts(),
            consent=Consent(self.consent.text_version, self.consent.by_representative),
            circumstances=self.circumstances.to_facts(),
            email=self.email,
        )


class PointOut(Out):
    """One line of the reckoning."""

    code: str
    points: int
    reason: ReasonOut


class EntryOut(Out):
    """An entry without identity, and its points."""

    id: UUID
    number: str
    territory_id: UUID
    origin: EntryOrigin
    organisation_id: UUID | None
    request_id: UUID | None
    state: EntryState
    close_reason: CloseReason | None
    insee: str | None
    birth_year: int | None
    ald: bool
    pregnant_until: date | None
    discharged_on: date | None
    housebound: bool
    reachable: bool
    waiting_since: datetime | None
    reconfirmed_at: datetime | None
    next_call_on: date | None
    refusals: int
    created_at: datetime
    closed_at: datetime | None
    erased_at: datetime | None
    total: int
    points: list[PointOut]

    @classmethod
    def scored(cls, one: ScoredEntry) -> Self:
        """Return an entry with its points."""
        points = [PointOut.of(point) for point in one.points]
        plain = {name: getattr(one.entry, name) for name in cls.model_fields if hasattr(one.entry, name)}
        return cls(**plain, total=one.total, points=points)


class EntryStateOut(Out):
    """Where an entry stands after an act."""

    id: UUID
    number: str
    state: EntryState
    close_reason: CloseReason | None

    @classmethod
    def told(cls, view: EntryView) -> Self:
        """Return where an entry stands."""
        return cls(id=view.id, number=view.number, state=view.state, close_reason=view.close_reason)


class EntryMoveOut(Out):
    """One line of an entry's story."""

    id: UUID
    move: EntryMove
    from_state: EntryState | None
    to_state: EntryState
    at: datetime
    author: str
    role: str
    reasons: list[ReasonOut]


class EntryStoryOut(Out):
    """Every move of an entry, oldest first."""

    moves: list[EntryMoveOut]

    @classmethod
    def told(cls, moves: tuple[MoveView, ...]) -> Self:
        """Return a story."""
        return cls(moves=[EntryMoveOut.of(move) for move in moves])


class PersonOut(Out):
    """Who somebody on the list is."""

    patient: PatientOut
    email: str | None

    @classmethod
    def told(cls, person: PersonShown) -> Self:
        """Return an opened identity."""
        return cls(patient=PatientOut.of(person.traits), email=person.email)


class PracticeCallIn(In):
    """A practice that was asked, by the directory or by its name; refusals have a reason of the list."""

    answer: PracticeAnswer
    practitioner_id: UUID | None = None
    practice: Short | None = None
    reason: RefusalReason | None = None
    note: Short | None = None
    next_call_on: Day | None = None

    def to_facts(self) -> PracticeCall:
        """Return it as the list knows it."""
        return PracticeCall(
            self.answer, self.practitioner_id, self.practice, self.reason, self.note, self.next_call_on
        )


class PracticeCallOut(Out):
    """A practice that was asked, with its note opened."""

    id: UUID
    at: datetime
    answer: PracticeAnswer
    reason: RefusalReason | None
    practitioner_id: UUID | None
    practice: str | None
    note: str | None
    next_call_on: date | None
    author: str
    role: str


class ContactIn(In):
    """How the person is reached from now on; null: not at all this way."""

    phone: Short | None = None
    email: Short | None = None


class CloseIn(In):
    """Why an entry leaves the list; `withdrawn` erases it at once."""

    reason: CloseReason


class PlaceIn(In):
    """Places to declare."""

    territory_id: UUID
    places: Annotated[int, Field(ge=1, le=200)]
    valid_until: Day
    communes: Annotated[list[Insee], Field(max_length=200, default_factory=list)]
    age_from: Annotated[int, Field(ge=0, le=125)] | None = None
    age_to: Annotated[int, Field(ge=0, le=125)] | None = None
    ald_only: bool = False

    def to_facts(self) -> PlaceTerms:
        """Return them as the list knows them."""
        return PlaceTerms(
            self.places, self.valid_until, frozenset(self.communes), self.age_from, self.age_to, self.ald_only
        )


class PlaceOut(Out):
    """A declaration of places."""

    id: UUID
    practitioner_id: UUID
    territory_id: UUID
    places: int
    taken: int
    left: int
    communes: list[str]
    age_from: int | None
    age_to: int | None
    ald_only: bool
    valid_until: date
    created_at: datetime
    closed_at: datetime | None

    @classmethod
    def told(cls, place: PlaceView) -> Self:
        """Return a declaration."""
        terms = place.terms
        return cls(
            id=place.id,
            practitioner_id=place.practitioner_id,
            territory_id=place.territory_id,
            places=terms.places,
            taken=place.taken,
            left=place.left,
            communes=sorted(terms.communes),
            age_from=terms.age_from,
            age_to=terms.age_to,
            ald_only=terms.ald_only,
            valid_until=terms.valid_until,
            created_at=place.created_at,
            closed_at=place.closed_at,
        )


class CardOut(Out):
    """What a practice sees of a person before it accepts."""

    entry_id: UUID
    age_band: str
    insee: str
    ald: bool
    waiting_since: date = Field(description="Jour local à partir duquel la personne attend.")
    total: int
    km: float | None

    @classmethod
    def told(cls, card: Card, since: date) -> Self:
        """Return a card; a day is enough, an instant could be recognised."""
        return cls(
            entry_id=card.entry_id,
            age_band=card.age_band,
            insee=card.insee,
            ald=card.ald,
            waiting_since=since,
            total=card.total,
            km=None if card.km is None else round(card.km, 1),
        )


class PickIn(In):
    """Somebody to accept for a declared place."""

    place_id: UUID
    entry_id: UUID


class PickOut(Out):
    """A person that a practice accepted, without identity."""

    id: UUID
    entry_id: UUID
    place_id: UUID
    practitioner_id: UUID
    picked_at: datetime
    call_by: datetime
    called_at: datetime | None
    outcome: PickOutcome | None
    ended_at: datetime | None

    @classmethod
    def told(cls, pick: PickView) -> Self:
        """Return a pick."""
        return cls.of(pick)


class GiveBackIn(In):
    """Why a practice gives a person back to the list."""

    outcome: PickOutcome


class FiguresOut(Out):
    """Figures of a period; null: from 1 to 4, not told."""

    since: datetime
    until: datetime
    waiting: int | None
    waiting_ald: int | None
    entered: int | None
    picked: int | None
    signed: int | None
    median_wait_days: int | None
    refusals: dict[RefusalReason, int | None]
    fell_through: dict[PickOutcome, int | None]
    closed: dict[CloseReason, int | None]
    by_commune: dict[str, int | None]
    places_left: int

    @classmethod
    def told(cls, figures: RegisterFigures) -> Self:
        """Return the figures."""
        return cls.of(figures)
