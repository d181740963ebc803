"""Put messages in the outbox. What leaves, and how, is decided after the commit by the channels."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from snp.notifications.tables import OutboxMessage
from snp.platform.columns import new_id


def enqueue(
    session: Session,
    topic: str,
    subject: str,
    payload: dict[str, object],
    now: datetime,
    *,
    due_at: datetime | None = None,
) -> UUID:
    """Queue one message under the caller's transaction and return its id.

    `topic` says what happened (`appointment.booked`); `subject` names the thing (`appointment:<uuid>`):
    messages of one subject leave in order. `payload` holds identifiers only, never a trait of a person.
    """
    message_id = new_id()
    session.execute(
        sa.insert(OutboxMessage).values(
            id=message_id,
            topic=topic,
            subject=subject,
            payload=payload,
            created_at=now,
            due_at=due_at or now,
        )
    )
    return message_id
