"""Brings what is sealed on the list under the current keys."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from regulation.intake.sealing import identity_context
from regulation.medecin_traitant.register import repository, sealing
from regulation.medecin_traitant.register.service.signing_up import hashes
from snp.platform import audit
from snp.platform.actors import Actor
from snp.platform.crypto import Cipher
from snp.platform.keys import Keys


def reseal_register(
    session: Session, *, after: UUID | None = None, limit: int = 500, keys: Keys, by: Actor, now: datetime
) -> UUID | None:
    """Bring a batch of entries and their calls under the current keys; doing it twice changes nothing.

    Returns the last entry done, to pass as `after`; None when nothing was left.
    """
    cipher, hasher = keys.cipher(), keys.hasher()
    done: UUID | None = None
    for row in repository.lock_batch(session, after=after, limit=limit):
        done = row.id
        person = sealing.open_identity(cipher, row.id, row.identity, row.insee)
        email = sealing.open_text(cipher, sealing.EMAIL, row.id, row.email)
        values = {
            "identity": cipher.reseal(row.identity, context=identity_context(row.id)),
            "email": _again(cipher, sealing.EMAIL, row.id, row.email),
            **hashes(hasher, person, email),
        }
        repository.reseal_entry(session, row.id, values)
        for call in repository.calls(session, row.id):
            texts = {
                "practice": _again(cipher, sealing.PRACTICE, call.id, call.practice),
                "note": _again(cipher, sealing.NOTE, call.id, call.note),
            }
            repository.reseal_call(session, call.id, texts)
    if done is not None:
        audit.record(
            session,
            at=now,
            actor=by,
            action=audit.AuditAction.RESEAL,
            resource="mt_entry",
            why="rotation des clés de chiffrement",
            detail={"until": str(done)},
        )
    return done


def _again(cipher: Cipher, kind: str, row_id: UUID, envelope: bytes | None) -> bytes | None:
    return None if envelope is None else cipher.reseal(envelope, context=sealing.text_context(kind, row_id))
