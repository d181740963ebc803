"""How often an address may try: guesses of a patient's code, sign-ins. In memory, by process.

N processes allow N times as many tries: with 50-bit codes and a lock on accounts that changes nothing.
"""

from __future__ import annotations

import math
import threading
from collections import OrderedDict
from datetime import datetime, timedelta
from typing import Final

from api.security.errors import TooManyRequests

_REMEMBERED: Final = 10_000


class Throttle:
    """At most `allowed` tries `per` period from one address; the period starts with the first try."""

    def __init__(self, *, allowed: int, per: timedelta) -> None:
        self._allowed = allowed
        self._per = per
        self._tries: OrderedDict[str, tuple[datetime, int]] = OrderedDict()
        self._lock = threading.Lock()

    def check(self, address: str, now: datetime) -> None:
        """Raise `TooManyRequests` when the address has used its tries up. Counts nothing."""
        with self._lock:
            since, count = self._tries.get(address, (now, 0))
        until = since + self._per
        if count >= self._allowed and now < until:
            raise TooManyRequests(retry_after=max(1, math.ceil((until - now).total_seconds())))

    def count(self, address: str, now: datetime) -> None:
        """Count one (failed) try."""
        with self._lock:
            since, count = self._tries.pop(address, (now, 0))
            fresh = now >= since + self._per
            self._tries[address] = (now, 1) if fresh else (since, count + 1)
            while len(self._tries) > _REMEMBERED:
                self._tries.popitem(last=False)

    def forget(self, address: str) -> None:
        """Start afresh for an address (it proved itself)."""
        with self._lock:
            self._tries.pop(address, None)
