"""Forgetting who a patient was: at his demand, or when the time to keep it is over. What was done stays.

The rows of care stay for figures, without a person: the identity is sealed over by one that says that it was
forgotten, the keyed hashes become noise, callers and notes go. It cannot be undone.
Source: RGPD art. 5(1)(e) (storage limitation), art. 17 (erasure), art. 4(5) (pseudonymisation).
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from sqlmodel import Session

from regulation.intake import repository, rules, sealing
from regulation.intake.facts import PatientTraits, Sex
from snp.errors import NotFound, SnpError
from snp.platform import audit
from snp.platform.actors import Actor
from snp.platform.keys import Keys


class StillServed(SnpError):
    """A request of this patient is still open, and not abandoned: who he is is needed to care for him."""

    slug = "still-served"
    fr = "Un dossier de cette personne est encore ouvert ({number}) : terminez-le ou annulez-le d’abord."

    def __init__(self, number: str) -> None:
        super().__init__(f"request {number} is still open", number=number)


def forget_patient(
    session: Session, patient_id: UUID, *, keys: Keys, why: str, by: Actor, now: datetime
) -> bool:
    """Forget who a patient was; False when that was done before. Raises `NotFound`, `StillServed`."""
    row = repository.lock_patient(session, patient_id)
    if row is None:
        raise NotFound("patient", patient_id)
    if row.forgotten_at is not None:
        return False
    open_number = repository.open_number(
        session, patient_id, rules.LIVE_STATES, moved_since=now - rules.ABANDONED_AFTER
    )
    if open_number is not None:
        raise StillServed(open_number)
    traits = PatientTraits(
        family_name="(identité effacée)",
        given_name="",
        birth_date=date(1900, 1, 1),
        sex=Sex.UNKNOWN,
        insee=row.insee,
    )
    repository.forget_patient(
        session,
        patient_id,
        identity=sealing.seal_identity(keys.cipher(), patient_id, traits),
        person_hash=secrets.token_bytes(32),
        now=now,
    )
    audit.record(
        session,
        at=now,
        actor=by,
        action=audit.AuditAction.FORGET,
        resource="patient",
        resource_id=patient_id,
        patient_id=patient_id,
        why=why,
    )
    return True


def patients_to_forget(
    session: Session, *, before: datetime, now: datetime, limit: int = 100
) -> Sequence[UUID]:
    """Patients whose last request was opened before `before` and who have none open, oldest first.

    An abandoned request is not open, or what nobody ever closed would be kept for ever.
    """
    moved_since = now - rules.ABANDONED_AFTER
    return repository.patients_to_forget(
        session, before=before, live=rules.LIVE_STATES, moved_since=moved_since, limit=limit
    )
