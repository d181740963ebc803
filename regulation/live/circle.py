"""The open promises and the slots that stand surety for them, read under the territory's turn.

Each slot stands surety in one territory only, the first of those it is offered in, so that two territories
never rely on the same one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import Session

from regulation.intake import repository as requests
from regulation.intake.facts import RequestView
from regulation.live import repository
from regulation.live.facts import PromiseView
from regulation.live.refusals import SlotKeptForPromise
from regulation.orientation.ground import points_of
from regulation.orientation.matching import engine_request, engine_slot
from slots.agenda import service as agenda
from slots.agenda.facts import FreeSlot, FreeSlotQuery
from snp.assignment.surety import Circle, Pledge, Surety
from snp.directory import service as directory
from snp.directory.facts import TerritoryView
from snp.directory.territory_settings import AnswerMode, TerritorySettings
from snp.platform import near

AT_LEAST: timedelta = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Standing:
    """A circle with what it was made of: promises by request, and the free slots that stand surety."""

    circle: Circle
    promises: dict[UUID, PromiseView]
    free: dict[str, FreeSlot]
    views: dict[UUID, RequestView] = field(default_factory=dict)


def surety_of(free: FreeSlot) -> UUID:
    """Return the territory where a slot stands surety for promises."""
    return min(free.territory_ids)


def stand(
    session: Session,
    territory: TerritoryView,
    *,
    also: Sequence[RequestView] = (),
    now: datetime,
) -> Standing:
    """Read the open promises of a territory and the slots they rely on; `also`: who may be promised next."""
    with near.reaching(session, [territory.id]):  # a neighbour's, where its slot is borrowed
        promises = {p.request_id: p for p in repository.open_promises(session, [territory.id])}
        views = requests.load(session, promises)
    until = max((view.deadline or now for view in (*views.values(), *also)), default=now)
    query = FreeSlotQuery(
        starts_from=now,
        starts_until=max(until, now + AT_LEAST),
        territory_ids=frozenset({territory.id}),
    )
    free = [slot for slot in agenda.free_slots(session, query, now) if surety_of(slot) == territory.id]
    points = points_of(session, tuple(views.values()))
    pledges = [
        Pledge(engine_request(view, points[view.insee], free), promises[view.id].notice_minutes)
        for view in views.values()
    ]
    sureties = [Surety(engine_slot(slot), slot.release_at) for slot in free]
    circle = Circle(pledges, sureties, now=now, quiet=territory.settings.quiet_hours)
    return Standing(circle, promises, {str(slot.id): slot for slot in free}, views)


def pledge_of(session: Session, view: RequestView, standing: Standing, notice_minutes: int) -> Pledge:
    """Return what a promise to a request would be, beside the slots that stand surety now."""
    point = points_of(session, [view])[view.insee]
    return Pledge(engine_request(view, point, standing.free.values()), notice_minutes)


def withheld(
    session: Session, free: Sequence[FreeSlot], *, asked_by: Collection[UUID], now: datetime
) -> frozenset[str]:
    """Return which of these free slots the promises of others need; `asked_by`: whose own do not count."""
    needed: set[str] = set()
    for territory in _promising(session, {surety_of(slot) for slot in free}):
        standing = stand(session, territory, now=now)
        needed |= _for_others(standing.circle, asked_by).needed()
    return frozenset(needed)


def reserved(session: Session, free: Sequence[FreeSlot], *, now: datetime) -> frozenset[str]:
    """Return free slots that, left alone, keep every promise whatever becomes of the others."""
    kept: set[str] = set()
    for territory in _promising(session, {surety_of(slot) for slot in free}):
        kept |= set(stand(session, territory, now=now).circle.certificate().values())
    return frozenset(kept)


def check_spared(
    session: Session,
    slots: Sequence[FreeSlot],
    *,
    asked_by: Collection[UUID],
    settings: Mapping[UUID, TerritorySettings] | None = None,
    now: datetime,
) -> None:
    """Refuse to give slots that promises to others need, all of them together.

    `settings`: those of the territories where the slots stand surety, where they were read already. Takes
    the turn of these territories until the end of the transaction. Raises `SlotKeptForPromise`.
    """
    by_territory: dict[UUID, list[FreeSlot]] = defaultdict(list)
    for slot in slots:
        by_territory[surety_of(slot)].append(slot)
    if settings is None:
        settings = directory.territory_settings(session, by_territory)
    concerned = _promising(session, set(by_territory), settings)
    repository.take_turn(session, [territory.id for territory in concerned])
    for territory in concerned:
        own = by_territory[territory.id]
        circle = _for_others(stand(session, territory, now=now).circle, asked_by)
        if not circle.can_spare([str(slot.id) for slot in own]):
            raise SlotKeptForPromise(own[0].id)


def _for_others(circle: Circle, asked_by: Iterable[UUID]) -> Circle:
    for request_id in asked_by:
        circle = circle.without(str(request_id))
    return circle


def _promising(
    session: Session, territory_ids: set[UUID], settings: Mapping[UUID, TerritorySettings] | None = None
) -> list[TerritoryView]:
    """Those of these territories where promises are open or, by `settings`, may be made right now."""
    with near.reaching(session, territory_ids):
        concerned = set(repository.promising_territories(session, territory_ids))
    told = settings or {}
    concerned |= {
        ident for ident in territory_ids if ident in told and told[ident].mode is AnswerMode.PROMISE
    }
    return [directory.get_territory(session, ident) for ident in sorted(concerned)]
