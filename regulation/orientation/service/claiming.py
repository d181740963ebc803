"""Hold, confirm, drop: from a proposal to an appointment. Losers of a race get fresh proposals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from uuid import UUID

from sqlmodel import Session

from regulation.intake import moving
from regulation.intake import repository as requests
from regulation.intake.facts import Move, RequestState, RequestView, StepResult
from regulation.intake.rules import IllegalMove
from regulation.live.circle import check_spared, surety_of
from regulation.orientation import explaining, matching, repository
from regulation.orientation.facts import HeldSlots, ProposedSlot
from regulation.orientation.ground import points_of
from regulation.orientation.overflow import Lent
from regulation.orientation.refusals import (
    ProposalNotFound,
    SlotDoesNotSuit,
    SlotNoLongerFree,
    SlotsDoNotFollow,
)
from regulation.orientation.service.lapsing import end_holds, settle_lapsed_hold
from regulation.orientation.service.proposing import (
    claimable_among,
    make_proposals,
    proposed_slot,
)
from regulation.series import keeping
from slots.agenda.facts import FreeSlot
from slots.agenda.refusals import SlotInThePast, SlotNotFound, SlotNotOfferedHere, SlotNotOpen
from slots.appointments import service as appointments
from slots.appointments.facts import AppointmentView, Claim
from slots.appointments.refusals import SlotAlreadyTaken
from snp.assignment.facts import Request
from snp.assignment.rules import breaks_household, breaks_sessions, broken_rule
from snp.directory import service as directory
from snp.platform import audit
from snp.platform.actors import Actor
from snp.platform.keys import Keys

LOST = (SlotAlreadyTaken, SlotNotOpen, SlotInThePast, SlotNotFound, SlotNotOfferedHere)
"""The ways in which a slot that was proposed may have gone meanwhile."""


def hold(
    session: Session, proposal_id: UUID, *, minutes: int | None = None, by: Actor, now: datetime
) -> HeldSlots:
    """Keep the slots of a proposal for its request; raises `SlotNoLongerFree` with fresh proposals."""
    found = repository.proposal_claims(session, proposal_id)
    if found is None:
        raise ProposalNotFound(proposal_id)
    request_id, pairs = found
    moving.visible(requests.load(session, [request_id]).get(request_id), by)
    return _hold(session, request_id, pairs, minutes=minutes, by=by, now=now)


def hold_slots(
    session: Session,
    request_id: UUID,
    slot_ids: Sequence[UUID],
    *,
    minutes: int | None = None,
    by: Actor,
    now: datetime,
) -> HeldSlots:
    """Keep chosen slots, proposed or not, provided that they suit the request.

    For a request in a household, only a proposal says whose each slot would be: raises `SlotsDoNotFollow`.
    """
    pairs = [(slot_id, request_id) for slot_id in slot_ids]
    return _hold(session, request_id, pairs, minutes=minutes, by=by, now=now)


def confirm(
    session: Session, bundle_id: UUID, *, keys: Keys, by: Actor, now: datetime
) -> tuple[AppointmentView, ...]:
    """Turn held slots into appointments, in time order.

    Raises `HoldExpired` when it came too late: the request seeks again as soon as it is asked to.
    """
    held = appointments.claims_of_hold(session, bundle_id, now=now)
    views = _held_requests(session, [claim.request_id for claim in held], by)
    organisation = next(iter(views.values())).organisation_id
    booked = appointments.confirm(
        session,
        bundle_id,
        slot_ids=[claim.slot_id for claim in held],
        organisation_id=organisation,
        codes=keys.hasher(),
        by=by,
        now=now,
    )
    record_booking(session, views, booked, bundle_id=bundle_id, by=by, now=now)
    return booked


def drop_hold(session: Session, bundle_id: UUID, *, by: Actor, now: datetime) -> tuple[StepResult, ...]:
    """Give held slots back; their requests seek again. A hold that has already run out is no refusal."""
    holds = appointments.drop_hold(session, bundle_id, by=by, now=now)
    views = requests.load(session, holds)
    for request_id in holds:
        moving.visible(views.get(request_id), by)
    return tuple(StepResult(view) for view in end_holds(session, holds, "dropped", by=by, now=now))


def expire_holds(session: Session, *, by: Actor, now: datetime) -> tuple[UUID, ...]:
    """End the holds that ran out; the requests that seek again."""
    lapsed = appointments.expire_holds(session, by=by, now=now)
    return tuple(view.id for view in end_holds(session, lapsed, "expired", by=by, now=now))


def book_now(
    session: Session,
    locked: dict[UUID, RequestView],
    pairs: Sequence[tuple[UUID, UUID]],
    *,
    keys: Keys,
    by: Actor,
    now: datetime,
) -> tuple[AppointmentView, ...]:
    """Book (slot, request) pairs in time order for locked requests that seek, without a hold before.

    Raises what `LOST` names, and `SlotKeptForPromise` when promises to others need one of the slots.
    """
    view = next(iter(locked.values()))
    free, _ = claimable_among(session, list(locked.values()), [slot_id for slot_id, _ in pairs], now)
    missing = next((slot_id for slot_id, _ in pairs if slot_id not in free), None)
    if missing is not None:
        raise SlotAlreadyTaken(missing)
    check_spared(session, list(free.values()), asked_by=tuple(locked), now=now)
    booked = appointments.book(
        session,
        claims_of(pairs),
        audience=view.audience,
        territory_id=view.territory_id,
        organisation_id=view.organisation_id,
        codes=keys.hasher(),
        by=by,
        now=now,
    )
    end_holds(session, booked.lapsed_request_ids, "expired", by=by, now=now)
    record_booking(session, locked, booked.appointments, by=by, now=now)
    return tuple(booked.appointments)


def record_booking(
    session: Session,
    views: dict[UUID, RequestView],
    booked: Sequence[AppointmentView],
    *,
    bundle_id: UUID | None = None,
    by: Actor,
    now: datetime,
) -> None:
    """Move the locked requests to booked, each with its own appointments, and audit whose they are."""
    for request_id, view in views.items():
        own = [appointment for appointment in booked if appointment.request_id == request_id]
        data = {
            "appointments": [str(appointment.id) for appointment in own],
            "starts": [appointment.start.isoformat() for appointment in own],
            "bundle_id": None if bundle_id is None else str(bundle_id),
        }
        made = [appointment.id for appointment in own]
        keeping.check_days(session, view, [appointment.start for appointment in own], instead_of=made)
        moving.move(session, view, Move.BOOK, data=data, by=by, now=now)
        keeping.note_booking(session, view, own, by=by, now=now)
        for appointment in own:
            audit.record(
                session,
                at=now,
                actor=by,
                action=audit.AuditAction.CREATE,
                resource="appointment",
                resource_id=appointment.id,
                patient_id=view.patient_id,
                why="prise de rendez-vous",
            )


def _hold(
    session: Session,
    request_id: UUID,
    pairs: Sequence[tuple[UUID, UUID]],
    *,
    minutes: int | None,
    by: Actor,
    now: datetime,
) -> HeldSlots:
    views = _seeking(session, [request_id, *(owner for _, owner in pairs)], by, now)
    view = views[request_id]
    free, lent = claimable_among(session, list(views.values()), [slot_id for slot_id, _ in pairs], now)
    missing = next((slot_id for slot_id, _ in pairs if slot_id not in free), None)
    if missing is not None:
        raise _lost(session, view, missing, by=by, now=now)
    slots = _checked(session, views, [(free[slot_id], owner) for slot_id, owner in pairs], lent, now)
    for owner, held in views.items():
        keeping.check_days(session, held, [free[slot].start for slot, whose in pairs if whose == owner])
    concerned = {view.territory_id, *map(surety_of, free.values())}
    settings = directory.territory_settings(session, concerned)
    check_spared(session, list(free.values()), asked_by=tuple(views), settings=settings, now=now)
    if minutes is None:
        minutes = settings[view.territory_id].hold_minutes
    try:
        with session.begin_nested():  # who loses lets the slot go before he looks for others
            bundle = appointments.hold(
                session,
                claims_of(pairs),
                audience=view.audience,
                territory_id=view.territory_id,
                minutes=minutes,
                by=by,
                now=now,
            )
    except LOST as lost:
        raise _lost(session, view, pairs[0][0], by=by, now=now) from lost
    end_holds(session, bundle.lapsed_request_ids, "expired", by=by, now=now)
    data = {"bundle_id": str(bundle.bundle_id), "slots": [str(slot_id) for slot_id, _ in pairs]}
    for owner in dict.fromkeys(owner for _, owner in pairs):
        moving.move(session, views[owner], Move.HOLD, data=data, by=by, now=now)
    return HeldSlots(
        bundle_id=bundle.bundle_id,
        expires_at=bundle.expires_at,
        request_ids=tuple(dict.fromkeys(owner for _, owner in pairs)),
        slots=slots,
    )


def claims_of(pairs: Sequence[tuple[UUID, UUID]]) -> list[Claim]:
    """Slots in time order with their requests, as claims; the sessions of one request count from 1."""
    counted: dict[UUID, int] = {}
    claims = []
    for slot_id, owner in pairs:
        counted[owner] = counted.get(owner, 0) + 1
        claims.append(Claim(slot_id, owner, counted[owner]))
    return claims


def _seeking(
    session: Session, request_ids: Sequence[UUID], by: Actor, now: datetime
) -> dict[UUID, RequestView]:
    """Lock these requests; raises `NotFound` or `IllegalMove` unless all are seen and seek."""
    locked = moving.lock_all(session, request_ids)
    views = {}
    for request_id in dict.fromkeys(request_ids):
        view = moving.visible(locked.get(request_id), by)
        view = settle_lapsed_hold(session, view, by=by, now=now)
        if view.state is not RequestState.SEEKING:
            raise IllegalMove(view.state, Move.HOLD)
        views[request_id] = view
    return views


def _held_requests(session: Session, request_ids: Sequence[UUID], by: Actor) -> dict[UUID, RequestView]:
    locked = moving.lock_all(session, request_ids)
    views = {
        request_id: moving.visible(locked.get(request_id), by) for request_id in dict.fromkeys(request_ids)
    }
    for view in views.values():
        if view.state is not RequestState.HELD:
            raise IllegalMove(view.state, Move.BOOK)
    return views


def _checked(
    session: Session,
    views: dict[UUID, RequestView],
    pairs: Sequence[tuple[FreeSlot, UUID]],
    lent: Mapping[str, Lent],
    now: datetime,
) -> tuple[ProposedSlot, ...]:
    """The chosen slots as they are read out, provided that they suit their requests and go together."""
    points = points_of(session, tuple(views.values()))
    kinds = [free for free, _ in pairs]
    owners = {view.id: matching.engine_request(view, points[view.insee], kinds) for view in views.values()}
    for number, (free, owner) in enumerate(pairs):
        later = number > 0 and owner == pairs[number - 1][1]
        check_suits(free, owners[owner], now, later_session=later)
    _check_together(views, owners, pairs)
    return tuple(proposed_slot(free, owners[owner], lent) for free, owner in pairs)


def check_suits(free: FreeSlot, request: Request, now: datetime, *, later_session: bool = False) -> None:
    """Raise `SlotDoesNotSuit` naming the rule that the slot breaks."""
    rule = broken_rule(request, matching.engine_slot(free), now, later_session=later_session)
    if rule is not None:
        raise SlotDoesNotSuit(free.id, rule, explaining.rule_sentence(rule, request))


def _check_together(
    views: dict[UUID, RequestView], owners: dict[UUID, Request], pairs: Sequence[tuple[FreeSlot, UUID]]
) -> None:
    slots = [matching.engine_slot(free) for free, _ in pairs]
    if any(before.start >= after.start for before, after in pairwise(slots)):
        raise SlotsDoNotFollow
    household = {view.household_id for view in views.values()}
    if len(owners) > 1:
        together = len(household) == 1 and None not in household and len(slots) == len(owners)
        if not together or breaks_household(slots) is not None:
            raise SlotsDoNotFollow
        return
    (request,) = owners.values()
    if breaks_sessions(request, slots) is not None:
        raise SlotsDoNotFollow


def _lost(
    session: Session, view: RequestView, slot_id: UUID, *, by: Actor, now: datetime
) -> SlotNoLongerFree:
    """The refusal of who lost a race, with fresh proposals; they are not kept, as the refusal undoes all."""
    fresh = make_proposals(session, view, save=False, by=by, now=now)
    return SlotNoLongerFree(slot_id, fresh)
