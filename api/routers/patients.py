"""What a patient may do with the code of his ticket, without an account: see, and give up.

Wrong codes are counted by address: ten characters leave nothing to guess at twenty tries in ten minutes.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from sqlmodel import Session

from api.deps import AllowPatient, KeysDep, NowDep, SessionDep, WiringDep
from api.openapi import problem_responses
from api.schemas.orientation import AppointmentCancelIn, PatientAppointmentOut
from api.security.rights import Action
from api.wiring import Wiring
from regulation.orientation import service as orientation
from slots.appointments import service as appointments
from slots.appointments.facts import AppointmentView
from snp.directory import service as directory
from snp.platform.actors import Actor
from snp.platform.keys import Keys

router = APIRouter(
    prefix="/patient/appointments/{code}", tags=["patient"], responses=problem_responses(404, 429)
)
Patient = Annotated[Actor, Depends(AllowPatient(Action.APPOINTMENT_BY_CODE))]
TicketCode = Annotated[str, Path(min_length=8, max_length=20, pattern=r"^[A-Za-z0-9 -]+$")]


@router.get("")
def show_by_code(
    *,
    request: Request,
    session: SessionDep,
    now: NowDep,
    wiring: WiringDep,
    by: Patient,
    code: TicketCode,
) -> PatientAppointmentOut:
    """Return when, where and with whom the appointment is; nothing of who the patient is."""
    del by
    return _shown(session, _found(request, session, wiring, code, now), now)


@router.post("/cancel", responses=problem_responses(409))
def cancel_by_code(
    *,
    request: Request,
    session: SessionDep,
    now: NowDep,
    wiring: WiringDep,
    keys: KeysDep,
    by: Patient,
    code: TicketCode,
    body: AppointmentCancelIn,
) -> PatientAppointmentOut:
    """Give the appointment up; the slot is offered again."""
    _found(request, session, wiring, code, now)
    orientation.cancel_by_code(session, code, reason=body.reason, keys=keys, by=by, now=now)
    return _shown(session, _by_code(session, code, keys), now)


def _found(request: Request, session: Session, wiring: Wiring, code: str, now: datetime) -> AppointmentView:
    """Return the appointment of a code. Raises `TooManyRequests`, `NotFound`; wrong ones count."""
    address = request.client.host if request.client else "unknown"
    wiring.code_guesses.take(address, now)
    found = _by_code(session, code, wiring.keys)
    wiring.code_guesses.give_back(session, address)
    return found


def _by_code(session: Session, code: str, keys: Keys) -> AppointmentView:
    return appointments.by_code(session, code, codes=keys.hasher())


def _shown(session: Session, view: AppointmentView, now: datetime) -> PatientAppointmentOut:
    practitioner = directory.get_practitioner(session, view.practitioner_id, now=now)
    site = directory.get_site(session, view.site_id)
    names = (practitioner.title, practitioner.given_name, practitioner.family_name)
    return PatientAppointmentOut(
        start=view.start,
        end=view.end,
        mode=view.mode,
        status=view.status,
        live=view.live,
        practitioner_name=" ".join(filter(None, names)),
        site_name=site.name,
        site_address=f"{site.address}, {site.postal_code} {site.city}",
        site_phone=site.phone,
    )
