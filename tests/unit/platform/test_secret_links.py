"""Secrets in addresses: signed, bound to one use, accepted under older keys, undone by a changed letter."""

from __future__ import annotations

from uuid import UUID

import pytest

from snp.platform.crypto import Keyring
from snp.platform.hashing import KeyedHash
from snp.platform.secret_links import read_secret, secret_text, secret_texts, stored_hash

IDENT = UUID("00000000-0000-7000-8000-0000000000a1")
OLD, NEW = {"a": b"a" * 32}, {"b": b"b" * 32}
CODES = KeyedHash(Keyring(OLD))


def test_a_secret_leads_back_to_what_it_names() -> None:
    text = secret_text("feed", IDENT, CODES)
    assert len(text) == 48
    assert read_secret("feed", text, CODES) == IDENT


def test_a_secret_of_one_purpose_is_none_of_another() -> None:
    assert read_secret("link", secret_text("feed", IDENT, CODES), CODES) is None


def test_a_secret_works_after_the_keys_have_turned_and_not_under_others() -> None:
    text = secret_text("feed", IDENT, CODES)
    assert read_secret("feed", text, KeyedHash(Keyring(NEW | OLD))) == IDENT
    assert text in secret_texts("feed", IDENT, KeyedHash(Keyring(NEW | OLD)))
    assert read_secret("feed", text, KeyedHash(Keyring(NEW))) is None


@pytest.mark.parametrize("place", [0, 10, 30, 47])
def test_a_changed_letter_undoes_it(place: int) -> None:
    text = secret_text("feed", IDENT, CODES)
    changed = text[:place] + ("A" if text[place] != "A" else "B") + text[place + 1 :]
    assert read_secret("feed", changed, CODES) is None


@pytest.mark.parametrize("text", ["", "x", "é" * 48, "=" * 48, "A" * 48, "A" * 5000])
def test_anything_else_is_no_secret(text: str) -> None:
    assert read_secret("feed", text, CODES) is None


def test_what_is_stored_is_not_the_secret() -> None:
    text = secret_text("feed", IDENT, CODES)
    assert text.encode() not in stored_hash(text)
    assert stored_hash(text) != stored_hash(text[:-1])
