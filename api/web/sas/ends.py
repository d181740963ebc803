"""How a request from the platform ended, shown to who brought it: a ticket, or where it went."""

from __future__ import annotations

from dataclasses import replace
from typing import Final
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from sqlmodel import Session

from api.deps import KeysDep, NowDep, SessionDep
from api.web import wording
from api.web.dossier_views import ended
from api.web.rendering import render, see
from api.web.sas.visit import PREFIX, SasVisit, SasVisitDep, Target, TargetDep
from api.web.ticket import patient_page_address, ticket_of
from regulation.intake import service as intake
from slots.appointments import service as appointments
from slots.appointments.facts import AppointmentFilter
from snp.directory import service as directory
from snp.errors import NotFound
from snp.platform.actors import Actor

router = APIRouter(prefix=PREFIX, include_in_schema=False)

WHY_READ: Final = "ticket lu par le régulateur qui a pris le rendez-vous"


@router.get("/rendez-vous/{appointment_id}")
def ticket(
    *,
    appointment_id: UUID,
    request: Request,
    target: TargetDep,
    visit: SasVisitDep,
    session: SessionDep,
    keys: KeysDep,
    now: NowDep,
) -> Response:
    """Show the ticket of an appointment to the régulateur who booked it. Raises `NotFound` for any other."""
    one = appointments.get_appointment(session, appointment_id)
    by = _author(visit, one.created_by, one.territory_id)
    opened = intake.read_confidential(session, one.request_id, keys=keys, why=WHY_READ, by=by, now=now)
    shown = ticket_of(
        session,
        one,
        patient=wording.full_name(opened.identity.traits),
        page=patient_page_address(request),
        keys=keys,
        now=now,
    )
    return render("sas/booked.html", visit=visit, ticket=shown, agenda=_back(target))


@router.get("/dossiers/{request_id}")
def outcome(
    *, request_id: UUID, target: TargetDep, visit: SasVisitDep, session: SessionDep, now: NowDep
) -> Response:
    """Show how a request ended without an appointment. Raises `NotFound` for somebody else's."""
    reader = replace(visit.actor, territories=_every_territory(session))
    view = intake.get_request(session, request_id, by=reader, now=now)
    by = _author(visit, view.created_by, view.territory_id)
    told = ended(view, intake.story(session, request_id, by=by, now=now))
    return render("sas/ended.html", visit=visit, agenda=_back(target), number=view.number, **told)


def to_the_end(session: Session, request_id: UUID, target: Target) -> RedirectResponse:
    """Lead to what came of a request: its ticket, or where it was oriented."""
    wanted = AppointmentFilter(request_ids=frozenset({request_id}))
    found = appointments.list_appointments(session, wanted, limit=1).items
    target = replace(target, resumed=None)
    return see(target.address(f"rendez-vous/{found[0].id}" if found else f"dossiers/{request_id}"))


def _author(visit: SasVisit, author: str, territory_id: UUID) -> Actor:
    """Return the régulateur as who may read what he brought. Raises `NotFound` for somebody else's."""
    if author != visit.actor.ident:
        raise NotFound("dossier")
    return visit.acting_in(territory_id)


def _every_territory(session: Session) -> frozenset[UUID]:
    """Return all territories: a dossier's own is not known before it is read, and its author is checked."""
    found: set[UUID] = set()
    page = directory.list_territories(session)
    while True:
        found |= {one.id for one in page.items}
        if page.next_cursor is None:
            return frozenset(found)
        page = directory.list_territories(session, cursor=page.next_cursor)


def _back(target: Target | None) -> str:
    return target.address("agenda") if target else ""
