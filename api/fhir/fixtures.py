"""Loads the set of a certification, always with free slots ahead; loading again adds what is missing.

No rule is passed over: its CPTS keep no opening hours, so that slots stand ready by night, on Sundays and on
holidays.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from itertools import count
from typing import Final
from uuid import UUID

from sqlmodel import Session

from api.fhir.certification_set import CPTS_NAMES, PRACTITIONERS, Fixture
from slots.agenda import service as agenda
from slots.agenda.facts import Offer, SlotFilter, SlotState
from snp.days import DayHours, SnpHours, local_day
from snp.directory import service as directory
from snp.directory.facts import PractitionerDetails, TerritoryDetails
from snp.directory.paging import MAX_LIMIT
from snp.directory.reference import load_reference
from snp.directory.territory_settings import default_settings
from snp.errors import NotFound
from snp.platform.actors import Actor, system

BY: Final[Actor] = system("fhir-fixtures")
DAYS: Final = 4
"""The platform asks for today and two days more; one more, so that a set loaded at night lasts."""
STEP: Final = timedelta(hours=4)
MINUTES: Final = 20
_ALL_DAY: Final = DayHours(time(0), time(0))
_ALWAYS: Final = SnpHours(weekdays=_ALL_DAY, saturday=_ALL_DAY, sunday=_ALL_DAY, open_on_holidays=True)


def load_fixtures(session: Session, *, now: datetime) -> int:
    """Load the set, or what is missing of it; return how many slots were published."""
    load_reference(session)
    cpts = {number: _territory(session, number, now=now) for number in CPTS_NAMES}
    return sum(_publish(session, each, cpts, now=now) for each in PRACTITIONERS)


def _territory(session: Session, number: int, *, now: datetime) -> UUID:
    slug, name, finess, phone = CPTS_NAMES[number]
    with suppress(NotFound):
        return directory.get_territory_by_slug(session, slug).id
    settings = replace(default_settings("44"), snp_hours=_ALWAYS, contact_phone=phone)
    details = TerritoryDetails(slug, name, "44", frozenset({"44081"}), finess=finess, settings=settings)
    return directory.create_territory(session, details, by=BY, now=now).id


def _publish(session: Session, fixture: Fixture, cpts: dict[int, UUID], *, now: datetime) -> int:
    """Publish the slots of the days ahead that the practitioner does not have."""
    practitioner, site_ids = _practitioner(session, fixture, cpts, now=now)
    until = now + timedelta(days=DAYS)
    busy = _starts(session, practitioner, now, until)
    published = 0
    for start in _grid(now, until) if fixture.terms else ():
        terms = fixture.terms[int(start.timestamp() // STEP.total_seconds()) % len(fixture.terms)]
        if start in busy:
            continue
        offer = Offer(
            site_id=site_ids[terms.place],
            mode=terms.mode,
            audiences=terms.audiences,
            territory_ids=frozenset(cpts[number] for number in terms.cpts),
            reasons=terms.reasons,
            slot_minutes=MINUTES,
            sas=terms.sas,
        )
        agenda.publish_slot(session, practitioner, start, offer, by=BY, now=now)
        published += 1
    return published


def _practitioner(
    session: Session, fixture: Fixture, cpts: dict[int, UUID], *, now: datetime
) -> tuple[UUID, list[UUID]]:
    """Return the practitioner and his sites in the order of the fixture."""
    found = directory.find_practitioner(session, rpps=fixture.rpps, now=now)
    if found is not None:
        named = {site.name: site.id for site in (directory.get_site(session, i) for i in found.site_ids)}
        return found.id, [named[place.name] for place in fixture.places]
    site_ids = [directory.create_site(session, place, by=BY, now=now).id for place in fixture.places]
    details = PractitionerDetails(
        given_name=fixture.given_name,
        family_name=fixture.family_name,
        profession="medecin_generaliste",
        rpps=fixture.rpps,
        site_ids=frozenset(site_ids),
    )
    made = directory.create_practitioner(session, details, by=BY, now=now).id
    for number in fixture.cpts:
        directory.join_territory(session, made, cpts[number], since=local_day(now), by=BY, now=now)
    return made, site_ids


def _starts(session: Session, practitioner_id: UUID, now: datetime, until: datetime) -> set[datetime]:
    """Return when the practitioner's open slots start, free or not."""
    wanted = SlotFilter(
        practitioner_ids=frozenset({practitioner_id}),
        starts_from=now,
        starts_before=until + STEP,
        states=frozenset({SlotState.OPEN}),
    )
    return {slot.start for slot in agenda.list_slots(session, wanted, now=now, limit=MAX_LIMIT).items}


def _grid(now: datetime, until: datetime) -> Iterator[datetime]:
    """Yield the starts of slots after `now`: the same ones whenever the set is loaded."""
    steps = int(now.timestamp() // STEP.total_seconds())
    for step in count(steps):
        start = datetime.fromtimestamp(step * STEP.total_seconds(), UTC) + timedelta(minutes=MINUTES)
        if start > until:
            return
        if start > now:
            yield start
