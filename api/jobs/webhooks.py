"""The channel of events to other systems, as the settings name them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlmodel import Session

from snp.directory import service as directory
from snp.notifications import service as outbox
from snp.notifications.channels import Sending, Splitter
from snp.notifications.facts import Message, Outcome, Unneeded
from snp.notifications.webhook_client import Webhook
from snp.platform.settings import WebhookSettings

TOPIC: Final = "webhook"
WIDTH: Final = 2


@dataclass(frozen=True)
class Webhooks:
    """Sends what was split for each listener; a listener is found again by its address."""

    listeners: Mapping[str, Webhook]
    name: str = TOPIC
    topics: frozenset[str] = frozenset({TOPIC})
    width: int = WIDTH

    def prepare(self, session: Session, message: Message, now: datetime) -> Sending | Outcome:
        """Return the sending; a listener that the settings no longer name needs nothing."""
        del session
        listener = self.listeners.get(str(message.payload["url"]))
        if listener is None:
            return Unneeded("no-listener")
        event, data = str(message.payload["event"]), dict(message.payload["data"])
        return lambda: listener.send(message.id, event, message.created_at, data, now)


def splitter_of(settings: WebhookSettings) -> Splitter:
    """Return what queues an event for one listener, when it concerns its territory."""

    def split(session: Session, message: Message, now: datetime) -> None:
        if settings.territory is not None:
            if message.territory_id is None:
                return
            if directory.get_territory(session, message.territory_id).slug != settings.territory:
                return
        outbox.enqueue(
            session,
            TOPIC,
            f"{TOPIC}:{message.subject}:{settings.url}",
            {"url": settings.url, "event": message.topic, "data": message.payload},
            now,
            territory_id=message.territory_id,
        )

    return split


def webhooks(named: Sequence[WebhookSettings]) -> Webhooks:
    """Return the channel of these listeners."""
    return Webhooks({one.url: Webhook(one.url, one.secret.get_secret_value()) for one in named})
