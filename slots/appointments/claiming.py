"""Take slots: hold them for a while, confirm, let go, or book at once.

Each act locks its slots in order of id, runs its checks, then writes.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from slots.agenda import locks
from slots.agenda.facts import LockedSlot
from slots.appointments import repository, rules
from slots.appointments.codes import code_hash
from slots.appointments.facts import AppointmentView, Booked, Claim, HeldSlot, HoldBundle, HoldEnd
from slots.appointments.messages import BOOKED, announce
from slots.appointments.refusals import HoldEnded, HoldExpired, HoldNotFound, SlotAlreadyTaken
from slots.sharing import service as sharing
from snp.assignment.facts import Audience
from snp.platform.actors import Actor, system
from snp.platform.columns import new_id
from snp.platform.hashing import KeyedHash

_EXPIRY = system("expire_holds")


@dataclass(frozen=True, slots=True)
class Claimable:
    """The holds on checked slots that have run out, and the agreement by which each lent one is claimed."""

    lapsed: Sequence[sa.Row[Any]]
    sharings: Mapping[UUID, UUID]


@dataclass(frozen=True, slots=True)
class _Claimed:
    """Slots locked and checked, the agreements of the lent ones, and whose holds on them had run out."""

    slots: Mapping[UUID, LockedSlot]
    sharings: Mapping[UUID, UUID]
    lapsed: tuple[UUID, ...]


def hold(
    session: Session,
    claims: Sequence[Claim],
    *,
    audience: Audience,
    territory_id: UUID,
    minutes: int,
    by: Actor,
    now: datetime,
) -> HoldBundle:
    """Keep slots together for `minutes`, all or none; a refusal leaves the transaction to go on with.

    Raises SlotNotFound, SlotAlreadyTaken, SlotNotOpen, SlotInThePast, SlotNotOfferedHere, InvalidValue.
    """
    rules.check_hold_minutes(minutes)
    claimed = _claim(session, claims, audience=audience, territory_id=territory_id, now=now)
    slots = claimed.slots
    bundle_id, expires_at = new_id(), now + timedelta(minutes=minutes)
    common = {"bundle_id": bundle_id, "territory_id": territory_id, "expires_at": expires_at}
    common |= {"created_at": now, "created_by": by.ident}
    repository.insert_holds(
        session,
        [
            common
            | {"slot_id": claim.slot_id, "request_id": claim.request_id, "session_no": claim.session_no}
            | {"sharing_id": claimed.sharings.get(claim.slot_id)}
            for claim in claims
        ],
    )
    held = (
        HeldSlot(
            claim.slot_id,
            claim.request_id,
            claim.session_no,
            slots[claim.slot_id].practitioner_id,
            slots[claim.slot_id].start,
            slots[claim.slot_id].end,
        )
        for claim in claims
    )
    return HoldBundle(
        bundle_id, expires_at, tuple(sorted(held, key=lambda slot: slot.session_no)), claimed.lapsed
    )


def get_hold(session: Session, bundle_id: UUID, *, now: datetime) -> HoldBundle:
    """Return a running bundle. Raises HoldNotFound, HoldExpired, HoldEnded."""
    holds = _holds(session, bundle_id)
    _check_running(bundle_id, holds, now)
    slots = locks.read_slots(session, [row.slot_id for row in holds])
    return HoldBundle(
        bundle_id,
        holds[0].expires_at,
        tuple(
            HeldSlot(
                row.slot_id,
                row.request_id,
                row.session_no,
                slots[row.slot_id].practitioner_id,
                slots[row.slot_id].start,
                slots[row.slot_id].end,
            )
            for row in holds
        ),
    )


def claims_of_hold(session: Session, bundle_id: UUID, *, now: datetime) -> tuple[Claim, ...]:
    """Return whose each slot of a running bundle is. Raises HoldNotFound, HoldExpired, HoldEnded."""
    holds = _holds(session, bundle_id)
    _check_running(bundle_id, holds, now)
    return tuple(Claim(row.slot_id, row.request_id, row.session_no) for row in holds)


def confirm(
    session: Session,
    bundle_id: UUID,
    *,
    slot_ids: Collection[UUID] | None = None,
    organisation_id: UUID | None = None,
    codes: KeyedHash,
    by: Actor,
    now: datetime,
) -> tuple[AppointmentView, ...]:
    """Turn a running hold into appointments, in session order; `slot_ids`: its slots, where they are known.

    Only while it runs: after its end the caller has been away, the slot may have been proposed to others, and
    fresh proposals are owed. Raises HoldNotFound, HoldExpired, HoldEnded, SlotNotOpen, SlotInThePast.
    """
    if slot_ids is None:
        slot_ids = [row.slot_id for row in _holds(session, bundle_id)]
    slots = locks.lock_slots(session, slot_ids)
    holds = _holds(session, bundle_id)
    _check_running(bundle_id, holds, now)
    for slot in slots.values():
        rules.check_slot_live(slot)
        rules.check_slot_ahead(slot, now)
    repository.end_holds(session, [row.id for row in holds], HoldEnd.CONFIRMED, now)
    rows = [
        _appointment(
            slots[row.slot_id],
            Claim(row.slot_id, row.request_id, row.session_no),
            territory_id=row.territory_id,
            sharing_id=row.sharing_id,
            organisation_id=organisation_id,
            codes=codes,
        )
        for row in holds
    ]
    return _write(session, rows, by=by, now=now)


def drop_hold(session: Session, bundle_id: UUID, *, by: Actor, now: datetime) -> tuple[UUID, ...]:
    """Let a hold go; returns the ids of the requests it was for, empty when it had ended before."""
    locks.lock_slots(session, [row.slot_id for row in _holds(session, bundle_id)])
    running = [row for row in _holds(session, bundle_id) if row.ended_at is None]
    repository.end_holds(session, [row.id for row in running], HoldEnd.DROPPED, now)
    locks.settle_freed(session, [row.slot_id for row in running], by=by, now=now)
    return _requests(running)


def expire_holds(
    session: Session, *, by: Actor = _EXPIRY, now: datetime, limit: int = 500
) -> tuple[UUID, ...]:
    """End holds that ran out, the oldest first; returns the ids of the requests they were for.

    Slots somebody is claiming right now are left to him: he ends what ran out himself.
    """
    slot_ids = repository.slots_with_lapsed_holds(session, now, limit)
    locked = locks.lock_slots_at_rest(session, slot_ids)
    lapsed = [row for row in repository.running_holds(session, locked) if row.expires_at <= now]
    repository.end_holds(session, [row.id for row in lapsed], HoldEnd.EXPIRED, now)
    locks.settle_freed(session, [row.slot_id for row in lapsed], by=by, now=now)
    return _requests(lapsed)


def book(
    session: Session,
    claims: Sequence[Claim],
    *,
    audience: Audience,
    territory_id: UUID,
    organisation_id: UUID | None = None,
    codes: KeyedHash,
    by: Actor,
    now: datetime,
) -> Booked:
    """Book slots together with no hold before, all or none; refusals as `hold`."""
    claimed = _claim(session, claims, audience=audience, territory_id=territory_id, now=now)
    rows = [
        _appointment(
            claimed.slots[claim.slot_id],
            claim,
            territory_id=territory_id,
            sharing_id=claimed.sharings.get(claim.slot_id),
            organisation_id=organisation_id,
            codes=codes,
        )
        for claim in claims
    ]
    return Booked(_write(session, rows, by=by, now=now), claimed.lapsed)


def check_claimable(
    session: Session,
    slots: Sequence[LockedSlot],
    *,
    audience: Audience,
    territory_id: UUID,
    now: datetime,
) -> Claimable:
    """Run every check a new claim on locked slots must pass.

    A slot that is not offered in the territory must be lent to it by a neighbour (`slots.sharing`).
    """
    slot_ids = [slot.id for slot in slots]
    claims = repository.claims_on(session, slot_ids)
    taken = {row.slot_id for row in claims if row.expires_at is None or row.expires_at > now}
    for slot in slots:
        if slot.id in taken:
            raise SlotAlreadyTaken(slot.id)
        rules.check_slot_offered(slot, now)
        rules.check_slot_ahead(slot, now)
    lent = sharing.admit(session, slots, audience=audience, territory_id=territory_id, now=now)
    for slot in slots:
        if slot.id not in lent:
            rules.check_slot_offered_to(slot, audience, territory_id)
    return Claimable(claims, lent)


def _claim(
    session: Session, claims: Sequence[Claim], *, audience: Audience, territory_id: UUID, now: datetime
) -> _Claimed:
    """Lock and check the slots claimed, end the holds on them that ran out."""
    rules.check_claims(claims)
    slots = locks.lock_slots(session, [claim.slot_id for claim in claims])
    found = check_claimable(
        session, list(slots.values()), audience=audience, territory_id=territory_id, now=now
    )
    repository.end_lapsed(session, found.lapsed, now)
    claiming = {claim.request_id for claim in claims}
    lapsed = tuple(ident for ident in _requests(found.lapsed) if ident not in claiming)
    return _Claimed(slots, found.sharings, lapsed)


def _write(
    session: Session, rows: Sequence[dict[str, Any]], *, by: Actor, now: datetime
) -> tuple[AppointmentView, ...]:
    booked = repository.insert_appointments(session, rows, author=by.ident, now=now)
    for appointment in booked:
        announce(session, BOOKED, appointment, now=now)
    return booked


def _appointment(
    slot: LockedSlot,
    claim: Claim,
    *,
    territory_id: UUID,
    sharing_id: UUID | None,
    organisation_id: UUID | None,
    codes: KeyedHash,
) -> dict[str, Any]:
    return {
        **new_appointment(slot, codes=codes),
        "request_id": claim.request_id,
        "session_no": claim.session_no,
        "territory_id": territory_id,
        "sharing_id": sharing_id,
        "organisation_id": organisation_id,
    }


def new_appointment(slot: LockedSlot, *, codes: KeyedHash) -> dict[str, Any]:
    """What an appointment takes from its slot, under a new id and code."""
    ident = new_id()
    return {
        "id": ident,
        "code_hash": code_hash(ident, codes),
        "slot_id": slot.id,
        "practitioner_id": slot.practitioner_id,
        "site_id": slot.site_id,
        "start_at": slot.start,
        "end_at": slot.end,
        "mode": slot.mode,
    }


def _holds(session: Session, bundle_id: UUID) -> Sequence[sa.Row[Any]]:
    holds = repository.holds_of_bundle(session, bundle_id)
    if not holds:
        raise HoldNotFound(bundle_id)
    return holds


def _check_running(bundle_id: UUID, holds: Sequence[sa.Row[Any]], now: datetime) -> None:
    for row in holds:
        if row.ended_as == HoldEnd.EXPIRED or (row.ended_at is None and row.expires_at <= now):
            raise HoldExpired(bundle_id, row.expires_at)
        if row.ended_at is not None:
            raise HoldEnded(bundle_id)


def _requests(holds: Sequence[sa.Row[Any]]) -> tuple[UUID, ...]:
    return tuple(dict.fromkeys(row.request_id for row in holds))
