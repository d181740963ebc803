"""The words of an agenda: what a practitioner publishes, the dated slots it becomes, and what is told back.

Days and wall times are local (Europe/Paris); instants are aware; intervals are `[start, end)`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum
from typing import Final
from uuid import UUID

from snp.assignment.facts import Audience, Mode


class SlotState(StrEnum):
    """`open` slots are live (free, held or taken); the others cannot be booked.

    `hidden`: under an absence, may come back; `withdrawn`: taken back by its owner; `released`: given back by
    the release rule at start − X because nobody took it.
    """

    OPEN = "open"
    HIDDEN = "hidden"
    WITHDRAWN = "withdrawn"
    RELEASED = "released"


class SlotEventKind(StrEnum):
    """What may happen to a slot; each is a row."""

    PUBLISHED = "published"
    CHANGED = "changed"
    HIDDEN = "hidden"
    RESTORED = "restored"
    WITHDRAWN = "withdrawn"
    RELEASED = "released"


class ExceptionKind(StrEnum):
    """How one occurrence of a pattern departs from it."""

    CANCELLED = "cancelled"
    MOVED = "moved"


class EditScope(StrEnum):
    """How far an edit of a pattern reaches: one occurrence, that one and all following, or all of them."""

    THIS = "this"
    FOLLOWING = "following"
    ALL = "all"


class Occupancy(StrEnum):
    """Who has a slot at the instant asked: nobody, a running hold, or an appointment."""

    FREE = "free"
    HELD = "held"
    TAKEN = "taken"


class SasView(StrEnum):
    """Under what name the national platform shows a slot that the regulation may take.

    `individual`: the practitioner's own, to whom its audiences say; `cpts`: that of the CPTS it is offered
    to, for those who look among the members of that CPTS. Both may hold; neither: the platform never sees it.

    Source: ANS, `ans.fhir.fr.sas`, flows INT_R01 (individual practitioners) and INT_R04 (members of a CPTS).
    """

    INDIVIDUAL = "individual"
    CPTS = "cpts"


SHOWN_BOTH_WAYS: Final = frozenset(SasView)


class NoticeCode(StrEnum):
    """Why an occurrence did not become an open slot, or why a slot was left as it was."""

    HOLIDAY = "holiday"
    OUTSIDE_SNP_HOURS = "outside_snp_hours"
    NO_SUCH_TIME = "no_such_time"
    OVERLAP = "overlap"
    DURING_ABSENCE = "during_absence"
    NOT_A_MEMBER = "not_a_member"
    ALREADY_RELEASED = "already_released"
    KEPT_TAKEN = "kept_taken"


@dataclass(frozen=True, slots=True)
class Interval:
    """Instants `[start, end)`, aware."""

    start: datetime
    end: datetime

    def overlaps(self, other: Interval) -> bool:
        """Whether the two share an instant; touching ends do not."""
        return self.start < other.end and other.start < self.end


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the practitioner should know of what he asked; `sentence` is French, for him.

    `day` is the occurrence's own local day (before any move). `slot_id` names the slot it is about, if any.
    """

    code: NoticeCode
    day: date
    sentence: str
    start: datetime | None = None
    slot_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """On what terms slots are offered: where, how, to whom, for which reasons.

    `reasons` empty: any reason. `slot_minutes` None: the usual length of the profession. `buffer_minutes`:
    kept free after each slot. `release_minutes`: X of the release rule (a slot not taken at start − X is
    given back); None: never. `sas`: how the national platform shows them, empty: not at all.
    """

    site_id: UUID
    mode: Mode
    audiences: frozenset[Audience]
    territory_ids: frozenset[UUID]
    reasons: frozenset[str] = frozenset()
    slot_minutes: int | None = None
    buffer_minutes: int = 0
    release_minutes: int | None = None
    sas: frozenset[SasView] = SHOWN_BOTH_WAYS


@dataclass(frozen=True, slots=True)
class PatternDraft:
    """A recurring opening: on each day of `rrule`, from `starts_at`, `patients` slots in a row.

    `rrule`: RFC 5545 text, the subset of `recurrence.parse`. `last_day` is included; None: no end.
    """

    offer: Offer
    rrule: str
    first_day: date
    starts_at: time
    patients: int
    last_day: date | None = None


@dataclass(frozen=True, slots=True)
class OccurrenceChange:
    """What becomes of one occurrence: cancelled, or moved to another day or time, or for another number.

    With nothing set the occurrence returns to what its pattern says.
    """

    cancelled: bool = False
    day: date | None = None
    starts_at: time | None = None
    patients: int | None = None


@dataclass(frozen=True, slots=True)
class PatternView:
    """A pattern as it stands, with its exceptions by original day."""

    id: UUID
    practitioner_id: UUID
    offer: Offer
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
    exceptions: tuple[ExceptionView, ...] = ()


@dataclass(frozen=True, slots=True)
class ExceptionView:
    """One occurrence (by its original day) that departs from its pattern."""

    day: date
    kind: ExceptionKind
    moved_day: date | None = None
    moved_starts_at: time | None = None
    patients: int | None = None


@dataclass(frozen=True, slots=True)
class SlotView:
    """A dated slot as it stands at the instant asked. `busy_until`: end plus buffer.

    `closing`: it stays only for who took it, and is not offered again. `release_at`: when it is given back if
    nobody took it.
    """

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
    audiences: frozenset[Audience]
    territory_ids: frozenset[UUID]
    reasons: frozenset[str]
    sas: frozenset[SasView]
    release_at: datetime | None
    state: SlotState
    occupancy: Occupancy
    closing: bool
    hidden_by_id: UUID | None
    version: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class LockedSlot:
    """A slot under the caller's row lock: it cannot change, nor be taken, before his transaction ends."""

    id: UUID
    practitioner_id: UUID
    site_id: UUID
    start: datetime
    end: datetime
    mode: Mode
    audiences: frozenset[Audience]
    territory_ids: frozenset[UUID]
    release_at: datetime | None
    state: SlotState
    closing: bool
    hidden_by_id: UUID | None
    version: int


@dataclass(frozen=True, slots=True)
class SlotEventView:
    """Something that happened to a slot."""

    event: SlotEventKind
    at: datetime
    author: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class AbsenceView:
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


@dataclass(frozen=True, slots=True)
class Publication:
    """What an act left in the agenda: slots now open, slots taken back, notices.

    `pattern` when it made one.
    """

    slots: tuple[SlotView, ...] = ()
    withdrawn: tuple[UUID, ...] = ()
    notices: tuple[Notice, ...] = ()
    pattern: PatternView | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """One slot somebody would like to publish."""

    start: datetime
    offer: Offer


@dataclass(frozen=True, slots=True)
class Attempt:
    """What became of a wish: the slot it is now, or the French sentence that says why it is none."""

    wish: Wish
    slot_id: UUID | None
    why_not: str


@dataclass(frozen=True, slots=True)
class AbsenceOutcome:
    """What an absence did: slots hidden or brought back, requests that lost their slot, notices."""

    absence: AbsenceView
    hidden: tuple[UUID, ...] = ()
    restored: tuple[UUID, ...] = ()
    freed_request_ids: tuple[UUID, ...] = ()
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """A slot taken back, and the requests that had it (by hold or appointment) and must be served again."""

    slot: SlotView
    freed_request_ids: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class SlotChange:
    """New terms for one slot; None leaves as it is. `release_minutes` is not changed here."""

    audiences: frozenset[Audience] | None = None
    territory_ids: frozenset[UUID] | None = None
    reasons: frozenset[str] | None = None
    sas: frozenset[SasView] | None = None


@dataclass(frozen=True, slots=True)
class SlotFilter:
    """Which slots to list; None asks for any. Instants bound `start`: `[starts_from, starts_before)`."""

    territory_ids: frozenset[UUID] | None = None
    practitioner_ids: frozenset[UUID] | None = None
    site_id: UUID | None = None
    pattern_id: UUID | None = None
    profession: str | None = None
    starts_from: datetime | None = None
    starts_before: datetime | None = None
    states: frozenset[SlotState] | None = None
    occupancy: Occupancy | None = None
    slot_ids: frozenset[UUID] | None = None


@dataclass(frozen=True, slots=True)
class SlotCount:
    """How many slots of a half-day, profession and commune were offered, and what has become of them.

    `published` is the sum of the others: still `free`, `held`, `taken`, `released` by their rule, `lost`
    because they started while nobody had them. Hidden and withdrawn slots are not counted.
    """

    day: date
    is_morning: bool
    profession: str
    insee: str
    published: int
    free: int
    held: int
    taken: int
    released: int
    lost: int


@dataclass(frozen=True, slots=True)
class FreeCount:
    """How many slots of a territory and profession may still be taken; a shared slot counts in each."""

    territory_id: UUID
    profession: str
    count: int


@dataclass(frozen=True, slots=True)
class PatternFilter:
    """Which patterns to list; None asks for any. `running`: not ended, or ended."""

    practitioner_ids: frozenset[UUID] | None = None
    territory_ids: frozenset[UUID] | None = None
    running: bool | None = None


@dataclass(frozen=True, slots=True)
class Near:
    """Within `km` (great circle) of a point in WGS 84 degrees; teleconsultation is near everything."""

    lat: float
    lon: float
    km: float


@dataclass(frozen=True, slots=True)
class FreeSlotQuery:
    """What free slots are wanted; None asks for any. `starts_from <= start <= starts_until`, both included.

    `reason`: slots that name no reason suit every reason. Slots must be offered to `audience` and to one of
    `territory_ids`.
    """

    starts_until: datetime
    starts_from: datetime | None = None
    audience: Audience | None = None
    territory_ids: frozenset[UUID] | None = None
    professions: frozenset[str] | None = None
    modes: frozenset[Mode] | None = None
    reason: str | None = None
    practitioner_ids: frozenset[UUID] | None = None
    rpps: frozenset[str] | None = None
    excluded_practitioner_ids: frozenset[UUID] = frozenset()
    slot_ids: frozenset[UUID] | None = None
    near: Near | None = None
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class FreeSlot:
    """A slot that may be claimed now, with what an assignment or a proposal says of it."""

    id: UUID
    practitioner_id: UUID
    practitioner_name: str
    practitioner_title: str | None
    rpps: str | None
    adeli: str | None
    profession: str
    site_id: UUID
    site_name: str
    site_address: str
    site_postal_code: str
    site_insee: str
    lat: float
    lon: float
    start: datetime
    end: datetime
    mode: Mode
    audiences: frozenset[Audience]
    territory_ids: frozenset[UUID]
    reasons: frozenset[str] = field(default=frozenset())
    release_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SeenSlot:
    """A slot that was published, whatever became of it: what a forecast learns from. No name.

    `taken_back`: withdrawn by its practitioner, or hidden by an absence.
    """

    id: UUID
    practitioner_id: UUID
    profession: str
    lat: float
    lon: float
    start: datetime
    end: datetime
    mode: Mode
    audiences: frozenset[Audience]
    reasons: frozenset[str]
    published_at: datetime
    taken_back: bool


@dataclass(frozen=True, slots=True)
class EndedSlot:
    """A slot that is over, and what had become of it.

    `taken`: an appointment had it, kept or not; `no_show`: its patient did not come. `available_since`: when
    it was last published or brought back. `changed_at`: when something last happened to it or its
    appointments.
    """

    id: UUID
    practitioner_id: UUID
    profession: str
    start: datetime
    end: datetime
    state: SlotState
    territory_ids: frozenset[UUID]
    taken: bool
    no_show: bool
    available_since: datetime
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class PractitionerLoad:
    """What a practitioner opened over a period, and how much of it was taken; an identifier, no name."""

    practitioner_id: UUID
    opened: int
    taken: int


@dataclass(frozen=True, slots=True)
class SasTerms:
    """What slots that the national platform may see have in common; `sas` is never empty."""

    practitioner_id: UUID
    site_id: UUID
    mode: Mode
    audiences: frozenset[Audience]
    territory_ids: tuple[UUID, ...]
    reasons: tuple[str, ...]
    sas: frozenset[SasView]


@dataclass(frozen=True, slots=True)
class SasSlot:
    """A free slot that the national platform may see; equal terms are the same object."""

    id: UUID
    terms: SasTerms
    start: datetime
    end: datetime
