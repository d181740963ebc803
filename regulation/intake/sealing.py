"""Identities, callers and notes as sealed bytes, each bound to its own row. Knows no table and no session."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import orjson

from regulation.intake.facts import CallerTraits, PatientTraits, Sex
from snp.platform.crypto import Cipher


def identity_context(patient_id: UUID) -> str:
    """What an identity is bound to."""
    return f"patient.identity:{patient_id}"


def caller_context(request_id: UUID) -> str:
    """What a caller is bound to."""
    return f"request.caller:{request_id}"


def note_context(request_id: UUID) -> str:
    """What a note is bound to."""
    return f"request.note:{request_id}"


def seal_identity(cipher: Cipher, patient_id: UUID, traits: PatientTraits) -> bytes:
    """The identity as it is stored; the commune stays beside it in clear, for distances."""
    content = {
        "family_name": traits.family_name,
        "given_name": traits.given_name,
        "birth_date": traits.birth_date.isoformat(),
        "sex": traits.sex.value,
        "phone": traits.phone,
    }
    return cipher.seal(orjson.dumps(content), context=identity_context(patient_id))


def open_identity(cipher: Cipher, patient_id: UUID, envelope: bytes, insee: str) -> PatientTraits:
    """The identity as it was sealed."""
    content: dict[str, Any] = orjson.loads(cipher.open(envelope, context=identity_context(patient_id)))
    return PatientTraits(
        family_name=content["family_name"],
        given_name=content["given_name"],
        birth_date=date.fromisoformat(content["birth_date"]),
        sex=Sex(content["sex"]),
        phone=content["phone"],
        insee=insee,
    )


def seal_caller(cipher: Cipher, request_id: UUID, caller: CallerTraits | None) -> bytes | None:
    """Who called, as it is stored; None when it was the patient."""
    if caller is None:
        return None
    content = {"name": caller.name, "phone": caller.phone, "relation": caller.relation}
    return cipher.seal(orjson.dumps(content), context=caller_context(request_id))


def open_caller(cipher: Cipher, request_id: UUID, envelope: bytes | None) -> CallerTraits | None:
    """Who called."""
    if envelope is None:
        return None
    return CallerTraits(**orjson.loads(cipher.open(envelope, context=caller_context(request_id))))


def seal_note(cipher: Cipher, request_id: UUID, note: str | None) -> bytes | None:
    """A note as it is stored."""
    return None if note is None else cipher.seal(note.encode(), context=note_context(request_id))


def open_note(cipher: Cipher, request_id: UUID, envelope: bytes | None) -> str | None:
    """A note as it was typed."""
    return None if envelope is None else cipher.open(envelope, context=note_context(request_id)).decode()
