"""The patient's code: derived from the appointment under a key, findable by its hash, stored nowhere."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from slots.appointments.rules import code_of, read_code
from snp.platform.hashing import KeyedHash

_DERIVED: Final = "appointment-code"
_STORED: Final = "appointment-code-hash"


def code_hash(appointment_id: UUID, codes: KeyedHash) -> bytes:
    """What is stored of a new appointment's code."""
    return codes.digest(_STORED, _folded(new_code(appointment_id, codes)))


def new_code(appointment_id: UUID, codes: KeyedHash) -> str:
    """The code that a new appointment gets."""
    return code_of(codes.digest(_DERIVED, str(appointment_id)))


def code_with_hash(appointment_id: UUID, stored: bytes, codes: KeyedHash) -> str:
    """Return the code that was given, also after the keys have turned.

    Raises `LookupError` when none of the keys at hand made it.
    """
    for digest in codes.candidates(_DERIVED, str(appointment_id)):
        code = code_of(digest)
        if stored in codes.candidates(_STORED, _folded(code)):
            return code
    raise LookupError(f"no key at hand made the code of appointment {appointment_id}")


def hashes_of(typed: str, codes: KeyedHash) -> list[bytes]:
    """What the appointment of a typed code may carry; empty when it is no code."""
    folded = read_code(typed)
    return codes.candidates(_STORED, folded) if folded else []


def _folded(code: str) -> str:
    return code.replace("-", "")
