"""How often one key, and one address, may ask: the door before every other (429 with `Retry-After`).

Plain ASGI. Static files and the service's own state are left out: a page brings a dozen of the former, and a
monitor must not be refused. A key is named by its public prefix, so that a made-up secret fills no bucket of
its own; the address counts whatever key is shown.

Source: RFC 6585 §4; OWASP API Security Top 10 2023, API4 (unrestricted resource consumption).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from api.problems import problem_of, problem_response
from api.security.buckets import Buckets
from api.security.errors import TooManyRequests
from snp.platform.settings import Settings

_LEFT_OUT: Final = ("/static/", "/healthz", "/readyz", "/metrics")
_PREFIX_LENGTH: Final = len("Bearer snp_") + 10


class Limited:
    """Refuses who asks faster than the settings allow; `clock` gives seconds that only go forward."""

    def __init__(
        self, app: ASGIApp, *, settings: Settings, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._app = app
        self._clock = clock
        seconds = settings.rate_burst_seconds
        self._keys = Buckets(rate=settings.rate_per_key, capacity=settings.rate_per_key * seconds)
        self._addresses = Buckets(
            rate=settings.rate_per_address, capacity=settings.rate_per_address * seconds
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        wait = 0
        if scope["type"] == "http" and not scope["path"].startswith(_LEFT_OUT):
            wait = self._wait(scope)
        if wait == 0:
            await self._app(scope, receive, send)
            return
        refusal = problem_of(TooManyRequests(retry_after=wait))
        await problem_response(Request(scope), refusal)(scope, receive, send)

    def _wait(self, scope: Scope) -> int:
        now = self._clock()
        client = scope.get("client")
        by_address = self._addresses.take(client[0], now) if client else 0
        shown = Headers(scope=scope).get("authorization", "")
        if by_address or not shown:
            return by_address
        return self._keys.take(shown[:_PREFIX_LENGTH], now)
