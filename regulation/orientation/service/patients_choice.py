"""What a patient may do himself about the hour of his appointment: see what else suits, and take it.

Within the delay that the regulation decided, and only for one appointment alone: series and households are
planned together, by somebody.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from regulation.intake import moving
from regulation.intake import repository as requests
from regulation.intake.facts import RequestView
from regulation.live import circle
from regulation.orientation import matching, rules
from regulation.orientation.facts import ProposedSlot
from regulation.orientation.ground import points_of
from regulation.orientation.refusals import NotForPatients, SlotNoLongerFree
from regulation.orientation.service.claiming import check_suits
from regulation.orientation.service.ending import take_other_slot
from regulation.orientation.service.proposing import (
    WEIGHTS,
    free_among,
    free_slots,
    proposed_slot,
)
from slots.agenda.facts import FreeSlot
from slots.appointments import service as appointments
from slots.appointments.facts import AppointmentView
from snp.assignment.facts import Request
from snp.platform.actors import Actor
from snp.platform.keys import Keys

WHY_MOVED = "déplacé par le patient"


def other_slots(
    session: Session, appointment_id: UUID, *, k: int = 6, now: datetime
) -> tuple[ProposedSlot, ...]:
    """Return up to `k` free slots that suit an appointment's request; none when it is not to be moved."""
    one = appointments.get_appointment(session, appointment_id)
    view = requests.load(session, [one.request_id]).get(one.request_id)
    if view is None or not _may_move(view, one, now):
        return ()
    free = free_slots(session, view.territory_id, [view], now)
    sought = _sought(session, view, free.values(), now)
    kept = circle.withheld(session, list(free.values()), asked_by=[view.id], now=now)
    slots = [matching.engine_slot(slot) for ident, slot in free.items() if ident not in kept]
    ways = matching.rank([sought], slots, now=now, weights=WEIGHTS, k=k).ways
    return tuple(proposed_slot(free[way.slots[0].id], sought) for way in ways)


def move_by_patient(
    session: Session, appointment_id: UUID, new_slot_id: UUID, *, keys: Keys, by: Actor, now: datetime
) -> AppointmentView:
    """Take another slot instead, whole or not at all.

    Raises `NotForPatients`, `SlotDoesNotSuit`, `SlotNoLongerFree`, `SlotKeptForPromise`.
    """
    request_id = appointments.get_appointment(session, appointment_id).request_id
    view = moving.lock_all(session, [request_id])[request_id]
    if not _may_move(view, appointments.get_appointment(session, appointment_id), now):
        raise NotForPatients
    free = list(free_among(session, view.territory_id, [new_slot_id], now).values())
    if not free:
        raise SlotNoLongerFree(new_slot_id, rules.no_proposals(view.id))
    check_suits(free[0], _sought(session, view, free, now), now)
    circle.check_spared(session, free, asked_by=[view.id], now=now)
    return take_other_slot(
        session, view, appointment_id, new_slot_id, reason=WHY_MOVED, keys=keys, by=by, now=now
    )


def _may_move(view: RequestView, one: AppointmentView, now: datetime) -> bool:
    alone = view.sessions == 1 and view.household_id is None
    return alone and one.live and one.start > now and view.deadline is not None and view.deadline > now


def _sought(session: Session, view: RequestView, free: Iterable[FreeSlot], now: datetime) -> Request:
    point = points_of(session, [view])[view.insee]
    return replace(matching.engine_request(view, point, free), earliest=now)
