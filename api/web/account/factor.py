"""Setting up the second factor, renewing its recovery codes, going without where the role may."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Final

from fastapi import APIRouter
from fastapi.responses import Response
from sqlmodel import Session

from api.deps import KeysDep, NowDep, PageVisit, SessionDep, VisitDep, WiringDep
from api.security import service as security
from api.security import tokens
from api.security.facts import FactorDue, SignedIn
from api.security.rights import Action, reach_of
from api.web.account.views import account_facts
from api.web.forms import STEP
from api.web.proving import Pending, keep_session, opened, proposal, sealed, with_secret
from api.web.rendering import render, see
from api.web.second_step import EMPTY
from api.web.submitted import SubmittedDep
from api.wiring import Wiring
from snp.errors import Forbidden
from snp.platform.keys import Keys

router = APIRouter(prefix="/compte/second-facteur", include_in_schema=False)

_WRONG: Final = "Ce code n’est pas le bon : tapez celui que l’application montre maintenant."
_PROVE: Final = "Ce code n’est pas le bon, ou il a déjà servi."
_SEVERAL: Final = "Trop d’essais : réessayez dans quelques minutes."


@router.get("")
def show(*, visit: VisitDep, session: SessionDep, keys: KeysDep, now: NowDep) -> Response:
    """Propose a fresh secret; who has a factor already is led to its page."""
    reach_of(visit.actor, Action.SELF)
    if security.find_factor(session, visit.account.id) is not None:
        return see("/compte")
    return _propose(visit, _fresh(visit), keys=keys, now=now)


@router.post("")
def enrol(
    *,
    visit: VisitDep,
    form: SubmittedDep,
    session: SessionDep,
    keys: KeysDep,
    wiring: WiringDep,
    now: NowDep,
) -> Response:
    """Keep the proposed secret once its code was typed; other devices are signed out."""
    reach_of(visit.actor, Action.SELF)
    pending = opened(form.texts.get(STEP, ""), keys=keys, now=now)
    if pending is None or pending.due.account_id != visit.account.id or not pending.secret:
        return _propose(visit, _fresh(visit), keys=keys, now=now)
    if security.find_factor(session, visit.account.id) is not None:
        return see("/compte")
    typed = form.texts.get("code_unique", "")
    if not typed:
        return _propose(visit, pending, keys=keys, now=now, fault=EMPTY)
    codes = security.enrol_factor(
        session, visit.account.id, pending.secret, typed, keys=keys, at=wiring.telephone_time(), now=now
    )
    if codes is None:
        return _propose(visit, pending, keys=keys, now=now, fault=_WRONG)
    return _changed(session, visit, wiring, codes.texts, now=now)


@router.post("/codes")
def renew(
    *,
    visit: VisitDep,
    form: SubmittedDep,
    session: SessionDep,
    keys: KeysDep,
    wiring: WiringDep,
    now: NowDep,
) -> Response:
    """Hand out fresh recovery codes to who proves the factor again."""
    reach_of(visit.actor, Action.SELF)
    if fault := _unproved(session, visit, form.texts.get("code_unique", ""), wiring, keys=keys, now=now):
        return _account_page(session, visit, wiring, fault)
    codes = security.renew_codes(session, visit.account.id, now=now)
    return render("account/codes.html", visit=visit, codes=codes.texts, onward="/compte", signed_in=False)


@router.post("/retirer")
def remove(
    *,
    visit: VisitDep,
    form: SubmittedDep,
    session: SessionDep,
    keys: KeysDep,
    wiring: WiringDep,
    now: NowDep,
) -> Response:
    """Go without a second factor, where the role may, once it is proved again."""
    reach_of(visit.actor, Action.SELF)
    if visit.account.role in wiring.settings.second_factor_roles:
        raise Forbidden("this role keeps its second factor")
    if fault := _unproved(session, visit, form.texts.get("code_unique", ""), wiring, keys=keys, now=now):
        return _account_page(session, visit, wiring, fault)
    security.remove_factor(session, visit.account.id)
    security.end_other_devices(session, visit.account.id, token=visit.token, now=now)
    response = see("/compte", info="facteur-retire")
    keep_session(response, _rotated(session, visit, now=now), wiring, now)
    return response


def _fresh(visit: PageVisit) -> Pending:
    account = visit.account
    return with_secret(Pending(FactorDue(account.id, account.login, account.version, enrolled=False)))


def _propose(visit: PageVisit, pending: Pending, *, keys: Keys, now: datetime, fault: str = "") -> Response:
    return render(
        "account/enrol.html",
        visit=visit,
        status=422 if fault else 200,
        errors={"code_unique": fault} if fault else {},
        step=sealed(pending, keys=keys, now=now),
        proposal=proposal(pending.secret, visit.account.login),
        login=visit.account.login,
    )


def _unproved(
    session: Session, visit: PageVisit, typed: str, wiring: Wiring, *, keys: Keys, now: datetime
) -> str:
    """Return why a code does not prove the factor; nothing when it does. Wrong ones count."""
    at = wiring.telephone_time()
    proved = security.prove_factor(session, visit.account.id, typed, keys=keys, at=at, now=now)
    if proved is None:
        return _SEVERAL
    return "" if proved else _PROVE


def _account_page(session: Session, visit: PageVisit, wiring: Wiring, fault: str) -> Response:
    facts = account_facts(session, visit, wiring)
    return render("account/page.html", visit=visit, status=422, errors={"code_unique": fault}, **facts)


def _changed(
    session: Session, visit: PageVisit, wiring: Wiring, codes: tuple[str, ...], *, now: datetime
) -> Response:
    security.end_other_devices(session, visit.account.id, token=visit.token, now=now)
    fresh = _rotated(session, visit, now=now)
    renewed = replace(visit, token=fresh.token, csrf=tokens.csrf_token(fresh.token))
    page = render("account/codes.html", visit=renewed, codes=codes, onward="/compte", signed_in=False)
    keep_session(page, fresh, wiring, now)
    return page


def _rotated(session: Session, visit: PageVisit, *, now: datetime) -> SignedIn:
    """Give this device a fresh token: how its owner is proved has changed."""
    fresh = security.rotate(session, visit.token, now=now)
    assert fresh is not None
    return fresh
