"""Opening a request: the patient sealed, the same patient's other requests shown, the hours told."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlmodel import Session

from regulation.facts import Reason
from regulation.intake import hours, moving, repository, rules, sealing, traits
from regulation.intake.facts import (
    Duplicate,
    Move,
    Opening,
    Origin,
    PatientTraits,
    RequestState,
    SamePatient,
    StepResult,
)
from snp.days import local_day
from snp.directory import service as directory
from snp.directory.facts import TerritoryView
from snp.errors import InvalidValue, NotFound
from snp.platform import audit
from snp.platform.actors import Actor, Role
from snp.platform.columns import new_id
from snp.platform.events import Event
from snp.platform.keys import Keys
from snp.platform.logs import log

RECENT: Final = timedelta(days=7)
"""How long a finished request is still shown beside a new one of the same patient: a week, the longest time
in which the two are likely to be one episode of care."""


def open_request(session: Session, opening: Opening, *, keys: Keys, by: Actor, now: datetime) -> StepResult:
    """Open a request; tells the same patient's open or recent ones, and the PDSA outside SNP hours.

    R1, R2 or P0 typed at once opens it and stops it towards the 15. Raises `InvalidValue`, `NotFound`.
    """
    territory = territory_of(session, opening.territory_id, by)
    patient = traits.checked_patient(opening.patient, opening.origin, local_day(now))
    check_commune(session, patient.insee)
    duplicates = _duplicates(session, territory.id, patient, reason=opening.reason, keys=keys, now=now)
    request_id = new_id()
    patient_id = _write_patient(session, territory.id, patient, keys=keys, now=now)
    reasons = hours.outside(territory.settings.snp_hours, now)
    _write_request(session, request_id, patient_id, opening, reasons, keys=keys, by=by, now=now)
    audit.record(
        session,
        at=now,
        actor=by,
        action=audit.AuditAction.CREATE,
        resource="request",
        resource_id=request_id,
        patient_id=patient_id,
        why="ouverture d’un dossier",
        detail={"duplicates": [str(found.request.id) for found in duplicates]},
    )
    log(Event.REQUEST_OPENED, request_id=request_id, territory_id=territory.id, kind=opening.origin)
    view = repository.load(session, [request_id])[request_id]
    stop = rules.hard_stop(opening.urgency)
    if stop:
        view = moving.move_to_the_15(session, view, opening.urgency, stop, by=by, now=now)
        return StepResult(view, stop, duplicates)
    return StepResult(view, reasons, duplicates)


def find_duplicates(
    session: Session,
    territory_id: UUID,
    patient: PatientTraits,
    *,
    reason: str | None = None,
    keys: Keys,
    by: Actor,
    now: datetime,
) -> tuple[Duplicate, ...]:
    """The open or recent requests of what looks like the same patient in a territory; audited.

    Raises `InvalidValue` for traits that could be nobody's; a call-back number is not asked for here.
    """
    territory_of(session, territory_id, by)
    patient = traits.checked_patient(patient, Origin.PHARMACY, local_day(now))
    found = _duplicates(session, territory_id, patient, reason=reason, keys=keys, now=now)
    audit.record(
        session,
        at=now,
        actor=by,
        action=audit.AuditAction.SEARCH,
        resource="patient",
        why="recherche d’un dossier du même patient",
        detail={"found": [str(duplicate.request.id) for duplicate in found]},
    )
    return found


def territory_of(session: Session, territory_id: UUID, by: Actor) -> TerritoryView:
    """The territory when the actor may act there; raises `NotFound` otherwise, as if it did not exist."""
    everywhere = by.role in {Role.ADMINISTRATOR, Role.SYSTEM} and not by.territories
    if not everywhere and territory_id not in by.territories:
        raise NotFound("territoire", territory_id)
    return directory.get_territory(session, territory_id)


def check_commune(session: Session, insee: str) -> None:
    """Raise `InvalidValue` when no commune has this code: distances could not be measured."""
    if insee not in directory.get_communes(session, [insee]):
        raise InvalidValue("insee", "commune inconnue.")


def _write_patient(
    session: Session, territory_id: UUID, patient: PatientTraits, *, keys: Keys, now: datetime
) -> UUID:
    """Write the patient, on the row of the same person with the same phone when there is one.

    Name and birth date alone are not enough to call two people one (homonyms), hence a row each.
    """
    cipher, hasher = keys.cipher(), keys.hasher()
    names = (patient.family_name, patient.given_name, patient.birth_date)
    known = patient.phone and repository.same_patient_id(
        session,
        territory_id,
        hasher.person_candidates(*names),
        hasher.phone_candidates(patient.phone),
    )
    patient_id = known or new_id()
    values: dict[str, Any] = {
        "identity": sealing.seal_identity(cipher, patient_id, patient),
        "person_hash": hasher.person(*names),
        "phone_hash": hasher.phone(patient.phone) if patient.phone else None,
        "insee": patient.insee,
    }
    if known:
        repository.update_patient(session, patient_id, **values)
    else:
        repository.insert_patient(session, patient_id, territory_id, **values, now=now)
    return patient_id


def _write_request(
    session: Session,
    request_id: UUID,
    patient_id: UUID,
    opening: Opening,
    reasons: tuple[Reason, ...],
    *,
    keys: Keys,
    by: Actor,
    now: datetime,
) -> None:
    cipher = keys.cipher()
    serial = repository.next_serial(session)
    repository.insert_request(
        session,
        {
            "id": request_id,
            "number": f"{local_day(now):%y}-{serial:07d}",
            "territory_id": opening.territory_id,
            "patient_id": patient_id,
            "origin": opening.origin,
            "organisation_id": opening.organisation_id or by.organisation,
            "practitioner_id": by.practitioner,
            "caller": sealing.seal_caller(cipher, request_id, traits.checked_caller(opening.caller)),
            "note": sealing.seal_note(cipher, request_id, traits.checked_note(opening.note)),
            "state": RequestState.RECEIVED,
            "audience": rules.audience_of(by),
            "reason": traits.checked_reason(opening.reason),
            "created_at": now,
            "created_by": by.ident,
        },
    )
    repository.insert_move(
        session,
        request_id,
        Move.OPEN,
        from_state=None,
        to_state=rules.next_state(None, Move.OPEN),
        reasons=reasons,
        data={},
        by=by,
        now=now,
    )


def _duplicates(
    session: Session,
    territory_id: UUID,
    patient: PatientTraits,
    *,
    reason: str | None,
    keys: Keys,
    now: datetime,
) -> tuple[Duplicate, ...]:
    hasher = keys.hasher()
    found = repository.same_patient(
        session,
        territory_id,
        person=hasher.person_candidates(patient.family_name, patient.given_name, patient.birth_date),
        phone=hasher.phone_candidates(patient.phone) if patient.phone else [],
        since=now - RECENT,
        other_than=None,
    )
    booked = [view.id for view, *_ in found if view.state is RequestState.BOOKED]
    starts = booked_starts(session, booked)
    return tuple(
        Duplicate(
            request=view,
            same=_likeness(same_person=same_person, same_phone=same_phone),
            same_need=rules.may_be_same_need(reason, view.reason),
            starts=starts.get(view.id, ()),
        )
        for view, same_person, same_phone in found
    )


def booked_starts(session: Session, request_ids: list[UUID]) -> dict[UUID, tuple[datetime, ...]]:
    """When the appointments of booked requests start, as their booking told the story."""
    told = repository.last_data(session, request_ids, Move.BOOK)
    return {
        request_id: tuple(map(datetime.fromisoformat, data.get("starts", ())))
        for request_id, data in told.items()
    }


def _likeness(*, same_person: bool, same_phone: bool) -> SamePatient:
    if same_person:
        return SamePatient.PERSON_AND_PHONE if same_phone else SamePatient.PERSON
    return SamePatient.PHONE
