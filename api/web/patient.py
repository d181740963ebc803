"""The patient's page: a ticket's code shows the appointment and gives it up. No account, no identity."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import RedirectResponse, Response
from sqlmodel import Session

from api.deps import AllowPatient, KeysDep, NowDep, SessionDep, same_origin
from api.security.rights import Action
from api.web.rendering import render, see
from api.web.submitted import SubmittedDep
from api.web.ticket import patient_page_address, ticket_of
from api.wiring import wiring_of
from regulation.intake.rules import IllegalMove
from regulation.orientation import service as orientation
from slots.appointments import service as appointments
from slots.appointments.facts import AppointmentView
from slots.appointments.refusals import AppointmentNotFound, AppointmentStarted, IllegalStatus
from snp.platform.actors import Actor
from snp.platform.keys import Keys

router = APIRouter(prefix="/rendez-vous", include_in_schema=False, dependencies=[Depends(same_origin)])

WHY_CANCELLED: Final = "annulé par le patient"

PatientDep = Annotated[Actor, Depends(AllowPatient(Action.APPOINTMENT_BY_CODE))]


@router.get("")
def ask_code(*, _patient: PatientDep, info: Annotated[str | None, Query(max_length=40)] = None) -> Response:
    """Ask for the code of the ticket."""
    return render("patient/code.html", info=info)


@router.post("")
def show(
    *,
    request: Request,
    _patient: PatientDep,
    form: SubmittedDep,
    session: SessionDep,
    keys: KeysDep,
    now: NowDep,
) -> Response:
    """Show the appointment of a code; a code never travels in an address."""
    code = form.texts.get("code", "")
    one = _find(session, request, code, keys=keys, now=now)
    if one is None:
        sentence = "Aucun rendez-vous ne correspond à ce code" if code else "Écrivez le code de votre ticket"
        return render("patient/code.html", status=422, typed={"code": code}, errors={"code": sentence})
    ticket = ticket_of(session, one, patient="", page=patient_page_address(request), keys=keys, now=now)
    return render(
        "patient/appointment.html",
        ticket=ticket,
        here=None,
        code=ticket.code,
        has_sheet=False,
        has_choices=False,
    )


@router.post("/annuler")
def cancel(
    *,
    request: Request,
    patient: PatientDep,
    form: SubmittedDep,
    session: SessionDep,
    keys: KeysDep,
    now: NowDep,
) -> RedirectResponse:
    """Give the appointment up; its slot is free again at once."""
    code = form.texts.get("code", "")
    if _find(session, request, code, keys=keys, now=now) is None:
        return see("/rendez-vous")
    try:
        with session.begin_nested():
            orientation.cancel_by_code(session, code, reason=WHY_CANCELLED, keys=keys, by=patient, now=now)
    except AppointmentStarted:
        return see("/rendez-vous", info="deja-commence")
    except (IllegalMove, IllegalStatus):
        return see("/rendez-vous", info="annule")
    return see("/rendez-vous", info="annule")


def _find(
    session: Session, request: Request, code: str, *, keys: Keys, now: datetime
) -> AppointmentView | None:
    """Return the appointment of a code; wrong guesses are counted by address. Raises `TooManyRequests`."""
    guesses, address = wiring_of(request).code_guesses, request.client.host if request.client else ""
    guesses.take(address, now)
    try:
        found = appointments.by_code(session, code, codes=keys.hasher())
    except AppointmentNotFound:
        return None
    guesses.give_back(session, address)
    return found
