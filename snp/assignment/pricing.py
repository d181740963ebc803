"""What each free slot is worth to those who may still come: a territory's past and present in, prices out.

The same forecast, sampled futures and plans as the live policy on a stream; here nothing is decided. Pure:
the service keeps the result, so that a request is answered without computing it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import fmean
from typing import Final

import numpy as np

from snp.assignment.facts import Slot
from snp.assignment.forecast import PARIS, Forecast
from snp.assignment.policy.acceptance import PROMISED
from snp.assignment.policy.desk import Caller
from snp.assignment.policy.futures import Futures, columns_of
from snp.assignment.policy.scenario import OpenRequest
from snp.assignment.policy.settings import LiveSettings
from snp.assignment.policy.slot_table import SlotTable
from snp.assignment.policy.telling import latest_naming
from snp.assignment.stream import VALUE, RequestArrived, SlotPublished

LEVEL_FROM: Final = timedelta(days=3)
"""How far back arrivals tell whether today is like the past; older ones only tell what the past was."""

OWN_PRICES: Final = 64
"""For how many waiting requests prices are also computed as if they did not wait: most urgent first."""


@dataclass(frozen=True, slots=True)
class Seeker:
    """A request that seeks now; `promised`: it is to be seen before its deadline whatever comes."""

    arrival: RequestArrived
    promised: bool = False


@dataclass(frozen=True, slots=True)
class Market:
    """What prices are computed from: slots and requests seen so far, those free and seeking at `now`.

    `seen_slots` are all that were published, withdrawn ones included, of which `withdrawn` counts how many.
    """

    now: datetime
    seen_slots: Sequence[SlotPublished]
    seen_requests: Sequence[RequestArrived]
    free: Sequence[Slot]
    seeking: Sequence[Seeker] = ()
    withdrawn: int = 0


@dataclass(frozen=True, slots=True)
class ForecastFacts:
    """What the forecast rests on, and what it says of the next 24 hours.

    `level`: the last days relative to the past before them. `withdrawn_share`: of slots, taken back by their
    practitioner.
    """

    requests_seen: int
    slots_seen: int
    days_seen: float
    expected_24h: float
    level: float
    withdrawn_share: float


@dataclass(frozen=True, slots=True)
class SlotPrices:
    """Prices in points of value (P1 9, P2 3, P3 1), one per sampled future and free slot.

    `own`: for a request that waits, the slots that cost the others something else than what stands in
    `of_slot`, where its own need counts too. `wanted`: how many requests of the futures each slot suits.
    """

    scenarios: int
    of_slot: Mapping[str, tuple[int, ...]]
    wanted: Mapping[str, float]
    facts: ForecastFacts
    own: Mapping[str, Mapping[str, tuple[int, ...]]] = field(default_factory=dict)


def price_slots(market: Market, settings: LiveSettings | None = None) -> SlotPrices:
    """Compute the price of every free slot; with no past at all, only those who seek now compete."""
    settings = settings or LiveSettings()
    moment = market.now.timestamp()
    forecast = _learnt(market, settings)
    table = SlotTable(_capacity(len(market.free)))
    columns = {slot.id: table.add(slot) for slot in market.free}
    items = {
        seeker.arrival.request.id: _open_item(table, seeker, moment, settings) for seeker in market.seeking
    }
    futures = Futures(table, forecast, items, settings)
    futures.next_refresh = moment
    futures.refresh(moment)
    futures.warm()
    of_slot = _prices(futures, columns)
    numbers = np.array(list(columns.values()), dtype=np.int64)
    wanted = futures.wanted(numbers).tolist() if columns else []
    return SlotPrices(
        scenarios=len(futures.scenarios),
        of_slot=of_slot,
        wanted={slot_id: round(count, 2) for slot_id, count in zip(columns, wanted, strict=True)},
        facts=_facts(market, forecast, moment),
        own=_own_prices(futures, columns, items, of_slot),
    )


def _learnt(market: Market, settings: LiveSettings) -> Forecast:
    forecast = Forecast(settings.forecast)
    live_from = market.now - LEVEL_FROM
    for published in sorted(market.seen_slots, key=lambda event: (event.at, event.slot.id)):
        forecast.saw_slot(published.slot, published.at)
    is_live = False
    for arrival in sorted(market.seen_requests, key=lambda event: (event.at, event.request.id)):
        if not is_live and arrival.at >= live_from and forecast.began is not None:
            forecast.go_live(max(live_from.timestamp(), forecast.began))
            is_live = True
        forecast.saw_request(arrival)
    return forecast


def _capacity(slots: int) -> int:
    """A power of two: the masks of the plans are cut into bytes."""
    return int(max(256, 1 << max(0, slots - 1).bit_length()))


def _open_item(table: SlotTable, seeker: Seeker, moment: float, settings: LiveSettings) -> OpenRequest:
    arrival = seeker.arrival
    notice_s = 60.0 * (arrival.notice_min or 0) if seeker.promised else 0.0
    caller = Caller(arrival, table.compile(arrival.request), promised=seeker.promised)
    columns, _ = table.suitable(caller.need, moment)
    in_time = [
        column
        for column in columns.tolist()
        if latest_naming(float(table.start[column]), notice_s, settings.quiet_hours) >= moment
    ]
    weight = VALUE[arrival.request.priority] + (PROMISED if seeker.promised else 0)
    return OpenRequest(caller, weight, columns_of(in_time), notice_s, seeker.promised)


def _prices(futures: Futures, columns: Mapping[str, int]) -> dict[str, tuple[int, ...]]:
    rows = [scenario.price_row() for scenario in futures.scenarios]
    return {slot_id: tuple(int(row[column]) for row in rows) for slot_id, column in columns.items()}


def _own_prices(
    futures: Futures,
    columns: Mapping[str, int],
    items: Mapping[str, OpenRequest],
    of_slot: Mapping[str, tuple[int, ...]],
) -> dict[str, dict[str, tuple[int, ...]]]:
    """Prices without the need of who asks: a request is not its own competitor."""
    waiting = sorted(
        (item for item in items.values() if not item.promised and item.columns),
        key=lambda item: (-item.weight, item.caller.arrival.at, item.ident),
    )
    own = {}
    for item in waiting[:OWN_PRICES]:
        futures.drop(item.ident)
        mine = {slot_id: column for slot_id, column in columns.items() if item.columns >> column & 1}
        without = _prices(futures, mine)
        own[item.ident] = {s: prices for s, prices in without.items() if prices != of_slot[s]}
        futures.add(item)
    return {ident: prices for ident, prices in own.items() if prices}


def _facts(market: Market, forecast: Forecast, moment: float) -> ForecastFacts:
    published = len(market.seen_slots)
    rates = forecast.rates(moment)
    level = forecast.level(moment)
    hours = [(market.now + timedelta(hours=h)).astimezone(PARIS) for h in range(24)]
    expected = 24 * level * fmean(rates[h.weekday(), h.hour] for h in hours) if forecast.arrivals else 0.0
    return ForecastFacts(
        requests_seen=len(market.seen_requests),
        slots_seen=published,
        days_seen=0.0 if forecast.began is None else round(max(0.0, moment - forecast.began) / 86400, 2),
        expected_24h=round(expected, 1),
        level=round(level, 3),
        withdrawn_share=round(market.withdrawn / published, 4) if published else 0.0,
    )
