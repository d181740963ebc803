"""The cast brought into the directory and the agenda, through the services; and found again later."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlmodel import Session

from api.demo import invented
from api.demo.cast import DEPARTMENTS, MONTAIGU, RETZ, TERRITORY_NAMES, build_cast
from api.demo.facts import Carer, Opening, Place, Stage
from api.demo.neighbours import lend
from slots.agenda import service as agenda
from slots.agenda.facts import Offer, PatternDraft
from snp.days import local_day
from snp.directory import service as directory
from snp.directory.facts import (
    OrganisationDetails,
    OrganisationFilter,
    OrganisationView,
    PractitionerDetails,
    SiteDetails,
    TerritoryDetails,
    TerritoryView,
)
from snp.directory.paging import MAX_LIMIT, every
from snp.directory.reference import likely_perimeter, load_reference
from snp.directory.territory_settings import AnswerMode, default_settings
from snp.errors import NotFound
from snp.platform.actors import system

DEMO: Final = system("demo")
MEMBERS_SINCE: Final = date(2023, 1, 1)
HORIZON_DAYS: Final = 60
MODES: Final = {RETZ: AnswerMode.IMMEDIATE, MONTAIGU: AnswerMode.PROMISE}
"""So that a visitor meets both: times at once in Retz, « vous serez vu avant … » in Montaigu."""
_DIRECT_ACCESS: Final = {MONTAIGU: date(2025, 7, 15)}
"""Vendée takes part in the trial of direct access to physiotherapists, Loire-Atlantique does not."""
_CPTS_NUMBER: Final = 900


def set_stage(session: Session, *, seed: int, since: datetime, now: datetime) -> Stage:
    """Write the two territories, their places and carers, and publish their openings from `since` on."""
    load_reference(session)
    cast = build_cast(seed)
    territories = {slug: _territory(session, slug, since) for slug in (RETZ, MONTAIGU)}
    ids = {slug: territory.id for slug, territory in territories.items()}
    organisations: dict[str, UUID] = {}
    sites: dict[str, UUID] = {}
    for place in cast.places:
        organisations[place.key], sites[place.key] = _place(session, place, ids, since)
    carers = {carer.key: _carer(session, carer, sites, ids, since) for carer in cast.carers}
    horizon = HORIZON_DAYS + (now - since).days
    for carer in cast.carers:
        offered_in = frozenset(ids[slug] for slug in carer.territories)
        for opening in carer.openings:
            draft = _draft(opening, sites[carer.place], offered_in, local_day(since))
            agenda.publish_pattern(
                session, carers[carer.key], draft, horizon_days=horizon, by=DEMO, now=since
            )
    lend(session, ids[RETZ], ids[MONTAIGU], by=DEMO, since=since, now=now)
    return Stage(ids, organisations, carers)


def find_stage(session: Session, *, seed: int, now: datetime) -> Stage | None:
    """Return the cast as it stands in the database; None when it was never brought there."""
    try:
        ids = {slug: directory.get_territory_by_slug(session, slug).id for slug in (RETZ, MONTAIGU)}
    except NotFound:
        return None
    cast = build_cast(seed)
    kept = {o.siret: o.id for o in _all_organisations(session, frozenset(ids.values()))}
    organisations = {p.key: kept[p.siret] for p in cast.places if p.siret in kept}
    carers = {}
    for carer in cast.carers:
        found = directory.find_practitioner(session, rpps=carer.rpps, now=now)
        if found is not None:
            carers[carer.key] = found.id
    complete = len(carers) == len(cast.carers) and len(organisations) == len(cast.places)
    return Stage(ids, organisations, carers) if complete else None


def is_staged(session: Session) -> bool:
    """Tell whether the demonstration was brought here once, whatever became of its cast since."""
    standing = {territory.slug for territory in directory.list_territories(session).items}
    return {RETZ, MONTAIGU} <= standing


def _territory(session: Session, slug: str, now: datetime) -> TerritoryView:
    details = TerritoryDetails(
        slug=slug,
        name=TERRITORY_NAMES[slug],
        department=DEPARTMENTS[slug],
        communes=likely_perimeter(slug),
        settings=replace(
            default_settings(DEPARTMENTS[slug]), mode=MODES[slug], direct_access_from=_DIRECT_ACCESS.get(slug)
        ),
        finess=invented.finess(DEPARTMENTS[slug], _CPTS_NUMBER),
    )
    return directory.create_territory(session, details, by=DEMO, now=now)


def _place(session: Session, place: Place, ids: dict[str, UUID], now: datetime) -> tuple[UUID, UUID]:
    organisation = directory.create_organisation(
        session,
        OrganisationDetails(
            kind=place.kind,
            name=place.name,
            siret=place.siret,
            territory_ids=frozenset(ids[slug] for slug in place.territories),
        ),
        strict=True,
        by=DEMO,
        now=now,
    )
    site = directory.create_site(
        session,
        SiteDetails(
            name=place.name,
            address=place.address,
            postal_code=directory.get_commune(session, place.insee).postal_codes[0],
            insee=place.insee,
            organisation_id=organisation.id,
            phone=place.phone,
            finess=place.finess,
            siret=place.siret,
        ),
        strict=True,
        by=DEMO,
        now=now,
    )
    return organisation.id, site.id


def _carer(
    session: Session, carer: Carer, sites: dict[str, UUID], ids: dict[str, UUID], now: datetime
) -> UUID:
    made = directory.create_practitioner(
        session,
        PractitionerDetails(
            given_name=carer.given_name,
            family_name=carer.family_name,
            profession=carer.profession,
            rpps=carer.rpps,
            title=carer.title,
            specialty_code=carer.specialty_code,
            phone=carer.phone,
            site_ids=frozenset({sites[carer.place]}),
        ),
        strict=True,
        by=DEMO,
        now=now,
    )
    for slug in carer.territories:
        directory.join_territory(session, made.id, ids[slug], since=MEMBERS_SINCE, by=DEMO, now=now)
    return made.id


def _draft(opening: Opening, site_id: UUID, territory_ids: frozenset[UUID], first_day: date) -> PatternDraft:
    return PatternDraft(
        offer=Offer(
            site_id=site_id,
            mode=opening.mode,
            audiences=opening.audiences,
            territory_ids=territory_ids,
            release_minutes=opening.release_minutes,
        ),
        rrule=opening.rrule,
        first_day=first_day,
        starts_at=opening.starts_at,
        patients=opening.patients,
    )


def _all_organisations(session: Session, territory_ids: frozenset[UUID]) -> list[OrganisationView]:
    wanted = OrganisationFilter(territory_ids=territory_ids, active=None)
    return list(
        every(lambda cursor: directory.list_organisations(session, wanted, cursor=cursor, limit=MAX_LIMIT))
    )
