"""The words of the demonstration: who is on stage, what each offers, and the calls of a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from enum import StrEnum
from typing import Final
from uuid import UUID

from regulation.intake.facts import CallPriority, MtAnswers, PatientTraits
from snp.assignment.facts import Audience, Mode
from snp.directory.facts import OrganisationKind
from snp.platform.actors import Role

DEFAULT_SEED: Final = 2026
GP: Final = "medecin_generaliste"
PHYSIO: Final = "masseur_kinesitherapeute"


@dataclass(frozen=True, slots=True)
class Place:
    """An organisation and the one site it has; `kind` cabinet without a name of its own: a lone practice."""

    key: str
    kind: OrganisationKind
    name: str
    address: str
    insee: str
    finess: str | None
    siret: str
    phone: str
    territories: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Opening:
    """Slots offered every week: the days of the recurrence, from a local time, so many patients in a row."""

    days: tuple[str, ...]
    starts_at: time
    patients: int
    mode: Mode = Mode.AMB
    audiences: frozenset[Audience] = frozenset({Audience.REGULATION, Audience.DESK})
    release_minutes: int | None = None

    @property
    def rrule(self) -> str:
        """The weekly recurrence."""
        return f"FREQ=WEEKLY;BYDAY={','.join(self.days)}"


@dataclass(frozen=True, slots=True)
class Carer:
    """An invented practitioner: where he practises, which CPTS he belongs to, what he offers every week."""

    key: str
    rpps: str
    title: str | None
    given_name: str
    family_name: str
    profession: str
    specialty_code: str | None
    phone: str
    place: str
    territories: tuple[str, ...]
    openings: tuple[Opening, ...]


@dataclass(frozen=True, slots=True)
class Cast:
    """Everything on stage before the first call."""

    places: tuple[Place, ...]
    carers: tuple[Carer, ...]


class Path(StrEnum):
    """What becomes of a call."""

    ADVICE = "advice"
    SNP = "snp"
    TELECONSULTATION = "teleconsultation"
    BACK_TO_MT = "back_to_mt"
    EMERGENCY = "emergency"
    PDSA = "pdsa"
    DESK = "desk"
    DESK_RED_FLAG = "desk_red_flag"
    PHYSIO = "physio"


@dataclass(frozen=True, slots=True)
class Call:
    """One call or desk visit as it was or will be played; everything in it is invented.

    `desk`: the key of the place or carer that brings it, when it is no call. `waits`: the caller had not
    called his médecin traitant, and comes back later.
    """

    at: datetime
    territory: str
    path: Path
    patient: PatientTraits
    mt: MtAnswers
    reason: str
    priority: CallPriority
    delay_h: int
    waits: bool = False
    desk: str | None = None
    max_km: float | None = None
    sessions: int = 1


@dataclass(frozen=True, slots=True)
class Stage:
    """The cast in the database: ids by key."""

    territories: dict[str, UUID]
    organisations: dict[str, UUID]
    carers: dict[str, UUID]


@dataclass(frozen=True, slots=True)
class SignIn:
    """A demonstration account, printed when the service starts."""

    login: str
    display_name: str
    role: Role
    role_fr: str


@dataclass(frozen=True, slots=True)
class DemoStatus:
    """Whether the demonstration is loaded, and how alive it is."""

    loaded: bool
    last_call: datetime | None = None
    open_requests: int = 0
    free_slots: int = 0
