"""What is published, what is usually still to come, and how long needs can wait, by half-day. Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from regulation.coverage.halves import MIDDAY, OpenHalf, place_of
from regulation.coverage.shortage import LONGEST_WAIT, USUAL_WAITS
from snp.days import local

LOOKED_BACK: Final = timedelta(weeks=6)
"""How far back publication is read: practices change."""
_WAIT_WEIGHT: Final = 20.0


def still_to_come(
    published: Iterable[tuple[datetime, datetime]], halves: Sequence[OpenHalf], now: datetime
) -> NDArray[np.float64]:
    """Return how many slots are usually published later than now for half-days like these.

    `published`: start and publication of past slots, `LOOKED_BACK` at most. What counts is what came later
    than a half-day so far ahead is looked at.
    """
    leads: dict[int, list[timedelta]] = {}
    weeks: set[int] = set()
    for start, at in published:
        if now - LOOKED_BACK <= start < now:
            leads.setdefault(_cell_of(start), []).append(start - at)
            weeks.add((now - start).days // 7)
    seen_weeks = max(len(weeks), 1)
    expected = np.zeros(len(halves))
    for place, half in enumerate(halves):
        late = [lead for lead in leads.get(half.half.cell, ()) if lead < half.start - now]
        expected[place] = len(late) / seen_weeks
    return expected


def _cell_of(start: datetime) -> int:
    shown = local(start)
    return shown.weekday() * 2 + (shown.time() >= MIDDAY)


def wait_of(at: datetime, deadline: datetime, halves: Sequence[OpenHalf]) -> int:
    """Return how many half-days after its own a need can wait: 0 to `LONGEST_WAIT` - 1."""
    last = bisect_left(halves, deadline, key=lambda one: one.start) - 1
    return min(max(last - place_of(at, halves), 0), LONGEST_WAIT - 1)


def waits_of(waits: Iterable[int]) -> tuple[float, ...]:
    """Return the share of needs by how long they can wait, shrunk towards what is usual."""
    seen = np.bincount(np.array(list(waits), dtype=np.int64), minlength=LONGEST_WAIT).astype(float)
    mixed = seen + _WAIT_WEIGHT * np.array(USUAL_WAITS)
    return tuple((mixed / mixed.sum()).tolist())
