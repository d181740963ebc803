"""Correcting what was typed, and bringing sealed data under the current keys."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session

from regulation.intake import moving, repository, rules, sealing, traits
from regulation.intake.facts import Correction, Move, PatientTraits, RequestView, StepResult
from regulation.intake.service.opening import check_commune
from snp.days import local_day
from snp.errors import InvalidValue
from snp.platform import audit
from snp.platform.actors import Actor
from snp.platform.crypto import Cipher
from snp.platform.keys import Keys


def correct(
    session: Session,
    request_id: UUID,
    correction: Correction,
    *,
    keys: Keys,
    why: str,
    version: int | None = None,
    by: Actor,
    now: datetime,
) -> StepResult:
    """Correct what was typed on a live request; the story tells which fields, never what they held."""
    view = moving.locked(session, request_id, version=version, by=by)
    rules.next_state(view.state, Move.CORRECT)
    if correction.patient is not None:
        _rewrite_patient(session, view, correction.patient, keys=keys, now=now)
    changes = _changes(view, correction, keys.cipher())
    fields = sorted({*changes, *(("patient",) if correction.patient else ())})
    audit.record(
        session,
        at=now,
        actor=by,
        action=audit.AuditAction.CHANGE,
        resource="request",
        resource_id=view.id,
        patient_id=view.patient_id,
        why=why,
        detail={"fields": fields},
    )
    data = {"fields": fields}
    return StepResult(moving.move(session, view, Move.CORRECT, data=data, changes=changes, by=by, now=now))


def reseal_identities(
    session: Session, *, after: UUID | None = None, limit: int = 500, keys: Keys, by: Actor, now: datetime
) -> UUID | None:
    """Bring a batch of patients and their requests' callers and notes under the current keys.

    Returns the last patient done, to pass as `after`; None when nothing was left. Doing it twice changes
    nothing.
    """
    cipher, hasher = keys.cipher(), keys.hasher()
    done: UUID | None = None
    for row in repository.lock_patients(session, after=after, limit=limit):
        done = row.id
        identity = sealing.open_identity(cipher, row.id, row.identity, row.insee)
        repository.reseal_patient(
            session,
            row.id,
            identity=cipher.reseal(row.identity, context=sealing.identity_context(row.id)),
            # Who was forgotten stays hashed by noise, or all of them would be found together.
            person_hash=row.person_hash
            if row.forgotten_at
            else hasher.person(identity.family_name, identity.given_name, identity.birth_date),
            phone_hash=hasher.phone(identity.phone) if identity.phone else None,
        )
        for request in repository.sealed_of_patient(session, row.id):
            repository.reseal_request(session, request.id, **_resealed(cipher, request))
    if done is not None:
        why = "rotation des clés de chiffrement"
        detail = {"until": str(done)}
        audit.record(
            session,
            at=now,
            actor=by,
            action=audit.AuditAction.RESEAL,
            resource="patient",
            why=why,
            detail=detail,
        )
    return done


def _resealed(cipher: Cipher, request: Any) -> dict[str, bytes | None]:
    """The caller and the note of a request under the current key."""
    contexts = {"caller": sealing.caller_context, "note": sealing.note_context}
    return {
        name: None
        if (envelope := getattr(request, name)) is None
        else cipher.reseal(envelope, context=context(request.id))
        for name, context in contexts.items()
    }


def _rewrite_patient(
    session: Session, view: RequestView, typed: PatientTraits, *, keys: Keys, now: datetime
) -> None:
    patient = traits.checked_patient(typed, view.origin, local_day(now))
    check_commune(session, patient.insee)
    hasher = keys.hasher()
    repository.update_patient(
        session,
        view.patient_id,
        identity=sealing.seal_identity(keys.cipher(), view.patient_id, patient),
        person_hash=hasher.person(patient.family_name, patient.given_name, patient.birth_date),
        phone_hash=hasher.phone(patient.phone) if patient.phone else None,
        insee=patient.insee,
    )


def _changes(view: RequestView, correction: Correction, cipher: Cipher) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    if correction.reason is not None:
        changes["reason"] = traits.checked_reason(correction.reason)
    if correction.caller is not None:
        caller = traits.checked_caller(correction.caller)
        changes["caller"] = sealing.seal_caller(cipher, view.id, caller)
    if correction.note is not None:
        changes["note"] = sealing.seal_note(cipher, view.id, traits.checked_note(correction.note))
    if correction.max_km is not None:
        if not 0 <= correction.max_km <= rules.MAX_KM:
            raise InvalidValue("max_km", f"de 0 à {rules.MAX_KM} km.")
        changes["max_km"] = correction.max_km
    if correction.excluded_practitioner_ids is not None:
        changes["excluded_practitioner_ids"] = sorted(correction.excluded_practitioner_ids)
    return changes
