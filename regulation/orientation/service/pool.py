"""The pool: every seeking request of a territory at once, and those whose time is up.

Three phases: load in one transaction, solve in none, write each request (or household) in a transaction of
its own after checking it again under lock. A lost race costs that request its place until the next run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from statistics import fmean
from typing import Final
from uuid import UUID

from sqlmodel import Session

from regulation.facts import Reason
from regulation.intake import moving
from regulation.intake import repository as requests
from regulation.intake.facts import CallPriority, Move, RequestState, RequestView
from regulation.intake.rules import FINAL_STATES, sight_of
from regulation.intake.service.opening import territory_of
from regulation.live import circle, pooling, steering
from regulation.live import repository as live
from regulation.live import rules as live_rules
from regulation.live.facts import Basis, Outcome, Weighing
from regulation.live.refusals import SlotKeptForPromise
from regulation.orientation import explaining, matching, overflow, repository
from regulation.orientation.facts import PoolFigures, PoolReport, UnservedView
from regulation.orientation.ground import points_of
from regulation.orientation.service.claiming import LOST, book_now
from regulation.orientation.service.neighbours import lent_to
from regulation.orientation.service.proposing import WEIGHTS, free_slots
from slots.agenda.facts import FreeSlot
from snp.assignment.facts import (
    Assigned,
    Assignment,
    Instance,
    Request,
    Slot,
    Unserved,
    UnservedReason,
)
from snp.assignment.rules import distance_km
from snp.assignment.stream import VALUE
from snp.assignment.suitable import SlotFinder
from snp.directory.facts import Page, TerritoryView
from snp.directory.territory_settings import EnginePolicy
from snp.platform.actors import Actor
from snp.platform.columns import new_id
from snp.platform.db import LOCK_NOT_AVAILABLE, DatabaseBusy, refusing, retrying
from snp.platform.events import Event
from snp.platform.keys import Keys
from snp.platform.logs import log

Transactions = Callable[[], AbstractContextManager[Session]]
"""Opens a session, commits it at the end of the block, rolls it back when the block raises."""


TIME_LIMIT_S: Final = 30.0
"""What a run leaves the engine: far more than a CPTS needs, less than the time between two runs."""


@dataclass(frozen=True, slots=True)
class Pool:
    """What a run was computed from."""

    territory_id: UUID
    views: Mapping[str, RequestView]
    instance: Instance
    later: tuple[Request, ...] = ()
    """Requests that could be served only in the place of somebody who comes before them."""
    rule: str = "exact_engine"
    """What is kept of who is served."""


@dataclass(frozen=True, slots=True)
class Round:
    """One answer of the engine, and what of it was written: at home, then among neighbours' slots."""

    pool: Pool
    assignment: Assignment
    written: Sequence[tuple[Assigned, ...]]

    @property
    def left(self) -> list[str]:
        """The requests that the engine left without a slot."""
        return [*(item.request for item in self.assignment.unserved), *(r.id for r in self.pool.later)]


def assign_pool(
    transactions: Transactions,
    territory_id: UUID,
    *,
    keys: Keys,
    by: Actor,
    clock: Callable[[], datetime],
    spare: timedelta = timedelta(0),
    time_limit_s: float = TIME_LIMIT_S,
) -> PoolReport:
    """Assign every seeking request of a territory at once: load, solve outside any transaction, write.

    Never moves an appointment nor takes a held slot. `spare`: requests proposed to somebody less than that
    ago are left to him. `time_limit_s` bounds the engine: hard instances exist, and the best answer so far is
    then written with its bounds. `clock` is asked again for each write, as slots may have begun meanwhile.
    """
    from snp.assignment.solving import solve  # noqa: PLC0415 - OR-Tools takes a second to load: only when solving

    started = clock()
    with transactions() as session:
        pool = load_pool(session, territory_id, spare=spare, by=by, now=started)
    assignment = solve(pool.instance, time_limit=time_limit_s)
    written = [
        unit
        for unit in units_of(pool, assignment)
        if _write(transactions, pool, unit, keys=keys, by=by, now=clock())
    ]
    rounds = [Round(pool, assignment, written)]
    beyond = None
    if rounds[0].left:
        with transactions() as session:
            beyond = load_neighbours(session, rounds[0], by=by, now=clock())
    if beyond is not None:
        found = solve(beyond.instance, time_limit=time_limit_s)
        written = [
            unit
            for unit in sorted(units_of(beyond, found), key=lambda unit: _most_urgent(beyond, unit))
            if _write(transactions, beyond, unit, keys=keys, by=by, now=clock())
        ]
        rounds.append(Round(beyond, found, written))
    report = report_of(rounds, started=started, finished=clock())
    with transactions() as session:
        repository.insert_run(session, report, by=by)
    log(
        Event.POOL_ASSIGNED,
        territory_id=territory_id,
        served=report.figures.served,
        unserved=report.figures.unserved,
    )
    return report


def load_pool(
    session: Session, territory_id: UUID, *, spare: timedelta = timedelta(0), by: Actor, now: datetime
) -> Pool:
    """Read the seeking requests and free slots of a territory as one instance of the engine.

    A household of which a part is not ready waits whole. A request that holds a promise is left to it. Where
    the live policy is on, what it asks of the pool is applied (`regulation.live.pooling`).
    """
    territory = territory_of(session, territory_id, by)
    seeking = requests.seeking(session, territory_id)
    kept = _spared(session, seeking, spare, now) if spare else set()
    kept |= {promise.request_id for promise in live.open_promises(session, [territory_id])}
    incomplete = _incomplete_households(session, seeking, kept)
    views = [v for v in seeking if v.id not in kept and v.household_id not in incomplete]
    free = free_slots(session, territory_id, views, now) if views else {}
    points = points_of(session, views)
    instance = Instance(
        now=now,
        slots=tuple(matching.engine_slot(slot) for slot in free.values()),
        requests=tuple(matching.engine_request(v, points[v.insee], free.values()) for v in views),
        weights=WEIGHTS,
    )
    pool = Pool(territory_id, {str(view.id): view for view in views}, instance)
    return _narrowed(session, territory, pool, list(free.values()), now)


def load_neighbours(session: Session, own: Round, *, by: Actor, now: datetime) -> Pool | None:
    """What neighbours lend to those that a run left without a slot and that may look there; None for nothing.

    Own slots come first: who got one here is not asked again. Slots that promises of a neighbour rely on stay
    out. Households are served at home.
    """
    territory = territory_of(session, own.pool.territory_id, by)
    asked = {ident: own.pool.views[ident] for ident in own.left}
    views = {
        ident: view
        for ident, view in asked.items()
        if view.household_id is None and overflow.is_open(view, territory.settings, now)
    }
    lent = lent_to(session, territory, list(views.values()), now=now)
    free = [one.free for one in lent.values()]
    kept = circle.reserved(session, free, now=now)
    free = [one for one in free if str(one.id) not in kept]
    if not free:
        return None
    points = points_of(session, list(views.values()))
    instance = Instance(
        now=now,
        slots=tuple(matching.engine_slot(slot) for slot in free),
        requests=tuple(matching.engine_request(v, points[v.insee], free) for v in views.values()),
        weights=WEIGHTS,
    )
    return Pool(own.pool.territory_id, views, instance, rule=overflow.RULE)


def _most_urgent(pool: Pool, unit: Sequence[Assigned]) -> tuple[str, datetime]:
    """What a neighbour lends may be bounded by the day: the more urgent, then the nearer deadline, first."""
    view = pool.views[unit[0].request]
    priority = CallPriority.P2 if view.priority is None else view.priority
    return priority.value, view.deadline or pool.instance.now


def _narrowed(
    session: Session, territory: TerritoryView, pool: Pool, free: Sequence[FreeSlot], now: datetime
) -> Pool:
    settings = territory.settings
    kept = circle.reserved(session, free, now=now)
    if settings.policy is EnginePolicy.EXACT:
        slots = tuple(slot for slot in pool.instance.slots if slot.id not in kept)
        return replace(pool, instance=replace(pool.instance, slots=slots))
    sheets = live.sheets(session, territory.id)
    found = pooling.narrowed(
        pool.instance,
        pool.views,
        {
            ident: live_rules.sheet_for(sheets, view.professions, settings.policy, now)
            for ident, view in pool.views.items()
        },
        counts=live_rules.counts_of(steering.lately(session, territory.id, now)),
        share=settings.p3_waiting_percent / 100,
        reserved=kept,
    )
    later = tuple(request for request in pool.instance.requests if request.id in found.later)
    return replace(pool, instance=found.instance, later=later)


def units_of(pool: Pool, assignment: Assignment) -> list[tuple[Assigned, ...]]:
    """What is written together: a request, or the requests of a household; in the order of the answer."""
    units: dict[str, list[Assigned]] = {}
    for item in assignment.assignments:
        household = pool.views[item.request].household_id
        units.setdefault(item.request if household is None else str(household), []).append(item)
    return [tuple(unit) for unit in units.values()]


def report_of(rounds: Sequence[Round], *, started: datetime, finished: datetime) -> PoolReport:
    """The figures of a run: what was written, what was lost meanwhile, and why the rest got nothing.

    The first round asks everybody; who it left and a later round answered is counted there.
    """
    pool, assignment = rounds[0].pool, rounds[0].assignment
    slots = {slot.id: slot for each in rounds for slot in each.pool.instance.slots}
    asked = {request.id: request for request in pool.instance.requests}
    served = [
        (_asked_of(each.pool)[item.request], slots[item.slots[0]])
        for each in rounds
        for unit in each.written
        for item in unit
    ]
    answered = {item.request for each in rounds[1:] for item in each.assignment.assignments}
    left = [*assignment.unserved, *(_outcompeted(pool, request) for request in pool.later)]
    left = [item for item in left if item.request not in answered]
    asked |= {request.id: request for request in pool.later}
    figures = PoolFigures(
        requests=len(asked),
        slots=len(slots),
        served=len(served),
        served_within_delay=sum(slot.start <= request.deadline for request, slot in served),
        lost=sum(len(each.assignment.assignments) for each in rounds) - len(served),
        unserved=len(left),
        mean_wait_h=_mean([_wait_h(pool, request, slot) for request, slot in served]),
        mean_km=_mean([distance_km(request, slot) for request, slot in served]),
        solve_s=round(sum(each.assignment.wall_s for each in rounds), 4),
    )
    return PoolReport(
        run_id=new_id(),
        territory_id=pool.territory_id,
        started_at=started,
        finished_at=finished,
        status=assignment.status.value,
        figures=figures,
        unserved=tuple(
            UnservedView(
                view.id,
                view.number,
                view.deadline,
                (*explaining.unserved(item, asked[item.request]), *_nor_beyond(rounds[1:], item.request)),
            )
            for item in left
            for view in (pool.views[item.request],)
        ),
    )


def _nor_beyond(rounds: Sequence[Round], request_id: str) -> tuple[Reason, ...]:
    """Why a request that was asked about neighbours' slots got none of them either."""
    return tuple(
        overflow.none_left()
        if item.reason is UnservedReason.OUTCOMPETED
        else overflow.none_suits(len(each.pool.instance.slots))
        for each in rounds
        for item in each.assignment.unserved
        if item.request == request_id
    )


def _asked_of(pool: Pool) -> dict[str, Request]:
    """The requests of a pool as the engine sees them, by id."""
    return {request.id: request for request in pool.instance.requests}


def _outcompeted(pool: Pool, request: Request) -> Unserved:
    suitable = sum(1 for _ in SlotFinder(pool.instance).suitable(request))
    return Unserved(request.id, UnservedReason.OUTCOMPETED, "others come before", suitable=suitable)


def expire_requests(session: Session, *, limit: int = 500, by: Actor, now: datetime) -> tuple[UUID, ...]:
    """Mark as unserved the seeking requests whose deadline passed, to be called back; their ids.

    Requests that somebody is writing at this very moment are left to the next time.
    """
    views = requests.lock(session, requests.overdue(session, now, limit), skip_locked=True)
    gone = [v for v in views.values() if v.state is RequestState.SEEKING]
    for view in gone:
        assert view.deadline is not None
        reason = explaining.deadline_passed(view.deadline, now - view.deadline)
        moving.move(session, view, Move.GIVE_UP, reasons=(reason,), by=by, now=now)
    return tuple(view.id for view in gone)


def list_runs(
    session: Session,
    territory_id: UUID,
    *,
    cursor: str | None = None,
    limit: int = 20,
    by: Actor,
    now: datetime,  # noqa: ARG001 - every use case has the same frame
) -> Page[PoolReport]:
    """The runs over a territory's pool, newest first."""
    sight = sight_of(by)
    if sight.nothing or sight.organisation_id or sight.practitioner_id:
        return Page(())
    territory_of(session, territory_id, by)
    return repository.runs(session, territory_id, cursor=cursor, limit=limit)


def _write(
    transactions: Transactions,
    pool: Pool,
    unit: Sequence[Assigned],
    *,
    keys: Keys,
    by: Actor,
    now: datetime,
) -> bool:
    """Book one unit if it still stands as it was read; false when it was lost meanwhile.

    Somebody who does not let go of a slot in time has won it too: the run goes on with the others.
    """

    def attempt() -> bool:
        with refusing({LOCK_NOT_AVAILABLE: DatabaseBusy}), transactions() as session:
            return _book(session, pool, unit, keys=keys, by=by, now=now)

    try:
        return retrying(attempt)
    except (*LOST, SlotKeptForPromise, DatabaseBusy):
        return False


def _book(
    session: Session, pool: Pool, unit: Sequence[Assigned], *, keys: Keys, by: Actor, now: datetime
) -> bool:
    wanted = {UUID(item.request): pool.views[item.request] for item in unit}
    locked = moving.lock_all(session, wanted)
    if any(locked[ident].version != view.version for ident, view in wanted.items()):
        return False
    pairs = [(UUID(slot), UUID(item.request)) for item in unit for slot in item.slots]
    book_now(session, locked, pairs, keys=keys, by=by, now=now)
    for item in unit:
        _tell(session, pool, item, by=by, now=now)
    return True


def _tell(session: Session, pool: Pool, item: Assigned, *, by: Actor, now: datetime) -> None:
    """Keep, for who asks why, that the exact engine gave the slot."""
    view, asked = pool.views[item.request], {request.id: request for request in pool.instance.requests}
    first = next(slot for slot in pool.instance.slots if slot.id == item.slots[0])
    way = matching.Way((first,), (asked[item.request],), item.burden)
    weighing = Weighing(
        Outcome.SERVED,
        pool.rule,
        Basis.CONTENTION,
        None,
        VALUE[asked[item.request].priority],
        alternatives=live_rules.alternatives([way], {}),
    )
    live.insert_decision(
        session, view.id, view.territory_id, weighing, round_id=None, anyway=False, by=by, now=now
    )


def _spared(session: Session, seeking: Sequence[RequestView], spare: timedelta, now: datetime) -> set[UUID]:
    """The requests that somebody is being read proposals for."""
    return repository.proposed_since(session, [view.id for view in seeking], now - spare)


def _incomplete_households(session: Session, seeking: Sequence[RequestView], kept: set[UUID]) -> set[UUID]:
    """The households of which a member does not seek now."""
    ready = {view.id for view in seeking if view.id not in kept}
    households = {view.household_id for view in seeking if view.household_id is not None}
    return {
        household_id
        for household_id in households
        if any(
            member.state not in FINAL_STATES and member.id not in ready
            for member in requests.household(session, household_id)
        )
    }


def _wait_h(pool: Pool, request: Request, slot: Slot) -> float:
    """Hours from the decision to the appointment."""
    decided = pool.views[request.id].decided_at or request.earliest
    return (slot.start - decided).total_seconds() / 3600


def _mean(values: Sequence[float]) -> float | None:
    return round(fmean(values), 2) if values else None
