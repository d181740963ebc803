"""Password hashes: Argon2id, and a hash to burn time on when there is no account to compare with.

Source: OWASP Password Storage Cheat Sheet (Argon2id, 19 MiB, 2 passes, 1 lane); RFC 9106.
"""

from __future__ import annotations

from functools import cache
from typing import Final

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

_HASHER: Final = PasswordHash((Argon2Hasher(time_cost=2, memory_cost=19_456, parallelism=1),))


def hash_password(password: str) -> str:
    """Return the salted hash of a password."""
    return _HASHER.hash(password)


def verify_password(password: str, password_hash: str | None) -> tuple[bool, str | None]:
    """Tell whether the password is right, and its renewed hash where the parameters have grown since.

    Without a hash the same time is spent and the answer is no: an unknown login cannot be told by the clock.
    """
    if password_hash is None:
        _HASHER.verify(password, _decoy())
        return False, None
    return _HASHER.verify_and_update(password, password_hash)


@cache
def _decoy() -> str:
    return _HASHER.hash("a password that nobody has")
