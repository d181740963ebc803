"""Promises kept: slots named when their last call comes, all promises matched anew; those broken are told.

Read in one transaction, matched in none, each slot named in a transaction of its own that checks again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from regulation.intake import moving
from regulation.intake.facts import RequestState
from regulation.live import circle, repository, rules
from regulation.live.circle import Standing
from regulation.live.facts import (
    Basis,
    Outcome,
    PriceSheet,
    PromiseEnding,
    PromiseView,
    WeighedSlot,
    Weighing,
)
from regulation.live.refusals import SlotKeptForPromise
from regulation.live.service.promising import engine_value
from regulation.orientation import overflow
from regulation.orientation.ground import points_of
from regulation.orientation.matching import engine_request, engine_slot, rank
from regulation.orientation.service.claiming import LOST, book_now
from regulation.orientation.service.neighbours import lent_to
from regulation.orientation.service.proposing import WEIGHTS
from slots.appointments.refusals import SlotAlreadyTaken
from snp.directory import service as directory
from snp.directory.facts import TerritoryView
from snp.notifications.service import enqueue
from snp.platform.actors import Actor
from snp.platform.db import LOCK_NOT_AVAILABLE, DatabaseBusy, refusing, retrying
from snp.platform.events import Event
from snp.platform.keys import Keys
from snp.platform.logs import log

Transactions = Callable[[], AbstractContextManager[Session]]
_ENDINGS = {RequestState.BOOKED: PromiseEnding.REPLACED, RequestState.UNSERVED: PromiseEnding.BROKEN}
"""How a promise ends whose request went on without it; anything else is given up."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What one turn did: requests whose slot was named, promises broken, and those at risk."""

    named: tuple[UUID, ...]
    broken: tuple[UUID, ...]
    at_risk: tuple[UUID, ...]


def keep_promises(
    transactions: Transactions, territory_id: UUID, *, keys: Keys, by: Actor, clock: Callable[[], datetime]
) -> Kept:
    """Name the slots whose last call comes, and settle the promises whose request went on without them."""
    now = clock()
    with transactions() as session:
        broken = _settle(session, territory_id, by=by, now=now)
        if not repository.open_promises(session, [territory_id]):
            return Kept((), broken, ())
        territory = directory.get_territory(session, territory_id)
        standing = circle.stand(session, territory, now=now)
        sheets = repository.sheets(session, territory_id)
    held = {ident for ident, view in standing.views.items() if view.state is RequestState.HELD}
    due = standing.circle.due(_price(sheets))
    named = [
        UUID(request_id)
        for request_id, slot_id in due.items()
        if UUID(request_id) not in held
        and _name(transactions, territory, UUID(request_id), UUID(slot_id), keys=keys, by=by, now=now)
    ]
    unkept = [UUID(ident) for ident in standing.circle.unkept() if UUID(ident) not in {*named, *held}]
    rescued = [
        request_id
        for request_id in unkept
        if _by_a_neighbour(transactions, territory, standing, request_id, keys=keys, by=by, now=now)
    ]
    at_risk = [request_id for request_id in unkept if request_id not in rescued]
    for request_id in at_risk:
        log(Event.PROMISE_AT_RISK, level=logging.WARNING, request_id=request_id, territory_id=territory_id)
    return Kept((*named, *rescued), broken, tuple(at_risk))


def _settle(session: Session, territory_id: UUID, *, by: Actor, now: datetime) -> tuple[UUID, ...]:
    broken = []
    for promise, state in repository.settled_promises(session, territory_id):
        ending = _ENDINGS.get(state, PromiseEnding.GIVEN_UP)
        repository.end_promise(session, promise.id, ending, now=now)
        if ending is PromiseEnding.BROKEN:
            _tell_broken(session, promise, by=by, now=now)
            broken.append(promise.request_id)
    return tuple(broken)


def _tell_broken(session: Session, promise: PromiseView, *, by: Actor, now: datetime) -> None:
    weighing = Weighing(Outcome.BROKEN, "slots_withdrawn", Basis.FIRST_COME, None, 0)
    _keep_decision(session, promise.request_id, promise.territory_id, weighing, by=by, now=now)
    payload: dict[str, object] = {"request_id": str(promise.request_id), "promise_id": str(promise.id)}
    enqueue(session, "promise.broken", f"request:{promise.request_id}", payload, now)
    log(
        Event.PROMISE_BROKEN,
        level=logging.WARNING,
        request_id=promise.request_id,
        territory_id=promise.territory_id,
    )


def _name(
    transactions: Transactions,
    territory: TerritoryView,
    request_id: UUID,
    slot_id: UUID,
    *,
    rule: str = "last_call",
    keys: Keys,
    by: Actor,
    now: datetime,
) -> bool:
    """Book the slot of one promise if it still stands as it was read; the next turn tries again."""

    def attempt() -> bool:
        with refusing({LOCK_NOT_AVAILABLE: DatabaseBusy}), transactions() as session:
            locked = moving.lock_all(session, [request_id])
            promise = repository.running_promise(session, request_id)
            if promise is None or locked[request_id].state is not RequestState.SEEKING:
                return False
            (booked,) = book_now(session, locked, [(slot_id, request_id)], keys=keys, by=by, now=now)
            repository.end_promise(session, promise.id, PromiseEnding.NAMED, slot_id=slot_id, now=now)
            shown = WeighedSlot(slot_id, booked.start, None, 0.0)
            value = engine_value(locked[request_id].priority)
            weighing = Weighing(Outcome.NAMED, rule, Basis.PRICES, None, value, alternatives=(shown,))
            _keep_decision(session, request_id, territory.id, weighing, by=by, now=now)
            log(Event.PROMISE_NAMED, request_id=request_id, territory_id=territory.id)
            return True

    try:
        return retrying(attempt)
    except (*LOST, SlotAlreadyTaken, SlotKeptForPromise, DatabaseBusy):
        return False


def _by_a_neighbour(
    transactions: Transactions,
    territory: TerritoryView,
    standing: Standing,
    request_id: UUID,
    *,
    keys: Keys,
    by: Actor,
    now: datetime,
) -> bool:
    """Keep a promise at risk with a slot that a neighbour lends, if one suits; it never stood surety here."""
    view = standing.views[request_id]
    with transactions() as session:
        lent = lent_to(session, territory, [view], now=now)
        free = [one.free for one in lent.values()]
        kept = circle.withheld(session, free, asked_by=(), now=now)
        points = points_of(session, [view])
    slots = [engine_slot(one) for one in free if str(one.id) not in kept]
    if not slots:
        return False
    sought = engine_request(view, points[view.insee], free)
    ways = rank([sought], slots, now=now, weights=WEIGHTS, k=1).ways
    return bool(ways) and _name(
        transactions,
        territory,
        request_id,
        UUID(ways[0].slots[0].id),
        rule=overflow.RULE,
        keys=keys,
        by=by,
        now=now,
    )


def _keep_decision(
    session: Session, request_id: UUID, territory_id: UUID, weighing: Weighing, *, by: Actor, now: datetime
) -> None:
    repository.insert_decision(
        session, request_id, territory_id, weighing, round_id=None, anyway=False, by=by, now=now
    )


def _price(sheets: tuple[PriceSheet, ...]) -> Callable[[str], float]:
    """What a slot costs the others by the latest prices, fresh or not: only an order among promises."""
    known = {
        slot_id: sum(prices) / len(prices)
        for sheet in sheets
        for slot_id, prices in sheet.prices.items()
        if prices
    }
    return lambda slot_id: min(known.get(slot_id, 0.0), rules.DEAREST)
