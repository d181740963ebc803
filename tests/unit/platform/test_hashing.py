"""Keyed hashes find a person however the name is written, and nothing without the key."""

from __future__ import annotations

from datetime import date

import pytest

from snp.platform.crypto import Keyring
from snp.platform.hashing import KeyedHash, fold_code, fold_name

RING = Keyring.generate("h1")
HASH = KeyedHash(RING)
BORN = date(1984, 2, 29)


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("Jean-François", "jeanfrancois"),
        ("JEAN FRANCOIS", "jeanfrancois"),
        ("L’Hôte", "lhote"),
        ("O'Brien", "obrien"),
        ("Cœur", "coeur"),
        ("Lætitia", "laetitia"),
        ("Straße", "strasse"),
        ("Ngoc Thảo", "ngocthao"),
        ("e\u0301lodie", "elodie"),
    ],
)
def test_a_name_folds_to_its_bare_letters(written: str, folded: str):
    assert fold_name(written) == folded


def test_a_person_is_found_however_the_name_is_written():
    one = HASH.person("Le Goff", "Zoé", BORN)
    assert HASH.person("LE-GOFF", "Zoe", BORN) == one
    assert HASH.person("Le Goff", "Zoé", date(1984, 2, 28)) != one
    assert HASH.person("Le", "GoffZoé", BORN) != one


def test_a_hash_needs_its_key():
    assert KeyedHash(Keyring.generate("h1")).phone("+33240123456") != HASH.phone("+33240123456")


def test_kinds_of_value_never_compare():
    assert HASH.digest("phone", "1") != HASH.digest("code", "1")
    assert len(HASH.phone("+33240123456")) == 32


def test_while_keys_rotate_old_rows_are_still_found():
    later = KeyedHash(Keyring({**Keyring.generate("h2").keys, **RING.keys}))
    assert HASH.phone("+33240123456") in later.phone_candidates("+33240123456")
    assert HASH.person("Le Goff", "Zoé", BORN) in later.person_candidates("le goff", "ZOE", BORN)
    assert HASH.code("patient", "K7PQ-3XWD") in later.code_candidates("patient", "k7pq 3xwd")
    assert (
        later.phone("+33240123456") == later.phone_candidates("+33240123456")[0] != HASH.phone("+33240123456")
    )


def test_a_code_is_found_as_it_is_typed():
    assert HASH.code("patient", " k7pq3xwd ") == HASH.code("patient", "K7PQ-3XWD")
    assert fold_code("k7-pq") == "K7PQ"
