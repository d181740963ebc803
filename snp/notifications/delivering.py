"""Send one message: lease it, prepare it, send it outside any transaction, write what came of it.

Whoever is killed in between leaves a lease that runs out, and another sends the message again: at least once.
The caller owns the transactions, the threads and the clock.
"""

from __future__ import annotations

import logging
import random
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
EVENTS: Final = "events"
"""What the log calls the splitting of events, which is no channel."""
_EVENTS: Final = {
    None: (Event.OUTBOX_LEASE_LOST, logging.WARNING),
    MessageState.DELIVERED: (Event.OUTBOX_SENT, logging.INFO),
    MessageState.PENDING: (Event.OUTBOX_RETRIED, logging.WARNING),
    MessageState.DEAD: (Event.OUTBOX_FAILED, logging.ERROR),
    MessageState.UNSENT: (Event.OUTBOX_UNSENT, logging.DEBUG),
}


class LeaseLost(Exception):
    """The lease of a message ran out while it was being split: somebody else has it."""


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


def split_next(post: Post, ways: WaysOut) -> Outcome | None:
    """Split the next due event into its messages, or mark it as not sent; None when none is due."""
    with post.transaction() as session:
        message = service.claim_other(session, ways.sent_topics, now=post.clock(), lease=post.lease)
    if message is None:
        return None
    try:
        with post.transaction() as session:
            return _split(post, session, message, ways.splitters.get(message.topic))
    except LeaseLost:
        return Retry("lease-lost")
    except Exception as fault:  # noqa: BLE001 - one event that cannot be split must not end the others
        outcome = _fault(fault)
    with post.transaction() as session:
        _settle(post, session, message, outcome, EVENTS)
    return outcome


def _split(post: Post, session: Session, message: Message, splitters: Sequence[Splitter] | None) -> Outcome:
    """Split and settle together: a lost lease undoes both."""
    outcome: Outcome = Unneeded(NO_CHANNEL) if splitters is None else Delivered()
    for split in splitters or ():
        split(session, message, post.clock())
    if _settle(post, session, message, outcome, EVENTS) is None:
        raise LeaseLost
    return outcome


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


def _settle(
    post: Post, session: Session, message: Message, outcome: Outcome, channel: str
) -> MessageState | None:
    state = service.settle(
        session, message, outcome, policy=post.policy, chance=post.chance(), now=post.clock()
    )
    reason = None if isinstance(outcome, Delivered) else outcome.reason
    event, level = _EVENTS[state]
    log(
        event,
        level=level,
        message_id=message.id,
        channel=channel,
        kind=message.topic,
        attempt=message.attempt,
        reason=reason,
    )
    return state
