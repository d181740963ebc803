"""Is this a provider's order to end sessions here? Signature, issuer, audience, age, event; reads no clock.

Source: OpenID Connect Back-Channel Logout 1.0 §2.4 and §2.6; RFC 8725 (closed list of algorithms).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from api.security.errors import LogoutRefused
from api.security.id_tokens import ALGORITHMS, LEEWAY_SECONDS, UnknownSigner

EVENT: Final = "http://schemas.openid.net/event/backchannel-logout"
LONGEST_LIFE_SECONDS: Final = 600
"""How long an order is remembered at most, so that it serves once; one that lasts longer is refused."""


def checked_logout(
    token: str, keys: KeySet, *, issuer: str, client_id: str, now: datetime
) -> Mapping[str, Any]:
    """Return the claims of an order that is meant for us. Raises `LogoutRefused`, `UnknownSigner`."""
    try:
        decoded = jwt.decode(token, keys, algorithms=ALGORITHMS)
    except (JoseError, ValueError) as fault:
        raise UnknownSigner from fault
    claims = decoded.claims
    if decoded.header.get("typ", "logout+jwt").lower() not in {"logout+jwt", "jwt"}:
        raise LogoutRefused("typ")
    wanted = jwt.JWTClaimsRegistry(
        now=int(now.timestamp()),
        leeway=LEEWAY_SECONDS,
        iss={"essential": True, "value": issuer},
        aud={"essential": True, "value": client_id},
        exp={"essential": True},
        iat={"essential": True},
        jti={"essential": True},
    )
    try:
        wanted.validate(claims)
    except JoseError as fault:
        raise LogoutRefused(getattr(fault, "claim", None) or fault.error) from fault
    if not isinstance(claims["jti"], str):
        raise LogoutRefused("jti")
    _check_order(claims, now)
    return claims


def _check_order(claims: Mapping[str, Any], now: datetime) -> None:
    events = claims.get("events")
    if not isinstance(events, Mapping) or not isinstance(events.get(EVENT), Mapping):
        raise LogoutRefused("events")
    if "nonce" in claims:
        raise LogoutRefused("nonce")
    if not any(isinstance(claims.get(name), str) and claims[name] for name in ("sub", "sid")):
        raise LogoutRefused("sub")
    if int(claims["exp"]) - int(now.timestamp()) > LONGEST_LIFE_SECONDS:
        raise LogoutRefused("exp")
