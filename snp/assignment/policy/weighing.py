"""Weighing the free slots that suit one request: what each costs the others, and the comparison kept."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from snp.assignment.policy.futures import Futures
from snp.assignment.policy.slot_table import Floats, Ints, SlotTable
from snp.assignment.stream import Alternative

ALTERNATIVES_KEPT = 5
HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class Offer:
    """The slot that would be given, its price, the value less that, and what it was compared with."""

    slot: str
    price: float
    net: float
    alternatives: tuple[Alternative, ...]


def best_offer(
    table: SlotTable, futures: Futures, columns: Ints, km: Floats, *, value: int, now: float
) -> Offer:
    """The column that costs the others least; nearer, sooner and less wanted slots break near-ties."""
    s = futures.settings
    price = futures.prices_of(columns)
    hours = (table.start[columns] - now) / HOUR
    score = price + s.km_price * km + s.hour_price * hours + s.contention * futures.wanted(columns)
    order = np.argsort(score, kind="stable")[:ALTERNATIVES_KEPT]
    ranked = tuple(
        Alternative(table.slot_at(int(columns[i])).id, round(float(price[i]), 4), round(float(km[i]), 2))
        for i in order.tolist()
    )
    chosen = float(price[order[0]])
    return Offer(ranked[0].slot, chosen, value - chosen, ranked)
