"""What is sealed beside an identity on the list, bound to its row; the identity is sealed as a patient's."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from regulation.intake.sealing import open_identity, seal_identity
from snp.platform.crypto import Cipher

__all__ = [
    "EMAIL",
    "NOTE",
    "PRACTICE",
    "open_identity",
    "open_text",
    "seal_identity",
    "seal_text",
    "text_context",
]

EMAIL: Final = "mt_entry.email"
NOTE: Final = "mt_call.note"
PRACTICE: Final = "mt_call.practice"


def text_context(kind: str, row_id: UUID) -> str:
    """What a text is bound to."""
    return f"{kind}:{row_id}"


def seal_text(cipher: Cipher, kind: str, row_id: UUID, text: str | None) -> bytes | None:
    """A text as it is stored; None when there is none."""
    return None if not text else cipher.seal(text.encode(), context=text_context(kind, row_id))


def open_text(cipher: Cipher, kind: str, row_id: UUID, envelope: bytes | None) -> str | None:
    """A text as it was typed."""
    return None if envelope is None else cipher.open(envelope, context=text_context(kind, row_id)).decode()
