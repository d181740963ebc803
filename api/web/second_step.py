"""The second step of the sign-in: a code of the telephone, a recovery code, or a first enrolment."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response
from sqlmodel import Session

from api.deps import KeysDep, NowDep, SessionDep, client_address, same_origin
from api.security import service as security
from api.security.facts import SignedIn, SignInFault, SignInRefused
from api.web.factor_page import ask_factor
from api.web.forms import STEP
from api.web.proving import Pending, browser_of, let_in, opened
from api.web.rendering import render, see
from api.web.sign_in import form_page, onward
from api.web.submitted import Submitted, SubmittedDep
from api.wiring import wiring_of
from snp.platform.keys import Keys

router = APIRouter(prefix="/connexion", include_in_schema=False)

LOST = "Cette étape n’est plus valable : recommencez la connexion."
EMPTY = "Tapez le code que l’application montre."


@router.get("/code")
@router.get("/second-facteur")
def back() -> RedirectResponse:
    """Return to the first step: a page of the second one is not reloaded."""
    return see("/connexion")


@router.post("/code", dependencies=[Depends(same_origin)])
def verify(
    *, request: Request, form: SubmittedDep, session: SessionDep, keys: KeysDep, now: NowDep
) -> Response:
    """Verify a code and open the session."""
    pending = _pending(request, form, keys=keys, now=now)
    if pending is None or not pending.due.enrolled:
        return _lost(request)
    wiring, typed = wiring_of(request), form.texts.get("code_unique", "")
    if not typed:
        return ask_factor(pending, keys=keys, now=now, fault=EMPTY, held=form.texts[STEP])
    answer = security.sign_in_with_code(
        session,
        pending.due,
        typed,
        keys=keys,
        at=wiring.telephone_time(),
        now=now,
        browser=browser_of(request, wiring, pending.due.sso),
    )
    if isinstance(answer, SignInRefused):
        return _refused(request, form, pending, answer, keys=keys, now=now)
    wiring.sign_ins.give_back(session, client_address(request))
    response = onward(session, pending.next, pending.resumed, keys=keys, by=answer.actor, now=now)
    return let_in(response, request, session, answer, now)


@router.post("/second-facteur", dependencies=[Depends(same_origin)])
def enrol(
    *, request: Request, form: SubmittedDep, session: SessionDep, keys: KeysDep, now: NowDep
) -> Response:
    """Set up a second factor, open the session, and show the recovery codes once."""
    pending = _pending(request, form, keys=keys, now=now)
    if pending is None or pending.due.enrolled or not pending.secret:
        return _lost(request)
    wiring, typed = wiring_of(request), form.texts.get("code_unique", "")
    if not typed:
        return ask_factor(pending, keys=keys, now=now, fault=EMPTY, held=form.texts[STEP])
    answer = security.enrol_and_sign_in(
        session,
        pending.due,
        pending.secret,
        typed,
        keys=keys,
        at=wiring.telephone_time(),
        now=now,
        browser=browser_of(request, wiring, pending.due.sso),
    )
    if isinstance(answer, SignInRefused):
        return _refused(request, form, pending, answer, keys=keys, now=now)
    signed_in, codes = answer
    wiring.sign_ins.give_back(session, client_address(request))
    return _welcome(request, session, pending, signed_in, codes.texts, keys=keys, now=now)


def _welcome(
    request: Request,
    session: Session,
    pending: Pending,
    signed_in: SignedIn,
    codes: tuple[str, ...],
    *,
    keys: Keys,
    now: datetime,
) -> Response:
    onto = onward(session, pending.next, pending.resumed, keys=keys, by=signed_in.actor, now=now)
    page = render("account/codes.html", codes=codes, onward=onto.headers["location"], signed_in=True)
    return let_in(page, request, session, signed_in, now)


def _pending(request: Request, form: Submitted, *, keys: Keys, now: datetime) -> Pending | None:
    """Return the first proof that a form carries. Raises `TooManyRequests`."""
    wiring_of(request).sign_ins.take(client_address(request), now)
    return opened(form.texts.get(STEP, ""), keys=keys, now=now)


def _refused(
    request: Request,
    form: Submitted,
    pending: Pending,
    refusal: SignInRefused,
    *,
    keys: Keys,
    now: datetime,
) -> Response:
    if refusal.fault is SignInFault.CODE:
        return ask_factor(pending, keys=keys, now=now, fault=refusal.sentence, held=form.texts[STEP])
    return _lost(request, refusal.sentence)


def _lost(request: Request, sentence: str = LOST) -> Response:
    return form_page(wiring_of(request), status=422, errors={"identifiant": sentence}, next="", resumed="")
