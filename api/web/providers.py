"""Sending a visitor to a provider's sign-in and hearing who comes back, whatever it is for. Opens nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import Depends, Path, Query, Request
from fastapi.responses import Response

from api.cookies import BrowserCookie
from api.deps import KeysDep, NowDep
from api.security.errors import SsoNotConfigured, SsoRefused, SsoUnavailable
from api.security.facts import SsoProof
from api.security.oidc_client import OidcClient, Question
from api.web import questions
from api.wiring import Wiring, wiring_of
from snp.errors import NotFound, SnpError
from snp.platform.clock import SystemClock
from snp.platform.keys import Keys
from snp.platform.sign_in_settings import SignInProvider

FAULTS: Final = (SsoNotConfigured, SsoRefused, SsoUnavailable)
_COOKIE: Final = "snp_oidc_"


@dataclass(frozen=True, slots=True)
class Asked:
    """A question ready for a provider, and the address that carries it there."""

    provider: SignInProvider
    question: Question
    address: str


@dataclass(frozen=True, slots=True)
class CameBack:
    """What a visitor was sent for, and who the provider says he is, or why nobody is proven.

    `purpose` is empty where nothing was asked by this browser.
    """

    purpose: Mapping[str, Any]
    answer: Mapping[str, Any] | SnpError

    def proof(self, provider: SignInProvider) -> SsoProof:
        """Return what the provider's word rests on; only for an answer that proves somebody."""
        assert not isinstance(self.answer, SnpError)
        sid = self.answer.get("sid")
        return SsoProof(provider.issuer, str(self.answer["sub"]), sid if isinstance(sid, str) else None)


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


def ask(request: Request, provider: ProviderDep) -> Asked | SnpError:
    """Return a fresh question for a provider, or why it cannot be asked; before any transaction opens."""
    terms, client = provider
    question = questions.new_question(questions.redirect_uri(request, _back(terms)))
    try:
        return Asked(terms, question, client.address(question))
    except FAULTS as fault:
        return fault


AskedDep = Annotated[Asked | SnpError, Depends(ask)]


def keep(
    response: Response, asked: Asked, purpose: Mapping[str, Any], wiring: Wiring, *, keys: Keys, now: datetime
) -> Response:
    """Put a question in the browser that will bring its answer, with what it is for."""
    terms, question = asked.provider, asked.question
    sealed = questions.sealed(question, purpose, context=_context(terms), keys=keys, now=now)
    lifetime = int(questions.LIFETIME.total_seconds())
    _cookie(terms, question.state).put(response, sealed, wiring, max_age=lifetime)
    return response


def forget(response: Response, wiring: Wiring, terms: SignInProvider, state: str) -> Response:
    """Remove a question from the browser: it is answered."""
    _cookie(terms, state).remove(response, wiring)
    return response


def answer_of(  # noqa: PLR0917 - a dependency: called by name
    request: Request,
    provider: ProviderDep,
    keys: KeysDep,
    now: NowDep,
    state: Annotated[str, Query(max_length=200)] = "",
    code: Annotated[str, Query(max_length=4000)] = "",
    iss: Annotated[str | None, Query(max_length=300)] = None,
) -> CameBack:
    """Return who came back, or why nobody is proven; asked before any transaction opens.

    Source: OpenID Connect Core 1.0 §3.1.2.7; RFC 9207 (`iss`).
    """
    terms, client = provider
    envelope = _cookie(terms, state).read(request) or ""
    purpose: Mapping[str, Any] = {}
    try:
        question, purpose = questions.opened(state, envelope, context=_context(terms), keys=keys, now=now)
        if iss not in {None, terms.issuer}:
            raise SsoRefused("iss")
        if not code:
            raise SsoRefused("refused_there")
        claims = client.claims_and_more(code, question, terms.claims, now=SystemClock().now())
        return CameBack(purpose, claims)
    except FAULTS as fault:
        return CameBack(purpose, fault)


CameBackDep = Annotated[CameBack, Depends(answer_of)]


def _back(terms: SignInProvider) -> str:
    return f"/connexion/{terms.name}/retour"


def _cookie(terms: SignInProvider, state: str) -> BrowserCookie:
    return BrowserCookie(questions.cookie_of(state, _COOKIE), _back(terms))


def _context(terms: SignInProvider) -> str:
    return f"sign-in:{terms.name}"
