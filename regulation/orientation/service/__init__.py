"""The use cases that give a request its slot: propose, hold, confirm, the pool, and what undoes them.

Requests are locked before slots, both in order of id, so that two of these never wait for each other.
Losers of a race get `SlotNoLongerFree`, which carries fresh proposals.
"""

from __future__ import annotations

from regulation.orientation.service.claiming import confirm, drop_hold, expire_holds, hold, hold_slots
from regulation.orientation.service.desk import desk_preview, desk_request, desk_resume
from regulation.orientation.service.ending import (
    cancel_appointment,
    cancel_by_code,
    honour,
    move_appointment,
    no_show,
)
from regulation.orientation.service.patients_choice import move_by_patient, other_slots
from regulation.orientation.service.platform import book_from_platform
from regulation.orientation.service.pool import assign_pool, expire_requests, list_runs
from regulation.orientation.service.proposing import propose
from regulation.orientation.service.reading import read_patients_of_appointments, read_who_comes
from regulation.orientation.service.reopening import add_absence, withdraw_slot
from regulation.orientation.service.stopping import cancel_request, stop

__all__ = [
    "add_absence",
    "assign_pool",
    "book_from_platform",
    "cancel_appointment",
    "cancel_by_code",
    "cancel_request",
    "confirm",
    "desk_preview",
    "desk_request",
    "desk_resume",
    "drop_hold",
    "expire_holds",
    "expire_requests",
    "hold",
    "hold_slots",
    "honour",
    "list_runs",
    "move_appointment",
    "move_by_patient",
    "no_show",
    "other_slots",
    "propose",
    "read_patients_of_appointments",
    "read_who_comes",
    "stop",
    "withdraw_slot",
]
