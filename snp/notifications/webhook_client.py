"""Tells another system what happened, signed, and says what came of it as an outcome of the outbox.

`Snp-Signature: t=<unix seconds>,v1=<hex>` is the HMAC-SHA-256 of `<t>.<body>` under the secret that both
sides hold: the reader computes it again, compares in constant time, and refuses an old `t`.
Source: RFC 2104.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import httpx
import orjson

from snp.notifications.facts import Outcome
from snp.notifications.http_sending import send

SECONDS: Final = 20.0
SIGNATURE: Final = "Snp-Signature"


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where another system listens, and the secret shared with it."""

    url: str
    secret: str = field(repr=False)

    def send(
        self, ident: UUID, event: str, at: datetime, content: Mapping[str, Any], now: datetime
    ) -> Outcome:
        """Send one event. `ident` is the same however often it is sent; `content` holds identifiers only."""
        body = orjson.dumps({"id": str(ident), "type": event, "at": at.isoformat(), "data": dict(content)})
        headers = {"Content-Type": "application/json", SIGNATURE: signature(self.secret, body, now)}
        request = httpx.Request("POST", self.url, content=body, headers=headers)
        return send(request, channel="webhook", timeout_seconds=SECONDS)


def signature(secret: str, body: bytes, now: datetime) -> str:
    """Return what the reader of a body checks."""
    moment = str(int(now.timestamp()))
    signed = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={moment},v1={signed}"
