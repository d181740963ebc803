"""The desk's form, third page: one address per dossier, whose page follows the state of the request.

Call the médecin traitant, choose among proposals, confirm what is held, or read how it ended.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import RedirectResponse, Response
from sqlmodel import Session

from api.deps import KeysDep, NowDep, PageVisit, SessionDep
from api.web import dossier_views as views
from api.web import forms, holding
from api.web.desk_patient import AFTER_CALL
from api.web.forms import Errors
from api.web.rendering import render, see
from api.web.submitted import DeskVisitDep, SubmittedDep
from regulation.intake import service as intake
from regulation.intake.facts import RequestState, RequestView
from regulation.intake.rules import IllegalMove
from regulation.orientation import service as orientation
from slots.appointments import service as appointments
from slots.appointments.facts import AppointmentFilter, CancelledBy
from snp.platform.keys import Keys

router = APIRouter(prefix="/comptoir/dossiers", include_in_schema=False)

WHY_READ: Final = "dossier ouvert au comptoir"
GIVEN_UP: Final = "le patient renonce, dit au comptoir"

InfoQuery = Annotated[str | None, Query(max_length=40)]


@router.get("/{request_id}")
def show(
    *,
    request_id: UUID,
    visit: DeskVisitDep,
    session: SessionDep,
    keys: KeysDep,
    now: NowDep,
    info: InfoQuery = None,
) -> Response:
    """Show a dossier where it stands."""
    request = intake.get_request(session, request_id, by=visit.actor, now=now)
    return _page(session, visit, request, keys=keys, now=now, info=info)


@router.get("/{request_id}/propositions")
def proposals(*, request_id: UUID, visit: DeskVisitDep, session: SessionDep, now: NowDep) -> Response:
    """Return the proposals alone, as they stand now; when the dossier moved on, a word that says so."""
    request = intake.get_request(session, request_id, by=visit.actor, now=now)
    here = _address(request.id)
    if request.state is not RequestState.SEEKING:
        return render("parts/moved_on.html", visit=visit, here=here)
    found = orientation.propose(session, request.id, k=views.MOST_PROPOSALS, by=visit.actor, now=now)
    facts = views.proposals(session, request, found, now)
    return render("parts/desk_proposals.html", visit=visit, here=here, **facts)


@router.post("/{request_id}/reprendre")
def resume(
    *,
    request_id: UUID,
    visit: DeskVisitDep,
    form: SubmittedDep,
    session: SessionDep,
    keys: KeysDep,
    now: NowDep,
) -> Response:
    """The médecin traitant was called: go on with what he answered."""
    request = intake.get_request(session, request_id, by=visit.actor, now=now)
    if request.state is not RequestState.WAITING_MT:
        return see(_address(request_id))
    reading = forms.read_mt_call(form.texts)
    if reading.value is None:
        return _page(session, visit, request, keys=keys, now=now, errors=reading.errors)
    orientation.desk_resume(session, request_id, reading.value, keys=keys, by=visit.actor, now=now)
    return see(_address(request_id))


@router.post("/{request_id}/retenir")
def hold(
    *, request_id: UUID, visit: DeskVisitDep, form: SubmittedDep, session: SessionDep, now: NowDep
) -> RedirectResponse:
    """Keep the chosen proposal; who comes second gets fresh proposals, and loses nothing typed."""
    request = intake.get_request(session, request_id, by=visit.actor, now=now)
    told = holding.hold(session, form.texts.get("proposition"), by=visit.actor, now=now)
    return see(_address(request.id), info=told)


@router.post("/{request_id}/confirmer")
def confirm(
    *,
    request_id: UUID,
    visit: DeskVisitDep,
    form: SubmittedDep,
    session: SessionDep,
    keys: KeysDep,
    now: NowDep,
) -> RedirectResponse:
    """Turn what is held into an appointment; a second click finds it already made."""
    request = intake.get_request(session, request_id, by=visit.actor, now=now)
    told = holding.confirm(session, form.texts.get("retenue"), keys=keys, by=visit.actor, now=now)
    return see(_address(request.id), info=told)


@router.post("/{request_id}/lacher")
def let_go(
    *, request_id: UUID, visit: DeskVisitDep, form: SubmittedDep, session: SessionDep, now: NowDep
) -> RedirectResponse:
    """Give the held slots back and see the others."""
    request = intake.get_request(session, request_id, by=visit.actor, now=now)
    told = holding.let_go(session, form.texts.get("retenue"), by=visit.actor, now=now)
    return see(_address(request.id), info=told)


@router.post("/{request_id}/annuler")
def give_up(*, request_id: UUID, visit: DeskVisitDep, session: SessionDep, now: NowDep) -> RedirectResponse:
    """The patient renounces: close the dossier and free what it holds."""
    request = intake.get_request(session, request_id, by=visit.actor, now=now)
    try:
        with session.begin_nested():
            orientation.cancel_request(
                session, request.id, GIVEN_UP, cancelled_by=CancelledBy.DESK, by=visit.actor, now=now
            )
    except IllegalMove:
        return see(_address(request.id))
    return see("/comptoir", info="dossier-annule")


def _page(
    session: Session,
    visit: PageVisit,
    request: RequestView,
    *,
    keys: Keys,
    now: datetime,
    info: str | None = None,
    errors: Errors | None = None,
) -> Response:
    """Return the page of the state that a request is in."""
    actor = visit.actor
    if request.state is RequestState.BOOKED:
        return _to_ticket(session, request)
    who = views.who(session, request, keys=keys, why=WHY_READ, by=actor, now=now)
    same: dict[str, Any] = {"visit": visit, "info": info, "who": who, "here": _address(request.id)}
    match request.state:
        case RequestState.WAITING_MT:
            return render(
                "dossier/call_mt.html",
                status=422 if errors else 200,
                errors=errors or {},
                call_options=AFTER_CALL,
                deadline=views.deadline(session, request, now),
                **same,
            )
        case RequestState.SEEKING:
            found = orientation.propose(session, request.id, k=views.MOST_PROPOSALS, by=actor, now=now)
            return render("dossier/proposals.html", **same, **views.proposals(session, request, found, now))
        case RequestState.HELD:
            held = views.held(session, request, by=actor, now=now)
            if held is None:
                found = orientation.propose(session, request.id, k=views.MOST_PROPOSALS, by=actor, now=now)
                same["info"] = "retenue-finie"
                return render(
                    "dossier/proposals.html", **same, **views.proposals(session, request, found, now)
                )
            return render("dossier/held.html", **same, **held)
        case _:
            story = intake.story(session, request.id, by=actor, now=now)
            return render("dossier/ended.html", **same, **views.ended(request, story))


def _to_ticket(session: Session, request: RequestView) -> RedirectResponse:
    query = AppointmentFilter(request_ids=frozenset({request.id}), live=True)
    booked = appointments.list_appointments(session, query, limit=1).items
    return see(f"/comptoir/rendez-vous/{booked[0].id}" if booked else "/comptoir")


def _address(request_id: UUID) -> str:
    return f"/comptoir/dossiers/{request_id}"
