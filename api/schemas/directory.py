"""The directory on the wire: territories, communes, professions, organisations, sites, practitioners."""

from __future__ import annotations

from dataclasses import fields
from datetime import date, datetime, time
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import Field, field_validator

from api.schemas.forms import Code, Day, In, Insee, Kilometres, Line, Out
from snp.directory.facts import (
    OrganisationDetails,
    OrganisationKind,
    PractitionerDetails,
    PractitionerView,
    Preferences,
    SiteDetails,
    TerritoryDetails,
)
from snp.directory.settings_json import settings_from_input, settings_to_json
from snp.directory.territory_settings import (
    AnswerMode,
    EnginePolicy,
    TerritorySettings,
    default_settings,
)

Lat = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
Lon = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]


WallPair = Annotated[
    tuple[str, str],
    Field(description="Heures locales d’ouverture et de fermeture.", examples=[["08:00", "20:00"]]),
]


class SnpHoursIn(In):
    """The hours of unscheduled care, in local time; null: closed."""

    weekdays: WallPair = ("08:00", "20:00")
    saturday: WallPair | None = ("08:00", "12:00")
    sunday: WallPair | None = None
    open_on_holidays: bool = False
    closed_on: Annotated[list[date], Field(max_length=400)] = Field(default_factory=list)


class PdsaHoursIn(In):
    """What the ARS decided for the permanence des soins, beyond nights, Sundays and holidays."""

    saturday_from_noon: bool = True
    monday_before_holiday: bool = False
    friday_after_holiday: bool = False
    saturday_after_holiday: bool = False


OverflowMinutes = Annotated[
    int | None,
    Field(
        ge=0,
        le=2880,
        description="Minutes après la décision, ou avant l’échéance ; null : jamais.",
    ),
]


class CoverageSettingsIn(In):
    """How need is forecast and slots are called for; what is left out stays."""

    automatic: bool | None = None
    messages_a_week: Annotated[int | None, Field(ge=0, le=7)] = None
    shortage_percent: Annotated[int | None, Field(ge=5, le=95)] = None
    days_ahead: Annotated[int | None, Field(ge=1, le=14)] = None
    school_holidays: Annotated[
        list[Line] | None, Field(max_length=20, examples=[["2026-12-19/2027-01-03"]])
    ] = None
    school_percent: Annotated[int | None, Field(ge=50, le=200)] = None
    seaside: Annotated[
        list[Line] | None, Field(min_length=2, max_length=2, examples=[["07-01", "08-31"]])
    ] = None
    seaside_percent: Annotated[int | None, Field(ge=50, le=400)] = None


class TerritorySettingsIn(In):
    """What a territory decides for itself; what is left out stays, or takes its department's default."""

    snp_hours: SnpHoursIn | None = None
    pdsa_hours: PdsaHoursIn | None = None
    holidays: Code | None = None
    time_zone: Annotated[str | None, Field(max_length=60, examples=["Europe/Paris"])] = None
    regulation_number: Line | None = None
    default_max_km: Kilometres | None = None
    default_delay_hours: Annotated[int | None, Field(ge=1, le=336)] = None
    hold_minutes: Annotated[int | None, Field(ge=1, le=60)] = None
    pool_minutes: Annotated[int | None, Field(ge=1, le=1440)] = None
    max_proposals: Annotated[int | None, Field(ge=1, le=5)] = None
    policy: EnginePolicy | None = None
    mode: AnswerMode | None = None
    notice_minutes: Annotated[int | None, Field(ge=30, le=240)] = None
    quiet_hours: Annotated[
        list[time] | None,
        Field(max_length=2, examples=[["21:00", "07:00"]], description="Heures locales ; [] pour aucune."),
    ] = None
    p3_waiting_percent: Annotated[int | None, Field(ge=0, le=50)] = None
    overflow_p1_minutes: OverflowMinutes = None
    overflow_p2_minutes: OverflowMinutes = None
    overflow_p3_minutes: OverflowMinutes = None
    overflow_before_deadline_minutes: OverflowMinutes = None
    contact_phone: Annotated[
        Line | None, Field(description="Le téléphone de la CPTS, que montre la plateforme SAS.")
    ] = None
    alert_emails: Annotated[list[Line] | None, Field(max_length=10)] = None
    protection_emails: Annotated[
        list[Line] | None,
        Field(max_length=10, description="Le délégué à la protection des données : accès d’urgence."),
    ] = None
    direct_access_from: Annotated[
        Day | Literal[""] | None,
        Field(description='Premier jour de l’accès direct aux kinésithérapeutes ; "" pour aucun.'),
    ] = None
    direct_access_until: Annotated[
        Day | Literal[""] | None, Field(description='Dernier jour, compris ; "" pour aucun.')
    ] = None
    coverage: CoverageSettingsIn | None = None

    def to_facts(self, base: TerritorySettings) -> TerritorySettings:
        """Return `base` with what was given."""
        given = self.model_dump(mode="json", exclude_unset=True, exclude_none=False)
        kept = {k: v for k, v in given.items() if v is not None or k.startswith("overflow_")}
        if "coverage" in kept:
            kept["coverage"] = {k: v for k, v in kept["coverage"].items() if v is not None}
        return settings_from_input(kept, base=base)


class TerritoryIn(In):
    """A CPTS. `size_class` left out: computed from the population of its communes."""

    slug: Annotated[str, Field(pattern=r"^[a-z0-9](?:[a-z0-9-]{0,60}[a-z0-9])?$", examples=["pays-de-retz"])]
    name: Annotated[Line, Field(examples=["CPTS du Pays de Retz"])]
    department: Annotated[str, Field(pattern=r"^(?:[0-9]{2,3}|2[AB])$", examples=["44"])]
    communes: Annotated[frozenset[Insee], Field(max_length=500, examples=[["44131", "44106"]])]
    finess: Line | None = None
    size_class: Annotated[int, Field(ge=1, le=4)] | None = None
    settings: TerritorySettingsIn | None = None

    def to_facts(self, *, current: TerritorySettings | None = None) -> TerritoryDetails:
        """Return the territory as the directory takes it; settings are changes to the current ones."""
        base = current or default_settings(self.department)
        settings = self.settings.to_facts(base) if self.settings else current
        return TerritoryDetails(**(dict(self) | {"settings": settings}))


class TerritorySettingsOut(Out):
    """What a territory decided for itself, whole."""

    snp_hours: SnpHoursIn
    pdsa_hours: PdsaHoursIn
    holidays: str
    time_zone: str
    regulation_number: str
    default_max_km: float
    default_delay_hours: int
    hold_minutes: int
    pool_minutes: int
    max_proposals: int
    policy: EnginePolicy
    mode: AnswerMode
    notice_minutes: int
    quiet_hours: list[str] | None
    p3_waiting_percent: int
    overflow_p1_minutes: int | None
    overflow_p2_minutes: int | None
    overflow_p3_minutes: int | None
    overflow_before_deadline_minutes: int | None
    contact_phone: str | None
    alert_emails: list[str]
    protection_emails: list[str]
    direct_access_from: date | None
    direct_access_until: date | None
    coverage: CoverageSettingsIn


class TerritoryOut(Out):
    """A CPTS: perimeter by INSEE codes, inhabitants, ACI size class (1 to 4), settings."""

    id: UUID
    slug: str
    name: str
    finess: str | None
    department: str
    size_class: int
    population: int
    communes: list[str]
    settings: TerritorySettingsOut
    version: int
    created_at: datetime

    @field_validator("settings", mode="before")
    @classmethod
    def _as_json(cls, settings: Any) -> Any:
        return settings_to_json(settings) if isinstance(settings, TerritorySettings) else settings


class TerritoryRevisionOut(Out):
    """How a territory stood after one edit."""

    version: int
    at: datetime
    author: str
    content: dict[str, Any]


class CommuneOut(Out):
    """A commune by INSEE code, with its coordinates (WGS 84)."""

    insee: str
    name: str
    postal_codes: list[str]
    department: str
    population: int
    lat: float
    lon: float


class ProfessionOut(Out):
    """A profession that may publish slots."""

    code: str
    mos_code: str
    specialty_code: str | None
    label: str
    short_label: str
    slot_minutes: int
    active: bool


class OrganisationIn(In):
    """An MSP, cabinet, centre, pharmacy or nurse practice."""

    kind: OrganisationKind
    name: Annotated[Line, Field(examples=["Pharmacie du Port"])]
    finess: Line | None = None
    siret: Line | None = None
    territory_ids: Annotated[frozenset[UUID], Field(max_length=50)] = frozenset()
    active: bool = True

    def to_facts(self) -> OrganisationDetails:
        """Return the organisation as the directory takes it."""
        return OrganisationDetails(**dict(self))


class OrganisationOut(Out):
    """An organisation and the territories it takes part in."""

    id: UUID
    kind: OrganisationKind
    name: str
    finess: str | None
    siret: str | None
    territory_ids: list[UUID]
    active: bool
    version: int
    created_at: datetime


class SiteIn(In):
    """A place of care; without coordinates it stands at the point of its commune."""

    name: Annotated[Line, Field(examples=["Cabinet des Marais"])]
    address: Annotated[Line, Field(examples=["3 rue de la Mairie"])]
    postal_code: Annotated[str, Field(pattern=r"^[0-9]{5}$", examples=["44210"])]
    insee: Annotated[Insee, Field(examples=["44131"])]
    organisation_id: UUID | None = None
    lat: Lat | None = None
    lon: Lon | None = None
    phone: Line | None = None
    finess: Line | None = None
    siret: Line | None = None
    active: bool = True

    def to_facts(self) -> SiteDetails:
        """Return the site as the directory takes it."""
        return SiteDetails(**dict(self))


class SiteOut(Out):
    """A place of care with its address and coordinates (WGS 84)."""

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


class PreferencesIn(In):
    """What a practitioner asks of the service."""

    channel: Code = "sms"
    max_messages_a_week: Annotated[int, Field(ge=0, le=50)] = 3
    quiet_from: Annotated[int, Field(ge=0, le=23)] = 20
    quiet_until: Annotated[int, Field(ge=0, le=23)] = 8
    show_patient_name_in_calendar: bool = False
    offer_to_sas: bool = True
    default_slot_minutes: Annotated[int, Field(ge=5, le=240)] | None = None
    buffer_minutes: Annotated[int, Field(ge=0, le=120)] = 0
    max_slots_a_week: Annotated[int, Field(ge=0, le=500)] | None = None

    def to_facts(self) -> Preferences:
        """Return the preferences as the directory takes them."""
        return Preferences(**dict(self))


class PractitionerIn(In):
    """A health professional, named by RPPS or ADELI."""

    given_name: Line
    family_name: Line
    profession: Annotated[Code, Field(examples=["medecin_generaliste"])]
    rpps: Annotated[Line | None, Field(examples=["10001234567"])] = None
    adeli: Line | None = None
    title: Line | None = None
    specialty_code: Code | None = None
    phone: Line | None = None
    email: Line | None = None
    site_ids: Annotated[frozenset[UUID], Field(max_length=50)] = frozenset()
    preferences: PreferencesIn = PreferencesIn()
    active: bool = True

    def to_facts(self) -> PractitionerDetails:
        """Return the practitioner as the directory takes him."""
        return PractitionerDetails(**(dict(self) | {"preferences": self.preferences.to_facts()}))


class PreferencesOut(Out):
    """What a practitioner asks of the service."""

    channel: str
    max_messages_a_week: int
    quiet_from: int
    quiet_until: int
    show_patient_name_in_calendar: bool
    offer_to_sas: bool
    default_slot_minutes: int | None
    buffer_minutes: int
    max_slots_a_week: int | None


class PractitionerOut(Out):
    """A health professional. E-mail and preferences are shown to who may edit them, null to others."""

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
    site_ids: list[UUID]
    territory_ids: list[UUID]
    preferences: PreferencesOut | None
    active: bool
    version: int
    created_at: datetime

    @classmethod
    def shown(cls, view: PractitionerView, *, private: bool) -> Self:
        """Return the practitioner, with or without what is his own business."""
        values = {field.name: getattr(view, field.name) for field in fields(view)}
        return cls.model_validate(values if private else values | {"email": None, "preferences": None})


class MembershipIn(In):
    """A practitioner joins a CPTS from a local day on."""

    territory_id: UUID
    since: Day


class MembershipEndIn(In):
    """The membership no longer holds from this local day on."""

    until: Day


class MembershipOut(Out):
    """A practitioner belongs to a CPTS, also from outside its perimeter."""

    practitioner_id: UUID
    territory_id: UUID
    since: date
    until: date | None
    outside_perimeter: bool
