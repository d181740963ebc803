"""The use cases of the delegate: read the journal; a person's record, rectified, forgotten. All audited."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session

from api.persons import repository
from api.persons.facts import JournalLine, JournalQuery
from api.persons.kept import HOLDERS, Asked, entries_of, request_ids_of
from api.security.rights import Action, narrowed
from regulation.intake import service as intake
from regulation.intake.facts import PatientTraits
from regulation.medecin_traitant.register import service as register
from regulation.messages import service as messages
from regulation.series import service as series
from snp.platform import audit
from snp.platform.actors import Actor
from snp.platform.keys import Keys


def read_journal(
    session: Session, wanted: JournalQuery, *, before: int | None, limit: int, by: Actor, now: datetime
) -> list[JournalLine]:
    """The lines that the delegate may read, newest first; that he read them is a line too."""
    territories, _ = narrowed(by, Action.AUDIT_READ)
    found = repository.lines(session, wanted, territories=territories, before=before, limit=limit)
    audit.record(
        session,
        at=now,
        actor=by,
        action=audit.AuditAction.READ,
        resource="audit",
        patient_id=wanted.patient_id,
        why="consultation du journal des accès",
        detail={"lines": len(found)},
    )
    return found


def record_of(asked: Asked) -> dict[str, Any]:
    """All that is kept of a person, by holder, in a form that a machine reads too; audited.

    Source: RGPD art. 15 (access) and 20 (portability). Raises `NotFound`, `Forbidden`.
    """
    standing = intake.patient_standing(asked.session, asked.patient_id, by=asked.by)
    audit.record(
        asked.session,
        at=asked.now,
        actor=asked.by,
        action=audit.AuditAction.EXPORT,
        resource="patient",
        resource_id=asked.patient_id,
        patient_id=asked.patient_id,
        why=asked.why,
    )
    head: dict[str, Any] = {"patient_id": standing.id, "made_at": asked.now}
    head |= {"forgotten_at": standing.forgotten_at}
    return head | {name: hold(asked) for name, hold in HOLDERS.items()}


def rectify(asked: Asked, traits: PatientTraits) -> None:
    """Put right who a person is, whatever the state of his requests. Source: RGPD art. 16."""
    intake.rectify_patient(
        asked.session, asked.patient_id, traits, keys=asked.keys, why=asked.why, by=asked.by, now=asked.now
    )


def forget(asked: Asked) -> bool:
    """Forget who a person was; False when that was done before. Source: RGPD art. 17.

    Raises `NotFound`, and `StillServed` while he is cared for.
    """
    standing = intake.patient_standing(asked.session, asked.patient_id, by=asked.by)
    entries = [] if standing.forgotten_at else entries_of(asked)
    if not _forget_care(asked):
        return False
    register.forget_entries(asked.session, entries, why=asked.why, by=asked.by, now=asked.now)
    return True


def forget_kept_too_long(
    session: Session, *, before: datetime, keys: Keys, by: Actor, now: datetime
) -> Sequence[UUID]:
    """Forget a batch of those whose last request was opened before an instant and who have none open.

    The list of people without a médecin traitant has delays of its own: who still waits there stays.
    Source: RGPD art. 5(1)(e).
    """
    found = intake.patients_to_forget(session, before=before, now=now)
    for patient_id in found:
        _forget_care(Asked(session, patient_id, keys, "durée de conservation", by, now))
    return found


def _forget_care(asked: Asked) -> bool:
    """Forget who a patient was, and what his sheets said; False when that was done before."""
    session, patient_id, keys, why, by, now = (
        asked.session,
        asked.patient_id,
        asked.keys,
        asked.why,
        asked.by,
        asked.now,
    )
    if not intake.forget_patient(session, patient_id, keys=keys, why=why, by=by, now=now):
        return False
    ids = request_ids_of(asked)
    messages.forget_choices(session, ids)
    series.forget_sheets(session, patient_id, ids, keys=keys, why=why, by=by, now=now)
    return True
