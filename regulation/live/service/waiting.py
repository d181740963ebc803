"""The waiting list: who seeks, in turn, and served the moment something frees.

Read in one transaction, weighed in none, each request served in a transaction of its own that checks again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlmodel import Session

from regulation.intake import moving
from regulation.intake import repository as requests
from regulation.intake.facts import RequestState, RequestView
from regulation.intake.service.opening import territory_of
from regulation.live import circle, queueing, repository, rules, wording
from regulation.live.facts import DecisionView, Outcome, PriceSheet, Waiting, Weighing
from regulation.live.refusals import SlotKeptForPromise
from regulation.live.rules import Lately
from regulation.live.steering import Steering, lately
from regulation.orientation import overflow
from regulation.orientation.ground import points_of
from regulation.orientation.matching import Point
from regulation.orientation.overflow import Lent
from regulation.orientation.service.claiming import LOST, book_now
from regulation.orientation.service.neighbours import lent_to
from regulation.orientation.service.proposing import Question, free_slots, weighed_answer
from slots.agenda.facts import FreeSlot
from snp.directory.facts import Page, TerritoryView
from snp.directory.paging import DEFAULT_LIMIT, checked_limit, decode_cursor, encode_cursor
from snp.directory.territory_settings import EnginePolicy
from snp.errors import InvalidValue
from snp.platform.actors import Actor
from snp.platform.db import LOCK_NOT_AVAILABLE, DatabaseBusy, refusing, retrying
from snp.platform.events import Event
from snp.platform.keys import Keys
from snp.platform.logs import log

Transactions = Callable[[], AbstractContextManager[Session]]
Pairs = list[tuple[UUID, UUID]]
MOST_DIGITS: Final = 6
"""A list longer than a million waits for nobody."""


@dataclass(frozen=True, slots=True)
class _List:
    """What one turn is computed from: who may be served, in turn, and all that steers it."""

    territory: TerritoryView
    in_turn: tuple[RequestView, ...]
    everybody: tuple[RequestView, ...]
    free: Mapping[str, FreeSlot]
    points: Mapping[str, Point]
    sheets: tuple[PriceSheet, ...]
    lately: tuple[Lately, ...]
    withheld: frozenset[str]
    promised: frozenset[UUID]
    lent: Mapping[str, Lent]


def waiting_page(
    session: Session,
    territory_id: UUID,
    *,
    cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
    by: Actor,
) -> Page[Waiting]:
    """The same, a page at a time; the list moves between two pages as people are served."""
    limit = checked_limit(limit)
    begun = _begun(cursor)
    listed = waiting_list(session, territory_id, by=by)
    items = listed[begun : begun + limit]
    more = encode_cursor([str(begun + limit)]) if len(listed) > begun + limit else None
    return Page(items, more)


def _begun(cursor: str | None) -> int:
    if cursor is None:
        return 0
    (text,) = decode_cursor(cursor, length=1)
    if not text.isdecimal() or len(text) > MOST_DIGITS:
        raise InvalidValue("cursor", "ce curseur n’a pas été donné par cette liste")
    return int(text)


def waiting_list(session: Session, territory_id: UUID, *, by: Actor) -> tuple[Waiting, ...]:
    """Everybody who seeks in a territory, in the order of service, each with why and what comes next."""
    territory_of(session, territory_id, by)
    seeking = requests.seeking(session, territory_id)
    promises = {p.request_id: p for p in repository.open_promises(session, [territory_id])}
    last = repository.last_decisions(session, [view.id for view in seeking])
    return tuple(
        Waiting(
            place=place,
            request_id=view.id,
            number=view.number,
            priority=view.priority,
            since=view.decided_at or view.created_at,
            deadline=view.deadline,
            promised_before=promises[view.id].seen_before if view.id in promises else None,
            reason=wording.waiting_reason(last[view.id].weighing if view.id in last else None),
            next_step=wording.next_step(view.deadline, promises.get(view.id)),
        )
        for place, view in enumerate(queueing.in_turn(seeking, promises), start=1)
    )


def serve_waiting(
    transactions: Transactions,
    territory_id: UUID,
    *,
    keys: Keys,
    by: Actor,
    clock: Callable[[], datetime],
    spare: timedelta = timedelta(0),
) -> tuple[UUID, ...]:
    """Book what is free for those who wait, in turn, if worth its price; return who was served.

    `spare`: who was answered, or decided, less than that ago is left to who speaks with him, unless the
    answer was the waiting list. Households are left to the pool.
    """
    now = clock()
    with transactions() as session:
        listed = _read(session, territory_id, spare=spare, by=by, now=now)
    free, lent = dict(listed.free), dict(listed.lent)
    served = []
    for view in listed.in_turn:
        found = _best(listed, view, free, lent, now=now)
        if found is None:
            continue
        pairs, weighing = found
        if _serve(transactions, view, pairs, weighing, keys=keys, by=by, now=clock()):
            served.append(view.id)
            log(Event.WAITING_SERVED, request_id=view.id, territory_id=territory_id)
        for slot_id, _ in pairs:
            free.pop(str(slot_id), None)
            lent.pop(str(slot_id), None)
    return tuple(served)


def _read(session: Session, territory_id: UUID, *, spare: timedelta, by: Actor, now: datetime) -> _List:
    territory = territory_of(session, territory_id, by)
    seeking = requests.seeking(session, territory_id)
    promised = frozenset(p.request_id for p in repository.open_promises(session, [territory_id]))
    last = repository.last_decisions(session, [view.id for view in seeking])
    if territory.settings.policy is EnginePolicy.EXACT:
        seeking = []
    may_be = [
        view
        for view in queueing.in_turn(seeking, promised)
        if view.id not in promised and view.household_id is None and _is_ours(view, last, now - spare)
    ]
    free = free_slots(session, territory_id, may_be, now) if may_be else {}
    overflowing = [view for view in may_be if overflow.is_open(view, territory.settings, now)]
    lent = lent_to(session, territory, overflowing, now=now)
    offered = [*free.values(), *(one.free for one in lent.values())]
    return _List(
        territory=territory,
        in_turn=tuple(may_be) if offered else (),
        everybody=tuple(seeking),
        free=free,
        points=points_of(session, seeking),
        sheets=repository.sheets(session, territory_id),
        lately=tuple(lately(session, territory_id, now)),
        withheld=circle.withheld(session, offered, asked_by=(), now=now),
        promised=promised,
        lent=lent,
    )


def _is_ours(view: RequestView, last: Mapping[UUID, DecisionView], since: datetime) -> bool:
    """Whether nobody is speaking with the patient: he was told to wait, or some time has passed."""
    told = last.get(view.id)
    if told is None:
        return (view.decided_at or view.created_at) <= since
    return told.weighing.outcome is Outcome.WAITING or told.at <= since


def _best(
    listed: _List,
    view: RequestView,
    free: Mapping[str, FreeSlot],
    lent: Mapping[str, Lent],
    *,
    now: datetime,
) -> tuple[Pairs, Weighing] | None:
    """The slots to book for one request now; None when nothing suits or it had better wait on."""
    settings = listed.territory.settings
    steering = Steering(
        sheet=rules.sheet_for(listed.sheets, view.professions, settings.policy, now),
        counts=rules.counts_of(listed.lately, asked_by=(view.id,)),
        share=settings.p3_waiting_percent / 100,
        withheld=listed.withheld,
        promised=listed.promised,
    )
    others = tuple(other for other in listed.everybody if other.id != view.id)
    shared = lent if overflow.is_open(view, settings, now) else {}
    question = Question((view,), others, free, listed.points, steering, shared)
    proposals, weighing = weighed_answer(question, k=1, now=now)
    if not proposals.proposals:
        return None
    pairs = [(slot.slot_id, slot.request_id) for slot in proposals.proposals[0].slots]
    return pairs, replace(weighing, outcome=Outcome.SERVED)


def _serve(
    transactions: Transactions,
    view: RequestView,
    pairs: Sequence[tuple[UUID, UUID]],
    weighing: Weighing,
    *,
    keys: Keys,
    by: Actor,
    now: datetime,
) -> bool:
    """Book for one request if it still stands as it was read; a lost race leaves it its place."""

    def attempt() -> bool:
        with refusing({LOCK_NOT_AVAILABLE: DatabaseBusy}), transactions() as session:
            locked = moving.lock_all(session, [view.id])
            if locked[view.id].version != view.version or locked[view.id].state is not RequestState.SEEKING:
                return False
            book_now(session, locked, pairs, keys=keys, by=by, now=now)
            repository.insert_decision(
                session,
                view.id,
                view.territory_id,
                weighing,
                round_id=None,
                anyway=False,
                by=by,
                now=now,
            )
            return True

    try:
        return retrying(attempt)
    except (*LOST, SlotKeptForPromise, DatabaseBusy):
        return False
