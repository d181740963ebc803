"""A provider's order to end sessions: what makes it one, and everything that does not."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from api.security.errors import LogoutRefused
from api.security.id_tokens import UnknownSigner
from api.security.logout_tokens import EVENT, checked_logout

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
ISSUER = "https://fournisseur.example"
CLIENT = "snp"
KEY = RSAKey.generate_key(2048, {"kid": "un", "use": "sig"})
OTHER = RSAKey.generate_key(2048, {"kid": "un", "use": "sig"})


def an_order(**changes: Any) -> dict[str, Any]:
    now = int(NOW.timestamp())
    claims = {"iss": ISSUER, "aud": CLIENT, "iat": now, "exp": now + 120, "jti": "j-1", "sub": "s-1"}
    return {
        name: value
        for name, value in (claims | {"events": {EVENT: {}}} | changes).items()
        if value is not None
    }


def checked(claims: dict[str, Any], *, key: RSAKey = KEY, typ: str = "logout+jwt") -> Any:
    token = jwt.encode({"alg": "RS256", "kid": "un", "typ": typ}, claims, key)
    return checked_logout(token, KeySet([KEY]), issuer=ISSUER, client_id=CLIENT, now=NOW)


@pytest.mark.parametrize("changes", [{}, {"sub": None, "sid": "x"}, {"aud": ["autre", CLIENT]}])
def test_an_order_for_us_is_taken(changes: dict[str, Any]) -> None:
    assert checked(an_order(**changes))["jti"] == "j-1"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"iss": "https://autre.example"}, "iss"),
        ({"aud": "autre"}, "aud"),
        ({"exp": int(NOW.timestamp()) - 120}, "exp"),
        ({"exp": None}, "exp"),
        ({"exp": int(NOW.timestamp()) + 3600}, "exp"),
        ({"iat": None}, "iat"),
        ({"jti": None}, "jti"),
        ({"jti": 3}, "jti"),
        ({"events": None}, "events"),
        ({"events": {"autre": {}}}, "events"),
        ({"events": {EVENT: "x"}}, "events"),
        ({"nonce": "n"}, "nonce"),
        ({"sub": None}, "sub"),
    ],
)
def test_what_is_no_order_for_us_is_refused(changes: dict[str, Any], code: str) -> None:
    with pytest.raises(LogoutRefused) as refusal:
        checked(an_order(**changes))

    assert refusal.value.fields["code"] == code


def test_an_id_token_or_a_stranger_s_signature_is_no_order() -> None:
    with pytest.raises(LogoutRefused):
        checked(an_order(), typ="at+jwt")
    with pytest.raises(UnknownSigner):
        checked(an_order(), key=OTHER)
