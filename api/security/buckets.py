"""How often a key or an address may ask: a bucket of tokens each, in memory, told to the other processes.

A bucket is taken from without asking anybody. Now and then the processes tell each other what they took
(`api.pacing`), and each goes on from what is left for all. Guards no secret: it keeps one caller from
starving the others.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Mapping
from typing import Final

REMEMBERED: Final = 20_000
MOST_TOLD: Final = 2_000
"""How many buckets are told of at once: those taken from first."""

_TOLD_FROM: Final = 0.01
"""The part of a bucket that a process may take before it tells the others."""


class Buckets:
    """Buckets of `capacity` tokens each, filled again by `rate` tokens a second.

    `rate` 0 lets everything pass. Times are seconds of a clock that only goes forward. For one thread.
    """

    def __init__(self, *, rate: float, capacity: float, remembered: int = REMEMBERED) -> None:
        self.rate = rate
        self.capacity = max(1.0, capacity)
        self._remembered = remembered
        self._told_from = max(1, int(self.capacity * _TOLD_FROM))
        self._levels: OrderedDict[str, tuple[float, float, int]] = OrderedDict()
        self._to_tell: dict[str, None] = {}

    def take(self, name: str, now: float) -> int:
        """Take one token; 0, or the whole seconds after which there is one again."""
        if self.rate <= 0:
            return 0
        level, since, untold = self._levels.pop(name, (self.capacity, now, 0))
        level = min(self.capacity, level + max(0.0, now - since) * self.rate)
        has_one = level >= 1
        if has_one:
            level, untold = level - 1, untold + 1
            if untold == self._told_from:
                self._to_tell[name] = None
        self._levels[name] = (level, now, untold)
        while len(self._levels) > self._remembered:
            forgotten, _ = self._levels.popitem(last=False)
            self._to_tell.pop(forgotten, None)
        return 0 if has_one else max(1, math.ceil((1 - level) / self.rate))

    def untold(self) -> dict[str, int]:
        """Return what was taken since it was last told, by name, and hold it for told."""
        told: dict[str, int] = {}
        for name in list(self._to_tell)[:MOST_TOLD]:
            del self._to_tell[name]
            if name in self._levels:
                level, since, untold = self._levels[name]
                self._levels[name] = (level, since, 0)
                told[name] = untold
        return told

    def keep_untold(self, told: Mapping[str, int]) -> None:
        """Take back that something was told: it did not arrive."""
        for name, count in told.items():
            if name in self._levels:
                level, since, untold = self._levels[name]
                self._levels[name] = (level, since, untold + count)
                self._to_tell[name] = None

    def settle(self, left: Mapping[str, float], now: float) -> None:
        """Go on from what is left in each bucket for all processes, less what was taken here meanwhile.

        Below zero: the processes took more together than there was; nobody takes until it is filled again.
        """
        for name, level in left.items():
            if name in self._levels:
                untold = self._levels[name][2]
                self._levels[name] = (min(self.capacity, level) - untold, now, untold)
