"""Rotas on the wire: their rules, who takes part, plans, shifts and turns, exchanges, volunteers."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from api.schemas.agenda import Audiences, Patients, SasViews, WallTime
from api.schemas.forms import Day, In, Line, Out, Sorted
from slots.agenda.facts import SHOWN_BOTH_WAYS, SasView
from slots.rota.facts import Half, Kind, Status
from slots.rota.school_holidays import Zone
from slots.rota.terms import (
    Cause,
    Decision,
    Member,
    Opening,
    Purpose,
    Reply,
    Room,
    RotaDetails,
    RotaView,
    WishKind,
    WishLine,
)
from snp.assignment.facts import Audience

Weekday = Annotated[int, Field(ge=0, le=6, description="0 : lundi, 6 : dimanche.")]


class OpeningForm(In):
    """A half-day of the week that a rota holds at a place."""

    site_id: UUID
    weekday: Weekday
    half: Half
    starts_at: WallTime
    ends_at: WallTime
    least: Annotated[int, Field(ge=0, le=20, description="Médecins au moins.")] = 1
    most: Annotated[int, Field(ge=1, le=20, description="Médecins au plus.")] = 1
    patients: Annotated[Patients, Field(description="Créneaux de chaque médecin.")] = 6


class RoomForm(In):
    """A place, and how many doctors it takes at once."""

    site_id: UUID
    rooms: Annotated[int | None, Field(ge=1, le=50, description="Absent : sans limite.")] = None


class RotaTerms(In):
    """What a coordinator settles of a rota."""

    name: Line
    openings: Annotated[tuple[OpeningForm, ...], Field(min_length=1, max_length=60)]
    places: Annotated[tuple[RoomForm, ...], Field(min_length=1, max_length=20)]
    zone: Annotated[Zone, Field(description="Zone des vacances scolaires.")] = Zone.B
    rest_minutes: Annotated[
        int, Field(ge=0, le=10_080, description="Repos entre deux gardes de jours différents.")
    ] = 660
    most_per_day: Annotated[int, Field(ge=1, le=4)] = 1
    most_per_week: Annotated[int, Field(ge=1, le=20)] = 3
    most_days_in_a_row: Annotated[int, Field(ge=1, le=31)] = 3
    gaps: Annotated[
        bool, Field(description="Une garde peut rester à pourvoir ; on appelle alors des volontaires.")
    ] = True
    publish_days: Annotated[
        int, Field(ge=1, le=84, description="Les créneaux paraissent tant de jours avant.")
    ] = 14
    takes_volunteers: Annotated[
        bool, Field(description="Un volontaire qui n’enfreint aucune règle prend la garde aussitôt.")
    ] = False
    repairs_alone: Annotated[
        bool, Field(description="Une réparation entre en vigueur sans attendre de confirmation.")
    ] = False
    audiences: Audiences = frozenset({Audience.REGULATION, Audience.DESK})
    sas: SasViews = SHOWN_BOTH_WAYS
    release_minutes: Annotated[int | None, Field(ge=0, le=20_160)] = None

    def to_facts(self) -> RotaDetails:
        """Return the terms as the rota takes them."""
        own = {name: getattr(self, name) for name in type(self).model_fields if name in _DETAILS}
        return RotaDetails(
            **own
            | {
                "openings": tuple(Opening(**dict(each)) for each in self.openings),
                "places": tuple(Room(**dict(each)) for each in self.places),
            }
        )


_DETAILS = frozenset(RotaDetails.__dataclass_fields__)


class RotaIn(RotaTerms):
    """A rota to make in a territory."""

    territory_id: UUID


class OpeningOut(Out):
    """A half-day of the week that a rota holds at a place."""

    site_id: UUID
    weekday: int
    half: Half
    starts_at: WallTime
    ends_at: WallTime
    least: int
    most: int
    patients: int


class RoomOut(Out):
    """A place, and how many doctors it takes at once."""

    site_id: UUID
    rooms: int | None


class RotaOut(Out):
    """A rota as it stands."""

    id: UUID
    territory_id: UUID
    name: str
    openings: list[OpeningOut]
    places: list[RoomOut]
    zone: Zone
    rest_minutes: int
    most_per_day: int
    most_per_week: int
    most_days_in_a_row: int
    gaps: bool
    publish_days: int
    takes_volunteers: bool
    repairs_alone: bool
    audiences: Annotated[list[Audience], Sorted]
    sas: Annotated[list[SasView], Sorted]
    release_minutes: int | None
    version: int

    @classmethod
    def told(cls, view: RotaView) -> RotaOut:
        """Return the shown form of a rota."""
        details = {name: getattr(view.details, name) for name in _DETAILS}
        plain = {"id": view.id, "territory_id": view.territory_id, "version": view.version}
        return cls.model_validate(
            plain
            | details
            | {
                "openings": [OpeningOut.of(each) for each in view.details.openings],
                "places": [RoomOut.of(each) for each in view.details.places],
            }
        )


class WishForm(In):
    """How a doctor stands to a half-day of the week."""

    weekday: Weekday
    half: Half
    kind: WishKind
    points: Annotated[
        int, Field(ge=-3, le=3, description="Pour (1 à 3) ou contre (−1 à −3), avec « prefer » ; sinon 0.")
    ] = 0


class MemberIn(In):
    """On what terms somebody takes part."""

    share: Annotated[int, Field(ge=0, le=200, description="Quotité de travail, en pour cent.")] = 100
    most_per_week: Annotated[int | None, Field(ge=0, le=20)] = None


class WishesIn(In):
    """The wishes of a doctor; they replace those he had."""

    wishes: Annotated[tuple[WishForm, ...], Field(max_length=21)] = ()

    def to_facts(self) -> list[WishLine]:
        """Return the wishes as the rota takes them."""
        return [WishLine(**dict(each)) for each in self.wishes]


class WishOut(Out):
    """How a doctor stands to a half-day of the week."""

    weekday: int
    half: Half
    kind: WishKind
    points: int


class MemberOut(Out):
    """Who takes part; wishes are shown to himself and to the coordinator."""

    practitioner_id: UUID
    name: str
    share: int
    most_per_week: int | None
    site_ids: Annotated[list[UUID], Sorted]
    wishes: list[WishOut]

    @classmethod
    def told(cls, member: Member, *, with_wishes: bool) -> MemberOut:
        """Return the shown form of a member."""
        shown = cls.of(member)
        return shown if with_wishes else shown.model_copy(update={"wishes": []})


class PlanIn(In):
    """A new rota to build."""

    first_day: Day
    weeks: Annotated[int, Field(ge=4, le=12)]
    time_limit_s: Annotated[int, Field(ge=1, le=240)] = 60


class PlanOut(Out):
    """A plan and what came of it.

    `problem`, `answer`: documents of the formats `snp-rota/1` and `snp-rota-answer/1`; empty until solved.
    """

    id: UUID
    rota_id: UUID
    purpose: Purpose
    first_day: Day
    last_day: Day
    asked_at: datetime
    started_at: datetime | None
    solved_at: datetime | None
    status: Status | None
    decision: Decision | None
    decided_at: datetime | None
    problem: dict[str, Any]
    answer: dict[str, Any]


class PlanLineOut(Out):
    """A plan in a list."""

    id: UUID
    purpose: Purpose
    first_day: Day
    last_day: Day
    asked_at: datetime
    solved_at: datetime | None
    status: Status | None
    decision: Decision | None


class TurnOut(Out):
    """A doctor on a shift; `trouble`: what was in the way of some of his slots."""

    id: UUID
    practitioner_id: UUID
    cause: Cause
    since: datetime
    published_at: datetime | None
    trouble: str | None


class ShiftOut(Out):
    """A dated half-day, and who holds it; `missing`: how many doctors it lacks."""

    id: UUID
    site_id: UUID
    day: Day
    half: Half
    start: datetime
    end: datetime
    least: int
    most: int
    missing: int
    kinds: Annotated[list[Kind], Sorted]
    turns: list[TurnOut]


class ConflictOut(Out):
    """A rule that a change would break."""

    rule: str
    sentence: str


class AlternativeOut(Out):
    """Another doctor in the holder's place: the rules it would break, or what it would cost more."""

    practitioner_id: UUID
    name: str
    broken: list[ConflictOut]
    dearer: int


class ShareOut(Out):
    """What a doctor holds of a kind of shifts, and what is due to him, in tenths of a shift."""

    practitioner_id: UUID
    kind: Kind
    held: int
    due_tenths: int


class WhyOut(Out):
    """« Pourquoi moi ? »."""

    alternatives: list[AlternativeOut]
    shares: list[ShareOut]


class MovedOut(Out):
    """What changed hands; `kept_slots`: taken slots that stay with who had them."""

    taken_up: list[UUID]
    given_up: list[UUID]
    kept_slots: list[UUID]


class SwapIn(In):
    """An exchange to propose: one's turn, to whom, and for which of his (absent: for nothing)."""

    turn_id: UUID
    to_id: UUID
    for_turn_id: UUID | None = None


class SwapOut(Out):
    """An exchange and what became of it."""

    id: UUID
    rota_id: UUID
    turn_id: UUID
    for_turn_id: UUID | None
    from_id: UUID
    to_id: UUID
    proposed_at: datetime
    reply: Reply | None
    replied_at: datetime | None


class OfferOut(Out):
    """A doctor who offers to hold a shift that is short."""

    id: UUID
    shift_id: UUID
    practitioner_id: UUID
    offered_at: datetime
    reply: Reply | None
    replied_at: datetime | None
