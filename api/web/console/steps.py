"""What is sent from a dossier's page at the console: a step through its service, then the dossier again."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from api.deps import KeysDep, NowDep, SessionDep
from api.security.rights import Action, reach_of
from api.web import forms, kept
from api.web.console import call_views, decision_forms
from api.web.console.call_forms import read_mt_questions
from api.web.console.dossier import address, page
from api.web.console.visits import ConsoleDep
from api.web.rendering import see
from api.web.submitted import SubmittedDep
from regulation.intake import service as intake
from regulation.intake.facts import RequestState, Urgency
from regulation.intake.rules import IllegalMove
from regulation.orientation import service as orientation
from slots.appointments.facts import CancelledBy
from snp.directory import service as directory
from snp.errors import InvalidValue

router = APIRouter(prefix="/regulation/dossiers", include_in_schema=False)

GIVEN_UP: Final = "le patient renonce, dit à la régulation"
_FIELDS: Final = {
    "delay_h": "delai",
    "max_km": "rayon",
    "response_level": "niveau",
    "reason": "motif",
}


@router.post("/{request_id}/mt")
def answer_mt(
    *,
    request_id: UUID,
    request: Request,
    visit: ConsoleDep,
    form: SubmittedDep,
    session: SessionDep,
    keys: KeysDep,
    now: NowDep,
) -> Response:
    """Answer the médecin traitant question, for the first time or after he was called."""
    actor = visit.actor
    view = intake.get_request(session, request_id, by=actor, now=now)
    waits = view.state is RequestState.WAITING_MT
    reach_of(actor, Action.REQUEST_RESUME if waits else Action.REQUEST_CHECK_MT)
    if not waits and view.state is not RequestState.RECEIVED:
        return see(address(request_id))
    typed = {"mt": "oui"} | dict(form.texts) if waits else dict(form.texts)
    reading = read_mt_questions(typed)
    if reading.value is None:
        return page(
            session, visit, view, request=request, keys=keys, now=now, errors=reading.errors, typed=typed
        )
    try:
        with session.begin_nested():
            if waits:
                intake.resume(session, request_id, by=actor, now=now)
            intake.check_mt(session, request_id, reading.value, by=actor, now=now)
    except IllegalMove:
        return see(address(request_id), info="dossier-avance")
    kept.forget(session, request_id, by=actor)
    return see(address(request_id))


@router.post("/{request_id}/delai")
def estimate(
    *,
    request_id: UUID,
    request: Request,
    visit: ConsoleDep,
    form: SubmittedDep,
    session: SessionDep,
    keys: KeysDep,
    now: NowDep,
) -> Response:
    """Record the OSNP's estimate."""
    actor = visit.actor
    reach_of(actor, Action.REQUEST_ESTIMATE)
    view = intake.get_request(session, request_id, by=actor, now=now)
    reading = decision_forms.read_estimate(form.texts)
    if reading.value is None:
        typed = dict(form.texts)
        return page(
            session, visit, view, request=request, keys=keys, now=now, errors=reading.errors, typed=typed
        )
    told = reading.value
    try:
        with session.begin_nested():
            intake.estimate_delay(
                session, request_id, told.delay_h, urgency=Urgency(told.priority), by=actor, now=now
            )
    except IllegalMove:
        return see(address(request_id), info="dossier-avance")
    kept.forget(session, request_id, by=actor)
    return see(address(request_id), info="delai-note")


@router.post("/{request_id}/decider")
def decide(
    *,
    request_id: UUID,
    request: Request,
    visit: ConsoleDep,
    form: SubmittedDep,
    session: SessionDep,
    keys: KeysDep,
    now: NowDep,
) -> Response:
    """Record the régulateur's decision."""
    actor = visit.actor
    reach_of(actor, Action.REQUEST_DECIDE)
    view = intake.get_request(session, request_id, by=actor, now=now)
    professions = frozenset(one.code for one in directory.list_professions(session))
    reading = decision_forms.read_decision(
        form.texts, professions=professions, reasons=call_views.reason_codes(now)
    )
    errors = reading.errors
    if reading.value is not None:
        try:
            with session.begin_nested():
                intake.decide(session, request_id, reading.value, by=actor, now=now)
        except IllegalMove:
            return see(address(request_id), info="dossier-avance")
        except InvalidValue as fault:
            name = _FIELDS.get(str(fault.fields["field"]), "disposition")
            errors = {name: forms.capital_reason(fault)}
        else:
            kept.forget(session, request_id, by=actor)
            return see(address(request_id))
    typed = dict(form.texts)
    return page(session, visit, view, request=request, keys=keys, now=now, errors=errors, typed=typed)


@router.post("/{request_id}/arreter")
def stop(
    *, request_id: UUID, visit: ConsoleDep, form: SubmittedDep, session: SessionDep, now: NowDep
) -> RedirectResponse:
    """Stop a dossier towards the 15, whatever it holds or has taken."""
    actor = visit.actor
    reach_of(actor, Action.REQUEST_STOP)
    urgency = decision_forms.STOPS.get(form.texts.get("gravite", ""), decision_forms.STOPS["R2"])
    try:
        with session.begin_nested():
            orientation.stop(session, request_id, urgency, by=actor, now=now)
    except IllegalMove:
        return see(address(request_id), info="dossier-avance")
    return see(address(request_id))


@router.post("/{request_id}/annuler")
def give_up(*, request_id: UUID, visit: ConsoleDep, session: SessionDep, now: NowDep) -> RedirectResponse:
    """The patient renounces: close the dossier and free what it holds or has taken."""
    actor = visit.actor
    reach_of(actor, Action.REQUEST_CANCEL)
    try:
        with session.begin_nested():
            orientation.cancel_request(
                session, request_id, GIVEN_UP, cancelled_by=CancelledBy.REGULATION, by=actor, now=now
            )
    except IllegalMove:
        return see(address(request_id), info="dossier-avance")
    return see("/regulation", info="dossier-annule")


@router.get("/{request_id}/{_act}")
def to_the_dossier(*, request_id: UUID, _act: str) -> RedirectResponse:
    """Return to a dossier: the addresses of its steps are only sent to."""
    return see(address(request_id))
