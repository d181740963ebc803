"""What a request may measure: its name and address, its body, and the time that this takes to arrive.

Plain ASGI. A body is read whole before its route is asked, within the limits; none is ever read beyond them.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

import anyio
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.hosts import Hosts
from api.problems import problem_of, problem_response
from api.shapes import has_too_many_fields, is_json_too_complex
from snp.errors import SnpError

MAX_BODY_BYTES: Final = 1_048_576
MAX_ADDRESS_BYTES: Final = 16_384
"""Path and query: the national platform lists practitioners in a search, some hundreds at most."""

BODY_SECONDS: Final = 30.0
"""A full body by a slow mobile network (400 kbit/s) takes twenty."""

_FORM: Final = "application/x-www-form-urlencoded"


class BodyTooComplex(SnpError):
    """A JSON body nests too deep or holds too many values, or a form has too many fields."""

    slug = "body-too-complex"
    fr = "Le corps de la demande est trop imbriqué ou porte trop de valeurs."


class Bounded:
    """Refuses an address or a body beyond the limits, announced or not, before its route is asked."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        hosts: Hosts,
        max_bytes: int = MAX_BODY_BYTES,
        body_seconds: float = BODY_SECONDS,
    ) -> None:
        self._app = app
        self._hosts = hosts
        self._max = max_bytes
        self._seconds = body_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        try:
            self._hosts.check(headers, scope["path"])
            _check_address(scope)
            if not self._has_body(headers):
                await self._app(scope, receive, send)
                return
            body = await self._read(receive)
        except (HTTPException, SnpError) as refusal:
            await problem_response(Request(scope), problem_of(refusal))(scope, receive, send)
            return
        if body is None:
            return  # the caller went away in the middle: nobody is left to answer
        try:
            _check_shape(headers.get("content-type", ""), body)
        except SnpError as refusal:
            await problem_response(Request(scope), problem_of(refusal))(scope, receive, send)
            return
        await self._app(scope, _replayed(body, receive), send)

    def _has_body(self, headers: Headers) -> bool:
        """Tell whether a body is announced. Raises `HTTPException` 400 or 413 for what is announced."""
        announced = headers.get("content-length", "0")
        if not (announced.isascii() and announced.isdigit()):
            raise HTTPException(HTTPStatus.BAD_REQUEST)
        if int(announced) > self._max:
            raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        return int(announced) > 0 or "transfer-encoding" in headers

    async def _read(self, receive: Receive) -> bytes | None:
        """Return the whole body; None when the caller went away. Raises `HTTPException` 408 or 413."""
        parts, size = [], 0
        with anyio.move_on_after(self._seconds):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    return None
                part = message.get("body", b"")
                size += len(part)
                if size > self._max:
                    raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
                parts.append(part)
                if not message.get("more_body", False):
                    return b"".join(parts)
        raise HTTPException(HTTPStatus.REQUEST_TIMEOUT, headers={"Connection": "close"})


def _check_address(scope: Scope) -> None:
    if len(scope.get("raw_path") or b"") + len(scope["query_string"]) > MAX_ADDRESS_BYTES:
        raise HTTPException(HTTPStatus.REQUEST_URI_TOO_LONG)


def _check_shape(content_type: str, body: bytes) -> None:
    media = content_type.split(";", maxsplit=1)[0].strip().lower()
    too_much = has_too_many_fields(body) if media == _FORM else "json" in media and is_json_too_complex(body)
    if too_much:
        raise BodyTooComplex


def _replayed(body: bytes, receive: Receive) -> Receive:
    """Return a source that gives the body once, then what the server says (that the caller left)."""
    left: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def again() -> Message:
        return left.pop() if left else await receive()

    return again
