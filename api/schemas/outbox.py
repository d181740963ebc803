"""What the outbox shows: figures, and the messages that a person must decide about. No personal data."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import Field

from api.schemas.forms import Listing, Out
from snp.notifications.facts import MessageState


class TopicFiguresOut(Out):
    """How many messages of a topic stand in each state."""

    topic: str = Field(examples=["sas.appointment"])
    pending: int
    delivered: int
    dead: int
    unsent: int
    dropped: int
    oldest_due_at: datetime | None = Field(description="Depuis quand le plus ancien message attend.")


class MessageOut(Out):
    """A message: what happened to which thing, where it stands, and the code of the last failure."""

    id: UUID
    topic: str
    subject: str
    state: MessageState
    territory_id: UUID | None
    attempts: int
    created_at: datetime
    due_at: datetime
    next_attempt_at: datetime
    settled_at: datetime | None
    last_error: str | None = Field(examples=["http-422:business-rule"])


class OutboxOut(Out):
    """The figures of the outbox, and one page of its given-up messages, oldest first."""

    figures: list[TopicFiguresOut]
    dead: Listing[MessageOut]
