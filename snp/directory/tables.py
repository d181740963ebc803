"""Who cares, and where: territories, communes, professions, organisations, sites, practitioners."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from snp.directory.facts import OrganisationKind
from snp.platform.columns import enum_field, id_field, instant_field, json_field, texts_field, version_field


class Territory(SQLModel, table=True):
    """A CPTS: its communes, size class and settings (`TerritorySettings` as JSON)."""

    __tablename__ = "territory"
    __table_args__ = (sa.CheckConstraint("size_class BETWEEN 1 AND 4", name="size_class"),)

    id: UUID = id_field()
    slug: str = Field(unique=True)
    name: str
    finess: str | None = Field(default=None, unique=True)
    department: str
    size_class: int
    settings: dict[str, Any] = json_field()
    version: int = version_field()
    created_at: datetime = instant_field()


class TerritoryRevision(SQLModel, table=True):
    """How a territory stood after one edit, by whom and when; append-only."""

    __tablename__ = "territory_revision"

    territory_id: UUID = Field(foreign_key="territory.id", primary_key=True)
    version: int = Field(primary_key=True)
    at: datetime = instant_field()
    author: str
    content: dict[str, Any] = json_field()


class Commune(SQLModel, table=True):
    """A commune by INSEE code, with the coordinates distances are measured from."""

    __tablename__ = "commune"

    insee: str = Field(primary_key=True, max_length=5)
    name: str = Field(index=True)
    search_name: str
    postal_codes: list[str] = texts_field()
    department: str
    population: int
    lat: float
    lon: float


class TerritoryCommune(SQLModel, table=True):
    """A commune of a territory's perimeter."""

    __tablename__ = "territory_commune"

    territory_id: UUID = Field(foreign_key="territory.id", primary_key=True)
    insee: str = Field(foreign_key="commune.insee", primary_key=True, index=True)


class Profession(SQLModel, table=True):
    """A health profession: our code, its MOS code (TRE_G15), its French label; data, not code."""

    __tablename__ = "profession"

    code: str = Field(primary_key=True)
    mos_code: str
    specialty_code: str | None = None
    label: str
    short_label: str
    slot_minutes: int
    active: bool = True


class Organisation(SQLModel, table=True):
    """An MSP, cabinet, centre, pharmacy or nurse practice."""

    __tablename__ = "organisation"

    id: UUID = id_field()
    kind: OrganisationKind = enum_field(OrganisationKind, "kind")
    name: str
    search_name: str = Field(index=True)
    finess: str | None = Field(default=None, unique=True)
    siret: str | None = Field(default=None, unique=True)
    active: bool = True
    version: int = version_field()
    created_at: datetime = instant_field()


class OrganisationTerritory(SQLModel, table=True):
    """An organisation takes part in a territory."""

    __tablename__ = "organisation_territory"

    organisation_id: UUID = Field(foreign_key="organisation.id", primary_key=True)
    territory_id: UUID = Field(foreign_key="territory.id", primary_key=True, index=True)


class Site(SQLModel, table=True):
    """A place of care with its address and coordinates (WGS 84)."""

    __tablename__ = "site"
    __table_args__ = (
        sa.CheckConstraint("lat BETWEEN -90 AND 90 AND lon BETWEEN -180 AND 180", name="coordinates"),
    )

    id: UUID = id_field()
    organisation_id: UUID | None = Field(default=None, foreign_key="organisation.id", index=True)
    name: str
    search_name: str = Field(index=True)
    address: str
    postal_code: str
    insee: str = Field(foreign_key="commune.insee", index=True)
    lat: float
    lon: float
    phone: str | None = None
    finess: str | None = Field(default=None, unique=True)
    siret: str | None = Field(default=None, unique=True)
    active: bool = True
    version: int = version_field()
    created_at: datetime = instant_field()


class Practitioner(SQLModel, table=True):
    """A health professional, named by RPPS or ADELI."""

    __tablename__ = "practitioner"
    __table_args__ = (sa.CheckConstraint("rpps IS NOT NULL OR adeli IS NOT NULL", name="identified"),)

    id: UUID = id_field()
    rpps: str | None = Field(default=None, unique=True)
    adeli: str | None = Field(default=None, unique=True)
    title: str | None = None
    given_name: str
    family_name: str = Field(index=True)
    search_name: str = Field(index=True)
    profession: str = Field(foreign_key="profession.code", index=True)
    specialty_code: str | None = None
    phone: str | None = None
    email: str | None = None
    preferences: dict[str, Any] = json_field()
    active: bool = True
    version: int = version_field()
    created_at: datetime = instant_field()


class PractitionerSite(SQLModel, table=True):
    """A practitioner practises at a site; `rpps_rang` names that activity nationally (14 digits).

    Source: `ans.fhir.fr.sas`, PractitionerRole.organization.identifier (structure id `4` + RPPS-rang).
    """

    __tablename__ = "practitioner_site"

    practitioner_id: UUID = Field(foreign_key="practitioner.id", primary_key=True)
    site_id: UUID = Field(foreign_key="site.id", primary_key=True, index=True)
    rpps_rang: str | None = None


class Membership(SQLModel, table=True):
    """A practitioner belongs to a CPTS on `[since, until)`, also from outside its perimeter.

    Who leaves and comes back has two rows: what was worth when is never lost.
    """

    __tablename__ = "membership"
    __table_args__ = (
        sa.CheckConstraint("until IS NULL OR until > since", name="until_after_since"),
        sa.Index(
            "uq_membership__running",
            "practitioner_id",
            "territory_id",
            unique=True,
            postgresql_where=sa.text("until IS NULL"),
        ),
    )

    practitioner_id: UUID = Field(foreign_key="practitioner.id", primary_key=True)
    territory_id: UUID = Field(foreign_key="territory.id", primary_key=True, index=True)
    since: date = Field(primary_key=True)
    until: date | None = None
