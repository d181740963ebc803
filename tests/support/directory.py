"""Builders of directory entries: what a test does not name takes a plain value that is unlike any other."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import count
from typing import Any
from uuid import UUID

from sqlmodel import Session
from stdnum import luhn

from snp.days import local_day
from snp.directory import service as directory
from snp.directory.facts import (
    OrganisationDetails,
    OrganisationKind,
    OrganisationView,
    PractitionerDetails,
    PractitionerView,
    SiteDetails,
    SiteView,
    TerritoryDetails,
    TerritoryView,
)
from snp.directory.reference import load_reference
from snp.platform.actors import Actor, Role

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
ADMINISTRATOR = Actor(ident="account:administrator", role=Role.ADMINISTRATOR)

_numbers = count(1)


def with_key(digits: str) -> str:
    """The digits and their Luhn key."""
    return digits + str(luhn.calc_check_digit(digits))


def an_rpps() -> str:
    """A valid RPPS number unlike any other of the run."""
    return with_key(f"109{next(_numbers):07d}")


def a_finess(department: str = "44") -> str:
    """A valid FINESS number unlike any other of the run."""
    return with_key(f"{department}{next(_numbers):06d}")


def a_siret() -> str:
    """A valid SIRET number unlike any other of the run."""
    return with_key(f"9{next(_numbers):012d}")


def a_territory(
    session: Session,
    slug: str = "pays-de-retz",
    *,
    communes: tuple[str, ...] = ("44131", "44012", "44186"),
    department: str = "44",
    **details: Any,
) -> TerritoryView:
    """A territory in the database, with the shipped communes and professions."""
    load_reference(session)
    written = TerritoryDetails(
        slug=slug,
        name=details.pop("name", slug.replace("-", " ").title()),
        department=department,
        communes=frozenset(communes),
        **details,
    )
    return directory.create_territory(session, written, by=ADMINISTRATOR, now=NOW)


def an_organisation(
    session: Session, kind: OrganisationKind = OrganisationKind.CABINET, **details: Any
) -> OrganisationView:
    """An organisation in the database."""
    name = details.pop("name", f"Structure {next(_numbers)}")
    written = OrganisationDetails(kind=kind, name=name, **details)
    return directory.create_organisation(session, written, by=ADMINISTRATOR, now=NOW)


def a_site(session: Session, insee: str = "44131", **details: Any) -> SiteView:
    """A site in the database, at the point of its commune."""
    plain = {"name": f"Lieu {next(_numbers)}", "address": "1 rue des Essais", "postal_code": "44210"}
    written = SiteDetails(insee=insee, **(plain | details))
    return directory.create_site(session, written, by=ADMINISTRATOR, now=NOW)


def a_practitioner(
    session: Session,
    *,
    site_ids: tuple[UUID, ...] = (),
    member_of: tuple[UUID, ...] = (),
    **details: Any,
) -> PractitionerView:
    """A practitioner in the database, member of territories since today."""
    plain: dict[str, Any] = {
        "given_name": "Camille",
        "family_name": f"Essai {next(_numbers)}",
        "profession": "medecin_generaliste",
    }
    if "adeli" not in details:
        plain["rpps"] = an_rpps()
    written = PractitionerDetails(site_ids=frozenset(site_ids), **(plain | details))
    made = directory.create_practitioner(session, written, by=ADMINISTRATOR, now=NOW)
    for territory_id in member_of:
        directory.join_territory(
            session, made.id, territory_id, since=local_day(NOW), by=ADMINISTRATOR, now=NOW
        )
    return directory.get_practitioner(session, made.id, now=NOW)
