"""Take slots from whoever has them. Knows no agenda: what becomes of the slots is the caller's business."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from slots.appointments import repository, rules
from slots.appointments.facts import AppointmentStatusKind, AppointmentView, CancelledBy, HoldEnd
from slots.appointments.messages import announce
from snp.platform import near
from snp.platform.actors import Actor


def evict(
    session: Session, slot_ids: Collection[UUID], *, reason: str, by: Actor, now: datetime
) -> tuple[UUID, ...]:
    """Take locked slots from whoever has them: holds dropped, appointments cancelled by their practitioner.

    Returns the ids of the requests that must be served again. What becomes of the slots is the caller's.
    """
    holds = repository.running_holds(session, slot_ids)
    booked = [repository.view(row) for row in repository.live_appointments(session, slot_ids)]
    claimed_in = {row.territory_id for row in holds} | {one.territory_id for one in booked}
    with near.reaching(session, claimed_in):
        repository.end_holds(session, [row.id for row in holds], HoldEnd.DROPPED, now)
        for appointment in booked:
            rules.check_status_follows(appointment.status, AppointmentStatusKind.CANCELLED)
            say(
                session,
                appointment,
                AppointmentStatusKind.CANCELLED,
                by=by,
                now=now,
                cancelled_by=CancelledBy.PRACTITIONER,
                reason=reason,
            )
    freed = [row.request_id for row in holds if row.expires_at > now]
    return tuple(dict.fromkeys([*freed, *(one.request_id for one in booked)]))


def say(
    session: Session,
    appointment: AppointmentView,
    status: AppointmentStatusKind,
    *,
    by: Actor,
    now: datetime,
    cancelled_by: CancelledBy | None = None,
    reason: str | None = None,
) -> AppointmentView:
    """Add a line to the story, carry it to the appointment, tell who must know."""
    line = (appointment.id, status, cancelled_by, reason)
    repository.add_statuses(session, [line], author=by.ident, now=now)
    repository.set_status(session, [appointment.id], status)
    (told,) = repository.appointments_by_id(session, [appointment.id])
    announce(session, f"appointment.{status}", told, now=now)
    return told
