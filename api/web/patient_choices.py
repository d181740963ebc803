"""What a patient decides behind the link of his appointment: how he is reminded, and his rights.

Whoever holds the link may ask; it shows no identity, and not even the address that was typed before. Nothing
that is kept is told here: the data-protection delegate verifies who asks.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from sqlmodel import Session

from api.deps import KeysDep, NowDep, SessionDep, same_origin
from api.persons import asking
from api.persons.facts import AskedView, PersonRight
from api.web.desk_views import Option
from api.web.forms import Errors
from api.web.patient import PatientDep
from api.web.patient_page import Secret, appointment_behind
from api.web.rendering import render, see
from api.web.submitted import SubmittedDep
from api.web.ticket import patient_page_address, ticket_of
from api.wiring import Wiring, wiring_of
from regulation.messages import service as messages
from regulation.messages.facts import ReminderWay
from slots.appointments.facts import AppointmentView
from snp.days import local_day, say_day
from snp.errors import InvalidValue
from snp.platform.keys import Keys

router = APIRouter(prefix="/rdv", include_in_schema=False, dependencies=[Depends(same_origin)])

WAYS: Final = (
    Option(ReminderWay.SMS.value, "Par SMS"),
    Option(ReminderWay.EMAIL.value, "Par courriel"),
    Option(ReminderWay.NONE.value, "Aucun rappel"),
)
RIGHTS: Final = (
    Option(PersonRight.ACCESS.value, "Savoir ce qui est gardé sur moi"),
    Option(PersonRight.RECTIFY.value, "Faire corriger une erreur"),
    Option(PersonRight.ERASE.value, "Faire effacer mon identité"),
)
_SAID: Final = {
    PersonRight.ACCESS: "Savoir ce qui est gardé",
    PersonRight.RECTIFY: "Corriger une erreur",
    PersonRight.ERASE: "Effacer l’identité",
}
_DAYS_A_YEAR: Final = 365


@router.get("/{secret}/choix")
def show(
    *,
    secret: Secret,
    request: Request,
    _patient: PatientDep,
    session: SessionDep,
    keys: KeysDep,
    now: NowDep,
    info: Annotated[str | None, Query(max_length=40)] = None,
) -> Response:
    """Show how the patient is reminded, what is kept in general, and what he asked for."""
    one = appointment_behind(session, secret, keys)
    return _page(session, request, secret, one, keys=keys, now=now, info=info)


@router.post("/{secret}/rappels")
def choose(
    *,
    secret: Secret,
    request: Request,
    patient: PatientDep,
    form: SubmittedDep,
    session: SessionDep,
    keys: KeysDep,
    now: NowDep,
) -> Response:
    """Write how the patient is reminded from now on."""
    one, typed = appointment_behind(session, secret, keys), form.texts
    errors: Errors = {}
    if typed.get("rappels") not in set(ReminderWay):
        errors["rappels"] = "Choisissez comment être prévenu"
    else:
        way, address = ReminderWay(typed["rappels"]), typed.get("courriel", "")
        try:
            messages.choose_reminders(session, one.request_id, way, address, keys=keys, by=patient, now=now)
        except InvalidValue as fault:
            errors["courriel"] = f"Écrivez {fault.fields['reason']}"
    if errors:
        return _page(session, request, secret, one, keys=keys, now=now, typed=typed, errors=errors)
    return see(f"/rdv/{secret}/choix", info="rappels-notes")


@router.post("/{secret}/droits")
def ask_right(
    *,
    secret: Secret,
    request: Request,
    patient: PatientDep,
    form: SubmittedDep,
    session: SessionDep,
    keys: KeysDep,
    now: NowDep,
) -> Response:
    """Pass a right that is asked for on to the delegate; twice is once while it waits."""
    one, wanted = appointment_behind(session, secret, keys), form.texts.get("droit", "")
    if wanted not in set(PersonRight):
        errors = {"droit": "Choisissez ce que vous demandez"}
        return _page(session, request, secret, one, keys=keys, now=now, errors=errors)
    asking.ask_right(session, one.request_id, PersonRight(wanted), by=patient, now=now)
    return see(f"/rdv/{secret}/choix", info="droit-demande")


def _page(
    session: Session,
    request: Request,
    secret: str,
    one: AppointmentView,
    *,
    keys: Keys,
    now: datetime,
    info: str | None = None,
    typed: Mapping[str, str] | None = None,
    errors: Errors | None = None,
) -> Response:
    way = messages.reminder_way(session, one.request_id)
    page = patient_page_address(request)
    return render(
        "patient/choices.html",
        status=422 if errors else 200,
        info=info,
        ticket=ticket_of(session, one, patient="", page=page, keys=keys, now=now),
        here=f"/rdv/{secret}",
        ways=WAYS,
        rights=RIGHTS,
        by_mail=way is ReminderWay.EMAIL,
        typed=typed or {"rappels": way.value},
        errors=errors or {},
        asked=[_told(each) for each in asking.asked_by_link(session, one.request_id)],
        years=_years_kept(wiring_of(request)),
    )


def _told(one: AskedView) -> str:
    said, when = _SAID[one.right], say_day(local_day(one.asked_at))
    if one.answered_at is not None:
        return f"{said} : demandé {when}, répondu {say_day(local_day(one.answered_at))}"
    return f"{said} : demandé {when}, réponse avant le {say_day(local_day(asking.due_on(one.asked_at)))}"


def _years_kept(wiring: Wiring) -> int:
    return wiring.settings.identity_kept_days // _DAYS_A_YEAR
