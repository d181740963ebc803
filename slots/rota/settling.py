"""What a coordinator settles of a rota: its rules, its week, who takes part; and each carer his wishes."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, time
from typing import Final
from uuid import UUID

from sqlmodel import Session

from slots.rota import repository
from slots.rota.refusals import NotInTheRota
from slots.rota.terms import Member, Opening, RotaDetails, RotaView, WishKind, WishLine
from snp.days import SnpHours
from snp.directory import service as directory
from snp.directory.facts import Page
from snp.directory.paging import DEFAULT_LIMIT, checked_limit
from snp.errors import InvalidValue
from snp.platform.actors import Actor

MOST_OPENINGS: Final = 60
MOST_MEMBERS: Final = 40
_RANGES: Final = (
    ("rest_minutes", 0, 7 * 24 * 60),
    ("most_per_day", 1, 4),
    ("most_per_week", 1, 20),
    ("most_days_in_a_row", 1, 31),
    ("publish_days", 1, 84),
)


def create_rota(
    session: Session, territory_id: UUID, details: RotaDetails, *, by: Actor, now: datetime
) -> RotaView:
    """Make a rota in a territory. Raises `InvalidValue`, `NotFound`."""
    checked = _checked(session, territory_id, details)
    ident = repository.insert(session, territory_id, checked, author=by.ident, now=now)
    return repository.by_id(session, ident)


def change_rota(
    session: Session, rota_id: UUID, details: RotaDetails, *, version: int | None = None
) -> RotaView:
    """Write the rules and the week anew; turns that stand stay. Raises `InvalidValue`, `VersionMismatch`."""
    found = repository.by_id(session, rota_id)
    repository.update(session, rota_id, _checked(session, found.territory_id, details), version=version)
    return repository.by_id(session, rota_id)


def get_rota(session: Session, rota_id: UUID) -> RotaView:
    """Return a rota. Raises `RotaNotFound`."""
    return repository.by_id(session, rota_id)


def list_rotas(
    session: Session,
    *,
    territory_ids: Collection[UUID] | None = None,
    practitioner_id: UUID | None = None,
    cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page[RotaView]:
    """List the rotas that are held, oldest first; of these territories, or in which somebody takes part."""
    found = repository.page(
        session,
        territory_ids=territory_ids,
        practitioner_id=practitioner_id,
        after=_after(cursor),
        limit=checked_limit(limit) + 1,
    )
    more = str(found[limit - 1].id) if len(found) > limit else None
    return Page(tuple(found[:limit]), more)


def put_member(
    session: Session,
    rota_id: UUID,
    practitioner_id: UUID,
    *,
    share: int = 100,
    most_per_week: int | None = None,
    now: datetime,
) -> None:
    """Let somebody take part, or change his terms.

    Raises `NotInTheRota` when he is inactive, no member of the territory, or practises at none of its places.
    """
    if not 0 <= share <= 200:
        raise InvalidValue("share", "indiquez une quotité de 0 à 200 %")
    if most_per_week is not None and not 0 <= most_per_week <= 20:
        raise InvalidValue("most_per_week", "indiquez un nombre de gardes de 0 à 20")
    rota = repository.by_id(session, rota_id)
    person = directory.get_practitioner(session, practitioner_id, now=now)
    if not person.active:
        raise NotInTheRota(practitioner_id, "sa fiche est désactivée.")
    if rota.territory_id not in person.territory_ids:
        raise NotInTheRota(practitioner_id, "il n’est pas membre de cette CPTS.")
    if not {each.site_id for each in rota.details.places}.intersection(person.site_ids):
        raise NotInTheRota(practitioner_id, "il n’exerce dans aucun de ses lieux.")
    if len(repository.members(session, rota_id)) >= MOST_MEMBERS:
        raise NotInTheRota(practitioner_id, f"un roulement a {MOST_MEMBERS} participants au plus.")
    repository.put_member(
        session, rota_id, practitioner_id, share=share, most_per_week=most_per_week, now=now
    )


def remove_member(session: Session, rota_id: UUID, practitioner_id: UUID, *, now: datetime) -> None:
    """Say that somebody no longer takes part; what he holds ahead is put right by a repair."""
    if not repository.end_member(session, rota_id, practitioner_id, now):
        raise NotInTheRota(practitioner_id, "il n’y prend pas part.")


def set_wishes(session: Session, rota_id: UUID, practitioner_id: UUID, wishes: Collection[WishLine]) -> None:
    """Write somebody's wishes, for the plans to come. Raises `NotInTheRota`, `InvalidValue`."""
    if practitioner_id not in {row.practitioner_id for row in repository.members(session, rota_id)}:
        raise NotInTheRota(practitioner_id, "il n’y prend pas part.")
    seen = set()
    for wish in wishes:
        if not 0 <= wish.weekday <= 6 or (wish.weekday, wish.half) in seen:
            raise InvalidValue("wishes", "chaque demi-journée de la semaine ne porte qu’un souhait")
        if not -3 <= wish.points <= 3 or (wish.points != 0) != (wish.kind is WishKind.PREFER):
            raise InvalidValue("wishes", "une préférence vaut de −3 à 3 points, et un souhait ferme aucun")
        seen.add((wish.weekday, wish.half))
    repository.put_wishes(session, rota_id, practitioner_id, wishes)


def list_members(session: Session, rota_id: UUID, *, now: datetime) -> tuple[Member, ...]:
    """Return who takes part, by name, with where each may be put and what he wishes."""
    rota = repository.by_id(session, rota_id)
    places = {each.site_id for each in rota.details.places}
    wishes = repository.wishes(session, rota_id)
    found = []
    for row in repository.members(session, rota_id):
        person = directory.get_practitioner(session, row.practitioner_id, now=now)
        found.append(
            Member(
                practitioner_id=person.id,
                name=person.full_name,
                share=row.share,
                most_per_week=row.most_per_week,
                site_ids=frozenset(places.intersection(person.site_ids)),
                wishes=wishes.get(person.id, ()),
            )
        )
    return tuple(sorted(found, key=lambda each: (each.name, each.practitioner_id)))


def _after(cursor: str | None) -> UUID | None:
    try:
        return UUID(cursor) if cursor else None
    except ValueError:
        raise InvalidValue("cursor", "repère de page inconnu") from None


def _checked(session: Session, territory_id: UUID, details: RotaDetails) -> RotaDetails:
    if not details.name.strip() or len(details.name) > 100:
        raise InvalidValue("name", "indiquez un nom de 1 à 100 lettres")
    if not details.audiences:
        raise InvalidValue("audiences", "indiquez à qui les créneaux sont proposés")
    for name, low, high in _RANGES:
        if not low <= getattr(details, name) <= high:
            raise InvalidValue(name, f"indiquez un nombre de {low} à {high}")
    for each in details.places:
        directory.get_site(session, each.site_id)
    hours = directory.get_territory(session, territory_id).settings.snp_hours
    _check_week(details, hours)
    return details


def _check_week(details: RotaDetails, hours: SnpHours) -> None:
    if not details.openings or len(details.openings) > MOST_OPENINGS:
        raise InvalidValue("openings", f"indiquez de 1 à {MOST_OPENINGS} demi-journées")
    places = {each.site_id for each in details.places}
    if len(places) < len(details.places):
        raise InvalidValue("places", "un lieu est donné deux fois")
    if any(each.rooms is not None and not 1 <= each.rooms <= 50 for each in details.places):
        raise InvalidValue("places", "indiquez de 1 à 50 salles, ou rien")
    halves = {(each.site_id, each.weekday, each.half) for each in details.openings}
    if len(halves) < len(details.openings):
        raise InvalidValue("openings", "une demi-journée de la semaine est donnée deux fois dans un lieu")
    for each in details.openings:
        if (fault := _fault_of(each, places, hours)) is not None:
            raise InvalidValue("openings", fault)


def _fault_of(opening: Opening, places: Collection[UUID], hours: SnpHours) -> str | None:
    """What is wrong with a half-day of the week, in French."""
    minutes = _minutes(opening.ends_at) - _minutes(opening.starts_at)
    if opening.site_id not in places:
        return "chaque demi-journée se tient dans un des lieux du roulement"
    if minutes <= 0 or not 0 <= opening.weekday <= 6:
        return "chaque demi-journée finit après son début"
    if not (0 <= opening.least <= opening.most and 1 <= opening.most <= 20):
        return "de 1 à 20 médecins par demi-journée, le minimum sous le maximum"
    if not 1 <= opening.patients <= minutes // 5:
        return "au moins un patient, et cinq minutes pour chacun"
    if not _within(opening.starts_at, opening.ends_at, opening.weekday, hours):
        return "les gardes se tiennent aux heures des soins non programmés"
    return None


def _within(starts: time, ends: time, weekday: int, hours: SnpHours) -> bool:
    """Whether a half-day of an ordinary week lies within SNP hours; closing at midnight ends the day."""
    opened = hours.saturday if weekday == 5 else hours.sunday if weekday == 6 else hours.weekdays
    return (
        opened is not None and opened.opens <= starts and (opened.closes == time(0) or ends <= opened.closes)
    )


def _minutes(at: time) -> int:
    return at.hour * 60 + at.minute
