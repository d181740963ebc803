"""The use cases that give a request its slot: propose, hold, confirm, the pool, and what undoes them.

Requests are locked before slots, both in order of id, so that two of these never wait for each other.
Losers of a race get `SlotNoLongerFree`, which carries fresh proposals.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import Session

from regulation.intake.facts import StepResult, Urgency
from regulation.orientation.facts import (
    DeskForm,
    DeskResult,
    HeldSlots,
    PoolReport,
    PreviewNeed,
    Proposals,
    Reopened,
)
from slots.appointments.facts import AppointmentView, CancelledBy
from snp.directory.facts import Page
from snp.platform.actors import Actor
from snp.platform.keys import Keys

Transactions = Callable[[], AbstractContextManager[Session]]
"""Opens a session, commits it at the end of the block, rolls it back when the block raises."""


def propose(session: Session, request_id: UUID, *, k: int = 3, by: Actor, now: datetime) -> Proposals:
    """The best `k` (1 to 5) ways to serve a seeking request now, and why not others."""
    raise NotImplementedError


def hold(
    session: Session, proposal_id: UUID, *, minutes: int | None = None, by: Actor, now: datetime
) -> HeldSlots:
    """Keep the slots of a proposal for its request; raises `SlotNoLongerFree` with fresh proposals."""
    raise NotImplementedError


def hold_slots(
    session: Session,
    request_id: UUID,
    slot_ids: Sequence[UUID],
    *,
    minutes: int | None = None,
    by: Actor,
    now: datetime,
) -> HeldSlots:
    """Keep chosen slots, proposed or not, provided that they suit the request."""
    raise NotImplementedError


def confirm(
    session: Session, bundle_id: UUID, *, keys: Keys, by: Actor, now: datetime
) -> tuple[AppointmentView, ...]:
    """Turn held slots into appointments; raises `HoldExpired` when it came too late."""
    raise NotImplementedError


def drop_hold(session: Session, bundle_id: UUID, *, by: Actor, now: datetime) -> tuple[StepResult, ...]:
    """Give held slots back; their requests seek again."""
    raise NotImplementedError


def expire_holds(session: Session, *, by: Actor, now: datetime) -> tuple[UUID, ...]:
    """End the holds that ran out; the requests that seek again."""
    raise NotImplementedError


def expire_requests(session: Session, *, by: Actor, now: datetime) -> tuple[UUID, ...]:
    """Mark as unserved the seeking requests whose deadline passed, to be called back; their ids."""
    raise NotImplementedError


def assign_pool(
    transactions: Transactions,
    territory_id: UUID,
    *,
    keys: Keys,
    by: Actor,
    clock: Callable[[], datetime],
    spare: timedelta = timedelta(0),
    time_limit_s: float | None = None,
) -> PoolReport:
    """Assign every seeking request of a territory at once: load, solve outside any transaction, write.

    Never moves an appointment nor takes a held slot. Each request (or household) is written in a transaction
    of its own with a re-check. `spare`: requests proposed to somebody less than that ago are left to him.
    """
    raise NotImplementedError


def list_runs(
    session: Session,
    territory_id: UUID,
    *,
    cursor: str | None = None,
    limit: int = 20,
    by: Actor,
    now: datetime,
) -> Page[PoolReport]:
    """The runs over a territory's pool, newest first."""
    raise NotImplementedError


def stop(
    session: Session,
    request_id: UUID,
    urgency: Urgency,
    *,
    version: int | None = None,
    by: Actor,
    now: datetime,
) -> StepResult:
    """Stop a request towards the 15 in any live state, and free the slots that it holds or has taken."""
    raise NotImplementedError


def cancel_request(
    session: Session,
    request_id: UUID,
    why: str,
    *,
    cancelled_by: CancelledBy = CancelledBy.REGULATION,
    version: int | None = None,
    by: Actor,
    now: datetime,
) -> StepResult:
    """Give a request up in any live state, and free the slots that it holds or has taken."""
    raise NotImplementedError


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
    """Cancel an appointment. By the practitioner: the request seeks again; by others: it is given up."""
    raise NotImplementedError


def cancel_by_code(
    session: Session, code: str, *, reason: str, keys: Keys, by: Actor, now: datetime
) -> StepResult:
    """The patient gives his appointment up with the code of his ticket."""
    raise NotImplementedError


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
    """Move an appointment to another slot that suits its request."""
    raise NotImplementedError


def honour(
    session: Session, appointment_id: UUID, *, version: int | None = None, by: Actor, now: datetime
) -> AppointmentView:
    """The patient came; the request closes with its last appointment."""
    raise NotImplementedError


def no_show(
    session: Session, appointment_id: UUID, *, version: int | None = None, by: Actor, now: datetime
) -> AppointmentView:
    """The patient did not come; the request closes with its last appointment."""
    raise NotImplementedError


def withdraw_slot(
    session: Session,
    slot_id: UUID,
    *,
    reason: str | None = None,
    version: int | None = None,
    by: Actor,
    now: datetime,
) -> tuple[Reopened, ...]:
    """A practitioner takes a slot back; a taken one needs a reason, and its request seeks again."""
    raise NotImplementedError


def add_absence(
    session: Session,
    practitioner_id: UUID,
    start: datetime,
    end: datetime,
    *,
    label: str | None = None,
    reason: str | None = None,
    by: Actor,
    now: datetime,
) -> tuple[UUID, tuple[Reopened, ...]]:
    """A practitioner is away: his free slots hide, the requests of the taken ones seek again."""
    raise NotImplementedError


def desk_preview(session: Session, need: PreviewNeed, *, k: int = 3, by: Actor, now: datetime) -> Proposals:
    """What a desk could book for an eligible case, before it types who the patient is; holds nothing."""
    raise NotImplementedError


def desk_request(
    session: Session, form: DeskForm, *, k: int = 3, keys: Keys, by: Actor, now: datetime
) -> DeskResult:
    """The whole of a desk's form: eligibility, hours, médecin traitant, request, proposals or hold."""
    raise NotImplementedError
