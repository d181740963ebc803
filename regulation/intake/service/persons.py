"""A patient as a person with rights: where he stands, who he is, and putting that right."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from regulation.intake import repository, rules, sealing, traits
from regulation.intake.facts import Origin, PatientStanding, PatientTraits, RequestView
from regulation.intake.service.opening import check_commune
from regulation.intake.service.reading import check_may_open
from snp.days import local_day
from snp.errors import NotFound
from snp.platform import audit
from snp.platform.actors import Actor
from snp.platform.keys import Keys


def patient_standing(session: Session, patient_id: UUID, *, by: Actor) -> PatientStanding:
    """Where a patient is known and whether he was forgotten; no trait. Raises `NotFound` out of reach."""
    check_may_open(by)
    found = repository.patient_standing(session, patient_id)
    sight = rules.sight_of(by)
    within = sight.territory_ids is None or (found is not None and found.territory_id in sight.territory_ids)
    if found is None or sight.nothing or not within:
        raise NotFound("patient", patient_id)
    return found


def identity_of(
    session: Session, patient_id: UUID, *, keys: Keys, why: str, by: Actor, now: datetime
) -> PatientTraits:
    """Open who a patient is; audited with `why`. Raises `NotFound`, `Forbidden`."""
    patient_standing(session, patient_id, by=by)
    _tell(session, patient_id, audit.AuditAction.READ, why=why, by=by, now=now)
    row = repository.sealed_patient(session, patient_id)
    return sealing.open_identity(keys.cipher(), row.id, row.identity, row.insee)


def requests_of_patient(session: Session, patient_id: UUID, *, by: Actor) -> Sequence[RequestView]:
    """Every request of a patient that the actor may see, oldest first."""
    patient_standing(session, patient_id, by=by)
    found = repository.of_patient(session, patient_id)
    return [view for view in found if rules.may_see_view(by, view)]


def rectify_patient(
    session: Session,
    patient_id: UUID,
    typed: PatientTraits,
    *,
    keys: Keys,
    why: str,
    by: Actor,
    now: datetime,
) -> None:
    """Put a patient's traits right, whatever the state of his requests; audited.

    Raises `NotFound`, `InvalidValue`; one who was forgotten is not found.
    """
    standing = patient_standing(session, patient_id, by=by)
    if standing.forgotten_at is not None:
        raise NotFound("patient", patient_id)
    patient = traits.checked_patient(typed, Origin.PHARMACY, local_day(now))
    check_commune(session, patient.insee)
    hasher = keys.hasher()
    repository.update_patient(
        session,
        patient_id,
        identity=sealing.seal_identity(keys.cipher(), patient_id, patient),
        person_hash=hasher.person(patient.family_name, patient.given_name, patient.birth_date),
        phone_hash=hasher.phone(patient.phone) if patient.phone else None,
        insee=patient.insee,
    )
    _tell(session, patient_id, audit.AuditAction.CHANGE, why=why, by=by, now=now)


def _tell(
    session: Session, patient_id: UUID, action: audit.AuditAction, *, why: str, by: Actor, now: datetime
) -> None:
    audit.record(
        session,
        at=now,
        actor=by,
        action=action,
        resource="patient",
        resource_id=patient_id,
        patient_id=patient_id,
        why=why,
    )
