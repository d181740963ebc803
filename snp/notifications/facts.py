"""The words of the outbox: a message, where it stands, and what came of sending it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from snp.platform.events import is_code


class MessageState(StrEnum):
    """Where a message stands.

    `pending`: to be sent, or being sent; `delivered`: its channel took it; `dead`: given up, a person
    decides; `unsent`: nothing to send (no channel is connected, or nobody needs it any more); `dropped`: a
    person gave it up.
    """

    PENDING = "pending"
    DELIVERED = "delivered"
    DEAD = "dead"
    UNSENT = "unsent"
    DROPPED = "dropped"


REPLAYABLE: frozenset[MessageState] = frozenset(
    {MessageState.DEAD, MessageState.UNSENT, MessageState.DROPPED}
)


@dataclass(frozen=True, slots=True)
class Message:
    """A message that its holder alone may send until `lease` runs out. `attempt` counts from 1, this one too.

    `position` orders the messages of one subject. An attempt above 1 says that an earlier one may have
    reached the other side without our knowing.
    """

    id: UUID
    topic: str
    subject: str
    payload: dict[str, Any]
    created_at: datetime
    due_at: datetime
    position: int
    attempt: int
    lease: UUID
    territory_id: UUID | None


@dataclass(frozen=True, slots=True)
class MessageView:
    """A message as the outbox shows it: identifiers, instants and codes, never a trait of a person."""

    id: UUID
    topic: str
    subject: str
    state: MessageState
    payload: dict[str, Any]
    territory_id: UUID | None
    position: int
    attempts: int
    created_at: datetime
    due_at: datetime
    next_attempt_at: datetime
    settled_at: datetime | None
    last_error: str | None


@dataclass(frozen=True, slots=True)
class TopicFigures:
    """How many messages of a topic stand in each state, and since when the oldest pending one is due."""

    topic: str
    pending: int
    delivered: int
    dead: int
    unsent: int
    dropped: int
    oldest_due_at: datetime | None


@dataclass(frozen=True, slots=True)
class Undelivered:
    """How many messages of a topic wait, how many were given up, since when the oldest that waits is due."""

    topic: str
    pending: int
    dead: int
    oldest_due_at: datetime | None


@dataclass(frozen=True, slots=True)
class DemoLetterView:
    """A message of the demonstration, shown instead of sent."""

    id: UUID
    medium: str
    recipient: str
    subject: str
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Delivered:
    """The other side has it."""


@dataclass(frozen=True, slots=True)
class Retry:
    """Not now: try again, not before `after` where the other side said so.

    `channel_down`: the trouble is the channel's, not this message's: its other messages wait too.
    """

    reason: str
    after: timedelta | None = None
    channel_down: bool = False

    def __post_init__(self) -> None:
        _check_reason(self.reason)


@dataclass(frozen=True, slots=True)
class Refused:
    """Never: sending the same again would be refused again."""

    reason: str

    def __post_init__(self) -> None:
        _check_reason(self.reason)


@dataclass(frozen=True, slots=True)
class Unneeded:
    """Nothing to send: no channel, no address, or what it would say is no longer so."""

    reason: str

    def __post_init__(self) -> None:
        _check_reason(self.reason)


Outcome = Delivered | Retry | Refused | Unneeded


def _check_reason(reason: str) -> None:
    """A reason is kept and shown: a code (`http-503`), never a sentence that may quote a person."""
    if not is_code(reason):
        raise ValueError("the reason of an outcome is a code")
