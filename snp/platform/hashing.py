"""Keyed hashes that find what is sealed or secret, and the codes and tokens they stand for.

Searching is done on keyed hashes only: without the key, the hash of a ten-digit phone is undone in minutes.
Knows no table and no settings.
"""

from __future__ import annotations

import hashlib
import hmac
import unicodedata
from datetime import date
from typing import Final

from snp.platform.crypto import Keyring

_UNDECOMPOSED: Final = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ı": "i"})


class KeyedHash:
    """32-byte HMAC-SHA-256 digests, each kind of value under a domain of its own so that none compare.

    Write with `digest` (or a named method), look up with `candidates`: while keys rotate, old rows still
    carry the digest of an older key.
    """

    def __init__(self, ring: Keyring) -> None:
        self._keys = tuple(ring.keys.values())

    def digest(self, domain: str, value: str) -> bytes:
        """The digest under the current key."""
        return _hmac(self._keys[0], domain, value)

    def candidates(self, domain: str, value: str) -> list[bytes]:
        """The digest under every key, the current one first."""
        return [_hmac(key, domain, value) for key in self._keys]

    def phone(self, phone: str) -> bytes:
        """The digest of a phone in E.164 form."""
        return self.digest("phone", phone)

    def phone_candidates(self, phone: str) -> list[bytes]:
        """What rows of this phone may carry."""
        return self.candidates("phone", phone)

    def person(self, family_name: str, given_name: str, birth_date: date) -> bytes:
        """The digest of a name and birth date, the same however the name is accented, cased or hyphenated."""
        return self.digest("person", person_key(family_name, given_name, birth_date))

    def person_candidates(self, family_name: str, given_name: str, birth_date: date) -> list[bytes]:
        """What rows of this person may carry."""
        return self.candidates("person", person_key(family_name, given_name, birth_date))

    def code(self, domain: str, code: str) -> bytes:
        """The digest of a short code read aloud or typed: case, spaces and hyphens do not count."""
        return self.digest(domain, fold_code(code))

    def code_candidates(self, domain: str, code: str) -> list[bytes]:
        """What rows of this code may carry."""
        return self.candidates(domain, fold_code(code))


def fold_name(name: str) -> str:
    """A name reduced to lower-case letters and digits without accents.

    « Jean-François » is `jeanfrancois`.
    """
    lowered = name.casefold().translate(_UNDECOMPOSED)
    decomposed = unicodedata.normalize("NFKD", lowered)
    return "".join(character for character in decomposed if character.isalnum())


def person_key(family_name: str, given_name: str, birth_date: date) -> str:
    """What is hashed for a person."""
    return f"{fold_name(family_name)}|{fold_name(given_name)}|{birth_date.isoformat()}"


def fold_code(code: str) -> str:
    """A typed code as it was issued, whatever the case, spaces or hyphens."""
    return "".join(character for character in code.upper() if character.isalnum())


def _hmac(key: bytes, domain: str, value: str) -> bytes:
    return hmac.new(key, f"{domain}\x00{value}".encode(), hashlib.sha256).digest()
