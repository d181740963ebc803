"""When a message is tried again, and when it is given up. Pure: the caller brings the chance."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

LONGEST_WAIT: Final = timedelta(days=1)
"""However long the other side asks to wait, it is tried once a day."""


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Pauses double from `first` to `longest`; after `attempts` the message is dead.

    With the defaults a partner may be away for a whole week-end before anything is given up.
    """

    first: timedelta = timedelta(seconds=2)
    longest: timedelta = timedelta(minutes=15)
    attempts: int = 400


def pause(policy: RetryPolicy, attempt: int, *, chance: float, asked: timedelta | None = None) -> timedelta:
    """Return how long to wait after the failed attempt number `attempt` (from 1).

    `chance` in [0, 1) spreads the pause over its upper half, so that many messages do not come back together.
    `asked` is what the other side asked for (Retry-After): never less than that, up to `LONGEST_WAIT`.
    """
    doublings = min(attempt - 1, 40)
    whole: timedelta = min(policy.first * 2**doublings, policy.longest)
    spread = whole * (0.5 + chance / 2)
    return min(max(spread, asked or timedelta()), LONGEST_WAIT)


def is_given_up(policy: RetryPolicy, attempt: int) -> bool:
    """Tell whether the attempt number `attempt` was the last one allowed."""
    return attempt >= policy.attempts
