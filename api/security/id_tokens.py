"""Is this ID token the answer to our question? Signature, issuer, audience, time and nonce; reads no clock.

Source: OpenID Connect Core 1.0 §3.1.3.7; RFC 8725 (algorithms from a closed list, none and shared secrets
refused).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from joserfc import jwt
from joserfc.errors import ClaimError, JoseError
from joserfc.jwk import KeySet

from api.security.errors import SsoRefused

ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
LEEWAY_SECONDS: Final = 60
"""How far the provider's clock may be from ours."""


class UnknownSigner(SsoRefused):
    """No key that we know signed the token: the provider may have changed its keys since we read them."""

    def __init__(self) -> None:
        super().__init__("signature")


def checked_claims(
    token: str, keys: KeySet, *, issuer: str, client_id: str, nonce: str, now: datetime
) -> Mapping[str, Any]:
    """Return the claims of a token that answers our question. Raises `SsoRefused`, `UnknownSigner`."""
    try:
        claims = jwt.decode(token, keys, algorithms=ALGORITHMS).claims
    except (JoseError, ValueError) as fault:
        raise UnknownSigner from fault
    wanted = jwt.JWTClaimsRegistry(
        now=int(now.timestamp()),
        leeway=LEEWAY_SECONDS,
        iss={"essential": True, "value": issuer},
        aud={"essential": True, "value": client_id},
        sub={"essential": True},
        exp={"essential": True},
        iat={"essential": True},
        nonce={"essential": True, "value": nonce},
    )
    try:
        wanted.validate(claims)
    except ClaimError as fault:
        raise SsoRefused(fault.claim) from fault
    except JoseError as fault:
        raise SsoRefused(fault.error) from fault
    check_party(claims, client_id)
    return claims


def check_party(claims: Mapping[str, Any], client_id: str) -> None:
    """A token for several audiences names who it was made for, and that must be us. Raises `SsoRefused`."""
    audiences = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
    if claims.get("azp", client_id if len(audiences) == 1 else None) != client_id:
        raise SsoRefused("azp")
