"""The page behind the link of a message: see one's appointment, move it, give it up, keep it in a calendar.

Whoever holds the link needs no code. Opening it changes nothing and shows no identity: telephones and mail
servers fetch links before anybody reads them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import RedirectResponse, Response
from sqlmodel import Session

from api.deps import KeysDep, NowDep, SessionDep, same_origin
from api.web import wording
from api.web.patient import WHY_CANCELLED, PatientDep
from api.web.patient_calendar import calendar_of
from api.web.rendering import render, see
from api.web.submitted import SubmittedDep
from api.web.ticket import patient_page_address, ticket_of
from regulation.intake.rules import IllegalMove
from regulation.live.refusals import SlotKeptForPromise
from regulation.messages import service as messages
from regulation.orientation import service as orientation
from regulation.orientation.explaining import say_distance
from regulation.orientation.refusals import NotForPatients, SlotDoesNotSuit
from regulation.series import service as series
from regulation.series.rules import begun
from slots.appointments import service as appointments
from slots.appointments.facts import AppointmentView
from slots.appointments.refusals import AppointmentStarted, IllegalStatus, SlotAlreadyTaken
from snp.errors import NotFound
from snp.platform.keys import Keys

router = APIRouter(prefix="/rdv", include_in_schema=False, dependencies=[Depends(same_origin)])

OTHERS_SHOWN: Final = 6

Secret = Annotated[str, Path(max_length=80)]


@dataclass(frozen=True, slots=True)
class OtherSlot:
    """A slot that the patient may take instead."""

    id: UUID
    when: str
    place: str
    distance: str


@router.get("/{secret}")
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
    """Show the appointment, or the one it was moved to."""
    one = appointment_behind(session, secret, keys)
    ticket = ticket_of(session, one, patient="", page=patient_page_address(request), keys=keys, now=now)
    card = series.card_by_link(session, one.request_id)
    return render(
        "patient/appointment.html",
        info=info,
        ticket=ticket,
        here=f"/rdv/{secret}",
        code=None,
        has_sheet=series.has_finished_sheet(session, one.request_id),
        has_choices=card is not None and bool(begun(card.sessions, now)),
    )


@router.post("/{secret}/annuler")
def cancel(
    *, secret: Secret, patient: PatientDep, session: SessionDep, keys: KeysDep, now: NowDep
) -> RedirectResponse:
    """Give the appointment up; its slot is free again at once. Twice is once."""
    one = appointment_behind(session, secret, keys)
    code = appointments.patient_code(session, one.id, codes=keys.hasher())
    try:
        with session.begin_nested():
            orientation.cancel_by_code(session, code, reason=WHY_CANCELLED, keys=keys, by=patient, now=now)
    except AppointmentStarted:
        return see(f"/rdv/{secret}", info="deja-commence")
    except (IllegalMove, IllegalStatus):
        return see(f"/rdv/{secret}")
    return see(f"/rdv/{secret}", info="annule")


@router.get("/{secret}/deplacer")
def others(
    *,
    secret: Secret,
    request: Request,
    _patient: PatientDep,
    session: SessionDep,
    keys: KeysDep,
    now: NowDep,
    info: Annotated[str | None, Query(max_length=40)] = None,
) -> Response:
    """Show what else suits, within the delay that the regulation decided."""
    one = appointment_behind(session, secret, keys)
    ticket = ticket_of(session, one, patient="", page=patient_page_address(request), keys=keys, now=now)
    found = orientation.other_slots(session, one.id, k=OTHERS_SHOWN, now=now) if ticket.may_cancel else ()
    slots = [
        OtherSlot(
            slot.slot_id,
            wording.when(slot.start, now),
            f"{slot.practitioner_name}, {slot.site_name}, {slot.site_address}",
            say_distance(slot.km),
        )
        for slot in sorted(found, key=lambda one: one.start)
    ]
    return render("patient/move.html", info=info, ticket=ticket, slots=slots, here=f"/rdv/{secret}")


@router.post("/{secret}/deplacer")
def move(
    *,
    secret: Secret,
    patient: PatientDep,
    form: SubmittedDep,
    session: SessionDep,
    keys: KeysDep,
    now: NowDep,
) -> RedirectResponse:
    """Take another slot instead; who was faster leaves the patient what he has."""
    one, here = appointment_behind(session, secret, keys), f"/rdv/{secret}"
    try:
        wanted = UUID(form.texts.get("creneau", ""))
    except ValueError:
        return see(f"{here}/deplacer")
    try:
        with session.begin_nested():
            orientation.move_by_patient(session, one.id, wanted, keys=keys, by=patient, now=now)
    except (SlotAlreadyTaken, SlotDoesNotSuit, SlotKeptForPromise):
        return see(f"{here}/deplacer", info="creneau-pris")
    except AppointmentStarted:
        return see(here, info="deja-commence")
    except (NotForPatients, IllegalMove, IllegalStatus):
        return see(here)
    return see(here, info="deplace")


@router.get("/{secret}/rendez-vous.ics")
def calendar(
    *, secret: Secret, request: Request, _patient: PatientDep, session: SessionDep, keys: KeysDep, now: NowDep
) -> Response:
    """Return the appointment as a calendar that telephones take in."""
    one = appointment_behind(session, secret, keys)
    ticket = ticket_of(session, one, patient="", page=patient_page_address(request), keys=keys, now=now)
    text = calendar_of(one, place=", ".join(part for part in (ticket.site, ticket.address) if part), now=now)
    headers = {"Content-Disposition": 'attachment; filename="rendez-vous.ics"'}
    return Response(text, media_type="text/calendar; charset=utf-8", headers=headers)


def appointment_behind(session: Session, secret: str, keys: Keys) -> AppointmentView:
    """Return the appointment of a link, after its moves. Raises `NotFound`."""
    named = messages.appointment_of(secret, keys)
    if named is None:
        raise NotFound("lien", "?")
    code = appointments.patient_code(session, named, codes=keys.hasher())
    return appointments.by_code(session, code, codes=keys.hasher())
