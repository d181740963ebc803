"""A patient chooses how he is reminded: by SMS, by e-mail, or not at all. Never commits.

The choice is his request's, made by who holds the link of an appointment. What changes (a time, a
cancellation) is told by SMS whatever he chose: that is no reminder.
Source: RGPD art. 5(1)(c) and 21; CNIL, guide 2024, fiche 21 (no health data by SMS or plain e-mail).
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlmodel import Session

from regulation.intake import repository as requests
from regulation.messages import repository, rules
from regulation.messages.facts import Kind, Medium, ReminderWay
from regulation.messages.tables import ReminderChoice
from slots.appointments import service as appointments
from slots.appointments.facts import AppointmentFilter, AppointmentView
from snp.errors import InvalidValue
from snp.notifications import service as outbox
from snp.platform import audit
from snp.platform.actors import Actor
from snp.platform.keys import Keys

REMINDERS: Final = frozenset({Kind.PATIENT_DAY_BEFORE, Kind.PATIENT_HOURS_BEFORE})
LONGEST: Final = 254
"""Source: RFC 5321 §4.5.3.1.3 (a path of 256 octets, with its brackets)."""
_ADDRESS: Final = re.compile(r"[^\s@<>,;:\"]{1,64}@[^\s@<>,;:\"]+\.[^\s@<>,;:\"]{2,}")


@dataclass(frozen=True, slots=True)
class Choice:
    """How somebody is reminded; `address` only where it was opened."""

    way: ReminderWay
    address: str | None = field(default=None, repr=False)


def reminder_way(session: Session, request_id: UUID) -> ReminderWay:
    """Return how a request's patient is reminded; nothing is opened."""
    found = repository.choices(session, [request_id])
    return found[0].way if found else ReminderWay.SMS


def choose_reminders(
    session: Session,
    request_id: UUID,
    way: ReminderWay,
    address: str,
    *,
    keys: Keys,
    by: Actor,
    now: datetime,
) -> None:
    """Write how a patient is reminded from now on; audited. Raises `InvalidValue` (`address`)."""
    typed = address.strip()
    if way is ReminderWay.EMAIL and (len(typed) > LONGEST or not _ADDRESS.fullmatch(typed)):
        raise InvalidValue("address", "une adresse électronique, comme prenom.nom@exemple.fr")
    sealed = (
        keys.cipher().seal(typed.encode(), context=_context(request_id)) if way is ReminderWay.EMAIL else None
    )
    repository.put(session, request_id, way, sealed, now)
    audit.record(
        session,
        at=now,
        actor=by,
        action=audit.AuditAction.CHANGE,
        resource="request",
        resource_id=request_id,
        patient_id=requests.load(session, [request_id])[request_id].patient_id,
        why=f"rappels choisis par le patient : {_SAID[way]}",
    )
    if way is ReminderWay.EMAIL:
        query = AppointmentFilter(request_ids=frozenset({request_id}), live=True)
        for one in appointments.list_appointments(session, query).items:
            queue_by_mail(session, one, told_at=one.created_at, now=now)


def queue_by_mail(session: Session, one: AppointmentView, *, told_at: datetime, now: datetime) -> None:
    """Queue the reminders by e-mail that are still to come, each once however often it is chosen."""
    for reminder in rules.reminders(one.start, told_at):
        subject = f"reminder:{one.id}:{reminder.kind}"
        if reminder.at <= now or outbox.was_queued(session, subject):
            continue
        payload: dict[str, object] = {"kind": reminder.kind, "appointment_id": str(one.id)}
        outbox.enqueue(
            session,
            Medium.EMAIL,
            subject,
            payload,
            now,
            due_at=reminder.at,
            territory_id=one.territory_id,
        )


def address_for_reminder(
    session: Session, request_id: UUID, *, keys: Keys, by: Actor, now: datetime
) -> str | None:
    """Return where a patient wants his reminders; opened for that alone, audited."""
    found = repository.choices(session, [request_id])
    if not found or found[0].address is None:
        return None
    audit.record(
        session,
        at=now,
        actor=by,
        action=audit.AuditAction.READ,
        resource="request",
        resource_id=request_id,
        patient_id=requests.load(session, [request_id])[request_id].patient_id,
        why="message au patient",
    )
    return _opened(found[0], keys).address


def record_of_choices(session: Session, request_ids: Collection[UUID], *, keys: Keys) -> list[dict[str, Any]]:
    """Return what is kept of a person here, for who answers his rights; the caller audits."""
    return [
        {"way": one.way, "email": _opened(one, keys).address, "chosen_at": one.chosen_at}
        for one in repository.choices(session, request_ids)
    ]


def forget_choices(session: Session, request_ids: Collection[UUID]) -> None:
    """Forget how somebody who is forgotten wanted to be reminded."""
    repository.delete(session, request_ids)


def reseal_choices(
    session: Session, *, after: UUID | None = None, limit: int = 500, keys: Keys, by: Actor, now: datetime
) -> UUID | None:
    """Bring a batch of addresses under the current key; the last one done, None when nothing was left."""
    cipher, done = keys.cipher(), None
    for row in repository.sealed(session, after=after, limit=limit):
        done = row.request_id
        assert row.address is not None
        if cipher.is_stale(row.address):
            row.address = cipher.reseal(row.address, context=_context(row.request_id))
    if done is not None:
        audit.record(
            session,
            at=now,
            actor=by,
            action=audit.AuditAction.RESEAL,
            resource="request",
            why="rotation des clés de chiffrement",
            detail={"until": str(done)},
        )
    return done


_SAID: Final = {ReminderWay.SMS: "par SMS", ReminderWay.EMAIL: "par courriel", ReminderWay.NONE: "aucun"}


def _opened(row: ReminderChoice, keys: Keys) -> Choice:
    if row.address is None:
        return Choice(row.way)
    return Choice(row.way, keys.cipher().open(row.address, context=_context(row.request_id)).decode())


def _context(request_id: UUID) -> str:
    return f"reminder_choice.address:{request_id}"
