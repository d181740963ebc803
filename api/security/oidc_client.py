"""Speaks to the platform's OpenID Connect sign-in: where to send a visitor, who came back.

Authorization code with PKCE. What the provider publishes of itself is kept for an hour; its keys are read
again when a token is signed by one that we do not know. No network at start: the first visitor asks.
Source: OpenID Connect Core 1.0 and Discovery 1.0; RFC 7636; RFC 9700.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import httpx
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from api.security.errors import SsoNotConfigured, SsoRefused, SsoUnavailable
from api.security.id_tokens import UnknownSigner, checked_claims
from snp.platform.settings import Environment, Settings

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


class OidcClient:
    """The sign-in of one provider, as the settings name it; safe to share between threads."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._known: _Provider | None = None

    def address(self, question: Question) -> str:
        """Return where to send the visitor. Raises `SsoNotConfigured`, `SsoUnavailable`."""
        address: str = prepare_grant_uri(
            self._provider().metadata["authorization_endpoint"],
            client_id=self._client_id,
            response_type="code",
            redirect_uri=question.redirect_uri,
            scope=self._settings.sas_sso_scope,
            state=question.state,
            nonce=question.nonce,
            code_challenge=create_s256_code_challenge(question.verifier),
            code_challenge_method="S256",
        )
        return address

    def claims(self, code: str, question: Question, *, now: datetime) -> Mapping[str, Any]:
        """Return who came back with a code. Raises `SsoRefused`, `SsoUnavailable`, `SsoNotConfigured`.

        `now` is the machine's own time: a demonstration's clock means nothing to the provider.
        """
        token = self._exchanged(code, question)
        terms: dict[str, Any] = {"issuer": self._issuer, "client_id": self._client_id}
        terms |= {"nonce": question.nonce, "now": now}
        try:
            return checked_claims(token, self._provider().keys, **terms)
        except UnknownSigner:
            return checked_claims(token, self._provider(afresh=True).keys, **terms)

    def _exchanged(self, code: str, question: Question) -> str:
        """Return the ID token that the provider gives for a code."""
        metadata = self._provider().metadata
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": question.redirect_uri,
            "code_verifier": question.verifier,
        }
        secret = self._settings.sas_sso_client_secret
        password = secret.get_secret_value() if secret else ""
        methods = metadata.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        auth = httpx.BasicAuth(self._client_id, password) if "client_secret_basic" in methods else None
        if auth is None:
            form |= {"client_id": self._client_id, "client_secret": password}
        answer = self._asked("POST", metadata["token_endpoint"], data=form, auth=auth)
        if answer.is_client_error:
            raise SsoRefused("code")
        token = _document(answer).get("id_token")
        if not isinstance(token, str):
            raise SsoRefused("no_id_token")
        return token

    def _provider(self, *, afresh: bool = False) -> _Provider:
        with self._lock:
            known = self._known
            if afresh or known is None or time.monotonic() - known.read_at > KEPT_SECONDS:
                known = self._known = self._read_provider()
            return known

    def _read_provider(self) -> _Provider:
        address = f"{self._issuer.rstrip('/')}/.well-known/openid-configuration"
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
            return httpx.request(method, address, timeout=self._settings.sas_sso_timeout_seconds, **request)
        except httpx.HTTPError as fault:
            raise SsoUnavailable("network") from fault

    def _is_trusted(self, address: object) -> bool:
        """In production, only addresses behind TLS."""
        scheme = "https://" if self._settings.environment is Environment.PRODUCTION else "http"
        return isinstance(address, str) and address.startswith(scheme)

    @property
    def _issuer(self) -> str:
        if self._settings.sas_sso_issuer is None:
            raise SsoNotConfigured
        return self._settings.sas_sso_issuer

    @property
    def _client_id(self) -> str:
        if self._settings.sas_sso_client_id is None:
            raise SsoNotConfigured
        return self._settings.sas_sso_client_id


def _document(answer: httpx.Response) -> dict[str, Any]:
    try:
        answer.raise_for_status()
        document = answer.json()
    except (httpx.HTTPError, ValueError) as fault:
        raise SsoUnavailable("answer") from fault
    if not isinstance(document, dict):
        raise SsoUnavailable("answer")
    return document
