"""Hands a text to an SMS gateway over HTTP, and says what came of it as an outcome of the outbox.

The gateway takes `POST {"to", "from", "text", "reference"}` with a bearer token; `Idempotency-Key` repeats
the reference, so that a text whose answer was lost is not sent twice by gateways that know the header.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

import httpx

from snp.notifications.facts import Outcome
from snp.notifications.http_sending import send

SECONDS: Final = 20.0


@dataclass(frozen=True, slots=True)
class SmsGateway:
    """A gateway that sends for us. `sender` is what phones show: up to 11 letters and digits, or a number."""

    url: str
    sender: str
    token: str | None = field(default=None, repr=False)

    def send(self, ident: UUID, to: str, text: str) -> Outcome:
        """Send one text."""
        headers = {"Idempotency-Key": str(ident)}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        body = {"to": to, "from": self.sender, "text": text, "reference": str(ident)}
        request = httpx.Request("POST", self.url, json=body, headers=headers)
        return send(request, channel="sms", timeout_seconds=SECONDS)
