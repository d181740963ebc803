"""Signing in by another's word: out to the provider, back with who it is; and its order to end sessions."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final
from urllib.parse import parse_qs

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response

from api.cookies import BrowserCookie
from api.deps import KeysDep, NowDep, SessionDep
from api.security import service as security
from api.security.errors import LogoutRefused, SsoNotConfigured, SsoRefused, SsoUnavailable
from api.security.facts import FactorDue, SignInFault, SignInRefused, SsoProof
from api.security.oidc_client import OidcClient
from api.web import questions
from api.web.factor_page import ask_factor
from api.web.proving import Pending, browser_of, let_in
from api.web.sign_in import form_page, onward, within
from api.wiring import Wiring, wiring_of
from snp.errors import NotFound, SnpError
from snp.platform.clock import SystemClock
from snp.platform.events import Event
from snp.platform.logs import log
from snp.platform.sign_in_settings import SignInProvider

router = APIRouter(prefix="/connexion", include_in_schema=False)
machines = APIRouter(prefix="/connexion", include_in_schema=False)
"""What a provider's server calls: no cookie, no form of ours."""

_COOKIE: Final = "snp_oidc_"
_FAULTS: Final = (SsoNotConfigured, SsoRefused, SsoUnavailable)
_REFUSED: Final = "La connexion par {label} n’a pas abouti : recommencez."
_AWAY: Final = "{label} ne répond pas : réessayez dans un instant, ou connectez-vous autrement."
_MOST_BYTES: Final = 20_000
_NO_STORE: Final = {"cache-control": "no-store"}


@dataclass(frozen=True, slots=True)
class CameBack:
    """Who a provider says has come back, and where he goes on to."""

    claims: Mapping[str, Any]
    next: str


def provider_of(
    request: Request, name: Annotated[str, Path(max_length=30)]
) -> tuple[SignInProvider, OidcClient]:
    """Return a provider of the settings, and who speaks to it. Raises `NotFound`."""
    wiring = wiring_of(request)
    for one in wiring.settings.delegated_sign_ins:
        if one.name == name:
            return one, wiring.providers[one.name]
    raise NotFound("fournisseur", name)


ProviderDep = Annotated[tuple[SignInProvider, OidcClient], Depends(provider_of)]


@router.get("/{name}/aller")  # noqa: FAST003 - the provider is found by it
def go_out(
    *,
    request: Request,
    provider: ProviderDep,
    keys: KeysDep,
    now: NowDep,
    suite: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    """Send the visitor to a provider's sign-in."""
    (terms, client), wiring = provider, wiring_of(request)
    question = questions.new_question(questions.redirect_uri(request, _back(terms)))
    try:
        address = client.address(question)
    except _FAULTS as fault:
        return _refusal(wiring, terms, fault)
    response = RedirectResponse(address, status_code=303)
    purpose = {"name": terms.name, "next": within(suite)}
    sealed = questions.sealed(question, purpose, context=_context(terms), keys=keys, now=now)
    lifetime = int(questions.LIFETIME.total_seconds())
    _cookie(terms, question.state).put(response, sealed, wiring, max_age=lifetime)
    return response


def answer_of(  # noqa: PLR0917 - a dependency: called by name
    request: Request,
    provider: ProviderDep,
    keys: KeysDep,
    now: NowDep,
    state: Annotated[str, Query(max_length=200)] = "",
    code: Annotated[str, Query(max_length=4000)] = "",
    iss: Annotated[str | None, Query(max_length=300)] = None,
) -> CameBack | SnpError:
    """Return who came back, or why nobody is proven; asked before any transaction opens.

    Source: OpenID Connect Core 1.0 §3.1.2.7; RFC 9207 (`iss`).
    """
    terms, client = provider
    envelope = _cookie(terms, state).read(request) or ""
    try:
        question, purpose = questions.opened(state, envelope, context=_context(terms), keys=keys, now=now)
        if iss not in {None, terms.issuer}:
            raise SsoRefused("iss")
        if not code:
            raise SsoRefused("refused_there")
        claims = client.claims_and_more(code, question, terms.claims, now=SystemClock().now())
        return CameBack(claims, purpose["next"])
    except _FAULTS as fault:
        return fault


@router.get("/{name}/retour")
def come_back(
    *,
    request: Request,
    provider: ProviderDep,
    answer: Annotated[CameBack | SnpError, Depends(answer_of)],
    session: SessionDep,
    keys: KeysDep,
    now: NowDep,
    state: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    """Open the session of who came back, ask for a second factor, or tell him that he has no account."""
    (terms, _), wiring = provider, wiring_of(request)
    if isinstance(answer, SnpError):
        return _forget(_refusal(wiring, terms, answer), wiring, terms, state)
    sid = answer.claims.get("sid")
    proof = SsoProof(terms.issuer, str(answer.claims["sub"]), sid if isinstance(sid, str) else None)
    found = security.sign_in_by_provider(
        session,
        terms,
        answer.claims,
        browser=browser_of(request, wiring, proof),
        factor_roles=wiring.settings.second_factor_roles,
        now=now,
    )
    if isinstance(found, FactorDue):
        return _forget(ask_factor(Pending(found, answer.next), keys=keys, now=now), wiring, terms, state)
    if isinstance(found, SignInRefused):
        log(Event.SIGN_IN_REFUSED, level=logging.WARNING, kind="provider", code=found.fault)
        status = 409 if found.fault is SignInFault.TAKEN else 403
        return _forget(_told(wiring, found.sentence, status), wiring, terms, state)
    response = onward(session, answer.next, "", keys=keys, by=found.actor, now=now)
    return _forget(let_in(response, request, session, found, now), wiring, terms, state)


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
    except (LogoutRefused, *_FAULTS) as fault:
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


def _forget(response: Response, wiring: Wiring, terms: SignInProvider, state: str) -> Response:
    """Remove the question from the browser: it is answered."""
    _cookie(terms, state).remove(response, wiring)
    return response


def _back(terms: SignInProvider) -> str:
    return f"/connexion/{terms.name}/retour"


def _cookie(terms: SignInProvider, state: str) -> BrowserCookie:
    return BrowserCookie(questions.cookie_of(state, _COOKIE), _back(terms))


def _context(terms: SignInProvider) -> str:
    return f"sign-in:{terms.name}"
