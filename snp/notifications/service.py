"""The use cases of the outbox: put a message in, lease it, settle it, look after what did not leave.

Sends nothing: what leaves, and how, is decided after the commit by the channels (`delivering`).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Final, assert_never
from uuid import UUID

from sqlmodel import Session

from snp.errors import NotFound
from snp.notifications import repository
from snp.notifications.facts import (
    REPLAYABLE,
    Delivered,
    DemoLetterView,
    Message,
    MessageState,
    MessageView,
    Outcome,
    Refused,
    Retry,
    TopicFigures,
    Undelivered,
    Unneeded,
)
from snp.notifications.refusals import NotDroppable, NotReplayable
from snp.notifications.rules import RetryPolicy, is_given_up, pause
from snp.platform.columns import new_id

LEASE: Final = timedelta(minutes=2)
"""How long who claimed a message may take before somebody else sends it; a channel gives up in half of it."""


def enqueue(
    session: Session,
    topic: str,
    subject: str,
    payload: dict[str, object],
    now: datetime,
    *,
    due_at: datetime | None = None,
    territory_id: UUID | None = None,
) -> UUID:
    """Queue one message under the caller's transaction and return its id.

    `topic` says what happened (`appointment.booked`); `subject` names the thing (`appointment:<uuid>`):
    messages of one subject leave in order, and one that is not due yet holds nothing back. `payload` holds
    identifiers and codes only, never a trait of a person. `territory_id`: whose coordinator looks after it.
    """
    message_id, due = new_id(), due_at or now
    row = {
        "id": message_id,
        "topic": topic,
        "subject": subject,
        "payload": payload,
        "territory_id": territory_id,
        "created_at": now,
        "due_at": due,
        "next_attempt_at": due,
    }
    repository.insert(session, row)
    return message_id


def claim(
    session: Session, topics: Collection[str], *, now: datetime, lease: timedelta = LEASE
) -> Message | None:
    """Lease the next due message of these topics; None when there is none. The caller commits, then sends."""
    return repository.claim(session, topics=topics, among=True, now=now, until=now + lease)


def claim_other(
    session: Session, topics: Collection[str], *, now: datetime, lease: timedelta = LEASE
) -> Message | None:
    """Lease the next due message of any other topic; None when there is none."""
    return repository.claim(session, topics=topics, among=False, now=now, until=now + lease)


def settle(
    session: Session, message: Message, outcome: Outcome, *, policy: RetryPolicy, chance: float, now: datetime
) -> MessageState | None:
    """Write what came of a leased message; returns where it stands now.

    None when the lease ran out and somebody else has the message: what he writes counts. `chance` in [0, 1)
    spreads the next attempt.
    """
    error: str | None = None
    match outcome:
        case Delivered():
            state = MessageState.DELIVERED
        case Unneeded(reason=error):
            state = MessageState.UNSENT
        case Refused(reason=error):
            state = MessageState.DEAD
        case Retry(reason=error, after=after):
            if not is_given_up(policy, message.attempt):
                wait = pause(policy, message.attempt, chance=chance, asked=after)
                values = {"next_attempt_at": now + wait, "last_error": error}
                return MessageState.PENDING if repository.settle(session, message, values) else None
            state = MessageState.DEAD
        case _:
            assert_never(outcome)
    settled = {"state": state, "settled_at": now, "last_error": error}
    return state if repository.settle(session, message, settled) else None


def is_overtaken(session: Session, message: Message) -> bool:
    """Tell whether a later message of the same subject and topic was delivered (this one was replayed)."""
    return repository.is_overtaken(session, message.subject, message.topic, message.position)


def was_queued(session: Session, subject: str, *, since: datetime | None = None) -> bool:
    """Tell whether a message of this subject was queued; `since` an instant, where one is given."""
    return repository.was_queued(session, subject, since)


def figures(session: Session, *, territories: Collection[UUID] | None = None) -> Sequence[TopicFigures]:
    """Count the messages of each topic by state; `territories` None: all messages."""
    return repository.figures(session, territories=territories)


def undelivered(session: Session, *, territories: Collection[UUID] | None = None) -> Sequence[Undelivered]:
    """Count what waits and what was given up, by topic; a topic without either is left out.

    Its cost does not grow with what was delivered. `territories` None: all messages.
    """
    return repository.undelivered(session, territories=territories)


def list_messages(
    session: Session,
    *,
    states: Collection[MessageState] | None = None,
    topic: str | None = None,
    territories: Collection[UUID] | None = None,
    after: int | None = None,
    limit: int = 50,
) -> Sequence[MessageView]:
    """List messages, oldest first, behind the position `after`."""
    return repository.page(
        session, states=states, topic=topic, territories=territories, after=after, limit=limit
    )


def get_message(
    session: Session, message_id: UUID, *, territories: Collection[UUID] | None = None
) -> MessageView:
    """Return a message. Raises `NotFound`, also for one of another territory."""
    return _found(repository.get(session, message_id, territories=territories), message_id)


def replay(
    session: Session, message_id: UUID, *, territories: Collection[UUID] | None = None, now: datetime
) -> MessageView:
    """Send a message again that was given up, dropped or not sent; it takes its old place among its subject.

    Raises `NotFound`, `NotReplayable`.
    """
    found = _found(repository.get(session, message_id, territories=territories, lock=True), message_id)
    if found.state not in REPLAYABLE:
        raise NotReplayable(state=found.state.value)
    tried = min(found.attempts, 1)  # it may try as often as a new one, and still says that it was tried
    values = {"state": MessageState.PENDING, "settled_at": None, "next_attempt_at": now, "attempts": tried}
    repository.update(session, message_id, values)
    return get_message(session, message_id)


def drop(
    session: Session, message_id: UUID, *, territories: Collection[UUID] | None = None, now: datetime
) -> MessageView:
    """Give a message up for good. Raises `NotFound`, `NotDroppable`."""
    found = _found(repository.get(session, message_id, territories=territories, lock=True), message_id)
    if found.state not in {MessageState.PENDING, MessageState.DEAD}:
        raise NotDroppable(state=found.state.value)
    values = {"state": MessageState.DROPPED, "settled_at": now, "lease": None}
    repository.update(session, message_id, values)
    return get_message(session, message_id)


def keep_demo_letter(
    session: Session, ident: UUID, *, medium: str, recipient: str, subject: str, text: str, now: datetime
) -> None:
    """Keep a message of the demonstration instead of sending it; its people are invented."""
    row = {"id": ident, "medium": medium, "recipient": recipient, "subject": subject, "text": text, "at": now}
    repository.insert_demo_letter(session, row)


def demo_letters(session: Session, *, limit: int = 100) -> Sequence[DemoLetterView]:
    """The last messages of the demonstration, newest first."""
    return repository.demo_letters(session, limit)


def prune(
    session: Session, *, settled_before: datetime, dead_before: datetime, limit: int = 1000
) -> Sequence[UUID]:
    """Forget settled messages older than that, dead ones by their own date; returns which."""
    return repository.prune(session, settled_before=settled_before, dead_before=dead_before, limit=limit)


def _found(message: MessageView | None, message_id: UUID) -> MessageView:
    if message is None:
        raise NotFound("message", message_id)
    return message
