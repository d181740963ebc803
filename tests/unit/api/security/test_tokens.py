"""Secrets: made random, kept as digests, compared whole."""

from __future__ import annotations

import pytest

from api.security.passwords import hash_password, verify_password
from api.security.tokens import (
    csrf_matches,
    csrf_token,
    digest,
    new_key_text,
    new_token,
    parse_key_text,
    same,
)


def test_a_key_reads_back_as_it_was_made() -> None:
    text = new_key_text()

    assert parse_key_text(text.format()) == text
    assert "secret" not in repr(text)


@pytest.mark.parametrize("text", ["", "snp_", "snp_abc_def", "SNP_abcdefghjk_" + "x" * 43, "bearer x"])
def test_another_text_is_no_key(text: str) -> None:
    assert parse_key_text(text) is None


def test_a_secret_is_known_by_its_digest() -> None:
    token = new_token()

    assert same(token, digest(token))
    assert not same(token + "x", digest(token))
    assert len(token) >= 43


def test_a_form_token_belongs_to_its_cookie() -> None:
    cookie = new_token()

    assert csrf_matches(cookie, csrf_token(cookie))
    assert not csrf_matches(cookie, csrf_token(new_token()))
    assert not csrf_matches(cookie, None)
    assert not csrf_matches(cookie, "é")
    assert cookie not in csrf_token(cookie)


def test_a_password_is_verified_by_its_hash_alone() -> None:
    kept = hash_password("un mot de passe long")

    assert kept.startswith("$argon2id$")
    assert verify_password("un mot de passe long", kept) == (True, None)
    assert verify_password("un autre", kept)[0] is False
    assert verify_password("un mot de passe long", None) == (False, None)
