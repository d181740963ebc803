"""How often one key, and one address, may ask: the door before every other (429 with `Retry-After`).

Plain ASGI. Static files and the service's own state are left out: a page brings a dozen of the former, and a
monitor must not be refused. A key is named by its public prefix, so that a made-up secret fills no bucket of
its own; the address counts whatever key is shown.

Source: RFC 6585 §4; OWASP API Security Top 10 2023, API4 (unrestricted resource consumption).
"""

from __future__ import annotations

from typing import Final

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from api.pacing import Paces
from api.problems import problem_of, problem_response
from api.security.errors import TooManyRequests

_LEFT_OUT: Final = ("/static/", "/healthz", "/readyz", "/metrics")
_PREFIX_LENGTH: Final = len("Bearer snp_") + 10


class Limited:
    """Refuses who asks faster than the settings allow, in all processes together (`api.pacing`)."""

    def __init__(self, app: ASGIApp, *, paces: Paces) -> None:
        self._app = app
        self._paces = paces

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        wait = 0
        if scope["type"] == "http" and not scope["path"].startswith(_LEFT_OUT):
            client, shown = scope.get("client"), Headers(scope=scope).get("authorization", "")
            wait = self._paces.wait(client[0] if client else None, shown[:_PREFIX_LENGTH] or None)
        if wait == 0:
            await self._app(scope, receive, send)
            return
        refusal = problem_of(TooManyRequests(retry_after=wait))
        await problem_response(Request(scope), refusal)(scope, receive, send)
