"""« Vous serez vu avant … »: a promise made while the caller waits, with its certificate."""

from __future__ import annotations

from datetime import datetime
from statistics import fmean
from uuid import UUID

from sqlmodel import Session

from regulation.intake import moving
from regulation.intake.facts import CallPriority, Move, RequestState, RequestView
from regulation.intake.rules import IllegalMove
from regulation.intake.service.opening import territory_of
from regulation.live import circle, queueing, repository, rules, steering
from regulation.live.facts import (
    Basis,
    Fallback,
    Outcome,
    PriceSheet,
    PromiseView,
    WeighedSlot,
    Weighing,
)
from regulation.live.refusals import AlreadyPromised, NoPromise
from regulation.orientation.matching import engine_priority, engine_slot
from slots.agenda.facts import FreeSlot
from snp.assignment.facts import Request
from snp.assignment.rules import distance_km
from snp.assignment.stream import VALUE
from snp.assignment.surety import certificate_covers
from snp.directory import service as directory
from snp.directory.territory_settings import AnswerMode
from snp.notifications.service import enqueue
from snp.platform.actors import Actor
from snp.platform.events import Event
from snp.platform.logs import log


def promise(
    session: Session, request_id: UUID, *, version: int | None = None, by: Actor, now: datetime
) -> PromiseView:
    """Promise a seeking request that it is seen before its deadline; the slot is named later.

    Raises `NoPromise` when the territory, the request or the free slots do not allow it, `AlreadyPromised`.
    """
    view = moving.locked(session, request_id, version=version, by=by)
    if view.state is not RequestState.SEEKING:
        raise IllegalMove(view.state, Move.HOLD)
    territory = directory.get_territory(session, view.territory_id)
    if territory.settings.mode is not AnswerMode.PROMISE:
        raise NoPromise("ce territoire donne une heure tout de suite")
    if not queueing.may_be_promised(view):
        raise NoPromise("cette demande reçoit une heure tout de suite")
    repository.take_turn(session, [territory.id])
    if repository.running_promise(session, request_id) is not None:
        raise AlreadyPromised
    sheet = rules.sheet_for(
        repository.sheets(session, territory.id), view.professions, territory.settings.policy, now
    )
    standing = circle.stand(session, territory, also=[view], now=now)
    pledge = circle.pledge_of(session, view, standing, territory.settings.notice_minutes)
    if not standing.circle.has_room_for(pledge, slack=steering.slack_of(sheet)):
        raise NoPromise("aucun créneau libre ne peut la garantir")
    grown = standing.circle.adding(pledge)
    certificate = grown.certificate()
    assert certificate_covers(certificate, [pledge]), "a promise with room has a slot of its own"
    assert view.deadline is not None
    promise_id = repository.insert_promise(
        session,
        request_id,
        territory.id,
        seen_before=view.deadline,
        notice_minutes=territory.settings.notice_minutes,
        certificate=certificate,
        by=by,
        now=now,
    )
    surety = standing.free[certificate[str(request_id)]]
    weighing = _weighing(view, pledge.request, surety, sheet)
    repository.insert_decision(
        session, view.id, view.territory_id, weighing, round_id=None, anyway=False, by=by, now=now
    )
    _tell(session, view, promise_id, now=now)
    made = repository.running_promise(session, request_id)
    assert made is not None
    return made


def list_promises(
    session: Session, territory_id: UUID, *, by: Actor, now: datetime
) -> tuple[tuple[PromiseView, ...], frozenset[UUID]]:
    """The promises of the last days in a territory, newest first, and the requests of those at risk now.

    At risk: no free slot can keep it with its notice any more; something must free, or it will be broken.
    """
    territory = territory_of(session, territory_id, by)
    kept = repository.promises_since(session, territory_id, now - rules.REPORTED)
    standing = circle.stand(session, territory, now=now)
    return kept, frozenset(map(UUID, standing.circle.unkept()))


def engine_value(priority: CallPriority | None) -> int:
    """What serving a request of a call priority is worth."""
    return VALUE[engine_priority(priority)]


def _weighing(
    view: RequestView, request: Request, surety: FreeSlot, sheet: PriceSheet | Fallback
) -> Weighing:
    """What is kept of a promise: its value, and the slot that stands surety for it now."""
    slot = engine_slot(surety)
    fallback = sheet if isinstance(sheet, Fallback) else None
    price = None if isinstance(sheet, Fallback) else fmean(rules.prices_of(sheet, [slot.id], request.id))
    return Weighing(
        outcome=Outcome.PROMISED,
        rule="promise_can_be_kept",
        basis=Basis.FIRST_COME if fallback else Basis.PRICES,
        fallback=fallback,
        value=engine_value(view.priority),
        prices_at=None if isinstance(sheet, Fallback) else sheet.computed_at,
        scenarios=0 if isinstance(sheet, Fallback) else sheet.scenarios,
        alternatives=(WeighedSlot(surety.id, surety.start, price, round(distance_km(request, slot), 2)),),
    )


def _tell(session: Session, view: RequestView, promise_id: UUID, *, now: datetime) -> None:
    payload: dict[str, object] = {"request_id": str(view.id), "promise_id": str(promise_id)}
    enqueue(session, "promise.made", f"request:{view.id}", payload, now)
    log(Event.PROMISE_MADE, request_id=view.id, territory_id=view.territory_id)
