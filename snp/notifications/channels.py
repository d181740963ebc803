"""What a way out looks like, and the table of those that this service has. Knows none of them.

Two kinds. A **channel** sends: it prepares a message inside a short transaction and returns the sending as a
call made after it. A **splitter** turns one event into the messages of several channels (an e-mail and a text
for one appointment), inside the transaction that settles the event: the messages exist once or not at all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from sqlmodel import Session

from snp.notifications.facts import Message, Outcome

Sending = Callable[[], Outcome]
"""What talks to the other side. Gives up by itself in half of the lease; a message may be sent twice."""

Splitter = Callable[[Session, Message, datetime], None]
"""Enqueues what an event becomes; `now` is the instant."""


class UnusableChannel(Exception):
    """A channel lacks a setting, or a setting names a file that cannot be used; says which, in French."""


class Channel(Protocol):
    """One way out: e-mail, SMS, webhooks, the SAS platform."""

    @property
    def name(self) -> str:
        """What the log calls it."""
        ...

    @property
    def topics(self) -> frozenset[str]:
        """The topics that it sends; no two channels share one."""
        ...

    @property
    def width(self) -> int:
        """How many messages one process sends through it at once."""
        ...

    def prepare(self, session: Session, message: Message, now: datetime) -> Sending | Outcome:
        """Read what the message needs; return the sending, or an outcome where there is nothing to send."""
        ...


@dataclass(frozen=True)
class WaysOut:
    """The channels and splitters of a service. A topic that has neither is marked as not sent."""

    channels: tuple[Channel, ...] = ()
    splitters: Mapping[str, tuple[Splitter, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        topics = [topic for channel in self.channels for topic in channel.topics]
        topics += self.splitters
        twice = {topic for topic in topics if topics.count(topic) > 1}
        if twice:
            raise ValueError(f"two ways out for {', '.join(sorted(twice))}")

    @property
    def sent_topics(self) -> frozenset[str]:
        """The topics that some channel sends."""
        return frozenset().union(*(channel.topics for channel in self.channels))
