"""The use cases of the delegate: read the journal; a person's record, rectified, forgotten. All audited."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlmodel import Session

from api.persons import repository
from api.persons.facts import JournalLine, JournalQuery
from api.security.rights import Action, narrowed
from regulation.intake import service as intake
from regulation.intake.facts import PatientTraits, RequestView
from slots.appointments import service as appointments
from slots.appointments.facts import AppointmentFilter
from snp.platform import audit
from snp.platform.actors import Actor
from snp.platform.keys import Keys


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose record is put together, by whom and when."""

    session: Session
    patient_id: UUID
    keys: Keys
    why: str
    by: Actor
    now: datetime


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
    intake.patient_standing(asked.session, asked.patient_id, by=asked.by)
    return intake.forget_patient(
        asked.session, asked.patient_id, keys=asked.keys, why=asked.why, by=asked.by, now=asked.now
    )


def _identity(asked: Asked) -> dict[str, Any]:
    traits = intake.identity_of(
        asked.session, asked.patient_id, keys=asked.keys, why=asked.why, by=asked.by, now=asked.now
    )
    return {
        "family_name": traits.family_name,
        "given_name": traits.given_name,
        "birth_date": traits.birth_date,
        "sex": traits.sex,
        "phone": traits.phone,
        "insee": traits.insee,
    }


def _requests(asked: Asked) -> list[dict[str, Any]]:
    return [_request(asked, view) for view in _views(asked)]


def _request(asked: Asked, view: RequestView) -> dict[str, Any]:
    sealed = intake.read_confidential(
        asked.session, view.id, keys=asked.keys, why=asked.why, by=asked.by, now=asked.now
    )
    story = intake.story(asked.session, view.id, by=asked.by, now=asked.now)
    return {
        "number": view.number,
        "opened_at": view.created_at,
        "state": view.state,
        "origin": view.origin,
        "reason": view.reason,
        "disposition": view.disposition,
        "priority": view.priority,
        "deadline": view.deadline,
        "caller": None if sealed.caller is None else sealed.caller.name,
        "note": sealed.note,
        "story": [{"at": one.at, "move": one.move, "state": one.to_state, "role": one.role} for one in story],
    }


def _appointments(asked: Asked) -> list[dict[str, Any]]:
    ids = frozenset(view.id for view in _views(asked))
    if not ids:
        return []
    page = appointments.list_appointments(asked.session, AppointmentFilter(request_ids=ids), limit=100)
    return [
        {
            "start": one.start,
            "end": one.end,
            "mode": one.mode,
            "status": one.status,
            "practitioner_id": one.practitioner_id,
            "site_id": one.site_id,
        }
        for one in page.items
    ]


def _accesses(asked: Asked) -> list[dict[str, Any]]:
    wanted = JournalQuery(patient_id=asked.patient_id)
    found = repository.lines(asked.session, wanted, territories=None, before=None, limit=1000)
    return [{"at": one.at, "role": one.role, "action": one.action, "why": one.why} for one in found]


def _views(asked: Asked) -> Sequence[RequestView]:
    return intake.requests_of_patient(asked.session, asked.patient_id, by=asked.by)


HOLDERS: Final[dict[str, Callable[[Asked], Any]]] = {
    "identity": _identity,
    "requests": _requests,
    "appointments": _appointments,
    "accesses": _accesses,
}
"""Who keeps something of a person. A package that begins to adds its line here."""
