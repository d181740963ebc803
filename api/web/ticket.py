"""The ticket of an appointment, on screen and on paper; cancelling it from the desk."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response
from sqlmodel import Session

from api.deps import KeysDep, NowDep, SessionDep
from api.web import wording
from api.web.addresses import service_address
from api.web.rendering import render, see
from api.web.submitted import DeskVisitDep
from regulation.intake import service as intake
from regulation.intake.rules import IllegalMove
from regulation.orientation import service as orientation
from slots.appointments import service as appointments
from slots.appointments.facts import AppointmentFilter, AppointmentStatusKind, AppointmentView, CancelledBy
from slots.appointments.refusals import STATUS_FR, AppointmentStarted, IllegalStatus
from slots.sharing import service as sharing
from snp.assignment.facts import Mode
from snp.directory import service as directory
from snp.platform.keys import Keys

router = APIRouter(prefix="/comptoir/rendez-vous", include_in_schema=False)

WHY_READ: Final = "ticket remis au comptoir"
WHY_CANCELLED: Final = "annulé au comptoir, à la demande du patient"


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a patient leaves with. `whens`: one line for each session; `code` opens his page.

    `lender`: the neighbouring territory that lent the slot, if one did.
    """

    id: UUID
    whens: tuple[str, ...]
    practitioner: str
    profession: str
    site: str
    address: str
    phone: str
    patient: str
    code: str
    page: str
    live: bool
    heading: str
    state: str
    may_cancel: bool
    lender: str = ""

    @property
    def when(self) -> str:
        """The first session."""
        return self.whens[0]


@router.get("/{appointment_id}")
def show(
    *,
    appointment_id: UUID,
    request: Request,
    visit: DeskVisitDep,
    session: SessionDep,
    keys: KeysDep,
    now: NowDep,
    info: Annotated[str | None, Query(max_length=40)] = None,
) -> Response:
    """Show the ticket of an appointment that the desk booked. Raises `NotFound` for any other."""
    one = appointments.get_appointment(session, appointment_id)
    opened = intake.read_confidential(
        session, one.request_id, keys=keys, why=WHY_READ, by=visit.actor, now=now
    )
    ticket = ticket_of(
        session,
        one,
        patient=wording.full_name(opened.identity.traits),
        page=patient_page_address(request),
        keys=keys,
        now=now,
    )
    return render("dossier/ticket.html", visit=visit, info=info, ticket=ticket)


@router.post("/{appointment_id}/annuler")
def cancel(
    *, appointment_id: UUID, visit: DeskVisitDep, session: SessionDep, now: NowDep
) -> RedirectResponse:
    """Give the appointment up for the patient; clicked twice, it is cancelled once."""
    one = appointments.get_appointment(session, appointment_id)
    intake.get_request(session, one.request_id, by=visit.actor, now=now)
    address = f"/comptoir/rendez-vous/{appointment_id}"
    try:
        with session.begin_nested():
            orientation.cancel_appointment(
                session,
                appointment_id,
                cancelled_by=CancelledBy.DESK,
                reason=WHY_CANCELLED,
                by=visit.actor,
                now=now,
            )
    except AppointmentStarted:
        return see(address, info="deja-commence")
    except (IllegalMove, IllegalStatus):
        return see(address)
    return see(address, info="annule")


def ticket_of(
    session: Session, one: AppointmentView, *, patient: str, page: str, keys: Keys, now: datetime
) -> Ticket:
    """Return the ticket of an appointment and of the other sessions of its series."""
    carer = directory.get_practitioner(session, one.practitioner_id, now=now)
    site = directory.get_site(session, one.site_id)
    profession = directory.get_profession(session, carer.profession)
    at_practice = one.mode is Mode.AMB
    return Ticket(
        id=one.id,
        whens=_whens(session, one),
        practitioner=carer.full_name,
        profession=profession.label,
        site=site.name if at_practice else _ELSEWHERE[one.mode],
        address=f"{site.address}, {site.postal_code} {site.city}" if at_practice else "",
        phone=wording.phone(site.phone or carer.phone),
        patient=patient,
        code=appointments.patient_code(session, one.id, codes=keys.hasher()),
        page=page,
        live=one.live,
        heading=_HEADINGS[one.status],
        state=f"Ce rendez-vous est {STATUS_FR[one.status]}.",
        may_cancel=one.live and one.start > now,
        lender=_lender(session, one),
    )


_HEADINGS: Final = {
    AppointmentStatusKind.BOOKED: "Rendez-vous confirmé",
    AppointmentStatusKind.MOVED: "Rendez-vous déplacé",
    AppointmentStatusKind.CANCELLED: "Rendez-vous annulé",
    AppointmentStatusKind.HONOURED: "Rendez-vous honoré",
    AppointmentStatusKind.NO_SHOW: "Rendez-vous non honoré",
}
_ELSEWHERE: Final = {Mode.AMB: "", Mode.HH: "À votre domicile", Mode.VR: "En téléconsultation"}


def _lender(session: Session, one: AppointmentView) -> str:
    """Return the neighbouring territory that lent the slot; nothing for an own slot."""
    if one.sharing_id is None:
        return ""
    return directory.get_territory(session, sharing.get_sharing(session, one.sharing_id).lender_id).name


def _whens(session: Session, one: AppointmentView) -> tuple[str, ...]:
    query = AppointmentFilter(request_ids=frozenset({one.request_id}), live=True)
    series = appointments.list_appointments(session, query).items
    starts = {other.start for other in series} if one.live else {one.start}
    return tuple(wording.on_paper(start) for start in sorted(starts))


def patient_page_address(request: Request) -> str:
    """Return the address of the patient's page as it is printed: without its scheme."""
    return service_address(request).split("://", 1)[-1] + "/rendez-vous"
