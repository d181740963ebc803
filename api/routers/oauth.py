"""The token endpoint of software: a key is exchanged for a short-lived token; and what we say of it.

A machine's door like any other server's: its errors are those of the protocol, not our problems.
Source: RFC 6749 §4.4 and §5, RFC 8414.
"""

from __future__ import annotations

import base64
import binascii
import logging
from dataclasses import dataclass, field
from datetime import timedelta
from http import HTTPStatus
from typing import Annotated, Any, Final
from urllib.parse import parse_qsl, unquote_plus

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from api.deps import NowDep, SessionDep, WiringDep, client_address
from api.openapi import problem_responses
from api.security import service as security
from api.security.errors import AddressNotAllowed, InvalidClient, InvalidScope
from api.security.rights import Scope, unknown_scopes
from api.web.addresses import service_address
from snp.platform.events import Event
from snp.platform.logs import log

router = APIRouter(tags=["access"])

TOKEN_PATH: Final = "/oauth/token"  # noqa: S105 - an address
GRANT: Final = "client_credentials"
_FORM: Final = "application/x-www-form-urlencoded"
_KEPT_BY_NOBODY: Final = {"cache-control": "no-store", "pragma": "no-cache"}
_FIELDS: Final = 20


class TokenOut(BaseModel):
    """A token (RFC 6749 §5.1)."""

    access_token: str
    token_type: str = "Bearer"  # noqa: S105 - its kind
    expires_in: int
    scope: str


class TokenErrorOut(BaseModel):
    """A refusal of the token endpoint (RFC 6749 §5.2)."""

    error: str
    error_description: str


_RESPONSES: Final[dict[int | str, dict[str, Any]]] = {
    400: {"model": TokenErrorOut},
    401: {"model": TokenErrorOut},
    **problem_responses(413, 429, 503),
}


class ServerOut(BaseModel):
    """What this authorization server is (RFC 8414 §2)."""

    issuer: str
    token_endpoint: str
    response_types_supported: list[str]
    grant_types_supported: list[str]
    token_endpoint_auth_methods_supported: list[str]
    scopes_supported: list[str]
    service_documentation: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why no token is given, as the protocol words it."""

    error: str
    description: str
    status: int = 400


_UNPROVED: Final = Refusal("invalid_client", "the client is unknown or did not prove itself", 401)


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """What a client asked for. `scopes` None: all that its key has."""

    client_id: str
    client_secret: str = field(repr=False)
    scopes: tuple[str, ...] | None


async def token_request(request: Request) -> TokenRequest | Refusal:
    """Return what a client asks for, or why it cannot be understood. Every fault is an answer."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != _FORM:
        return Refusal("invalid_request", f"the body must be {_FORM}")
    try:
        text = (await request.body()).decode()
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=_FIELDS)
    except ValueError:
        return Refusal("invalid_request", "the body cannot be read")
    named = dict(pairs)
    if len(named) != len(pairs):
        return Refusal("invalid_request", "a parameter is repeated")
    return _asked(named, request.headers.get("authorization"))


@router.post(
    TOKEN_PATH,
    response_model=TokenOut,
    responses=_RESPONSES,
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                _FORM: {
                    "schema": {
                        "type": "object",
                        "required": ["grant_type"],
                        "properties": {
                            "grant_type": {"type": "string", "enum": [GRANT]},
                            "client_id": {"type": "string", "description": "Le préfixe de la clé."},
                            "client_secret": {"type": "string", "description": "Le texte de la clé."},
                            "scope": {"type": "string", "description": "Portées, séparées par une espace."},
                        },
                    }
                }
            },
        }
    },
)
def give_token(
    *,
    request: Request,
    asked: Annotated[TokenRequest | Refusal, Depends(token_request)],
    session: SessionDep,
    wiring: WiringDep,
    now: NowDep,
) -> JSONResponse:
    """Exchange a key for a short-lived token (client credentials)."""
    address = client_address(request)
    if isinstance(asked, Refusal):
        return _refused(asked)
    wiring.token_requests.take(address, now)
    try:
        issued = security.issue_token(
            session,
            asked.client_id,
            asked.client_secret,
            scopes=asked.scopes,
            address=address,
            lifetime=timedelta(minutes=wiring.settings.access_token_minutes),
            now=now,
        )
    except (InvalidClient, AddressNotAllowed):
        return _refused(_UNPROVED)
    except InvalidScope:
        wiring.token_requests.give_back(session, address)
        return _refused(Refusal("invalid_scope", "the key has not all of these scopes"))
    wiring.token_requests.give_back(session, address)
    log(Event.TOKEN_ISSUED, count=len(issued.scopes))
    out = TokenOut(
        access_token=issued.text,
        expires_in=int(issued.expires_in.total_seconds()),
        scope=" ".join(issued.scopes),
    )
    return JSONResponse(out.model_dump(), headers=_KEPT_BY_NOBODY)


@router.get("/.well-known/oauth-authorization-server")
def describe_server(request: Request) -> ServerOut:
    """Say where tokens are given, to whom, and for what."""
    site = service_address(request)
    return ServerOut(
        issuer=site,
        token_endpoint=site + TOKEN_PATH,
        response_types_supported=[],
        grant_types_supported=[GRANT],
        token_endpoint_auth_methods_supported=["client_secret_basic", "client_secret_post"],
        scopes_supported=sorted(scope.value for scope in Scope),
        service_documentation=f"{site}/docs",
    )


def _asked(named: dict[str, str], header: str | None) -> TokenRequest | Refusal:
    grant = named.get("grant_type", "")
    if not grant:
        return Refusal("invalid_request", "grant_type is missing")
    if grant != GRANT:
        return Refusal("unsupported_grant_type", f"only {GRANT} is supported")
    scopes = tuple(named["scope"].split()) if named.get("scope", "").strip() else None
    if scopes is not None and unknown_scopes(scopes):
        return Refusal("invalid_scope", "unknown scopes")
    proof = _proof(named, header)
    return proof if isinstance(proof, Refusal) else TokenRequest(*proof, scopes)


def _proof(named: dict[str, str], header: str | None) -> tuple[str, str] | Refusal:
    """Return the client and its secret, proved in one way only."""
    if header is None:
        ident, secret = named.get("client_id", ""), named.get("client_secret", "")
        return (ident, secret) if ident and secret else _UNPROVED
    if "client_secret" in named:
        return Refusal("invalid_request", "the client proves itself in two ways")
    proof = _basic(header)
    return _UNPROVED if proof is None or named.get("client_id", proof[0]) != proof[0] else proof


def _basic(header: str) -> tuple[str, str] | None:
    """Return the client and secret of HTTP Basic, each form-encoded before (RFC 6749 §2.3.1)."""
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        ident, found, secret = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return (unquote_plus(ident), unquote_plus(secret)) if found else None


def _refused(refusal: Refusal) -> JSONResponse:
    log(Event.TOKEN_REFUSED, level=logging.WARNING, code=refusal.error)
    headers: dict[str, Any] = dict(_KEPT_BY_NOBODY)
    if refusal.status == HTTPStatus.UNAUTHORIZED:
        headers["www-authenticate"] = 'Basic realm="snp", charset="UTF-8"'
    told = TokenErrorOut(error=refusal.error, error_description=refusal.description)
    return JSONResponse(told.model_dump(), refusal.status, headers)
