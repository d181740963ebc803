"""Series of physiotherapy on the wire: sessions, sheet, offers, relays, templates, choices, figures."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field
from pydantic.types import StringConstraints

from api.schemas.forms import Code, Day, In, Line, Out
from api.schemas.orientation import AppointmentOut, ProposedSlotOut
from regulation.series.facts import (
    PassAnswer,
    PassReason,
    Section,
    SeriesCard,
    SeriesEnd,
    SeriesEvent,
    Sheet,
    Template,
)
from regulation.series.rules import LONGEST_HINT, LONGEST_LABEL, LONGEST_TEXT

SheetText = Annotated[str, Field(max_length=LONGEST_TEXT)]


class SeriesTermsIn(In):
    """On what grounds a patient comes to a physiotherapist; asked of the professionals' desk.

    A doctor's referral is a diagnosis by itself. `sessions_elsewhere`: sessions without any diagnosis already
    had with others, since `first_elsewhere_on`.
    """

    diagnosed: bool | None = None
    diagnosed_on: Day | None = None
    sessions_elsewhere: Annotated[int, Field(ge=0, le=99)] = 0
    first_elsewhere_on: Day | None = None
    usual_practitioner_id: UUID | None = None


class SeriesOut(Out):
    """A series, its sessions by start, and where its sheet stands; no identity."""

    request_id: UUID
    territory_id: UUID
    indication: str
    practitioner_id: UUID | None
    usual_practitioner_id: UUID | None
    diagnosed: bool
    sessions_elsewhere: int
    opened_at: datetime
    closed_at: datetime | None
    closed_as: SeriesEnd | None
    chosen_practitioner_id: UUID | None
    sessions: list[AppointmentOut]
    sheet_revision: int | None
    sheet_finished_at: datetime | None

    @classmethod
    def told(cls, card: SeriesCard) -> Self:
        """Return a series as it is told."""
        names = set(cls.model_fields) - {"sessions", "sheet_revision", "sheet_finished_at"}
        return cls(
            **{name: getattr(card.series, name) for name in names},
            sessions=[AppointmentOut.of(one) for one in card.sessions],
            sheet_revision=card.sheet.revision if card.sheet else None,
            sheet_finished_at=card.sheet.finished_at if card.sheet else None,
        )


class SeriesLineOut(Out):
    """One line of a series' story."""

    event: SeriesEvent
    at: datetime
    author: str
    practitioner_id: UUID | None
    code: str | None


class SeriesDetailOut(SeriesOut):
    """A series and its story."""

    story: list[SeriesLineOut]


class SlotsOut(Out):
    """Free slots that may be taken, the soonest first."""

    slots: list[ProposedSlotOut]


class SessionAddIn(In):
    """The slot of one more session."""

    slot_id: UUID


class RestCancelIn(In):
    """Why the patient gives up what is left; no name, no symptom."""

    reason: Line


class SheetIn(In):
    """What a sheet says: sealed, never logged. `finish`: it is whole, and sent."""

    findings: SheetText = ""
    exercises: SheetText = ""
    advice: SheetText = ""
    next: SheetText = ""
    email: Annotated[
        str | None, StringConstraints(max_length=254), Field(description="Adresse donnée par le patient.")
    ] = None
    finish: bool = False
    version: Annotated[int | None, Field(ge=0, description="De la fiche lue ; 0 sans fiche.")] = None

    def texts(self) -> dict[str, str]:
        """Return the sections by code."""
        return {name: getattr(self, name) for name in ("findings", "exercises", "advice", "next")}


class SectionTextOut(Out):
    """One part of a sheet."""

    code: str
    label: str
    text: str


class SheetOut(Out):
    """A sheet, opened: every reading is audited."""

    request_id: UUID
    revision: int
    version: int
    practitioner_id: UUID
    changed_at: datetime
    finished_at: datetime | None
    sections: list[SectionTextOut]

    @classmethod
    def told(cls, sheet: Sheet) -> Self:
        """Return a sheet as it is told."""
        names = set(cls.model_fields) - {"sections"}
        texts = sheet.content.texts
        return cls(
            **{name: getattr(sheet, name) for name in names},
            sections=[
                SectionTextOut(code=one.code, label=one.label, text=texts.get(one.code, ""))
                for one in sheet.sections
            ],
        )


class PassIn(In):
    """A colleague to whom the rest of a series is offered, and why."""

    to_practitioner_id: UUID
    reason: PassReason


class PassOut(Out):
    """An offer of the rest of a series."""

    id: UUID
    request_id: UUID
    from_practitioner_id: UUID
    to_practitioner_id: UUID
    reason: PassReason
    proposed_at: datetime
    answered_at: datetime | None
    answer: PassAnswer | None


class OfferOut(PassOut):
    """An offer as its receiver sees it: the series, and whole ways to take what is left of it."""

    series: SeriesOut
    ways: list[list[ProposedSlotOut]]


class OffersOut(Out):
    """What is offered to a physiotherapist."""

    offers: list[OfferOut]


class PassAcceptIn(In):
    """One slot for each session to come, in order; none when none is left."""

    slot_ids: Annotated[tuple[UUID, ...], Field(max_length=3)] = ()


class CloseIn(In):
    """How a series ends, and whom the patient chose when he goes on with somebody of the list."""

    end: SeriesEnd
    chosen_practitioner_id: UUID | None = None


class ChoiceOut(Out):
    """A physiotherapist as plain information."""

    practitioner_id: UUID
    name: str
    place: str
    phone: str | None
    km: float
    takes_patients: bool | None
    said_at: datetime | None


class ChoicesOut(Out):
    """The physiotherapists of a territory, the nearest first; nobody is recommended."""

    choices: list[ChoiceOut]


class RelayIn(In):
    """A colleague who stands in, both days included."""

    territory_id: UUID
    practitioner_id: UUID
    colleague_id: UUID
    starts_on: Day
    ends_on: Day


class RelayOut(Out):
    """A relay."""

    id: UUID
    territory_id: UUID
    practitioner_id: UUID
    colleague_id: UUID
    starts_on: date
    ends_on: date
    declared_at: datetime
    ended_at: datetime | None


class RelaysOut(Out):
    """Relays that run or are to run."""

    relays: list[RelayOut]


class RelayedSessionOut(Out):
    """A session of who is away, that the reader may take."""

    relay_id: UUID
    indication: str
    appointment: AppointmentOut


class RelayedSessionsOut(Out):
    """What a colleague may take, by start."""

    sessions: list[RelayedSessionOut]


class SectionIn(In):
    """One part of a template."""

    code: Code
    label: Annotated[str, Field(min_length=1, max_length=LONGEST_LABEL)]
    hint: Annotated[str, Field(max_length=LONGEST_HINT)] = ""
    text: SheetText = ""

    def to_facts(self) -> Section:
        """Return the section as series know it."""
        return Section(self.code, self.label, self.hint, self.text)


class TemplateIn(In):
    """A new revision of a template; days left out stay. `revision`: the one that was read."""

    sections: Annotated[list[SectionIn], Field(min_length=4, max_length=4)]
    min_gap_days: Annotated[int | None, Field(ge=1, le=30)] = None
    max_gap_days: Annotated[int | None, Field(ge=1, le=30)] = None
    revision: Annotated[int, Field(ge=0)]


class SectionOut(Out):
    """One part of a template."""

    code: str
    label: str
    hint: str
    text: str


class TemplateOut(Out):
    """What a territory does for one indication; revision 0 is as it ships."""

    indication: str
    label: str
    revision: int
    min_gap_days: int
    max_gap_days: int
    sections: list[SectionOut]
    created_at: datetime | None


class TemplatesOut(Out):
    """The templates of a territory."""

    templates: list[TemplateOut]

    @classmethod
    def told(cls, templates: tuple[Template, ...]) -> Self:
        """Return templates as they are told."""
        return cls(templates=[TemplateOut.of(one) for one in templates])


class PhysioTermsIn(In):
    """What a physiotherapist says of himself; null: not said."""

    takes_patients: bool | None = None
    direct_access_since: Day | None = None


class PhysioTermsOut(Out):
    """What a physiotherapist said of himself."""

    practitioner_id: UUID
    takes_patients: bool | None
    direct_access_since: date | None
    changed_at: datetime | None
