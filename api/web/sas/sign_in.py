"""The delegated sign-in: out to the platform, back with who it is, the terms of use once, and out of here.

Whoever comes without a recognised `origin` meets the ordinary sign-in form, which opens none of these pages.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import RedirectResponse, Response

from api.deps import KeysDep, NowDep, SessionDep, WiringDep, same_origin
from api.fhir.canonical import PERSON_ID
from api.security import service as security
from api.security.errors import NoRegulatorAccount, SsoNotConfigured, SsoRefused, SsoUnavailable
from api.security.facts import PlatformIdentifier
from api.web.questions import redirect_uri
from api.web.rendering import render, see
from api.web.sas.asking import LIFETIME, RETURN, Asked, cookie_of, new_question, opened, sealed
from api.web.sas.visit import (
    COOKIE,
    PREFIX,
    OptionalSasVisitDep,
    SasVisitDep,
    Target,
    TargetDep,
    keep_session,
)
from api.wiring import Wiring, wiring_of
from snp.errors import SnpError
from snp.platform.clock import SystemClock
from snp.platform.events import Event
from snp.platform.logs import log

router = APIRouter(prefix=PREFIX, include_in_schema=False)

TERMS_VERSION: Final = "2026-11"
"""The version of `sas/terms.html`; another one is asked for again."""

_FAULTS: Final = (NoRegulatorAccount, SsoNotConfigured, SsoRefused, SsoUnavailable)
_HEADINGS: Final = {
    NoRegulatorAccount: "Compte non ouvert ici",
    SsoRefused: "Connexion non aboutie",
    SsoNotConfigured: "Connexion indisponible",
    SsoUnavailable: "Connexion indisponible",
}
_STATUSES: Final = {NoRegulatorAccount: 403, SsoRefused: 403, SsoNotConfigured: 503, SsoUnavailable: 503}


@dataclass(frozen=True, slots=True)
class CameBack:
    """Who the platform's sign-in says has come back: his identifiers in the order in which they are tried."""

    target: Target
    subject: str
    identifiers: tuple[PlatformIdentifier, ...]


@router.get("/entrer")
def go_out(*, request: Request, target: TargetDep, keys: KeysDep, now: NowDep) -> Response:
    """Send the visitor to the platform's sign-in."""
    if target is None:
        return see("/connexion")
    wiring = wiring_of(request)
    question = new_question(redirect_uri(request, RETURN))
    try:
        address = wiring.sso.address(question)
    except _FAULTS as fault:
        return refusal_page(fault, target)
    response = RedirectResponse(address, status_code=303)
    envelope = sealed(Asked(question, target), keys=keys, now=now)
    cookie_of(question.state).put(response, envelope, wiring, max_age=int(LIFETIME.total_seconds()))
    return response


def answer_of(
    request: Request,
    keys: KeysDep,
    now: NowDep,
    state: Annotated[str, Query(max_length=200)] = "",
    code: Annotated[str, Query(max_length=2000)] = "",
) -> CameBack | SnpError:
    """Return who came back, or why nobody is proven; asked before any transaction opens."""
    wiring = wiring_of(request)
    try:
        asked = opened(state, cookie_of(state).read(request) or "", keys=keys, now=now)
        if not code:
            raise SsoRefused("refused_there")
        claims = wiring.sso.claims(code, asked.question, now=SystemClock().now())
        return CameBack(asked.target, str(claims["sub"]), _identifiers(claims, wiring))
    except _FAULTS as fault:
        return fault


@router.get("/retour")
def come_back(
    *,
    request: Request,
    answer: Annotated[CameBack | SnpError, Depends(answer_of)],
    session: SessionDep,
    now: NowDep,
    state: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    """Open the session of who came back, and go on to what he came for."""
    wiring = wiring_of(request)
    if isinstance(answer, SnpError):
        return _forget(refusal_page(answer, None), wiring, state)
    lifetime = timedelta(minutes=wiring.settings.sas_session_minutes)
    for identifier in answer.identifiers:
        try:
            signed_in = security.open_platform_session(
                session, identifier, subject=answer.subject, now=now, lifetime=lifetime
            )
        except NoRegulatorAccount:
            continue
        response = see(answer.target.address("agenda"))
        keep_session(response, signed_in, wiring, now)
        return _forget(response, wiring, state)
    return _forget(refusal_page(NoRegulatorAccount(), answer.target), wiring, state)


@router.get("/conditions")
def terms(*, visit: OptionalSasVisitDep, target: TargetDep) -> Response:
    """Show the terms of use, once."""
    if target is None:
        return see("/connexion")
    if visit is None:
        return see(target.address("entrer"))
    return render("sas/terms.html", visit=visit, here=target.address("conditions"), version=TERMS_VERSION)


@router.post("/conditions", dependencies=[Depends(same_origin)])
def accept(*, visit: SasVisitDep, target: TargetDep, session: SessionDep, now: NowDep) -> RedirectResponse:
    """Record that this régulateur accepts the terms of use."""
    security.accept_terms(session, visit.account.id, TERMS_VERSION, now=now)
    return see(target.address("agenda") if target else "/connexion")


@router.post("/deconnexion", dependencies=[Depends(same_origin)])
def sign_out(*, visit: OptionalSasVisitDep, session: SessionDep, wiring: WiringDep, now: NowDep) -> Response:
    """End the session here; the platform's own goes on."""
    if visit is not None:
        security.sign_out(session, visit.token, now=now)
    response = render("sas/over.html", signed_out=True, again="")
    COOKIE.remove(response, wiring)
    return response


def refusal_page(fault: SnpError, target: Target | None) -> Response:
    """Return the page of a sign-in that came to nothing; who may, tries again from there."""
    code = str(fault.fields.get("code", fault.slug))
    log(Event.SIGN_IN_REFUSED, level=logging.WARNING, kind="sas", code=code)
    kind = type(fault) if type(fault) in _HEADINGS else SsoRefused
    return render(
        "sas/refused.html",
        status=_STATUSES[kind],
        heading=_HEADINGS[kind],
        sentence=fault.sentence,
        again=target.address("entrer") if target and kind is not NoRegulatorAccount else "",
        no_account=kind is NoRegulatorAccount,
    )


def _identifiers(claims: Mapping[str, Any], wiring: Wiring) -> tuple[PlatformIdentifier, ...]:
    """Return the identifiers that the claims hold, as INT_R02 may have sent them."""
    settings = wiring.settings
    places = [(settings.sas_sso_claim, settings.sas_sso_claim_system)]
    if settings.sas_sso_national_claim:
        places.append((settings.sas_sso_national_claim, PERSON_ID))
    values = ((claims.get(claim), system) for claim, system in places)
    return tuple(
        PlatformIdentifier(system, value.strip())
        for value, system in values
        if isinstance(value, str) and value.strip()
    )


def _forget(response: Response, wiring: Wiring, state: str) -> Response:
    """Remove the question from the browser: it is answered."""
    cookie_of(state).remove(response, wiring)
    return response
