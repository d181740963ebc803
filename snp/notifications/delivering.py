"""Send one message: lease it, prepare it, send it outside any transaction, write what came of it.

Whoever is killed in between leaves a lease that runs out, and another sends the message again: at least once.
Events that are split send nothing, so that many are split in one transaction, which holds them. The caller
owns the transactions, the threads and the clock.
"""

from __future__ import annotations

import logging
import random
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session

from snp.notifications import service
from snp.notifications.channels import Channel, Splitter, WaysOut
from snp.notifications.facts import Delivered, Message, MessageState, Outcome, Retry, Unneeded
from snp.notifications.rules import RetryPolicy
from snp.platform.events import Event
from snp.platform.logs import log

NO_CHANNEL: Final = "no-channel"
BATCH: Final = 20
"""How many events are split at once: their transaction is over before somebody waits for it."""

EVENTS: Final = "events"
"""What the log calls the splitting of events, which is no channel."""
_EVENTS: Final = {
    None: (Event.OUTBOX_LEASE_LOST, logging.WARNING),
    MessageState.DELIVERED: (Event.OUTBOX_SENT, logging.INFO),
    MessageState.PENDING: (Event.OUTBOX_RETRIED, logging.WARNING),
    MessageState.DEAD: (Event.OUTBOX_FAILED, logging.ERROR),
    MessageState.UNSENT: (Event.OUTBOX_UNSENT, logging.DEBUG),
}


@dataclass(frozen=True)
class Post:
    """What delivering needs of its process. `chance` draws from [0, 1) to spread what is tried again."""

    transaction: Callable[[], AbstractContextManager[Session]]
    clock: Callable[[], datetime]
    policy: RetryPolicy = field(default_factory=RetryPolicy)
    lease: timedelta = service.LEASE
    chance: Callable[[], float] = random.random


def send_next(post: Post, channel: Channel) -> Outcome | None:
    """Send the next due message of a channel; None when none is due."""
    with post.transaction() as session:
        message = service.claim(session, channel.topics, now=post.clock(), lease=post.lease)
    if message is None:
        return None
    outcome = _sent(post, channel, message)
    with post.transaction() as session:
        _settle(post, session, message, outcome, channel.name)
    return outcome


def split_due(post: Post, ways: WaysOut, *, limit: int = BATCH) -> int:
    """Split up to `limit` due events into their messages, or mark them as not sent; how many there were.

    They stay locked meanwhile: nobody else splits them, and who is killed leaves them as they were. One that
    cannot be split is undone alone, and tried again later.
    """
    with post.transaction() as session:
        taken = service.take_others(session, ways.sent_topics, now=post.clock(), limit=limit)
        ends: dict[Outcome, list[Message]] = defaultdict(list)
        for message in taken:
            ends[_split(post, session, message, ways.splitters.get(message.topic))].append(message)
        for outcome, messages in ends.items():
            _settle_taken(post, session, messages, outcome)
    return len(taken)


def _split(post: Post, session: Session, message: Message, splitters: Sequence[Splitter] | None) -> Outcome:
    if splitters is None:
        return Unneeded(NO_CHANNEL)
    try:
        with session.begin_nested():
            for split in splitters:
                split(session, message, post.clock())
    except Exception as fault:  # noqa: BLE001 - one event that cannot be split must not end the others
        return _fault(fault)
    return Delivered()


def _settle_taken(post: Post, session: Session, messages: Sequence[Message], outcome: Outcome) -> None:
    if not isinstance(outcome, Delivered | Unneeded):
        for message in messages:
            _settle(post, session, message, outcome, EVENTS)
        return
    service.settle_taken(session, messages, outcome, now=post.clock())
    state = MessageState.DELIVERED if isinstance(outcome, Delivered) else MessageState.UNSENT
    for message in messages:
        _tell(message, outcome, state, EVENTS)


def _sent(post: Post, channel: Channel, message: Message) -> Outcome:
    """Prepare and send; a fault of ours is told as one and tried again."""
    try:
        with post.transaction() as session:
            prepared = channel.prepare(session, message, post.clock())
        return prepared() if callable(prepared) else prepared
    except Exception as fault:  # noqa: BLE001 - a message that cannot be sent must not end the others
        return _fault(fault)


def _fault(fault: Exception) -> Retry:
    log(Event.OUTBOX_FAULT, level=logging.ERROR, error=fault)
    return Retry(f"fault:{type(fault).__name__}")


def _settle(post: Post, session: Session, message: Message, outcome: Outcome, channel: str) -> None:
    state = service.settle(
        session, message, outcome, policy=post.policy, chance=post.chance(), now=post.clock()
    )
    _tell(message, outcome, state, channel)


def _tell(message: Message, outcome: Outcome, state: MessageState | None, channel: str) -> None:
    """Say what came of a message; `state` None: somebody else has it."""
    event, level = _EVENTS[state]
    log(
        event,
        level=level,
        message_id=message.id,
        channel=channel,
        kind=message.topic,
        attempt=message.attempt,
        reason=None if isinstance(outcome, Delivered) else outcome.reason,
    )
