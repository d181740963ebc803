"""The practitioners that a certification of the SAS looks for: invented, always with free slots ahead.

Two CPTS that keep no opening hours, so that slots stand ready by night, on Sundays and on holidays; five
practitioners, each for what one group of tests of the national kit wants. Loading again adds what is missing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from itertools import count
from typing import Final
from uuid import UUID

from sqlmodel import Session

from slots.agenda import service as agenda
from slots.agenda.facts import Offer, SasView, SlotFilter, SlotState
from snp.assignment.facts import Audience, Mode
from snp.days import DayHours, SnpHours, local_day
from snp.directory import service as directory
from snp.directory.facts import PractitionerDetails, SiteDetails, TerritoryDetails
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
_INDIVIDUAL: Final = frozenset({SasView.INDIVIDUAL})
_CPTS: Final = frozenset({SasView.CPTS})


@dataclass(frozen=True, slots=True)
class Terms:
    """How one slot of a fixture is offered: `cpts` by number, `place` by rank among the practitioner's."""

    mode: Mode = Mode.AMB
    audiences: frozenset[Audience] = frozenset({Audience.REGULATION})
    sas: frozenset[SasView] = _INDIVIDUAL
    cpts: tuple[int, ...] = (1,)
    place: int = 0
    reasons: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Fixture:
    """A practitioner of the set; his slots follow his terms in turn."""

    rpps: str
    given_name: str
    family_name: str
    places: tuple[SiteDetails, ...]
    terms: tuple[Terms, ...] = ()
    cpts: tuple[int, ...] = (1,)


@dataclass(frozen=True, slots=True)
class FixtureSet:
    """The numbers that a test run is told."""

    rpps: str
    rpps2: str
    rpps_none: str
    rpps_multilieux: str
    rpps_cpts2: str
    cpts_finess: str
    cpts_finess2: str

    def arguments(self, base_url: str) -> str:
        """Return the line of arguments of a test run, with national ids in their prefixed form."""
        people = ("rpps", "rpps2", "rpps_none", "rpps_multilieux", "rpps_cpts2")
        told = [("base-url", base_url)]
        told += [(name.replace("_", "-"), f"8{getattr(self, name)}") for name in people]
        told += [
            (name.replace("_", "-"), f"1{getattr(self, name)}") for name in ("cpts_finess", "cpts_finess2")
        ]
        return " ".join(f"--{name} {value}" for name, value in told)


def _place(
    name: str,
    address: str,
    insee: str,
    postal_code: str,
    phone: str,
    *,
    finess: str | None = None,
    siret: str | None = None,
) -> SiteDetails:
    return SiteDetails(name, address, postal_code, insee, phone=phone, finess=finess, siret=siret)


_REGULATION: Final = Audience.REGULATION
_EVERY_KIND: Final = (
    Terms(),
    Terms(Mode.VR, frozenset({_REGULATION, Audience.PUBLIC})),
    Terms(Mode.HH, frozenset({_REGULATION, Audience.PROFESSIONALS}), reasons=frozenset({"sore_throat"})),
    Terms(sas=_CPTS),
    Terms(
        audiences=frozenset({_REGULATION, Audience.PUBLIC, Audience.PROFESSIONALS}), sas=_INDIVIDUAL | _CPTS
    ),
)
_CPTS_NAMES: Final = {
    1: ("essai-sas-1", "CPTS d’essai SAS 1", "440999910", "+33261910041"),
    2: ("essai-sas-2", "CPTS d’essai SAS 2", "440999928", "+33261910042"),
}
SET: Final = FixtureSet(
    rpps="10999990012",
    rpps2="10999990020",
    rpps_none="10999990038",
    rpps_multilieux="10999990046",
    rpps_cpts2="10999990053",
    cpts_finess=_CPTS_NAMES[1][2],
    cpts_finess2=_CPTS_NAMES[2][2],
)
PRACTITIONERS: Final = (
    Fixture(
        SET.rpps,
        "Inès",
        "Essai-Delorme",
        (
            _place(
                "Cabinet d’essai A",
                "12 bis rue des Tanneurs",
                "44131",
                "44210",
                "+33261910051",
                finess="440999936",
            ),
        ),
        _EVERY_KIND,
    ),
    Fixture(
        SET.rpps2,
        "Loïc",
        "Essai-Briand",
        (
            _place(
                "Cabinet d’essai B",
                "3 place du Marché",
                "44131",
                "44210",
                "+33261910052",
                siret="99999991200010",
            ),
        ),
        (Terms(),),
    ),
    Fixture(
        SET.rpps_none,
        "Maud",
        "Essai-Sansplace",
        (_place("Cabinet d’essai C", "8 rue de l’Église", "44131", "44210", "+33261910053"),),
    ),
    Fixture(
        SET.rpps_multilieux,
        "Yann",
        "Essai-Deuxlieux",
        (
            _place(
                "Cabinet d’essai D1", "1 rue du Port", "44131", "44210", "+33261910054", finess="440999944"
            ),
            _place(
                "Cabinet d’essai D2", "27 rue de Nantes", "44012", "44760", "+33261910055", finess="440999951"
            ),
        ),
        (Terms(place=0), Terms(place=1)),
    ),
    Fixture(
        SET.rpps_cpts2,
        "Awa",
        "Essai-Deuxcpts",
        (
            _place(
                "Cabinet d’essai E1", "5 rue des Halles", "44131", "44210", "+33261910056", finess="440999969"
            ),
            _place(
                "Cabinet d’essai E2",
                "14 route de Pornic",
                "44012",
                "44760",
                "+33261910057",
                finess="440999977",
            ),
        ),
        (
            Terms(sas=_CPTS, cpts=(1,), place=0),
            Terms(sas=_CPTS, cpts=(2,), place=1),
            Terms(sas=_CPTS, cpts=(1, 2), place=0),
            Terms(sas=_CPTS, cpts=(1, 2), place=1),
        ),
        (1, 2),
    ),
)


def load_fixtures(session: Session, *, now: datetime) -> int:
    """Load the set, or what is missing of it; return how many slots were published."""
    load_reference(session)
    cpts = {number: _territory(session, number, now=now) for number in _CPTS_NAMES}
    return sum(_publish(session, each, cpts, now=now) for each in PRACTITIONERS)


def _territory(session: Session, number: int, *, now: datetime) -> UUID:
    slug, name, finess, phone = _CPTS_NAMES[number]
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
