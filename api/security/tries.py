"""What is remembered of who tries at a door, and what that allows. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Tries:
    """Since when somebody tries, how often, and how often in a row he was closed out."""

    since: datetime
    count: int = 0
    closed: int = 0


@dataclass(frozen=True, slots=True)
class Terms:
    """At most `allowed` tries `per` period; the period starts with the first try.

    With `longest`, who uses his tries up again waits twice as long each time, `longest` at most; a period
    without a try forgets that.
    """

    allowed: int
    per: timedelta
    longest: timedelta | None = None

    def period(self, tries: Tries) -> timedelta:
        """Return how long the period of these tries lasts."""
        doublings: int = 2 ** min(tries.closed, 10)
        return min(self.per * doublings, max(self.longest or self.per, self.per))


def seconds_to_wait(tries: Tries, terms: Terms, now: datetime) -> int:
    """Return after how many whole seconds a try is allowed again; 0 when one is."""
    until = tries.since + terms.period(tries)
    if tries.count < terms.allowed or now >= until:
        return 0
    return max(1, math.ceil((until - now).total_seconds()))


def one_more(tries: Tries, terms: Terms, now: datetime) -> Tries:
    """Return what is remembered after one try more."""
    period = terms.period(tries)
    ends = tries.since + period
    if now < ends:
        return replace(tries, count=tries.count + 1)
    was_closed = tries.count >= terms.allowed and now < ends + period
    return Tries(now, 1, tries.closed + 1 if was_closed else 0)


def one_less(tries: Tries) -> Tries:
    """Return what is remembered when a try was none: it proved what it had to."""
    return replace(tries, count=max(0, tries.count - 1))
