"""The end of a day: what is still open is settled at once, with the slots that are there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from snp.assignment.policy.matching import bits
from snp.assignment.policy.pairing import best_pairing
from snp.assignment.policy.scenario import OpenRequest
from snp.assignment.policy.slot_table import Ints, SlotTable

_SCALE: Final = 10**7
"""One point of value against the whole of waits and distances of one request: minutes plus tens of metres."""


def best_closing(table: SlotTable, items: Sequence[OpenRequest], now: float) -> dict[str, int]:
    """Return a column for as much value of open requests as can be, then the least waits and distances.

    `now` in epoch seconds. Each item's `columns` are the free slots that can still be named to it in time.
    """
    own = [np.array(list(bits(item.columns)), dtype=np.int64) for item in items]
    if not own:
        return {}
    rows, columns = np.repeat(np.arange(len(items)), [len(some) for some in own]), np.concatenate(own)
    gains = [_gains(table, item, some, now) for item, some in zip(items, own, strict=True)]
    taken = best_pairing(rows, columns, np.concatenate(gains))
    return {items[rows[pair]].ident: int(columns[pair]) for pair in taken}


def _gains(table: SlotTable, item: OpenRequest, columns: Ints, now: float) -> Ints:
    """The value of the request, less what tells its slots apart."""
    minutes = (table.start[columns] - now) / 60
    burden = np.rint(minutes + 100 * table.distance(item.caller.need, columns)).astype(np.int64)
    gains: Ints = item.weight * _SCALE - burden
    return gains
