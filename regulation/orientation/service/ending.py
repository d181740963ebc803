"""How an appointment ends or changes, and what becomes of its request: cancelled, moved, honoured, not come.

A carer who gives an appointment up sends its request back to seek; anybody else who does closes it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session

from regulation.intake import moving
from regulation.intake import repository as requests
from regulation.intake import rules as intake_rules
from regulation.intake.facts import Move, RequestState, RequestView, StepResult
from regulation.live.circle import check_spared
from regulation.orientation import matching, rules
from regulation.orientation.facts import Reopened
from regulation.orientation.ground import points_of
from regulation.orientation.refusals import SlotNoLongerFree, SlotsDoNotFollow
from regulation.orientation.service.claiming import LOST, check_suits
from regulation.orientation.service.proposing import claimable_among
from regulation.orientation.service.reopening import reopen
from regulation.orientation.service.telling import audit_appointment, live_appointments, said
from regulation.series import keeping
from regulation.series.rules import breaks_spacing
from slots.agenda import locks
from slots.agenda.facts import FreeSlot
from slots.appointments import service as appointments
from slots.appointments.facts import AppointmentFilter, AppointmentView, CancelledBy
from slots.appointments.refusals import AppointmentNotFound
from snp.days import local_day
from snp.errors import VersionMismatch
from snp.platform.actors import Actor
from snp.platform.keys import Keys


def cancel_appointment(
    session: Session,
    appointment_id: UUID,
    *,
    cancelled_by: CancelledBy,
    reason: str,
    version: int | None = None,
    by: Actor,
    now: datetime,
) -> Reopened | StepResult:
    """Cancel an appointment. By the practitioner: the request seeks again; by others: it is given up.

    The sessions of a series are served whole: when its carer gives one up, those to come are given up with
    it, and as many are sought again together.
    """
    view, _ = _appointment_seen(session, appointment_id, version=version, by=by)
    return _cancel(session, view, appointment_id, cancelled_by, reason, by=by, now=now)


def cancel_by_code(
    session: Session, code: str, *, reason: str, keys: Keys, by: Actor, now: datetime
) -> StepResult:
    """The patient gives his appointment up with the code of his ticket; the code is his right to."""
    appointment = appointments.by_code(session, code, codes=keys.hasher())
    view = moving.lock_all(session, [appointment.request_id])[appointment.request_id]
    ended = _cancel(session, view, appointment.id, CancelledBy.PATIENT, reason, by=by, now=now)
    assert isinstance(ended, StepResult)
    return ended


def move_appointment(
    session: Session,
    appointment_id: UUID,
    new_slot_id: UUID,
    *,
    reason: str,
    keys: Keys,
    version: int | None = None,
    by: Actor,
    now: datetime,
) -> AppointmentView:
    """Move an appointment to another slot that suits its request; later than the deadline if he likes.

    Raises `SlotDoesNotSuit`, `SlotNoLongerFree` (without proposals: the appointment he has still stands).
    """
    view, moved = _appointment_seen(session, appointment_id, version=version, by=by)
    _check_new_slot(session, view, new_slot_id, now, instead_of=moved)
    return take_other_slot(
        session, view, appointment_id, new_slot_id, reason=reason, keys=keys, by=by, now=now
    )


def take_other_slot(
    session: Session,
    view: RequestView,
    appointment_id: UUID,
    new_slot_id: UUID,
    *,
    reason: str,
    keys: Keys,
    by: Actor,
    now: datetime,
) -> AppointmentView:
    """Move an appointment of a locked request to a slot that the caller has checked."""
    new_start = locks.read_slot(session, new_slot_id).start
    keeping.check_days(session, view, [new_start], instead_of=[appointment_id])
    try:
        with session.begin_nested():
            moved = appointments.move(
                session,
                appointment_id,
                new_slot_id,
                audience=view.audience,
                territory_id=view.territory_id,
                reason=reason,
                codes=keys.hasher(),
                by=by,
                now=now,
            )
    except LOST as lost:
        raise SlotNoLongerFree(new_slot_id, rules.no_proposals(view.id)) from lost
    tell_booking(session, view, moved_from=appointment_id, by=by, now=now)
    audit_appointment(session, view, moved.id, "déplacement du rendez-vous", by=by, now=now)
    return moved


def honour(
    session: Session, appointment_id: UUID, *, version: int | None = None, by: Actor, now: datetime
) -> AppointmentView:
    """The patient came; the request closes with its last appointment."""
    view, _ = _appointment_seen(session, appointment_id, version=version, by=by)
    told = appointments.honour(session, appointment_id, by=by, now=now)
    close_when_over(session, view, by=by, now=now)
    audit_appointment(session, view, appointment_id, "rendez-vous honoré", by=by, now=now)
    return told


def no_show(
    session: Session, appointment_id: UUID, *, version: int | None = None, by: Actor, now: datetime
) -> AppointmentView:
    """The patient did not come; the request closes with its last appointment."""
    view, _ = _appointment_seen(session, appointment_id, version=version, by=by)
    told = appointments.no_show(session, appointment_id, by=by, now=now)
    close_when_over(session, view, by=by, now=now)
    audit_appointment(session, view, appointment_id, "rendez-vous non honoré", by=by, now=now)
    return told


def _cancel(
    session: Session,
    view: RequestView,
    appointment_id: UUID,
    cancelled_by: CancelledBy,
    reason: str,
    *,
    by: Actor,
    now: datetime,
) -> Reopened | StepResult:
    appointments.cancel(session, appointment_id, cancelled_by=cancelled_by, reason=reason, by=by, now=now)
    audit_appointment(session, view, appointment_id, "annulation du rendez-vous", by=by, now=now)
    if cancelled_by is CancelledBy.PRACTITIONER:
        (reopened,) = reopen(session, [view.id], by=by, now=now)
        return reopened
    left = len(live_appointments(session, view.id))
    if keeping.is_physio(view) and 0 < left < view.sessions:
        requests.update_request(session, view.id, {"sessions": left})
    return StepResult(close_when_over(session, view, by=by, now=now, data=said(cancelled_by)))


def close_when_over(
    session: Session, view: RequestView, *, by: Actor, now: datetime, data: dict[str, str] | None = None
) -> RequestView:
    """Close a booked request once none of its appointments is to come: seen, not come, or given up.

    A series of physiotherapy of which something took place stays until its carer closes it: a session may be
    added, and its sheet is due.
    """
    if view.state is not RequestState.BOOKED:
        return view
    query = AppointmentFilter(request_ids=frozenset({view.id}))
    statuses = {a.status for a in appointments.list_appointments(session, query).items}
    act = rules.closing_move(statuses)
    if act is None or (act is Move.HONOUR and keeping.keeps_open(session, view.id)):
        return view
    if act is not Move.HONOUR:
        keeping.end_with_request(session, view.id, by=by, now=now)
    return moving.move(session, view, act, data=data, by=by, now=now)


def _appointment_seen(
    session: Session, appointment_id: UUID, *, version: int | None, by: Actor
) -> tuple[RequestView, AppointmentView]:
    """Lock the request of an appointment that the actor may act on: its carer, or who sees the request."""
    appointment = appointments.get_appointment(session, appointment_id)
    view = moving.lock_all(session, [appointment.request_id]).get(appointment.request_id)
    his_own = by.practitioner is not None and by.practitioner == appointment.practitioner_id
    if view is None or not (his_own or intake_rules.may_see_view(by, view)):
        raise AppointmentNotFound(appointment_id)
    appointment = appointments.get_appointment(session, appointment_id)
    if version is not None and appointment.version != version:
        raise VersionMismatch(f"appointment {appointment_id} is at version {appointment.version}")
    return view, appointment


def _check_new_slot(
    session: Session, view: RequestView, slot_id: UUID, now: datetime, *, instead_of: AppointmentView
) -> None:
    free = list(claimable_among(session, [view], [slot_id], now)[0].values())
    if not free:
        raise SlotNoLongerFree(slot_id, rules.no_proposals(view.id))
    point = points_of(session, [view])[view.insee]
    sought = replace(matching.engine_request(view, point, free), earliest=now)
    check_suits(free[0], matching.without_deadline(sought), now)
    check_follows(session, view, free[0], moved=(instead_of.id,))
    check_spared(session, free, asked_by=[view.id], now=now)


def check_follows(
    session: Session, view: RequestView, slot: FreeSlot, *, moved: Collection[UUID], same_carer: bool = True
) -> None:
    """Raise `SlotsDoNotFollow` unless a slot goes with the other sessions of its series.

    `moved`: those that it takes the place of, which no longer count.
    """
    others = [one for one in live_appointments(session, view.id) if one.id not in moved]
    if not others:
        return
    days = [*(local_day(one.start) for one in others), local_day(slot.start)]
    if breaks_spacing(days, view.min_gap_days, view.max_gap_days):
        raise SlotsDoNotFollow
    if same_carer and {one.practitioner_id for one in others} != {slot.practitioner_id}:
        raise SlotsDoNotFollow


def tell_booking(
    session: Session, view: RequestView, *, moved_from: UUID | None = None, by: Actor, now: datetime
) -> RequestView:
    """A line of the story with the appointments as they are now, read when duplicates are looked for."""
    live = live_appointments(session, view.id)
    data: dict[str, Any] = {
        "appointments": [str(a.id) for a in live],
        "starts": [a.start.isoformat() for a in live],
    }
    if moved_from is not None:
        data["moved_from"] = str(moved_from)
    return moving.move(session, view, Move.BOOK, data=data, by=by, now=now)
