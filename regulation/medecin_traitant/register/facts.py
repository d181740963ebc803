"""The words of the list: an entry and its story, what practices answered, places, picks. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from regulation.facts import Reason
from regulation.intake.facts import PatientTraits
from regulation.messages.facts import Medium


class EntryOrigin(StrEnum):
    """Who put the person on the list."""

    PATIENT = "patient"
    PHARMACY = "pharmacy"
    NURSE = "nurse"
    REGULATION = "regulation"


class EntryState(StrEnum):
    """Where an entry stands.

    `unconfirmed`: typed on the public page, counts for nothing yet; `picked`: a practice saw who it is and
    must call; `agreed`: it called, the declaration is to be signed. `signed` and `closed` are final.
    """

    UNCONFIRMED = "unconfirmed"
    WAITING = "waiting"
    PICKED = "picked"
    AGREED = "agreed"
    SIGNED = "signed"
    CLOSED = "closed"


class EntryMove(StrEnum):
    """What happens to an entry; each is a row with author, time and reasons."""

    SIGN_UP = "sign_up"
    CONFIRM = "confirm"
    RECONFIRM = "reconfirm"
    CORRECT = "correct"
    PRACTICE_ASKED = "practice_asked"
    PICK = "pick"
    CALLED = "called"
    RETURN = "return"
    SIGN = "sign"
    CLOSE = "close"
    ERASE = "erase"


class CloseReason(StrEnum):
    """Why an entry leaves the list without a practice of the list."""

    FOUND = "found"
    AGED_OUT = "aged_out"
    WITHDRAWN = "withdrawn"
    DUPLICATE = "duplicate"
    MOVED = "moved"
    DECEASED = "deceased"


class PickOutcome(StrEnum):
    """How a pick ended. Only `signed` keeps its place taken."""

    SIGNED = "signed"
    PATIENT_DECLINED = "patient_declined"
    UNREACHABLE = "unreachable"
    NOT_CALLED = "not_called"
    NOT_SIGNED = "not_signed"
    PRACTICE_GAVE_UP = "practice_gave_up"
    ENTRY_CLOSED = "entry_closed"


class PracticeAnswer(StrEnum):
    """What a practice that was asked outside the list answered."""

    REFUSED = "refused"
    NO_ANSWER = "no_answer"
    THINKING = "thinking"
    ACCEPTED = "accepted"


class RefusalReason(StrEnum):
    """Why a practice refused; a closed list, so that it can be counted."""

    FULL = "full"
    RETIRING = "retiring"
    OUT_OF_AREA = "out_of_area"
    NO_HOME_VISITS = "no_home_visits"
    FAMILY_ONLY = "family_only"
    NO_REASON = "no_reason"
    OTHER = "other"


class SignedAnswer(StrEnum):
    """What the follow-up brings: the declaration is signed, will be, or will not."""

    YES = "yes"
    NOT_YET = "not_yet"
    NO = "no"


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What counts for the order of the list, as the person says it; all but the commune may be left out.

    `pregnant_until`: the expected day of birth; `discharged_on`: the day he left hospital. `housebound`:
    cannot travel alone. Neither complementary cover nor origin is asked: they may not weigh.
    Source: CSP L1110-3 (no discrimination in access to care).
    """

    ald: bool = False
    pregnant_until: date | None = None
    discharged_on: date | None = None
    housebound: bool = False


@dataclass(frozen=True, slots=True)
class Consent:
    """That the person agreed: to which version of the text, said by whom (himself, or who may for him)."""

    text_version: str
    by_representative: bool = False


@dataclass(frozen=True, slots=True)
class SignUp:
    """What is typed to put somebody on the list. `email`: a way to reach him, beside his phone."""

    territory_id: UUID
    patient: PatientTraits
    consent: Consent
    circumstances: Circumstances = field(default_factory=Circumstances)
    email: str | None = None
    request_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class EntryView:
    """An entry without identity. `birth_year` stands in clear for age bands, `insee` for distances.

    `medium`: how messages reach the person; None: not at all, so that somebody calls instead of the clock.
    Erased entries keep instants and outcomes only.
    """

    id: UUID
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
    medium: Medium | None
    waiting_since: datetime | None
    reconfirmed_at: datetime | None
    asked_at: datetime | None
    asked_count: int
    next_call_on: date | None
    refusals: int
    created_at: datetime
    closed_at: datetime | None
    erased_at: datetime | None
    version: int

    @property
    def number(self) -> str:
        """The number that people say: the random end of the identifier."""
        tail = self.id.hex[-8:].upper()
        return f"MT-{tail[:4]}-{tail[4:]}"

    @property
    def reachable(self) -> bool:
        """True when a message can reach the person, so that the clock may remind and close."""
        return self.medium is not None


@dataclass(frozen=True, slots=True)
class Point:
    """One line of the reckoning: what it is for, how many points, why, and where the rule comes from."""

    code: str
    points: int
    reason: Reason


@dataclass(frozen=True, slots=True)
class ScoredEntry:
    """An entry and its points on a day; `km`: from the practice that looks, else None."""

    entry: EntryView
    points: tuple[Point, ...]
    km: float | None = None

    @property
    def total(self) -> int:
        """The sum of the points."""
        return sum(point.points for point in self.points)


@dataclass(frozen=True, slots=True)
class MoveView:
    """One line of an entry's story."""

    id: UUID
    move: EntryMove
    from_state: EntryState | None
    to_state: EntryState
    at: datetime
    author: str
    role: str
    reasons: tuple[Reason, ...]
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ConsentView:
    """One line of the proof of consent: given or withdrawn, to which text, when, recorded by whom."""

    given: bool
    text_version: str
    by_representative: bool
    at: datetime
    author: str
    role: str


@dataclass(frozen=True, slots=True)
class PracticeCall:
    """What is typed of a practice that was asked. One of `practitioner_id` and `practice` names it."""

    answer: PracticeAnswer
    practitioner_id: UUID | None = None
    practice: str | None = None
    reason: RefusalReason | None = None
    note: str | None = None
    next_call_on: date | None = None


@dataclass(frozen=True, slots=True)
class PracticeCallView:
    """A practice that was asked; `practice` and `note` are opened from their seals, for who may read them."""

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


@dataclass(frozen=True, slots=True)
class PlaceTerms:
    """Places that a practice declares: how many, for whom, until which day (included).

    Empty `communes`: any. `ald_only` keeps places for people with an ALD; nothing can exclude them.
    Source: CSP L1110-3; code pénal 225-1 (no refusal because of a state of health).
    """

    places: int
    valid_until: date
    communes: frozenset[str] = frozenset()
    age_from: int | None = None
    age_to: int | None = None
    ald_only: bool = False


@dataclass(frozen=True, slots=True)
class PlaceView:
    """A declaration of places; `taken`: picks that run or were signed."""

    id: UUID
    practitioner_id: UUID
    territory_id: UUID
    terms: PlaceTerms
    taken: int
    created_at: datetime
    closed_at: datetime | None

    @property
    def left(self) -> int:
        """How many places are still free."""
        return max(0, self.terms.places - self.taken)

    def is_open(self, today: date) -> bool:
        """Tell whether somebody may still be picked for it."""
        return self.closed_at is None and self.left > 0 and today <= self.terms.valid_until


@dataclass(frozen=True, slots=True)
class Card:
    """What a practice sees of a person before it accepts: no name, no day of birth, no address, no phone.

    `total`: the points without their lines, which would tell of a pregnancy or a stay in hospital.
    """

    entry_id: UUID
    age_band: str
    insee: str
    ald: bool
    waiting_since: datetime
    total: int
    km: float | None


@dataclass(frozen=True, slots=True)
class PickView:
    """A person that a practice accepted; `outcome` None: it runs. `call_by`: until when it calls."""

    id: UUID
    entry_id: UUID
    place_id: UUID
    practitioner_id: UUID
    territory_id: UUID
    picked_at: datetime
    call_by: datetime
    called_at: datetime | None
    outcome: PickOutcome | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class PersonShown:
    """Who somebody on the list is, opened and audited."""

    traits: PatientTraits
    email: str | None


@dataclass(frozen=True, slots=True)
class EntryFilter:
    """Which entries to list. `to_call`: only those that a person must call on the day asked."""

    territory_id: UUID
    states: frozenset[EntryState] = frozenset({EntryState.WAITING})
    organisation_id: UUID | None = None
    to_call: bool = False


@dataclass(frozen=True, slots=True)
class RegisterFigures:
    """The figures of a territory over `[since, until)`; None: from 1 to 4, not told.

    `waiting`, `waiting_ald` and `places_left` stand as of `until`. `median_wait_days`: of those picked and
    signed in the period, from the confirmed entry to the pick that held.
    """

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
