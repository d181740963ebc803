"""An ID token proves somebody only when it answers our question, now, to us, signed by who we trust."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, OctKey, RSAKey

from api.security.errors import SsoRefused
from api.security.id_tokens import LEEWAY_SECONDS, UnknownSigner, checked_claims

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
KEY = RSAKey.generate_key(2048, {"kid": "k1"})
STRANGER = RSAKey.generate_key(2048, {"kid": "k2"})
TERMS: dict[str, Any] = {"issuer": "https://sas.example", "client_id": "agenda", "nonce": "n-1", "now": NOW}


def a_token(*, key: Any = KEY, alg: str = "RS256", kid: str = "k1", **changes: Any) -> str:
    issued = int(NOW.timestamp())
    claims = {
        "iss": "https://sas.example",
        "aud": "agenda",
        "sub": "5b0f8f0e",
        "nonce": "n-1",
        "iat": issued,
        "exp": issued + 300,
    }
    kept = {name: value for name, value in (claims | changes).items() if value is not None}
    return jwt.encode({"alg": alg, "kid": kid}, kept, key, algorithms=[alg])


def read(token: str) -> Any:
    return checked_claims(token, KeySet([KEY]), **TERMS)


def test_a_token_that_answers_our_question_says_who_came():
    assert read(a_token())["sub"] == "5b0f8f0e"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"iss": "https://other.example"}, "iss"),
        ({"iss": None}, "iss"),
        ({"aud": "another"}, "aud"),
        ({"aud": None}, "aud"),
        ({"nonce": "n-2"}, "nonce"),
        ({"nonce": None}, "nonce"),
        ({"sub": None}, "sub"),
        ({"exp": None}, "exp"),
        ({"iat": None}, "iat"),
        ({"aud": ["agenda", "another"]}, "azp"),
        ({"aud": ["agenda", "another"], "azp": "another"}, "azp"),
        ({"azp": "another"}, "azp"),
    ],
    ids=str,
)
def test_a_claim_that_is_wrong_or_missing_is_named(changes: dict[str, Any], code: str):
    with pytest.raises(SsoRefused) as refusal:
        read(a_token(**changes))
    assert refusal.value.fields["code"] == code


def test_a_token_for_several_that_was_made_for_us_is_ours():
    assert read(a_token(aud=["another", "agenda"], azp="agenda"))["sub"] == "5b0f8f0e"


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": int((NOW - timedelta(seconds=LEEWAY_SECONDS + 1)).timestamp())},
        {"iat": int((NOW + timedelta(seconds=LEEWAY_SECONDS + 1)).timestamp())},
        {"nbf": int((NOW + timedelta(seconds=LEEWAY_SECONDS + 1)).timestamp())},
    ],
    ids=["expired", "from the future", "not yet"],
)
def test_a_token_out_of_its_time_is_refused(changes: dict[str, Any]):
    with pytest.raises(SsoRefused):
        read(a_token(**changes))


@pytest.mark.parametrize(
    "token",
    [
        a_token(key=STRANGER, kid="k2"),
        a_token(key=STRANGER, kid="k1"),
        a_token(key=OctKey.import_key("a shared secret that is long enough"), alg="HS256"),
        a_token()[:-4] + "AAAA",
        "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.",
        "no token",
    ],
    ids=["unknown key", "forged key id", "shared secret", "changed", "unsigned", "no token"],
)
def test_a_token_signed_by_nobody_we_trust_is_refused(token: str):
    with pytest.raises(UnknownSigner):
        read(token)
