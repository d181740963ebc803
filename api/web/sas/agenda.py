"""One screen: the practitioner's agenda with the slot picked, the patient, the regulation; one act books it.

What is typed is answered on the page itself when something must be revised or the slot went meanwhile, and
kept when the session is over, so that nothing typed is lost. A form sent twice books once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from http import HTTPStatus
from typing import Final
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response
from sqlmodel import Session

from api.deps import CsrfDep, KeysDep, NowDep, SessionDep, same_origin
from api.security import service as security
from api.security import tokens
from api.security.errors import NotSignedIn
from api.web import drafts
from api.web.desk_patient import trait_fault
from api.web.drafts import Draft
from api.web.rendering import render, see
from api.web.sas import views
from api.web.sas.ends import to_the_end
from api.web.sas.filling import filled_form
from api.web.sas.screen import Screen, page_of
from api.web.sas.sign_in import TERMS_VERSION
from api.web.sas.visit import COOKIE, PREFIX, OptionalSasVisitDep, SasVisit, Target, TargetDep
from api.web.sign_in import form_page
from api.web.submitted import Submitted, SubmittedDep
from api.wiring import wiring_of
from regulation.live.refusals import SlotKeptForPromise
from regulation.orientation import service as orientation
from regulation.orientation.facts import PlatformForm, PlatformOutcome, PlatformResult
from regulation.orientation.refusals import SlotDoesNotSuit, SlotNoLongerFree
from slots.appointments.facts import SasOperator
from snp.assignment.facts import Rule
from snp.errors import InvalidValue
from snp.platform.columns import new_id
from snp.platform.keys import Keys

router = APIRouter(prefix=PREFIX, include_in_schema=False)

_CALL_FIRST: Final = "Le médecin traitant est à appeler d’abord : reprenez ici avec sa réponse"
_FIELD_OF_RULE: Final = {Rule.TOO_LATE: "delai"}


@router.get("/agenda")
def show(
    *,
    request: Request,
    target: TargetDep,
    visit: OptionalSasVisitDep,
    session: SessionDep,
    keys: KeysDep,
    now: NowDep,
) -> Response:
    """Show the agenda to who came through the platform; the ordinary sign-in form to anybody else."""
    if target is None:
        return form_page(wiring_of(request), next="/", resumed="")
    if visit is None:
        return see(target.address("entrer"))
    if visit.terms_version != TERMS_VERSION:
        return see(target.address("conditions"))
    return page_of(session, visit, target, _resumed(session, visit, target, keys=keys, now=now), now=now)


@router.post("/agenda", dependencies=[Depends(same_origin)])
def book(
    *,
    request: Request,
    target: TargetDep,
    visit: OptionalSasVisitDep,
    presented: CsrfDep,
    form: SubmittedDep,
    session: SessionDep,
    keys: KeysDep,
    now: NowDep,
) -> Response:
    """Book the slot, or say what must be revised."""
    if target is None:
        return see("/connexion")
    if visit is None:
        owned = _owned(request, presented)
        return _interrupted(session, target, form, owned, keys=keys, now=now)
    if visit.terms_version != TERMS_VERSION:
        return see(target.address("conditions"))
    draft = drafts.start_draft(session, _draft_id(form.texts), keys=keys, by=visit.actor, now=now)
    if draft.request_id is not None:
        return to_the_end(session, draft.request_id, target)
    screen = Screen(draft.id, form.texts)
    filled, errors, communes = filled_form(session, form.texts, by=visit.actor, now=now)
    if filled is None:
        shown = replace(screen, errors=errors, communes=communes)
        return page_of(session, visit, target, shown, now=now)
    return _book(session, visit, target, screen, filled, keys=keys, now=now)


def _book(
    session: Session,
    visit: SasVisit,
    target: Target,
    screen: Screen,
    filled: PlatformForm,
    *,
    keys: Keys,
    now: datetime,
) -> Response:
    """Book, and lead to the end; or undo everything and show what stands in the way."""
    operator = SasOperator(visit.operator.system, visit.operator.value)
    by, screen = visit.acting_in(filled.territory_id), replace(screen, territory_id=filled.territory_id)
    try:
        with session.begin_nested() as savepoint:
            result = orientation.book_from_platform(session, filled, operator, keys=keys, by=by, now=now)
            if result.outcome is PlatformOutcome.CALL_MT_FIRST:
                savepoint.rollback()  # nothing is opened that this régulateur could not take up again
    except SlotNoLongerFree as lost:
        fresh = views.fresh_options(session, lost.proposals, now)
        screen = replace(screen, fresh=fresh, taken=True, typed={**screen.typed, "creneau": ""})
    except SlotDoesNotSuit as refusal:
        rule = Rule(str(refusal.fields["rule"]))
        screen = replace(screen, errors={_FIELD_OF_RULE.get(rule, "creneau"): refusal.sentence})
    except SlotKeptForPromise as refusal:
        screen = replace(screen, errors={"creneau": refusal.sentence})
    except InvalidValue as fault:
        screen = replace(screen, errors=trait_fault(fault))
    else:
        if result.outcome is not PlatformOutcome.CALL_MT_FIRST:
            return _keep(session, target, screen.draft_id, result, keys=keys)
        screen = replace(screen, errors={"mt_appel": _CALL_FIRST})
    return page_of(session, visit, target, screen, now=now)


def _keep(
    session: Session, target: Target, draft_id: UUID, result: PlatformResult, *, keys: Keys
) -> RedirectResponse:
    """Remember what this form became, so that sent again it leads there."""
    drafts.save_draft(session, Draft(draft_id, request_id=result.request.id), keys=keys)
    return to_the_end(session, result.request.id, target)


def _owned(request: Request, presented: str | None) -> str:
    """Return the token that a form was served to. Raises `NotSignedIn` when the form does not prove it."""
    token = COOKIE.read(request)
    if token is None or not tokens.csrf_matches(token, presented):
        raise NotSignedIn
    return token


def _interrupted(
    session: Session, target: Target, form: Submitted, token: str, *, keys: Keys, now: datetime
) -> Response:
    """Keep what somebody was typing when his session ended, for himself alone. Raises `NotSignedIn`."""
    owner = security.visitor_of_platform(session, token)
    if owner is None:
        raise NotSignedIn
    draft = drafts.start_draft(session, _draft_id(form.texts), keys=keys, by=owner, now=now)
    drafts.save_draft(session, draft.typing(form.kept), keys=keys)
    again = replace(target, resumed=draft.id).address("entrer")
    return render("sas/over.html", status=HTTPStatus.UNAUTHORIZED, signed_out=False, again=again)


def _resumed(session: Session, visit: SasVisit, target: Target, *, keys: Keys, now: datetime) -> Screen:
    """Return the screen as a finished session left it; a fresh one otherwise."""
    if target.resumed is not None:
        draft = drafts.find_draft(session, target.resumed, keys=keys, by=visit.actor, now=now)
        if draft is not None and draft.request_id is None:
            return Screen(draft.id, draft.typed)
    return Screen(new_id())


def _draft_id(typed: Mapping[str, str]) -> UUID:
    try:
        return UUID(typed.get("brouillon", ""))
    except ValueError:
        return new_id()
