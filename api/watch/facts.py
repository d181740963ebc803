"""What an invariant is, and what was seen when it was looked at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Invariant:
    """A sentence that must always be true of the data.

    `code` names it in the log and the metrics. `broken` is the sentence that a person reads when it does not
    hold, in French. `statement` is one SELECT of a column `id`: the rows that break it, none when all is
    well; `:now` is the instant of the look. It must be cheap enough to run every ten minutes on years of
    history: what is old and settled is left out by an index.
    """

    code: str
    broken: str
    statement: str


@dataclass(frozen=True, slots=True)
class Look:
    """What one look at an invariant found: how many rows break it, and the first of them.

    `count` is None when the look itself failed (a time-out, say): nothing is known then.
    """

    code: str
    at: datetime
    count: int | None
    sample: tuple[UUID, ...] = ()
