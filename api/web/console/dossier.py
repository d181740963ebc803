"""A dossier at the console: one address, whose page follows the state of the request and who reads it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final, assert_never
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from sqlmodel import Session

from api.deps import KeysDep, NowDep, PageVisit, SessionDep
from api.web import dossier_views, kept, wording
from api.web.console import dossier_facts, step_views
from api.web.console.visits import ConsoleDep, powers_of
from api.web.forms import Errors
from api.web.rendering import render
from api.web.ticket import patient_page_address, ticket_of
from regulation.intake import service as intake
from regulation.intake.facts import MtStatus, RequestState, RequestView
from regulation.medecin_traitant.register import service as register
from regulation.medecin_traitant.register.rules import CONSENT_TEXT
from regulation.orientation import service as orientation
from slots.appointments import service as appointments
from slots.appointments.facts import AppointmentFilter
from snp.platform.keys import Keys

router = APIRouter(prefix="/regulation/dossiers", include_in_schema=False)

InfoQuery = Annotated[str | None, Query(max_length=40)]
S: Final = RequestState


@router.get("/{request_id}")
def show(
    *,
    request_id: UUID,
    request: Request,
    visit: ConsoleDep,
    session: SessionDep,
    keys: KeysDep,
    now: NowDep,
    info: InfoQuery = None,
) -> Response:
    """Show a dossier where it stands."""
    view = intake.get_request(session, request_id, by=visit.actor, now=now)
    return page(session, visit, view, request=request, keys=keys, now=now, info=info)


@router.get("/{request_id}/propositions")
def proposals(*, request_id: UUID, visit: ConsoleDep, session: SessionDep, now: NowDep) -> Response:
    """Return the proposals alone, as they stand now; when the dossier moved on, a word that says so."""
    view = intake.get_request(session, request_id, by=visit.actor, now=now)
    here = address(view.id)
    if view.state is not S.SEEKING or not powers_of(visit.actor).book:
        return render("parts/moved_on.html", visit=visit, here=here)
    found = orientation.propose(session, view.id, k=dossier_views.MOST_PROPOSALS, by=visit.actor, now=now)
    facts = dossier_views.proposals(session, view, found, now)
    return render("regulation/parts/proposals.html", visit=visit, here=here, **facts)


@router.get("/{request_id}/etat")
def state(
    *,
    request_id: UUID,
    visit: ConsoleDep,
    session: SessionDep,
    now: NowDep,
    etat: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    """Return a word when the dossier no longer stands where the page shows it; nothing otherwise."""
    view = intake.get_request(session, request_id, by=visit.actor, now=now)
    if view.state.value == etat:
        return render("regulation/parts/same.html", visit=visit)
    return render("parts/moved_on.html", visit=visit, here=address(view.id))


def page(
    session: Session,
    visit: PageVisit,
    view: RequestView,
    *,
    request: Request,
    keys: Keys,
    now: datetime,
    info: str | None = None,
    errors: Errors | None = None,
    typed: dict[str, str] | None = None,
) -> Response:
    """Return the page of the state that a request is in."""
    actor = visit.actor
    part, facts = _step(session, visit, view, request=request, keys=keys, now=now)
    if view.state is S.HELD and part == "proposals":  # the hold ran out before it was confirmed
        info = info or "retenue-finie"
    view = intake.get_request(session, view.id, by=actor, now=now)
    started = facts.pop("typed", {})
    left = kept.find(session, view.id, keys=keys, by=actor, now=now)
    return render(
        "regulation/dossier.html",
        visit=visit,
        status=422 if errors else 200,
        info=info,
        here=address(view.id),
        part=f"regulation/steps/{part}.html",
        case=dossier_facts.case(session, view, keys=keys, by=actor, now=now),
        shown_state=view.state.value,
        story=dossier_facts.story(session, view.id, by=actor, now=now),
        errors=errors or {},
        typed=started | left | (typed or {}),
        may=powers_of(actor),
        mt_list=_mt_list(session, view),
        consent=CONSENT_TEXT,
        may_stop=view.state not in step_views.OVER,
        stop_options=step_views.STOP_OPTIONS,
        **facts,
    )


def _mt_list(session: Session, view: RequestView) -> dict[str, Any]:
    """Return whether the patient may be put on the médecin traitant list, or the entry that he has there."""
    entry = register.entry_of_request(session, view.id)
    return {"offered": view.mt_status is MtStatus.NONE, "entry_id": entry.id if entry else None}


def address(request_id: UUID) -> str:
    """Return the address of a dossier."""
    return f"/regulation/dossiers/{request_id}"


def _step(
    session: Session, visit: PageVisit, view: RequestView, *, request: Request, keys: Keys, now: datetime
) -> tuple[str, dict[str, Any]]:
    """Return which step the page shows, and what it shows in it."""
    match view.state:
        case S.RECEIVED:
            return "mt", step_views.mt(session, view, now)
        case S.WAITING_MT:
            return "resume", step_views.mt(session, view, now)
        case S.TO_ESTIMATE | S.TO_DECIDE | S.UNSERVED:
            return _judging(session, visit, view, now)
        case S.SEEKING | S.HELD:
            return _placing(session, visit, view, now)
        case S.BOOKED:
            return "booked", _booked(session, view, request=request, keys=keys, by=visit, now=now)
        case S.ORIENTED | S.CLOSED | S.CANCELLED:
            told = intake.story(session, view.id, by=visit.actor, now=now)
            return "ended", step_views.ended(view, told)
        case _:
            assert_never(view.state)


def _judging(
    session: Session, visit: PageVisit, view: RequestView, now: datetime
) -> tuple[str, dict[str, Any]]:
    """Return what is to be judged, by whom may: the delay by the OSNP, the rest by the régulateur."""
    powers = powers_of(visit.actor)
    if powers.decide:
        return "decide", step_views.decision(session, view, now)
    if powers.estimate and view.state is S.TO_ESTIMATE:
        return "estimate", step_views.estimate(session, view)
    return "wait", step_views.waiting(view)


def _placing(
    session: Session, visit: PageVisit, view: RequestView, now: datetime
) -> tuple[str, dict[str, Any]]:
    """Return what is held, else the proposals; a hold that ran out is ended by asking for them."""
    actor = visit.actor
    if not powers_of(actor).book:
        return "wait", step_views.waiting(view)
    if view.state is S.HELD and (held := dossier_views.held(session, view, by=actor, now=now)):
        return "held", held
    found = orientation.propose(session, view.id, k=dossier_views.MOST_PROPOSALS, by=actor, now=now)
    return "proposals", dossier_views.proposals(session, view, found, now)


def _booked(
    session: Session, view: RequestView, *, request: Request, keys: Keys, by: PageVisit, now: datetime
) -> dict[str, Any]:
    query = AppointmentFilter(request_ids=frozenset({view.id}), live=True)
    first = appointments.list_appointments(session, query, limit=1).items[0]
    traits = intake.read_identities(
        session, [view.id], keys=keys, why="ticket lu au téléphone", by=by.actor, now=now
    )[view.id]
    ticket = ticket_of(
        session,
        first,
        patient=wording.full_name(traits),
        page=patient_page_address(request),
        keys=keys,
        now=now,
    )
    return {"ticket": ticket, "appointment_id": first.id, "started": first.start <= now}
