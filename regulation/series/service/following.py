"""What comes after: the physiotherapists of a territory as plain information, and the patient's choice.

Nobody is recommended: who says that he takes no patients is left out, the others stand by distance.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from regulation.intake import repository as requests
from regulation.orientation.ground import points_of
from regulation.orientation.service.ending import close_when_over
from regulation.series import keeping, repository
from regulation.series.facts import Choice, SeriesCard, SeriesEnd
from regulation.series.refusals import NoSessionYet, SessionsToCome
from regulation.series.rules import begun, in_plain_order
from regulation.series.service import acting, reading
from snp.assignment.rules import great_circle_km
from snp.directory import service as directory
from snp.directory.facts import PractitionerView, SiteView
from snp.errors import InvalidValue
from snp.platform.actors import Actor

CHOICES = frozenset({SeriesEnd.HANDED_OVER, SeriesEnd.RETURNED, SeriesEnd.TO_DOCTOR, SeriesEnd.NO_MORE_CARE})
"""What a person may say of how a series ends; the others are found out."""


def choices(session: Session, request_id: UUID, *, now: datetime) -> tuple[Choice, ...]:
    """The physiotherapists that the patient of a series may go to, near his commune first.

    No identity in it.
    """
    view = requests.load(session, [request_id])[request_id]
    point = points_of(session, [view])[view.insee]
    members = keeping.physios(session, view.territory_id, now)
    said = repository.physio_terms(session, [one.id for one in members])
    found = []
    for one in members:
        near = _nearest(session, one, point.lat, point.lon)
        if near is None:
            continue
        site, km = near
        terms = said.get(one.id)
        found.append(
            Choice(
                practitioner_id=one.id,
                name=one.full_name,
                place=f"{site.name}, {site.address}, {site.postal_code} {site.city}",
                phone=site.phone or one.phone,
                km=km,
                takes_patients=None if terms is None else terms.takes_patients,
                said_at=None if terms is None else terms.changed_at,
            )
        )
    return in_plain_order(found, request_id)


def close_series(
    session: Session,
    request_id: UUID,
    end: SeriesEnd,
    *,
    chosen: UUID | None = None,
    by: Actor,
    now: datetime,
) -> SeriesCard:
    """The physiotherapist says how a series ends, with the patient's choice when he made one; it closes.

    `chosen` None with `handed_over`: somebody who is not listed, or not known yet. Raises `SeriesNotFound`,
    `SeriesClosed`, `SessionsToCome`, `NoSessionYet`, `InvalidValue`.
    """
    held = acting.held(session, request_id, by=by)
    _close(session, held, end, chosen=chosen, by=by, now=now)
    return reading.get_series(session, request_id, by=by)


def choose_by_patient(
    session: Session, request_id: UUID, chosen: UUID | None, *, by: Actor, now: datetime
) -> None:
    """The patient himself says whom he goes on with; the link of his appointment is his right to.

    Raises as `close_series`.
    """
    held = acting.lock(session, request_id)
    _close(session, held, SeriesEnd.HANDED_OVER, chosen=chosen, by=by, now=now)


def _close(
    session: Session, held: acting.Held, end: SeriesEnd, *, chosen: UUID | None, by: Actor, now: datetime
) -> None:
    if end not in CHOICES:
        raise InvalidValue("end", "dites comment la série se termine")
    if not begun(held.sessions, now):
        raise NoSessionYet
    rest = held.rest(now)
    if rest:
        raise SessionsToCome(len(rest))
    keeping.close(session, held.series, end, chosen=_checked(session, held, end, chosen, now), by=by, now=now)
    close_when_over(session, held.view, by=by, now=now)


def _checked(
    session: Session, held: acting.Held, end: SeriesEnd, chosen: UUID | None, now: datetime
) -> UUID | None:
    if end is SeriesEnd.RETURNED:
        usual = held.series.usual_practitioner_id
        if usual is None:
            raise InvalidValue("end", "aucun kinésithérapeute habituel n’est noté pour ce patient")
        return usual
    if end is not SeriesEnd.HANDED_OVER or chosen is None:
        return None
    if chosen not in {one.practitioner_id for one in choices(session, held.view.id, now=now)}:
        raise InvalidValue("chosen", "choisissez dans la liste, ou « un autre »")
    return chosen


def _nearest(
    session: Session, one: PractitionerView, lat: float, lon: float
) -> tuple[SiteView, float] | None:
    sites = [directory.get_site(session, ident) for ident in one.site_ids]
    measured = [(site, great_circle_km(lat, lon, site.lat, site.lon)) for site in sites if site.active]
    return min(measured, key=lambda each: each[1], default=None)
