"""How often a key or an address may ask: a bucket of tokens each, in memory, by process.

N processes allow N times as much: the limit keeps one caller from starving the others, and guards no secret.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from typing import Final

REMEMBERED: Final = 20_000


class Buckets:
    """Buckets of `capacity` tokens each, filled again by `rate` tokens a second.

    `rate` 0 lets everything pass. Times are seconds of a clock that only goes forward. For one thread.
    """

    def __init__(self, *, rate: float, capacity: float, remembered: int = REMEMBERED) -> None:
        self._rate = rate
        self._capacity = max(1.0, capacity)
        self._remembered = remembered
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, name: str, now: float) -> int:
        """Take one token; 0, or the whole seconds after which there is one again."""
        if self._rate <= 0:
            return 0
        level, since = self._levels.pop(name, (self._capacity, now))
        level = min(self._capacity, level + max(0.0, now - since) * self._rate)
        has_one = level >= 1
        self._levels[name] = (level - 1 if has_one else level, now)
        while len(self._levels) > self._remembered:
            self._levels.popitem(last=False)
        return 0 if has_one else max(1, math.ceil((1 - level) / self._rate))
