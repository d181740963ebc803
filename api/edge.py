"""The outermost layer of every answer: its identifier, its log line, its headers.

Plain ASGI, so that streams pass through untouched. Knows no route, and no actor but the one left in `state`.
"""

from __future__ import annotations

import logging
import time
import traceback
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.observing.meters import HTTP_SECONDS
from api.problems import problem_of, problem_response
from snp.platform.columns import new_id
from snp.platform.events import Event
from snp.platform.logs import log

REQUEST_ID: Final = "x-request-id"

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
DOCS_POLICY: Final = (
    "default-src 'self'; img-src 'self' data:; script-src 'self' 'unsafe-inline'; "
    "style-src 'self' 'unsafe-inline'; worker-src blob:; object-src 'none'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
"""The documentation's own page starts itself by an inline script."""

_HEADERS: Final = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Served:
    """Names the request, says one line about it, and answers for what nobody foresaw."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        state: dict[str, Any] = scope.setdefault("state", {})
        request_id = state["request_id"] = new_id()
        started, status = time.monotonic(), 0

        async def send_named(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[REQUEST_ID] = str(request_id)
            await send(message)

        try:
            await self._app(scope, receive, send_named)
        except Exception as error:  # noqa: BLE001 - the last door: a fault must end in an answer
            _say_fault(error, request_id)
            if status == 0:
                answer = problem_response(Request(scope), problem_of(error))
                await answer(scope, receive, send_named)
        finally:
            _tell_served(scope, status, time.monotonic() - started)


class Guarded:
    """Puts the security headers on every answer, and keeps answers out of caches unless they say otherwise.

    Source: OWASP Secure Headers Project; RFC 6797 for `is_https`.
    """

    def __init__(self, app: ASGIApp, *, is_https: bool, docs_paths: Iterable[str] = ()) -> None:
        self._app = app
        self._docs_paths = frozenset(docs_paths)
        self._always = dict(_HEADERS)
        if is_https:
            self._always["strict-transport-security"] = "max-age=31536000; includeSubDomains"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        policy = DOCS_POLICY if scope["path"] in self._docs_paths else POLICY

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._always.items():
                    headers.setdefault(name, value)
                headers.setdefault("content-security-policy", policy)
                headers.setdefault("cache-control", "no-store")
            await send(message)

        await self._app(scope, receive, send_guarded)


def _tell_served(scope: Scope, status: int, seconds: float) -> None:
    """Say a line about an answer, and count it."""
    actor = scope["state"].get("actor")
    method = scope["method"] if scope["method"] in _METHODS else "other"
    route = _name(scope.get("endpoint"))
    HTTP_SECONDS.labels(route, method, int(status)).observe(seconds)
    log(
        Event.HTTP_SERVED,
        method=method,
        route=route,
        status=int(status),
        duration_ms=round(seconds * 1000, 1),
        request_id=scope["state"]["request_id"],
        actor=actor.ident if actor else None,
    )


def _name(endpoint: object) -> str:
    """The function that answered, such as `routers.requests.open_request`: a path may carry a code."""
    name = getattr(endpoint, "__name__", None)
    return f"{endpoint.__module__.removeprefix('api.')}.{name}" if name else "unrouted"


def _say_fault(error: Exception, request_id: UUID) -> None:
    """Say where a fault came from, line by line; never its message, which may quote a person."""
    log(Event.HTTP_FAILED, level=logging.ERROR, error=error, request_id=request_id)
    for frame in traceback.extract_tb(error.__traceback__)[-12:]:
        made_at_run_time = frame.filename.startswith("<")  # such a name may say anything
        place = "generated" if made_at_run_time else f"{Path(frame.filename).name}:{frame.lineno}"
        log(Event.HTTP_FAILED, level=logging.ERROR, path=place, request_id=request_id)
