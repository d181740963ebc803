"""What is asked of who opens a dossier in an emergency. Pure."""

from __future__ import annotations

from typing import Final

from snp.errors import InvalidValue

LEAST_REASON: Final = 15
MOST_REASON: Final = 200


def checked_reason(typed: str) -> str:
    """Return the reason in one line, as the delegate will read it.

    Raises `InvalidValue` when it is too short to say anything (`LEAST_REASON` characters), or too long.
    """
    reason = " ".join(typed.split())
    if not reason:
        raise InvalidValue("reason", "dites pourquoi ce dossier doit être ouvert maintenant")
    if len(reason) < LEAST_REASON:
        raise InvalidValue("reason", f"dites-en plus : {LEAST_REASON} caractères au moins")
    if len(reason) > MOST_REASON:
        raise InvalidValue("reason", f"{MOST_REASON} caractères au plus")
    return reason
