"""Secrets that travel in an address: an identifier and its signature under the hashing keys.

What is handed out is derived, so that it can be shown again; only its hash is stored, so that a reader of the
database cannot use it. Knows no table.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from typing import Final
from uuid import UUID

from snp.platform.hashing import KeyedHash

_ID_BYTES: Final = 16
_SIGNATURE_BYTES: Final = 20
"""160 bits: nothing to guess. Source: RFC 2104 §5 (at least half of the hash, and no less than 80 bits)."""


def secret_text(domain: str, ident: UUID, codes: KeyedHash) -> str:
    """Return the secret of an identifier, 48 characters fit for an address, under the current key."""
    return _text(ident, codes.digest(domain, str(ident)))


def secret_texts(domain: str, ident: UUID, codes: KeyedHash) -> list[str]:
    """Return the secret of an identifier under every key, the current one first."""
    return [_text(ident, digest) for digest in codes.candidates(domain, str(ident))]


def read_secret(domain: str, text: str, codes: KeyedHash) -> UUID | None:
    """Return the identifier of a secret that one of our keys signed; None for anything else."""
    try:
        content = base64.b64decode(text, altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    if len(content) != _ID_BYTES + _SIGNATURE_BYTES:
        return None
    ident = UUID(bytes=content[:_ID_BYTES])
    signed = content[_ID_BYTES:]
    made = (digest[:_SIGNATURE_BYTES] for digest in codes.candidates(domain, str(ident)))
    return ident if any(hmac.compare_digest(signed, one) for one in made) else None


def stored_hash(text: str) -> bytes:
    """Return what is kept of a secret."""
    return hashlib.sha256(text.encode()).digest()


def _text(ident: UUID, digest: bytes) -> str:
    return base64.urlsafe_b64encode(ident.bytes + digest[:_SIGNATURE_BYTES]).decode()
