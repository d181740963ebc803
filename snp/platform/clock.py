"""Where `now` comes from at the edges. Below the doors nobody reads a clock: `now` is an argument."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Something that tells the present instant, in UTC and aware."""

    def now(self) -> datetime:
        """The present instant."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The present instant, in UTC."""
        return datetime.now(UTC)


@dataclass(slots=True)
class SteppedClock:
    """A clock that only moves when told: simulations replay a day with it, tests name their instant."""

    instant: datetime

    def __post_init__(self) -> None:
        if self.instant.tzinfo is None:
            raise ValueError("a clock needs an aware instant")

    def now(self) -> datetime:
        """The instant it was last set to, in UTC."""
        return self.instant.astimezone(UTC)

    def advance(self, by: timedelta) -> datetime:
        """Move forward (or back) and tell the new instant."""
        self.instant += by
        return self.now()


@dataclass(frozen=True, slots=True)
class ShiftedClock:
    """The machine's clock, ahead by a fixed span: it runs at the same pace."""

    ahead: timedelta

    def now(self) -> datetime:
        """The shifted instant, in UTC."""
        return datetime.now(UTC) + self.ahead
