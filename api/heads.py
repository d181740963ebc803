"""The head of a request, before there is a request: how large it may grow and how long it may take.

Uvicorn bounds neither: a head that trickles in, or never ends, would keep a connection and fill the memory.
Source: RFC 6585 §5 (431), RFC 9110 §15.5.9 (408).
"""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MAX_HEAD_BYTES: Final = 65_536
"""A client certificate travels in one header (about 16 kB); nothing else of ours comes near."""

HEAD_SECONDS: Final = 15.0


class BoundedHeads(HttpToolsProtocol):
    """Uvicorn's protocol, which also ends a connection whose head is too large or too slow."""

    max_head_bytes: int = MAX_HEAD_BYTES
    head_seconds: float = HEAD_SECONDS

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._head_bytes = 0
        self._is_head = True
        self._ended_one = False
        self._deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Expect a head within the time allowed."""
        super().connection_made(transport)
        self._expect()

    def connection_lost(self, exc: Exception | None) -> None:
        """Expect nothing more."""
        self._met()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on; end the connection when its head has grown too large."""
        self._ended_one = False
        super().data_received(data)
        if self._ended_one or not self._is_head or self.transport.is_closing():
            return  # of bytes that end a request nobody knows how many begin the next: few, in any case
        self._head_bytes += len(data)
        if self._head_bytes > self.max_head_bytes:
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)

    def on_message_begin(self) -> None:
        """A head begins, perhaps on a connection kept alive: it has its time too."""
        super().on_message_begin()
        if self._deadline is None:
            self._expect()

    def on_headers_complete(self) -> None:
        """The head is whole."""
        self._is_head = False
        self._head_bytes = 0
        self._met()
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """The next bytes are a head again."""
        self._is_head = self._ended_one = True
        super().on_message_complete()

    def _expect(self) -> None:
        self._deadline = self.loop.call_later(self.head_seconds, self._refuse, HTTPStatus.REQUEST_TIMEOUT)

    def _met(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _refuse(self, status: HTTPStatus) -> None:
        self._met()
        if self.transport.is_closing():
            return
        is_answering = self.cycle is not None and not self.cycle.response_complete
        if is_answering and status is HTTPStatus.REQUEST_TIMEOUT:
            self._expect()  # the answer to the request before it is still on its way
            return
        if self.cycle is None or self.cycle.response_complete:
            line = f"HTTP/1.1 {status.value} {status.phrase}\r\n"
            self.transport.write(f"{line}connection: close\r\ncontent-length: 0\r\n\r\n".encode())
        self.transport.close()
