"""The words of the directory: organisations, sites, carers, communes, territories and what each is made of.

`…Details` is what is written, whole (an edit replaces it all); `…View` is what is read. Identifiers and
phones are checked by `rules` before they are written. Settings of a territory are in `territory_settings`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Generic, TypeVar
from uuid import UUID

from snp.directory.territory_settings import TerritorySettings

T = TypeVar("T")


class OrganisationKind(StrEnum):
    """What an organisation is; decides who may sign in for it and what its sites are for."""

    MSP = "msp"
    CABINET = "cabinet"
    CENTRE_SNP = "centre_snp"
    CENTRE_SANTE = "centre_sante"
    PHARMACY = "pharmacy"
    NURSE_PRACTICE = "nurse_practice"
    SOS_MEDECINS = "sos_medecins"


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some items in order, and the cursor of the next ones; None when there are no more."""

    items: tuple[T, ...]
    next_cursor: str | None = None


@dataclass(frozen=True, slots=True)
class TerritoryDetails:
    """A CPTS as its coordinator describes it. `size_class` None: computed from the communes' population."""

    slug: str
    name: str
    department: str
    communes: frozenset[str]
    finess: str | None = None
    size_class: int | None = None
    settings: TerritorySettings | None = None


@dataclass(frozen=True, slots=True)
class TerritoryView:
    """A CPTS: its perimeter by INSEE codes, its inhabitants, its ACI size class (1 to 4), its settings."""

    id: UUID
    slug: str
    name: str
    finess: str | None
    department: str
    size_class: int
    population: int
    communes: tuple[str, ...]
    settings: TerritorySettings
    version: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class TerritoryRevisionView:
    """How a territory stood after one edit, by whom and when."""

    territory_id: UUID
    version: int
    at: datetime
    author: str
    content: dict[str, object]


@dataclass(frozen=True, slots=True)
class CommuneView:
    """A commune by INSEE code, with the point (WGS 84) distances are measured from."""

    insee: str
    name: str
    postal_codes: tuple[str, ...]
    department: str
    population: int
    lat: float
    lon: float


@dataclass(frozen=True, slots=True)
class ProfessionView:
    """A profession that may publish slots. `mos_code` is its TRE_G15 code, `specialty_code` its usual one."""

    code: str
    mos_code: str
    specialty_code: str | None
    label: str
    short_label: str
    slot_minutes: int
    active: bool


@dataclass(frozen=True, slots=True)
class OrganisationDetails:
    """An organisation, and the territories it takes part in."""

    kind: OrganisationKind
    name: str
    finess: str | None = None
    siret: str | None = None
    territory_ids: frozenset[UUID] = frozenset()
    active: bool = True


@dataclass(frozen=True, slots=True)
class OrganisationView:
    """An organisation as read."""

    id: UUID
    kind: OrganisationKind
    name: str
    finess: str | None
    siret: str | None
    territory_ids: tuple[UUID, ...]
    active: bool
    version: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class SiteDetails:
    """A place of care. `lat` and `lon` both None: the point of its commune is taken."""

    name: str
    address: str
    postal_code: str
    insee: str
    organisation_id: UUID | None = None
    lat: float | None = None
    lon: float | None = None
    phone: str | None = None
    finess: str | None = None
    siret: str | None = None
    active: bool = True


@dataclass(frozen=True, slots=True)
class SiteView:
    """A place of care as read, with the name of its commune."""

    id: UUID
    organisation_id: UUID | None
    organisation_name: str | None
    organisation_kind: OrganisationKind | None
    name: str
    address: str
    postal_code: str
    insee: str
    city: str
    lat: float
    lon: float
    phone: str | None
    finess: str | None
    siret: str | None
    active: bool
    version: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Preferences:
    """What a practitioner asks of the service; every default is the quiet one.

    `max_messages_a_week`: calls for slots he accepts to receive. `quiet_from`/`quiet_until`: local hours
    during which nothing is sent. `show_patient_name_in_calendar`: off, as a feed leaves the building.
    `offer_to_sas`: his slots may be shown to the national platform; a slot may still say no.
    """

    channel: str = "sms"
    max_messages_a_week: int = 3
    quiet_from: int = 20
    quiet_until: int = 8
    show_patient_name_in_calendar: bool = False
    offer_to_sas: bool = True
    default_slot_minutes: int | None = None
    buffer_minutes: int = 0
    max_slots_a_week: int | None = None


@dataclass(frozen=True, slots=True)
class PractitionerDetails:
    """A health professional, named by RPPS or ADELI (one at least). `sites`: where he practises."""

    given_name: str
    family_name: str
    profession: str
    rpps: str | None = None
    adeli: str | None = None
    title: str | None = None
    specialty_code: str | None = None
    phone: str | None = None
    email: str | None = None
    site_ids: frozenset[UUID] = frozenset()
    preferences: Preferences = field(default_factory=Preferences)
    active: bool = True


@dataclass(frozen=True, slots=True)
class MembershipView:
    """A practitioner in a CPTS on `[since, until)`, local days; `until` None: still a member.

    `outside_perimeter`: none of his sites is in a commune of the territory.
    """

    practitioner_id: UUID
    territory_id: UUID
    since: date
    until: date | None
    outside_perimeter: bool


@dataclass(frozen=True, slots=True)
class PractitionerView:
    """A health professional as read; `territory_ids`: the CPTS he is a member of on the day asked."""

    id: UUID
    rpps: str | None
    adeli: str | None
    title: str | None
    given_name: str
    family_name: str
    profession: str
    specialty_code: str | None
    phone: str | None
    email: str | None
    site_ids: tuple[UUID, ...]
    territory_ids: tuple[UUID, ...]
    preferences: Preferences
    active: bool
    version: int
    created_at: datetime

    @property
    def full_name(self) -> str:
        """Title, given name and family name, as written on a ticket."""
        return " ".join(part for part in (self.title, self.given_name, self.family_name) if part)


@dataclass(frozen=True, slots=True)
class CarerCard:
    """What the outside may read of a practitioner; `specialty_code`: his own, else his profession's (R38)."""

    id: UUID
    rpps: str | None
    adeli: str | None
    given_name: str
    family_name: str
    specialty_code: str | None
    phone: str | None


@dataclass(frozen=True, slots=True)
class PlaceCard:
    """What the outside may read of a site, its national numbers and those of its organisation.

    `rpps_rangs`: of the practitioners asked about, the number of their activity there.
    """

    site_id: UUID
    name: str
    address: str
    postal_code: str
    city: str
    lat: float
    lon: float
    phone: str | None
    finess: str | None
    siret: str | None
    organisation_id: UUID | None
    organisation_name: str | None
    organisation_finess: str | None
    organisation_siret: str | None
    rpps_rangs: Mapping[UUID, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CptsCard:
    """What the outside may read of a CPTS that bears a FINESS number."""

    territory_id: UUID
    name: str
    finess: str
    phone: str | None


@dataclass(frozen=True, slots=True)
class PractitionerFilter:
    """Which practitioners to list; None or empty means no restriction."""

    territory_ids: frozenset[UUID] | None = None
    profession: str | None = None
    text: str | None = None
    site_id: UUID | None = None
    active: bool | None = True


@dataclass(frozen=True, slots=True)
class OrganisationFilter:
    """Which organisations to list."""

    territory_ids: frozenset[UUID] | None = None
    kind: OrganisationKind | None = None
    text: str | None = None
    active: bool | None = True


@dataclass(frozen=True, slots=True)
class SiteFilter:
    """Which sites to list; `territory_ids` keeps those standing in a perimeter or used by a member."""

    territory_ids: frozenset[UUID] | None = None
    organisation_id: UUID | None = None
    practitioner_id: UUID | None = None
    text: str | None = None
    active: bool | None = True
