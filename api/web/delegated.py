"""Signing in by another's word: out to the provider, back with who it is; and its order to end sessions."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Final
from urllib.parse import parse_qs

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from sqlmodel import Session

from api.deps import KeysDep, NowDep, SessionDep
from api.security import service as security
from api.security.errors import LogoutRefused, SsoRefused, SsoUnavailable
from api.security.facts import FactorDue, SignInFault, SignInRefused
from api.web import providers
from api.web.account import linking
from api.web.factor_page import ask_factor
from api.web.providers import FAULTS, AskedDep, CameBack, CameBackDep, ProviderDep
from api.web.proving import Pending, browser_of, let_in
from api.web.sign_in import form_page, onward, within
from api.wiring import Wiring, wiring_of
from snp.errors import SnpError
from snp.platform.clock import SystemClock
from snp.platform.events import Event
from snp.platform.keys import Keys
from snp.platform.logs import log
from snp.platform.sign_in_settings import SignInProvider

router = APIRouter(prefix="/connexion", include_in_schema=False)
machines = APIRouter(prefix="/connexion", include_in_schema=False)
"""What a provider's server calls: no cookie, no form of ours."""

_REFUSED: Final = "La connexion par {label} n’a pas abouti : recommencez."
_AWAY: Final = "{label} ne répond pas : réessayez dans un instant, ou connectez-vous autrement."
_MOST_BYTES: Final = 20_000
_NO_STORE: Final = {"cache-control": "no-store"}


@router.get("/{name}/aller")  # noqa: FAST003 - the provider is found by it
def go_out(
    *,
    request: Request,
    provider: ProviderDep,
    asked: AskedDep,
    keys: KeysDep,
    now: NowDep,
    suite: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    """Send the visitor to a provider's sign-in."""
    (terms, _), wiring = provider, wiring_of(request)
    if isinstance(asked, SnpError):
        return _refusal(wiring, terms, asked)
    response = RedirectResponse(asked.address, status_code=303)
    return providers.keep(response, asked, {"next": within(suite)}, wiring, keys=keys, now=now)


@router.get("/{name}/retour")  # noqa: FAST003 - the provider is found by it
def come_back(
    *,
    request: Request,
    provider: ProviderDep,
    came: CameBackDep,
    session: SessionDep,
    keys: KeysDep,
    now: NowDep,
    state: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    """Open the session of who came back, ask for a second factor, or tell him that he has no account.

    Who was sent from his own account has his identity attached to it instead.
    """
    terms, _ = provider
    if (bound := came.purpose.get(linking.PURPOSE)) is not None:
        response = linking.finish(request, session, terms, came, bound, now=now)
    else:
        response = _let_in(request, session, terms, came, keys=keys, now=now)
    return providers.forget(response, wiring_of(request), terms, state)


def _let_in(
    request: Request, session: Session, terms: SignInProvider, came: CameBack, *, keys: Keys, now: datetime
) -> Response:
    wiring = wiring_of(request)
    if isinstance(came.answer, SnpError):
        return _refusal(wiring, terms, came.answer)
    found = security.sign_in_by_provider(
        session,
        terms,
        came.answer,
        browser=browser_of(request, wiring, came.proof(terms)),
        factor_roles=wiring.settings.second_factor_roles,
        now=now,
    )
    if isinstance(found, FactorDue):
        return ask_factor(Pending(found, came.purpose["next"]), keys=keys, now=now)
    if isinstance(found, SignInRefused):
        log(Event.SIGN_IN_REFUSED, level=logging.WARNING, kind="provider", code=found.fault)
        return _told(wiring, found.sentence, 409 if found.fault is SignInFault.TAKEN else 403)
    response = onward(session, came.purpose["next"], "", keys=keys, by=found.actor, now=now)
    return let_in(response, request, session, found, now)


async def logout_token(request: Request) -> str:
    """Return the order that a provider's server sends; empty when there is none."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    body = await request.body()
    if kind != "application/x-www-form-urlencoded" or len(body) > _MOST_BYTES:
        return ""
    found = parse_qs(body.decode("utf-8", "replace")).get("logout_token", [])
    return found[0] if len(found) == 1 else ""


def order_of(
    provider: ProviderDep, token: Annotated[str, Depends(logout_token)]
) -> Mapping[str, Any] | SnpError:
    """Return a provider's proven order, or why it is none; asked before any transaction opens."""
    if not token:
        return LogoutRefused("no_token")
    try:
        return provider[1].logout_claims(token, now=SystemClock().now())
    except (LogoutRefused, *FAULTS) as fault:
        return fault


@machines.post("/{name}/fin")
def end_sessions(
    *,
    order: Annotated[Mapping[str, Any] | SnpError, Depends(order_of)],
    session: SessionDep,
    now: NowDep,
) -> Response:
    """End the sessions that a provider ended at its place.

    Source: OpenID Connect Back-Channel Logout 1.0 §2.5 to §2.8.
    """
    if isinstance(order, SnpError):
        return _order_refused(order)
    try:
        security.end_by_provider(session, order, now=now)
    except LogoutRefused as fault:
        return _order_refused(fault)
    return Response(status_code=200, headers=_NO_STORE)


def _order_refused(fault: SnpError) -> Response:
    code = str(fault.fields.get("code", fault.slug))
    log(Event.SIGN_IN_REFUSED, level=logging.WARNING, kind="logout", code=code)
    told = {"error": "invalid_request", "error_description": code}
    return JSONResponse(told, 503 if isinstance(fault, SsoUnavailable) else 400, _NO_STORE)


def _refusal(wiring: Wiring, terms: SignInProvider, fault: SnpError) -> Response:
    code = str(fault.fields.get("code", fault.slug))
    log(Event.SIGN_IN_REFUSED, level=logging.WARNING, kind="provider", code=code)
    is_refused = isinstance(fault, SsoRefused)
    sentence = _REFUSED if is_refused else _AWAY
    return _told(wiring, sentence.format(label=terms.label), 403 if is_refused else 503)


def _told(wiring: Wiring, sentence: str, status: int) -> Response:
    return form_page(wiring, status=status, errors={"identifiant": sentence}, next="", resumed="")
