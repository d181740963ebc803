"""What a claim on a slot must satisfy, how an appointment may end, and the patient's code. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from slots.agenda.facts import LockedSlot, SlotState
from slots.agenda.refusals import SlotInThePast, SlotNotOfferedHere, SlotNotOpen
from slots.appointments.facts import AppointmentStatusKind, Claim
from slots.appointments.refusals import AppointmentNotYetDue, AppointmentStarted, IllegalStatus
from snp.assignment.facts import Audience
from snp.errors import InvalidValue

MAX_CLAIMS: Final = 20
MAX_HOLD_MINUTES: Final = 60
EARLY_ARRIVAL: Final = timedelta(hours=1)
"""How long before its start an appointment may be marked honoured: patients come early, clocks differ."""

_CROCKFORD: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CODE_LENGTH: Final = 10
_MISREAD: Final = str.maketrans({"O": "0", "I": "1", "L": "1"})

_S = AppointmentStatusKind
_LEGAL: Final[dict[AppointmentStatusKind, frozenset[AppointmentStatusKind]]] = {
    _S.BOOKED: frozenset({_S.MOVED, _S.CANCELLED, _S.HONOURED, _S.NO_SHOW}),
    _S.HONOURED: frozenset({_S.NO_SHOW}),
    _S.NO_SHOW: frozenset({_S.HONOURED}),
    _S.MOVED: frozenset(),
    _S.CANCELLED: frozenset(),
}


def check_claims(claims: Sequence[Claim]) -> None:
    """Raise `InvalidValue` unless there are claims, not too many, each on a slot of its own."""
    if not 1 <= len(claims) <= MAX_CLAIMS:
        raise InvalidValue("claims", f"de 1 à {MAX_CLAIMS} créneaux à la fois")
    if len({claim.slot_id for claim in claims}) < len(claims):
        raise InvalidValue("claims", "un même créneau est demandé deux fois")
    if any(claim.session_no < 1 for claim in claims):
        raise InvalidValue("session_no", "les séances se comptent à partir de 1")


def check_hold_minutes(minutes: int) -> None:
    """Raise `InvalidValue` unless a slot may be held that long."""
    if not 1 <= minutes <= MAX_HOLD_MINUTES:
        raise InvalidValue("minutes", f"de 1 à {MAX_HOLD_MINUTES} minutes")


def check_slot_offered(slot: LockedSlot, now: datetime) -> None:
    """Raise `SlotNotOpen` unless new claims on the slot are accepted.

    Live, not closing, not due for release.
    """
    if slot.state is not SlotState.OPEN or slot.closing:
        raise SlotNotOpen(slot.id)
    if slot.release_at is not None and slot.release_at <= now:
        raise SlotNotOpen(slot.id)


def check_slot_live(slot: LockedSlot) -> None:
    """Raise `SlotNotOpen` unless the slot still stands for who holds it."""
    if slot.state is not SlotState.OPEN:
        raise SlotNotOpen(slot.id)


def check_slot_ahead(slot: LockedSlot, now: datetime) -> None:
    """Raise `SlotInThePast` unless the slot starts after `now`."""
    if slot.start <= now:
        raise SlotInThePast(slot.start)


def check_slot_offered_to(slot: LockedSlot, audience: Audience, territory_id: UUID) -> None:
    """Raise `SlotNotOfferedHere` unless the slot is offered to this audience, in this territory.

    The last line behind the regulation's own choice: a slot never goes to whom its practitioner did not
    offer it.
    """
    if audience not in slot.audiences or territory_id not in slot.territory_ids:
        raise SlotNotOfferedHere(slot.id)


def check_status_follows(current: AppointmentStatusKind, wanted: AppointmentStatusKind) -> None:
    """Raise `IllegalStatus` unless the move is legal; honoured and not honoured may correct each other."""
    if wanted not in _LEGAL[current]:
        raise IllegalStatus(current, wanted)


def check_not_started(start: datetime, now: datetime) -> None:
    """Raise `AppointmentStarted` once the appointment has begun."""
    if start <= now:
        raise AppointmentStarted(start)


def check_outcome_due(start: datetime, outcome: AppointmentStatusKind, now: datetime) -> None:
    """Raise `AppointmentNotYetDue` while nobody can know.

    No-show from the start, honoured a little before.
    """
    earliest = start if outcome is AppointmentStatusKind.NO_SHOW else start - EARLY_ARRIVAL
    if now < earliest:
        raise AppointmentNotYetDue(start)


def code_of(digest: bytes) -> str:
    """Return the code a keyed digest stands for: 50 bits as ten Crockford characters, `K7PQ3-XWD9M`.

    Source: Crockford, Base 32 (no I, L, O or U: they are misread or read aloud as others).
    """
    number = int.from_bytes(digest[:8]) >> 14
    code = "".join(_CROCKFORD[(number >> shift) & 31] for shift in range(45, -1, -5))
    return f"{code[:5]}-{code[5:]}"


def read_code(text: str) -> str | None:
    """Return the ten characters of a typed code, forgiving case, spaces, hyphens, O, I and L.

    None if it is none.
    """
    typed = "".join(c for c in text.upper() if c.isalnum()).translate(_MISREAD)
    if len(typed) != _CODE_LENGTH or any(c not in _CROCKFORD for c in typed):
        return None
    return typed
