"""Keys with names, and patient identities sealed at rest with them.

Knows keys and bytes, no table and no settings. The key is named in the envelope, so that keys rotate without
a stop; what makes sealed identities findable is in `snp.platform.hashing`.
"""

from __future__ import annotations

import base64
import binascii
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12
_VERSION: Final = 1


class UnknownKey(LookupError):
    """The envelope names a key that this process was not given."""


class TamperedEnvelope(ValueError):
    """The bytes are not an envelope of ours, or not the one that was sealed for this place."""


@dataclass(frozen=True, slots=True)
class Keyring:
    """Named 32-byte keys in order of preference: the first one writes, all of them read."""

    keys: Mapping[str, bytes] = field(repr=False)

    def __post_init__(self) -> None:
        if not self.keys:
            raise ValueError("a keyring holds at least one key")
        for name, key in self.keys.items():
            if len(key) != KEY_BYTES:
                raise ValueError(f"key {name!r} must be {KEY_BYTES} bytes, got {len(key)}")
            if not name.isascii() or not 1 <= len(name) <= 32:
                raise ValueError(f"key name {name!r} must be 1 to 32 ASCII characters")

    @property
    def current(self) -> str:
        """The name of the key that writes."""
        return next(iter(self.keys))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `kid:base64,kid:base64`; raises `ValueError` without ever quoting the key."""
        keys: dict[str, bytes] = {}
        for part in filter(None, (part.strip() for part in text.split(","))):
            name, _, encoded = part.partition(":")
            try:
                key = base64.b64decode(encoded, validate=True)
            except binascii.Error as error:
                raise ValueError(f"key {name!r} is not base64") from error
            if name in keys:
                raise ValueError(f"key {name!r} is given twice")
            keys[name] = key
        return cls(keys)

    @classmethod
    def generate(cls, name: str) -> Self:
        """A ring of one new random key."""
        return cls({name: secrets.token_bytes(KEY_BYTES)})

    def format(self) -> str:
        """The text that `parse` reads; it holds the keys, so it goes to a key file and nowhere else."""
        return ",".join(f"{name}:{base64.b64encode(key).decode()}" for name, key in self.keys.items())


class Cipher:
    """Seals small texts.

    Envelope: version, key name length, key name, 96-bit nonce, ciphertext and 128-bit tag.

    `context` (such as `patient.identity:<id>`) is authenticated but not stored: an envelope copied into
    another row does not open there. Random nonces allow 2**32 envelopes per key; rotate well before.

    Source: NIST SP 800-38D §8.2.2 and §8.3.
    """

    def __init__(self, ring: Keyring) -> None:
        self._current = ring.current
        self._ciphers = {name: AESGCM(key) for name, key in ring.keys.items()}

    def seal(self, plain: bytes, *, context: str) -> bytes:
        """Encrypt under the current key."""
        header = bytes([_VERSION, len(self._current)]) + self._current.encode()
        nonce = os.urandom(_NONCE_BYTES)
        return header + nonce + self._ciphers[self._current].encrypt(nonce, plain, header + context.encode())

    def open(self, envelope: bytes, *, context: str) -> bytes:
        """Decrypt under whichever key sealed it; raises `UnknownKey` or `TamperedEnvelope`."""
        name = key_name(envelope)
        cipher = self._ciphers.get(name)
        if cipher is None:
            raise UnknownKey(f"no key named {name!r}")
        end = 2 + len(name)
        header, nonce, sealed = (
            envelope[:end],
            envelope[end : end + _NONCE_BYTES],
            envelope[end + _NONCE_BYTES :],
        )
        try:
            return cipher.decrypt(nonce, sealed, header + context.encode())
        except (InvalidTag, ValueError) as error:
            raise TamperedEnvelope("the envelope does not open here") from error

    def is_stale(self, envelope: bytes) -> bool:
        """True when another key than the current one sealed it."""
        return key_name(envelope) != self._current

    def reseal(self, envelope: bytes, *, context: str) -> bytes:
        """The same text under the current key; the envelope itself when nothing has to change."""
        return (
            self.seal(self.open(envelope, context=context), context=context)
            if self.is_stale(envelope)
            else envelope
        )


def key_name(envelope: bytes) -> str:
    """The name of the key that sealed an envelope; raises `TamperedEnvelope` when there is none to read."""
    if len(envelope) < 2 or envelope[0] != _VERSION or len(envelope) < 2 + envelope[1] + _NONCE_BYTES:
        raise TamperedEnvelope("not an envelope")
    try:
        return envelope[2 : 2 + envelope[1]].decode("ascii")
    except UnicodeDecodeError as error:
        raise TamperedEnvelope("not an envelope") from error
