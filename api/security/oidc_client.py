"""Speaks to an OpenID Connect provider: where to send a visitor, who came back, whose sessions end.

Authorization code with PKCE. What the provider publishes of itself is kept for an hour; its keys are read
again when a token is signed by one that we do not know. No network at start: the first visitor asks.
Source: OpenID Connect Core 1.0 and Discovery 1.0; RFC 7636; RFC 9700.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import httpx
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from api.security.errors import LogoutRefused, SsoNotConfigured, SsoRefused, SsoUnavailable
from api.security.id_tokens import UnknownSigner, checked_claims
from api.security.logout_tokens import checked_logout
from snp.platform.settings import Environment, Settings
from snp.platform.sign_in_settings import SignInProvider

KEPT_SECONDS: Final = 3600
_ENDPOINTS: Final = ("authorization_endpoint", "token_endpoint", "jwks_uri")


@dataclass(frozen=True, slots=True)
class Question:
    """One sign-in asked of the provider: what the answer must carry to be the answer to this one."""

    state: str
    nonce: str
    verifier: str
    redirect_uri: str


@dataclass(frozen=True, slots=True)
class _Provider:
    """What the provider says of itself, and the keys it signs with."""

    metadata: Mapping[str, Any]
    keys: KeySet
    read_at: float


@dataclass(frozen=True, slots=True)
class OidcTerms:
    """How one provider is spoken to. `discovery`: where it describes itself, when not under its issuer.

    `acr_values`: levels of authentication that are asked for; `needs_tls`: no address without TLS is trusted.
    """

    issuer: str | None
    client_id: str | None
    client_secret: str = field(repr=False)
    scope: str = "openid"
    discovery: str | None = None
    acr_values: tuple[str, ...] = ()
    timeout_seconds: float = 5.0
    needs_tls: bool = True


@dataclass(frozen=True, slots=True)
class _Answer:
    """What the provider gives for a code."""

    id_token: str = field(repr=False)
    access_token: str | None = field(repr=False)


class OidcClient:
    """The sign-in of one provider; safe to share between threads."""

    def __init__(self, terms: OidcTerms) -> None:
        self._terms = terms
        self._lock = threading.Lock()
        self._known: _Provider | None = None

    def address(self, question: Question) -> str:
        """Return where to send the visitor. Raises `SsoNotConfigured`, `SsoUnavailable`."""
        levels = " ".join(self._terms.acr_values)
        more = {"acr_values": levels} if levels else {}
        address: str = prepare_grant_uri(
            self._provider().metadata["authorization_endpoint"],
            client_id=self._client_id,
            response_type="code",
            redirect_uri=question.redirect_uri,
            scope=self._terms.scope,
            state=question.state,
            nonce=question.nonce,
            code_challenge=create_s256_code_challenge(question.verifier),
            code_challenge_method="S256",
            **more,
        )
        return address

    def claims(self, code: str, question: Question, *, now: datetime) -> Mapping[str, Any]:
        """Return who came back with a code. Raises `SsoRefused`, `SsoUnavailable`, `SsoNotConfigured`.

        `now` is the machine's own time: a demonstration's clock means nothing to the provider.
        """
        return self._checked(self._exchanged(code, question).id_token, question, now)

    def claims_and_more(
        self, code: str, question: Question, wanted: Collection[str], *, now: datetime
    ) -> Mapping[str, Any]:
        """Return who came back, with what the provider tells apart when the token holds nothing `wanted`.

        The level of authentication must be one that was asked for; what is told apart must be of the same
        subject. Source: OpenID Connect Core 1.0 §2 (`acr`) and §5.3. Raises like `claims`.
        """
        answer = self._exchanged(code, question)
        claims = self._checked(answer.id_token, question, now)
        if self._terms.acr_values and claims.get("acr") not in self._terms.acr_values:
            raise SsoRefused("acr")
        endpoint = self._provider().metadata.get("userinfo_endpoint")
        if answer.access_token is None or endpoint is None or any(claims.get(name) for name in wanted):
            return claims
        if not self._is_trusted(endpoint):
            raise SsoUnavailable("endpoints")
        bearer = {"authorization": f"Bearer {answer.access_token}"}
        told = _document(self._asked("GET", endpoint, headers=bearer))
        if told.get("sub") != claims["sub"]:
            raise SsoRefused("sub")
        return {**told, **claims}

    def logout_claims(self, token: str, *, now: datetime) -> Mapping[str, Any]:
        """Return what a provider's order to end sessions says. Raises `LogoutRefused`, `SsoUnavailable`."""
        terms: dict[str, Any] = {"issuer": self._issuer, "client_id": self._client_id, "now": now}
        try:
            return checked_logout(token, self._provider().keys, **terms)
        except UnknownSigner:
            try:
                return checked_logout(token, self._provider(afresh=True).keys, **terms)
            except UnknownSigner as fault:
                raise LogoutRefused("signature") from fault

    def _checked(self, token: str, question: Question, now: datetime) -> Mapping[str, Any]:
        terms: dict[str, Any] = {"issuer": self._issuer, "client_id": self._client_id}
        terms |= {"nonce": question.nonce, "now": now}
        try:
            return checked_claims(token, self._provider().keys, **terms)
        except UnknownSigner:
            return checked_claims(token, self._provider(afresh=True).keys, **terms)

    def _exchanged(self, code: str, question: Question) -> _Answer:
        """Return what the provider gives for a code."""
        metadata = self._provider().metadata
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": question.redirect_uri,
            "code_verifier": question.verifier,
        }
        password = self._terms.client_secret
        methods = metadata.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        auth = httpx.BasicAuth(self._client_id, password) if "client_secret_basic" in methods else None
        if auth is None:
            form |= {"client_id": self._client_id, "client_secret": password}
        answer = self._asked("POST", metadata["token_endpoint"], data=form, auth=auth)
        if answer.is_client_error:
            raise SsoRefused("code")
        document = _document(answer)
        token, access = document.get("id_token"), document.get("access_token")
        if not isinstance(token, str):
            raise SsoRefused("no_id_token")
        return _Answer(token, access if isinstance(access, str) else None)

    def _provider(self, *, afresh: bool = False) -> _Provider:
        with self._lock:
            known = self._known
            if afresh or known is None or time.monotonic() - known.read_at > KEPT_SECONDS:
                known = self._known = self._read_provider()
            return known

    def _read_provider(self) -> _Provider:
        usual = f"{self._issuer.rstrip('/')}/.well-known/openid-configuration"
        address = self._terms.discovery or usual
        metadata = _document(self._asked("GET", address))
        if metadata.get("issuer") != self._issuer:
            raise SsoUnavailable("issuer")
        if not all(self._is_trusted(metadata.get(name)) for name in _ENDPOINTS):
            raise SsoUnavailable("endpoints")
        try:
            keys = KeySet.import_key_set(_document(self._asked("GET", metadata["jwks_uri"])))  # type: ignore[arg-type]
        except (JoseError, ValueError, KeyError, TypeError) as fault:
            raise SsoUnavailable("keys") from fault
        return _Provider(metadata, keys, time.monotonic())

    def _asked(self, method: str, address: str, **request: Any) -> httpx.Response:
        try:
            return httpx.request(method, address, timeout=self._terms.timeout_seconds, **request)
        except httpx.HTTPError as fault:
            raise SsoUnavailable("network") from fault

    def _is_trusted(self, address: object) -> bool:
        """In production, only addresses behind TLS."""
        scheme = "https://" if self._terms.needs_tls else "http"
        return isinstance(address, str) and address.startswith(scheme)

    @property
    def _issuer(self) -> str:
        if self._terms.issuer is None:
            raise SsoNotConfigured
        return self._terms.issuer

    @property
    def _client_id(self) -> str:
        if self._terms.client_id is None:
            raise SsoNotConfigured
        return self._terms.client_id


def platform_terms(settings: Settings) -> OidcTerms:
    """Return how the national platform's sign-in is spoken to."""
    secret = settings.sas_sso_client_secret
    return OidcTerms(
        issuer=settings.sas_sso_issuer,
        client_id=settings.sas_sso_client_id,
        client_secret=secret.get_secret_value() if secret else "",
        scope=settings.sas_sso_scope,
        timeout_seconds=settings.sas_sso_timeout_seconds,
        needs_tls=settings.environment is Environment.PRODUCTION,
    )


def provider_terms(provider: SignInProvider, settings: Settings) -> OidcTerms:
    """Return how a provider of the settings is spoken to."""
    return OidcTerms(
        issuer=provider.issuer,
        client_id=provider.client_id,
        client_secret=provider.client_secret.get_secret_value(),
        scope=provider.scope,
        discovery=provider.discovery,
        acr_values=provider.acr_values,
        timeout_seconds=settings.sas_sso_timeout_seconds,
        needs_tls=settings.environment is Environment.PRODUCTION,
    )


def _document(answer: httpx.Response) -> dict[str, Any]:
    try:
        answer.raise_for_status()
        document = answer.json()
    except (httpx.HTTPError, ValueError) as fault:
        raise SsoUnavailable("answer") from fault
    if not isinstance(document, dict):
        raise SsoUnavailable("answer")
    return document
