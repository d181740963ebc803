"""A row of the research table, before and after it was made coarse enough."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class NeedRow:
    """A need as it is read. `person`: the keyed hash of who had it, None once he was forgotten."""

    request_id: UUID
    person: bytes | None
    decided_at: datetime
    origin: str
    profession: str
    priority: str
    outcome: str
    delay_class: str | None
    attendance: str | None
    no_mt: bool | None
    km: float | None


@dataclass(frozen=True, slots=True)
class ResearchRow:
    """A need as it is told. `period`: ISO week, or month where that takes; `weekday` empty when hidden."""

    need: str
    person: str
    period: str
    weekday: str
    part_of_day: str
    origin: str
    profession: str
    priority: str
    outcome: str
    delay_class: str
    attendance: str
    no_mt: str
    travel: str


@dataclass(frozen=True, slots=True)
class ResearchTable:
    """The rows in an order that tells nothing, and how many were coarsened or left out."""

    rows: tuple[ResearchRow, ...]
    smallest_group: int
    coarsened: int
    left_out: int
