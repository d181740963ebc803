"""Prices brought up to date in the background: read in one transaction, computed in none, then written."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final
from uuid import UUID

from sqlmodel import Session

from regulation.intake import repository as requests
from regulation.intake.service.opening import territory_of
from regulation.live import market, repository
from regulation.live.facts import PriceSheet
from regulation.orientation.ground import points_of
from slots.agenda import service as agenda
from slots.agenda.facts import FreeSlot, FreeSlotQuery
from snp.assignment.policy.settings import LiveSettings
from snp.directory import service as directory
from snp.directory.facts import TerritoryView
from snp.directory.territory_settings import AnswerMode, EnginePolicy
from snp.platform.actors import Actor
from snp.platform.events import Event
from snp.platform.logs import log

if TYPE_CHECKING:
    from snp.assignment.pricing import Market, SlotPrices

Transactions = Callable[[], AbstractContextManager[Session]]
Price = Callable[["Market", LiveSettings], "SlotPrices"]

EVERY: Final = timedelta(minutes=10)
"""How old prices may grow when nothing happens."""
LEAST_GAP: Final = timedelta(minutes=1)
"""How soon prices are computed again at the earliest, whatever happens."""
GONE_SHARE: Final = 0.05
"""What share of the priced slots may have gone before prices are computed again."""


def refresh_prices(
    transactions: Transactions,
    territory_id: UUID,
    *,
    price: Price | None = None,
    clock: Callable[[], datetime],
) -> tuple[PriceSheet, ...]:
    """Compute and keep the prices of a territory's free slots, family by family.

    `price`: how a market is priced; None: here and now.
    """
    now, price = clock(), price or _price_here
    with transactions() as session:
        territory = directory.get_territory(session, territory_id)
        ground = _ground(session, territory, now)
    settings = replace(market.SETTINGS, promise=territory.settings.mode is AnswerMode.PROMISE)
    settings = replace(settings, quiet_hours=territory.settings.quiet_hours)
    sheets = []
    for family, facts in market.markets(ground).items():
        found = price(facts, settings)
        sheets.append(
            PriceSheet(
                territory_id=territory_id,
                family=family,
                computed_at=now,
                scenarios=found.scenarios,
                facts=found.facts,
                prices=found.of_slot,
                wanted=found.wanted,
                own=found.own,
            )
        )
    with transactions() as session:
        repository.drop_sheets(session, territory_id, keep=[sheet.family for sheet in sheets])
        for sheet in sheets:
            repository.write_sheet(session, sheet)
    log(Event.PRICES_COMPUTED, territory_id=territory_id, count=sum(len(sheet.prices) for sheet in sheets))
    return tuple(sheets)


def _price_here(facts: Market, settings: LiveSettings) -> SlotPrices:
    from snp.assignment.pricing import price_slots  # noqa: PLC0415 - never loaded where answers are given

    return price_slots(facts, settings)


def prices_due(session: Session, territory: TerritoryView, *, now: datetime) -> bool:
    """Whether a territory's prices are to be computed: too old, or its free slots changed enough since."""
    if territory.settings.policy is EnginePolicy.EXACT:
        return False
    free = {str(slot.id) for slot in _free(session, territory.id, now)}
    sheets = repository.sheets(session, territory.id)
    if not sheets:
        return bool(free)
    age = now - min(sheet.computed_at for sheet in sheets)
    if age < LEAST_GAP:
        return age < timedelta(0)
    priced = {slot_id for sheet in sheets for slot_id in sheet.prices}
    gone = len(priced - free)
    return age >= EVERY or bool(free - priced) or gone > max(2.0, GONE_SHARE * len(priced))


def list_prices(session: Session, territory_id: UUID, *, by: Actor) -> tuple[PriceSheet, ...]:
    """The latest prices of a territory that the actor sees, by profession family."""
    territory_of(session, territory_id, by)
    return repository.sheets(session, territory_id)


def _ground(session: Session, territory: TerritoryView, now: datetime) -> market.Ground:
    past = requests.sought_since(session, territory.id, now - market.HISTORY)
    seeking = requests.seeking(session, territory.id)
    return market.Ground(
        now=now,
        seen=agenda.seen_slots(
            session,
            territory.id,
            starts_from=now - market.HISTORY,
            starts_until=now + market.AHEAD,
            now=now,
        ),
        free=_free(session, territory.id, now),
        past=past,
        seeking=seeking,
        points=points_of(session, (*past, *seeking)),
        promises={p.request_id: p for p in repository.open_promises(session, [territory.id])},
    )


def _free(session: Session, territory_id: UUID, now: datetime) -> list[FreeSlot]:
    query = FreeSlotQuery(
        starts_from=now, starts_until=now + market.AHEAD, territory_ids=frozenset({territory_id})
    )
    return agenda.free_slots(session, query, now)
