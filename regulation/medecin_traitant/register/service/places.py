"""Places that doctors declare, and the cards of people whom each place is for: no name before acceptance."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlmodel import Session

from regulation.medecin_traitant.register import moving, places_repository, points, repository, rules
from regulation.medecin_traitant.register.facts import (
    Card,
    EntryState,
    EntryView,
    PlaceTerms,
    PlaceView,
    ScoredEntry,
)
from regulation.medecin_traitant.register.places_repository import L
from regulation.medecin_traitant.register.refusals import NotADoctor
from regulation.medecin_traitant.register.terms import terms_on
from snp.assignment.rules import great_circle_km
from snp.days import local_day
from snp.directory import service as directory
from snp.directory.facts import CommuneView, Page, PractitionerView, SiteFilter, SiteView
from snp.errors import Forbidden, InvalidValue, NotFound
from snp.platform import audit
from snp.platform.actors import Actor, Role
from snp.platform.columns import new_id
from snp.platform.events import Event
from snp.platform.logs import log

PRACTICE_ROLES: Final = frozenset({Role.PRACTITIONER, Role.DELEGATE})
DOCTORS: Final = frozenset({"medecin_generaliste"})
"""Professions that may be a médecin traitant. Source: CSS L162-5-3 (any doctor; ours are GPs)."""


def declare_places(
    session: Session, territory_id: UUID, terms: PlaceTerms, *, by: Actor, now: datetime
) -> PlaceView:
    """Declare places of the practitioner who acts, or whom a delegate acts for.

    Raises `Forbidden`, `NotADoctor`, `NotFound` (a territory he is no member of), `InvalidValue`.
    """
    carer = practice_of(session, by, now)
    if carer.profession not in DOCTORS:
        raise NotADoctor
    if territory_id not in carer.territory_ids:
        raise NotFound("territoire", territory_id)
    checked = rules.checked_terms(terms, local_day(now))
    unknown = checked.communes - set(directory.get_communes(session, checked.communes))
    if unknown:
        raise InvalidValue("communes", "commune inconnue.")
    place_id = new_id()
    places_repository.insert_place(
        session,
        {
            "id": place_id,
            "practitioner_id": carer.id,
            "territory_id": territory_id,
            "places": checked.places,
            "communes": sorted(checked.communes),
            "age_from": checked.age_from,
            "age_to": checked.age_to,
            "ald_only": checked.ald_only,
            "valid_until": checked.valid_until,
            "created_at": now,
            "created_by": by.ident,
        },
    )
    log(Event.MT_PLACES_DECLARED, territory_id=territory_id, count=checked.places)
    return own_place(session, place_id, by=by)


def close_places(session: Session, place_id: UUID, *, by: Actor, now: datetime) -> PlaceView:
    """End a declaration from now on; who was picked stays picked. Raises `NotFound`."""
    own_place(session, place_id, by=by)
    places_repository.close_place(session, place_id, now)
    return own_place(session, place_id, by=by)


def list_places(session: Session, *, by: Actor, now: datetime) -> tuple[PlaceView, ...]:
    """Return the declarations of who acts, newest first, ended ones included."""
    carer = practice_of(session, by, now)
    return tuple(places_repository.places(session, places_repository.of_practitioners([carer.id])))


def places_of_territory(session: Session, territory_id: UUID) -> tuple[PlaceView, ...]:
    """Return the declarations of a territory that are not ended; no patient in them."""
    where = [L.c.territory_id == territory_id, L.c.closed_at.is_(None)]
    return tuple(places_repository.places(session, where))


def list_cards(
    session: Session, place_id: UUID, *, start: int = 0, limit: int = 20, by: Actor, now: datetime
) -> Page[Card]:
    """Return the people on the list whom a declaration is for, without name; the reading is audited.

    In the order of the list as seen from the practice, by page: `start` counts those before; the cursor of
    the next page is the next `start`. Raises `NotFound`.
    """
    place = own_place(session, place_id, by=by)
    today = local_day(now)
    if not place.is_open(today):
        return Page(())
    waiting = repository.listed(session, place.territory_id, [EntryState.WAITING])
    suited = [view for view in waiting if rules.suits(place.terms, view, today)]
    scored = sorted(score_from(session, place.practitioner_id, suited, now), key=points.rank)
    shown = scored[start : start + limit]
    audit.record(
        session,
        at=now,
        actor=by,
        action=audit.AuditAction.SEARCH,
        resource="mt_place",
        resource_id=place.id,
        why="fiches sans nom de la liste médecin traitant",
        detail={"count": len(shown)},
    )
    following = str(start + limit) if len(scored) > start + limit else None
    return Page(tuple(_card(one, now) for one in shown), following)


def score_from(
    session: Session, practitioner_id: UUID, entries: list[EntryView], now: datetime
) -> list[ScoredEntry]:
    """Return entries with their points as seen from a doctor: from the nearest of his sites."""
    query = SiteFilter(practitioner_id=practitioner_id)
    sites = directory.list_sites(session, query, limit=50, now=now).items
    codes = {view.insee for view in entries if view.insee is not None}
    communes = directory.get_communes(session, codes)
    km = {insee: _nearest(commune, sites) for insee, commune in communes.items()}
    today = local_day(now)
    terms = terms_on(today)
    return [points.score(view, terms, today, km=km.get(view.insee or "")) for view in entries]


def practice_of(session: Session, by: Actor, now: datetime) -> PractitionerView:
    """Return the practitioner who acts, or is acted for. Raises `Forbidden`."""
    if by.role not in PRACTICE_ROLES or by.practitioner is None:
        raise Forbidden(f"a {by.role.value} has no practice")
    return directory.get_practitioner(session, by.practitioner, now=now)


def own_place(session: Session, place_id: UUID, *, by: Actor) -> PlaceView:
    """Return a declaration of who acts. Raises `NotFound`."""
    found = next(iter(places_repository.places(session, [L.c.id == place_id])), None)
    if found is None or by.practitioner is None or found.practitioner_id != by.practitioner:
        raise NotFound("déclaration de places")
    return found


def _nearest(commune: CommuneView, sites: tuple[SiteView, ...]) -> float | None:
    return min((great_circle_km(commune.lat, commune.lon, s.lat, s.lon) for s in sites), default=None)


def _card(one: ScoredEntry, now: datetime) -> Card:
    entry = one.entry
    assert entry.birth_year is not None
    assert entry.insee is not None
    return Card(
        entry_id=entry.id,
        age_band=points.age_band(entry.birth_year, local_day(now)),
        insee=entry.insee,
        ald=entry.ald,
        waiting_since=entry.waiting_since or entry.created_at,
        total=one.total,
        km=one.km,
    )


def delays_shown(session: Session, territory_id: UUID, now: datetime) -> int:
    """Return how many days a practice has to call, as its page says."""
    return moving.delays(session, territory_id, now).call_days
