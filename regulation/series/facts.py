"""The words of a series of physiotherapy: its sessions, its sheet, who takes it over, how it ends."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from slots.appointments.facts import AppointmentStatusKind, AppointmentView

PHYSIO = "masseur_kinesitherapeute"
"""The profession's code in the directory."""
MOST_SESSIONS = 3
"""Sessions of one series. Source: CPTS Pays de Retz, F. Guillaud, Les CPTS, thesis, Nantes 2023."""


class SeriesEnd(StrEnum):
    """How a series ended.

    `handed_over`: the patient goes on with a physiotherapist of his own choice; `returned`: with his usual
    one, back from his absence; `to_doctor`: a doctor must see him; `no_more_care`: nothing more is needed;
    `given_up`: no session took place; `lapsed`: nobody said, and time passed.
    """

    HANDED_OVER = "handed_over"
    RETURNED = "returned"
    TO_DOCTOR = "to_doctor"
    NO_MORE_CARE = "no_more_care"
    GIVEN_UP = "given_up"
    LAPSED = "lapsed"


class SeriesEvent(StrEnum):
    """What happens to a series; each is a row that is never edited."""

    OPENED = "opened"
    BOOKED = "booked"
    SESSION_ADDED = "session_added"
    REST_CANCELLED = "rest_cancelled"
    SHEET_FINISHED = "sheet_finished"
    OFFERED = "offered"
    OFFER_ACCEPTED = "offer_accepted"
    OFFER_DECLINED = "offer_declined"
    OFFER_WITHDRAWN = "offer_withdrawn"
    RELAYED = "relayed"
    CLOSED = "closed"


class PassReason(StrEnum):
    """Why a physiotherapist passes the rest of a series to another."""

    ABSENCE = "absence"
    SKILL = "skill"
    PLACE = "place"
    PATIENT = "patient"
    LOAD = "load"


class PassAnswer(StrEnum):
    """What became of a series offered to another physiotherapist."""

    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class SeriesTerms:
    """On what grounds a patient comes to a physiotherapist.

    `diagnosed` None: not said. `diagnosed_on`: the day of the prior diagnosis, when it is known.
    `sessions_elsewhere`: sessions without diagnosis already had with others, since `first_elsewhere_on`.
    `usual_practitioner_id`: his usual physiotherapist, away and not replaced.
    """

    diagnosed: bool | None = None
    diagnosed_on: date | None = None
    sessions_elsewhere: int = 0
    first_elsewhere_on: date | None = None
    usual_practitioner_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class SeriesView:
    """A series, named by its request. `practitioner_id`: who holds it; None until it is booked."""

    request_id: UUID
    territory_id: UUID
    indication: str
    practitioner_id: UUID | None
    usual_practitioner_id: UUID | None
    diagnosed: bool
    diagnosed_on: date | None
    sessions_elsewhere: int
    first_elsewhere_on: date | None
    opened_at: datetime
    opened_by: str
    closed_at: datetime | None
    closed_as: SeriesEnd | None
    chosen_practitioner_id: UUID | None
    version: int

    @property
    def is_open(self) -> bool:
        """True until somebody, or time, closes it."""
        return self.closed_at is None


@dataclass(frozen=True, slots=True)
class SeriesLine:
    """One line of a series' story."""

    event: SeriesEvent
    at: datetime
    author: str
    practitioner_id: UUID | None
    code: str | None


@dataclass(frozen=True, slots=True)
class Section:
    """One part of a sheet: its code, the words that the template gives it, and what it starts with."""

    code: str
    label: str
    hint: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Template:
    """What a territory does for one indication: days between sessions, and the parts of its sheet.

    `id` and `created_at` None, revision 0: as it ships with the service.
    """

    id: UUID | None
    indication: str
    label: str
    revision: int
    min_gap_days: int
    max_gap_days: int
    sections: tuple[Section, ...]
    created_at: datetime | None = None
    created_by: str | None = None


@dataclass(frozen=True, slots=True)
class SheetContent:
    """What a sheet says: one text for each section, and where the patient wants it sent. Never printed."""

    texts: dict[str, str] = field(repr=False)
    email: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet, opened. `finished_at` None: a draft. `revision` counts from 1; 0 is one not yet saved."""

    request_id: UUID
    revision: int
    practitioner_id: UUID
    sections: tuple[Section, ...]
    content: SheetContent
    changed_at: datetime
    finished_at: datetime | None
    version: int


@dataclass(frozen=True, slots=True)
class SheetState:
    """Where the last sheet of a series stands, without what it says."""

    request_id: UUID
    revision: int
    changed_at: datetime
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class PassView:
    """The rest of a series offered by one physiotherapist to another."""

    id: UUID
    request_id: UUID
    from_practitioner_id: UUID
    to_practitioner_id: UUID
    reason: PassReason
    proposed_at: datetime
    answered_at: datetime | None
    answer: PassAnswer | None


@dataclass(frozen=True, slots=True)
class Relay:
    """A colleague who may take the sessions of one who is away; local days, both included."""

    id: UUID
    territory_id: UUID
    practitioner_id: UUID
    colleague_id: UUID
    starts_on: date
    ends_on: date
    declared_at: datetime
    declared_by: str
    ended_at: datetime | None

    def runs_on(self, day: date) -> bool:
        """Whether the colleague may take a session of that local day."""
        return self.ended_at is None and self.starts_on <= day <= self.ends_on


@dataclass(frozen=True, slots=True)
class PhysioTerms:
    """What a physiotherapist says of himself: None is « has not said ».

    `direct_access_since`: the day of his own declaration to the ARS, without which nobody comes to him
    without a diagnosis.
    """

    practitioner_id: UUID
    takes_patients: bool | None = None
    direct_access_since: date | None = None
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """A physiotherapist as plain information.

    Where, how far, whether he takes patients, since when he said so.
    """

    practitioner_id: UUID
    name: str
    place: str
    phone: str | None
    km: float
    takes_patients: bool | None
    said_at: datetime | None


@dataclass(frozen=True, slots=True)
class SeriesCard:
    """A series with its sessions by start, cancelled ones left out, and where its sheet stands."""

    series: SeriesView
    sessions: tuple[AppointmentView, ...]
    sheet: SheetState | None

    @property
    def done(self) -> int:
        """How many sessions took place, as far as somebody said so."""
        return sum(one.status is AppointmentStatusKind.HONOURED for one in self.sessions)


@dataclass(frozen=True, slots=True)
class RelayedSession:
    """A session of who is away, that a colleague may take."""

    relay: Relay
    appointment: AppointmentView
    indication: str


@dataclass(frozen=True, slots=True)
class SeriesFigures:
    """What a coordinator sees of a territory's series: counts only."""

    open: int
    without_sheet: int
    ended: dict[SeriesEnd, int]
