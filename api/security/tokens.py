"""Random secrets and what is kept of them: session tokens, API keys, cross-site request tokens.

The secrets carry 256 random bits, so a plain SHA-256 is enough at rest: there is nothing to guess
(unlike phones and codes, whose hashes are keyed).
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass, field
from typing import Final

_KEY: Final = re.compile(r"snp_([a-z0-9]{10})_([A-Za-z0-9_-]{43})")
_PREFIX_ALPHABET: Final = "abcdefghijkmnpqrstuvwxyz23456789"


@dataclass(frozen=True, slots=True)
class KeyText:
    """An API key taken apart: the prefix finds the row, the secret proves it."""

    prefix: str
    secret: str = field(repr=False)

    def format(self) -> str:
        """Return the text handed to the owner."""
        return f"snp_{self.prefix}_{self.secret}"


def new_key_text() -> KeyText:
    """Return a fresh key."""
    prefix = "".join(secrets.choice(_PREFIX_ALPHABET) for _ in range(10))
    return KeyText(prefix=prefix, secret=secrets.token_urlsafe(32))


def parse_key_text(text: str) -> KeyText | None:
    """Return the parts of a key's text; None when it is not one of ours."""
    match = _KEY.fullmatch(text)
    return KeyText(prefix=match[1], secret=match[2]) if match else None


def new_token() -> str:
    """Return a fresh session token for a cookie."""
    return secrets.token_urlsafe(32)


def digest(secret: str) -> bytes:
    """Return what is kept of a secret."""
    return hashlib.sha256(secret.encode()).digest()


def same(secret: str, kept: bytes) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest(digest(secret), kept)


def csrf_token(cookie: str) -> str:
    """Return the token that proves that a form was served to the holder of this cookie.

    Derived from the cookie's own secret: another site can neither read the cookie nor compute this.
    Source: OWASP Cross-Site Request Forgery Prevention Cheat Sheet (HMAC-based token pattern).
    """
    return hmac.new(cookie.encode(), b"snp csrf", hashlib.sha256).hexdigest()


def csrf_matches(cookie: str, presented: str | None) -> bool:
    """Tell whether a presented token belongs to this cookie, in constant time."""
    return presented is not None and hmac.compare_digest(
        csrf_token(cookie).encode(), presented.encode("utf-8", "replace")
    )
