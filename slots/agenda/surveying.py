"""Load the ground an agenda stands on, and take the lock that makes its publishers follow each other."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from slots.agenda import absence_rows, repository
from slots.agenda.facts import Interval
from slots.agenda.ground import Ground, TerritoryGround
from slots.agenda.refusals import PractitionerCannotPublish
from snp.directory import service as directory
from snp.directory.facts import PractitionerView


def survey(
    session: Session,
    practitioner_id: UUID,
    *,
    site_id: UUID | None,
    territory_ids: frozenset[UUID],
    now: datetime,
) -> Ground:
    """Lock a practitioner's agenda and return its ground.

    `site_id` names where something new is to be published, None when what exists is only kept in order.
    Raises `NotFound` (practitioner, site or territory) and, for something new, `PractitionerCannotPublish`
    when he is inactive or does not practise at the site.
    """
    ground = _still(session, practitioner_id, site_id, territory_ids, now)
    repository.lock_agenda(session, practitioner_id)
    return replace(ground, absences=_absences(session, practitioner_id, now))


def look(
    session: Session,
    practitioner_id: UUID,
    *,
    site_id: UUID | None,
    territory_ids: frozenset[UUID],
    now: datetime,
) -> Ground:
    """Return a practitioner's ground as it is read, nothing locked. Raises as `survey`."""
    ground = _still(session, practitioner_id, site_id, territory_ids, now)
    return replace(ground, absences=_absences(session, practitioner_id, now))


def _still(
    session: Session,
    practitioner_id: UUID,
    site_id: UUID | None,
    territory_ids: frozenset[UUID],
    now: datetime,
) -> Ground:
    """The ground without absences, which are read under the lock where there is one."""
    practitioner = directory.get_practitioner(session, practitioner_id, now=now)
    if site_id is not None:
        _check_may_publish(session, practitioner, site_id)
    slot_minutes = (
        practitioner.preferences.default_slot_minutes
        or directory.get_profession(session, practitioner.profession).slot_minutes
    )
    return Ground(
        practitioner_id=practitioner_id,
        profession=practitioner.profession,
        slot_minutes=slot_minutes,
        territories=_territories(session, practitioner_id, territory_ids),
    )


def _absences(session: Session, practitioner_id: UUID, now: datetime) -> tuple[tuple[UUID, Interval], ...]:
    running = absence_rows.running(session, practitioner_id, ends_after=now)
    return tuple((absence.id, Interval(absence.start, absence.end)) for absence in running)


def _check_may_publish(session: Session, practitioner: PractitionerView, site_id: UUID) -> None:
    if not practitioner.active:
        raise PractitionerCannotPublish(practitioner.id, "cette fiche est désactivée")
    if not directory.get_site(session, site_id).active:
        raise PractitionerCannotPublish(practitioner.id, "ce lieu est désactivé")
    if site_id not in practitioner.site_ids:
        raise PractitionerCannotPublish(practitioner.id, "ce professionnel n’exerce pas dans ce lieu")


def _territories(
    session: Session, practitioner_id: UUID, territory_ids: frozenset[UUID]
) -> dict[UUID, TerritoryGround]:
    if not territory_ids:
        return {}
    found = {ident: directory.get_territory(session, ident) for ident in territory_ids}
    memberships = directory.list_memberships(
        session, practitioner_id=practitioner_id, territory_ids=territory_ids
    )
    return {
        ident: TerritoryGround(
            name=territory.name,
            hours=territory.settings.snp_hours,
            memberships=tuple((each.since, each.until) for each in memberships if each.territory_id == ident),
        )
        for ident, territory in found.items()
    }
