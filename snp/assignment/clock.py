"""How much time is left to look for a better answer."""

from __future__ import annotations

import math
import time

_SHARE_FOR_SEARCH = 0.9
"""Of the time limit; the rest is for writing the answer down."""

_FEWEST = 500
"""That any limit affords."""


class Clock:
    """Runs from when it is made; with no limit, it is never late. Wall-clock seconds."""

    def __init__(self, limit: float | None = None) -> None:
        self._limit = limit
        self._started = time.perf_counter()
        self._until = math.inf if limit is None else self._started + limit * _SHARE_FOR_SEARCH

    def late(self) -> bool:
        """Whether the search should end."""
        return time.perf_counter() >= self._until

    def allows(self, seconds: float) -> bool:
        """Whether something that takes so long may still begin."""
        return time.perf_counter() + seconds < self._until

    def affords(self, seconds: float, *, each_of: int, most: int) -> int:
        """How many things that take so long each of several may have, `most` at most; of the whole limit.

        Does not look at the clock: the same limit affords the same on any machine.
        """
        if self._limit is None:
            return most
        return max(_FEWEST, min(most, int(self._limit / seconds / max(1, each_of))))

    def left_ms(self) -> int | None:
        """Whole milliseconds that are left, one at least; None without a limit."""
        if self._until == math.inf:
            return None
        return max(1, int((self._until - time.perf_counter()) * 1000))

    def elapsed(self) -> float:
        """Seconds since the beginning."""
        return time.perf_counter() - self._started
