"""The words of a live day: a header, events in time order, and the answers a policy gives to them.

Semantics: the `snp-stream/1` format (docs/formats.md). No parsing, no policy, no solver.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from snp.assignment.facts import Priority, Request, Slot, Weights

VALUE: dict[Priority, int] = {Priority.P1: 9, Priority.P2: 3, Priority.P3: 1}
"""What serving one request is worth in a score. Source: the `snp-stream/1` format, "Score"."""


@dataclass(frozen=True, slots=True)
class SlotPublished:
    """A slot becomes known and free."""

    at: datetime
    slot: Slot


@dataclass(frozen=True, slots=True)
class SlotWithdrawn:
    """A slot is taken back by its practitioner, whether or not somebody holds it."""

    at: datetime
    slot_id: str


@dataclass(frozen=True, slots=True)
class RequestArrived:
    """A caller is on the line. `answer_by` equals `at` when the stream does not say otherwise.

    `waiting_list`: a refusal may be turned into slots later. `notice_min`: a promise is an answer, and its
    slot must be named at the latest that many minutes before it starts; None when only slots are an answer.
    """

    at: datetime
    request: Request
    answer_by: datetime
    waiting_list: bool = False
    notice_min: int | None = None


@dataclass(frozen=True, slots=True)
class AppointmentCancelled:
    """The patient gives up what the request obtained, or the request itself when it obtained nothing yet."""

    at: datetime
    request_id: str


Event = SlotPublished | SlotWithdrawn | RequestArrived | AppointmentCancelled


@dataclass(frozen=True, slots=True)
class Header:
    """The frame of a stream; before `history_until` events only teach."""

    start: datetime
    end: datetime
    history_until: datetime
    weights: Weights = field(default_factory=Weights)


@dataclass(frozen=True, slots=True)
class Stream:
    """A header and its events in time order."""

    header: Header
    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class Alternative:
    """A slot that could have been given: its price to the others expected, and the distance."""

    slot: str
    price: float
    km: float


@dataclass(frozen=True, slots=True)
class Decision:
    """What made an answer. Values are in points of the score (9, 3, 1), expected over the sampled futures.

    `value_now` is the request's value less the price of its best slot; `value_waiting` what it would still
    bring without an answer now; None when there was nothing to weigh. `rule` is the code of the rule that
    settled it.
    """

    rule: str
    value: int
    value_now: float | None
    value_waiting: float | None
    alternatives: tuple[Alternative, ...]
    scenarios: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What was said about a request at an instant: slots, a promise, or neither (a refusal).

    `reason` is a stable code. `broken` marks a promise that can no longer be kept because slots were
    withdrawn.
    """

    at: datetime
    request: str
    slots: tuple[str, ...] = ()
    reason: str = ""
    promise: bool = False
    broken: bool = False
    decision_ms: float = 0.0
    decision: Decision | None = field(default=None, compare=False)
    """What was weighed, for storing and explaining; only from policies that weigh."""
