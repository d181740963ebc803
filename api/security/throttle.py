"""How often an address may try: guesses of a patient's code, sign-ins. In memory, by process.

N processes allow N times as many tries: with 50-bit codes and a lock on accounts that changes nothing.
"""

from __future__ import annotations

import math
import threading
from collections import OrderedDict
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from api.security.errors import TooManyRequests

_REMEMBERED: Final = 10_000


@dataclass(frozen=True, slots=True)
class _Tries:
    """What is remembered of an address: since when it tries, how often, and how often it was closed out."""

    since: datetime
    count: int = 0
    closed: int = 0


class Throttle:
    """At most `allowed` tries `per` period from one address; the period starts with the first try.

    With `longest`, an address that uses its tries up again waits twice as long each time, `longest` at most;
    a period without a try, or a proof, forgets that.
    """

    def __init__(self, *, allowed: int, per: timedelta, longest: timedelta | None = None) -> None:
        self._allowed = allowed
        self._per = per
        self._longest = longest or per
        self._tries: OrderedDict[str, _Tries] = OrderedDict()
        self._lock = threading.Lock()

    def check(self, address: str, now: datetime) -> None:
        """Raise `TooManyRequests` when the address has used its tries up. Counts nothing."""
        with self._lock:
            tries = self._tries.get(address, _Tries(now))
        until = tries.since + self._period(tries)
        if tries.count >= self._allowed and now < until:
            raise TooManyRequests(retry_after=max(1, math.ceil((until - now).total_seconds())))

    def count(self, address: str, now: datetime) -> None:
        """Count one (failed) try."""
        with self._lock:
            tries = self._tries.pop(address, _Tries(now))
            self._tries[address] = self._counted(tries, now)
            while len(self._tries) > _REMEMBERED:
                self._tries.popitem(last=False)

    def forget(self, address: str) -> None:
        """Start afresh for an address (it proved itself)."""
        with self._lock:
            self._tries.pop(address, None)

    def _counted(self, tries: _Tries, now: datetime) -> _Tries:
        ends = tries.since + self._period(tries)
        if now < ends:
            return replace(tries, count=tries.count + 1)
        was_closed = tries.count >= self._allowed and now < ends + self._period(tries)
        return _Tries(now, 1, tries.closed + 1 if was_closed else 0)

    def _period(self, tries: _Tries) -> timedelta:
        doublings: int = 2 ** min(tries.closed, 10)
        return min(self._per * doublings, max(self._longest, self._per))
