"""From a proposal to an appointment at the console: hold, confirm, let go, and how the appointment ended."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from api.deps import KeysDep, NowDep, PageVisit, SessionDep
from api.security.rights import Action, reach_of
from api.web import holding
from api.web.console.dossier import address
from api.web.console.visits import ConsoleDep
from api.web.rendering import see
from api.web.submitted import SubmittedDep
from regulation.intake import service as intake
from regulation.intake.rules import IllegalMove
from regulation.orientation import service as orientation
from slots.appointments import service as appointments
from slots.appointments.facts import AppointmentFilter, AppointmentStatusKind, AppointmentView, CancelledBy
from slots.appointments.refusals import AppointmentNotYetDue, AppointmentStarted, IllegalStatus
from snp.errors import NotFound

router = APIRouter(prefix="/regulation/dossiers", include_in_schema=False)

CANCELLED: Final = "annulé par la régulation, à la demande du patient"


@router.post("/{request_id}/retenir")
def hold(
    *, request_id: UUID, visit: ConsoleDep, form: SubmittedDep, session: SessionDep, now: NowDep
) -> RedirectResponse:
    """Keep the chosen proposal; who comes second gets fresh proposals, and loses nothing typed."""
    reach_of(visit.actor, Action.HOLD)
    intake.get_request(session, request_id, by=visit.actor, now=now)
    told = holding.hold(session, form.texts.get("proposition"), by=visit.actor, now=now)
    return see(address(request_id), info=told)


@router.post("/{request_id}/confirmer")
def confirm(
    *,
    request_id: UUID,
    visit: ConsoleDep,
    form: SubmittedDep,
    session: SessionDep,
    keys: KeysDep,
    now: NowDep,
) -> RedirectResponse:
    """Turn what is held into an appointment; a second click finds it already made."""
    reach_of(visit.actor, Action.CONFIRM)
    intake.get_request(session, request_id, by=visit.actor, now=now)
    told = holding.confirm(session, form.texts.get("retenue"), keys=keys, by=visit.actor, now=now)
    return see(address(request_id), info=told)


@router.post("/{request_id}/lacher")
def let_go(
    *, request_id: UUID, visit: ConsoleDep, form: SubmittedDep, session: SessionDep, now: NowDep
) -> RedirectResponse:
    """Give the held slots back and see the others."""
    reach_of(visit.actor, Action.HOLD)
    intake.get_request(session, request_id, by=visit.actor, now=now)
    told = holding.let_go(session, form.texts.get("retenue"), by=visit.actor, now=now)
    return see(address(request_id), info=told)


@router.post("/{request_id}/annuler-rendez-vous")
def cancel(*, request_id: UUID, visit: ConsoleDep, session: SessionDep, now: NowDep) -> RedirectResponse:
    """Give the appointment up for the patient; clicked twice, it is cancelled once."""
    reach_of(visit.actor, Action.APPOINTMENT_CANCEL)
    try:
        with session.begin_nested():
            orientation.cancel_appointment(
                session,
                _live(session, request_id, visit, now).id,
                cancelled_by=CancelledBy.REGULATION,
                reason=CANCELLED,
                by=visit.actor,
                now=now,
            )
    except AppointmentStarted:
        return see(address(request_id), info="deja-commence")
    except (IllegalMove, IllegalStatus, NotFound):
        return see(address(request_id), info="dossier-avance")
    return see(address(request_id), info="annule")


@router.post("/{request_id}/venu")
def honour(*, request_id: UUID, visit: ConsoleDep, session: SessionDep, now: NowDep) -> RedirectResponse:
    """The patient came."""
    return _close(session, request_id, visit, now, orientation.honour)


@router.post("/{request_id}/absent")
def no_show(*, request_id: UUID, visit: ConsoleDep, session: SessionDep, now: NowDep) -> RedirectResponse:
    """The patient did not come."""
    return _close(session, request_id, visit, now, orientation.no_show)


def _close(
    session: Session, request_id: UUID, visit: PageVisit, now: datetime, outcome: Callable[..., object]
) -> RedirectResponse:
    reach_of(visit.actor, Action.APPOINTMENT_OUTCOME)
    try:
        with session.begin_nested():
            outcome(session, _live(session, request_id, visit, now).id, by=visit.actor, now=now)
    except AppointmentNotYetDue:
        return see(address(request_id), info="pas-encore")
    except (IllegalMove, IllegalStatus, NotFound):
        return see(address(request_id), info="dossier-avance")
    return see("/regulation/rappels", info="suivi-note")


def _live(session: Session, request_id: UUID, visit: PageVisit, now: datetime) -> AppointmentView:
    """Return the first appointment of a dossier that is neither over nor given up. Raises `NotFound`."""
    intake.get_request(session, request_id, by=visit.actor, now=now)
    query = AppointmentFilter(request_ids=frozenset({request_id}), live=True)
    booked = [
        one
        for one in appointments.list_appointments(session, query).items
        if one.status is AppointmentStatusKind.BOOKED
    ]
    if not booked:
        raise NotFound("rendez-vous", request_id)
    return min(booked, key=lambda one: one.start)
