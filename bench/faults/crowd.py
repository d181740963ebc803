"""Clients that book without a pause, and go on whatever breaks: each call again under its idempotency key.

A booking counts as acknowledged once its confirmation was answered 201, and only then.
"""

from __future__ import annotations

import asyncio
import threading
import time
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

import orjson

from bench.load.clients import CONFLICT, CREATED, Caller
from bench.load.stage import request_id, slot_id

_PAUSE_SECONDS = 0.05
_ANSWER_SECONDS = 15.0
_IN_USE = b"idempotency-key-in-use"


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """A booking that a client was told of: its appointment, its request, when it was begun and told."""

    appointment: str
    request: str
    begun: float
    told: float


@dataclass
class Crowd:
    """A few clients in a thread of their own, for the length of a block."""

    port: int
    key: str
    first: int
    clients: int = 8
    pause_seconds: float = 0.0
    acknowledged: list[Acknowledged] = field(default_factory=list)
    refused: int = 0
    retried: int = 0
    _next: int = 0
    _stopping: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self._thread = threading.Thread(target=lambda: asyncio.run(self._all()), name="crowd", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        self._thread.join(_ANSWER_SECONDS * 3)

    @property
    def used(self) -> int:
        """How many numbers were begun."""
        return self._next

    def wait_for_next(self, since: float, *, seconds: float) -> float | None:
        """Wait for a booking that was begun after an instant; the seconds until then, None in vain."""
        deadline = time.perf_counter() + seconds
        while time.perf_counter() < deadline:
            for one in reversed(self.acknowledged[-50:]):
                if one.begun >= since:
                    return one.told - since
            time.sleep(0.01)
        return None

    async def _all(self) -> None:
        await asyncio.gather(*(self._client() for _ in range(self.clients)))

    async def _client(self) -> None:
        caller = Caller(self.port, self.key)
        while not self._stopping.is_set():
            number, self._next = self.first + self._next, self._next + 1
            await self._book(caller, number)
            await asyncio.sleep(self.pause_seconds)
        caller.close()

    async def _book(self, caller: Caller, number: int) -> None:
        begun = time.perf_counter()
        wanted = orjson.dumps({"request_id": request_id(number), "slot_ids": [slot_id(number)]})
        held = await self._insist(caller, "/api/v1/holds", wanted, f"hold-{number}")
        if held is None:
            return
        path = f"/api/v1/holds/{held['bundle_id']}/confirm"
        booked = await self._insist(caller, path, b"", f"confirm-{number}")
        if booked is not None:
            (made,) = booked["appointments"]
            self.acknowledged.append(Acknowledged(made["id"], made["request_id"], begun, time.perf_counter()))

    async def _insist(self, caller: Caller, path: str, body: bytes, once: str) -> dict[str, object] | None:
        """Send until it is answered: what broke off, or found the service busy, is sent again as it was."""
        while not self._stopping.is_set():
            try:
                async with asyncio.timeout(_ANSWER_SECONDS):
                    status, answer = await caller.post(path, body, once)
            except (OSError, TimeoutError):
                caller.close()
                status, answer = 0, b""
            if status == CREATED:
                found: dict[str, object] = orjson.loads(answer)
                return found
            if 0 < status < 500 and not (status == CONFLICT and _IN_USE in answer):
                self.refused += 1
                return None
            self.retried += 1
            await asyncio.sleep(_PAUSE_SECONDS)
        return None
