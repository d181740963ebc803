"""Clients of the service that cost little themselves: HTTP/1.1 by hand on connections that stay open.

A booking is what a regulation software does: hold the slot for the request, then confirm, each once by its
`Idempotency-Key`.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass, field

import orjson

from bench.load.stage import TERRITORIES, request_id, slot_id

CREATED, CONFLICT = 201, 409


@dataclass(slots=True)
class Tally:
    """What came of bookings: seconds of each that was made, conflicts, and whatever else was answered."""

    seconds: list[float] = field(default_factory=list)
    calls: list[float] = field(default_factory=list)
    conflicts: int = 0
    errors: list[str] = field(default_factory=list)


class Caller:
    """One connection to the service, opened when it is first needed and again when it was lost."""

    def __init__(self, port: int, key: str) -> None:
        self._port = port
        self._key = key
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def post(self, path: str, body: bytes, once: str) -> tuple[int, bytes]:
        """Send a creating request; return the status and the body. Raises `OSError` when it breaks off."""
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port)
        reader, writer = self._streams
        writer.write(
            f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {self._key}\r\n"
            f"Content-Type: application/json\r\nIdempotency-Key: {once}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n".encode()
            + body
        )
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            lower = head.lower()
            at = lower.index(b"content-length:") + 15
            length = int(lower[at : lower.index(b"\r\n", at)])
            return int(head[9:12]), await reader.readexactly(length)
        except (asyncio.IncompleteReadError, ValueError) as cut:
            self.close()
            raise ConnectionResetError from cut
        except OSError:
            self.close()
            raise

    def close(self) -> None:
        """Close the connection."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


async def book(caller: Caller, request: int, slot: int, tally: Tally) -> None:
    """Make one booking and count it."""
    begun = time.perf_counter()
    wanted = orjson.dumps({"request_id": request_id(request), "slot_ids": [slot_id(slot)]})
    status, answer = await caller.post("/api/v1/holds", wanted, f"hold-{request_id(request)}-{slot}")
    held = time.perf_counter()
    tally.calls.append(held - begun)
    if status == CREATED:
        bundle = orjson.loads(answer)["bundle_id"]
        path = f"/api/v1/holds/{bundle}/confirm"
        status, answer = await caller.post(path, b"", f"confirm-{request_id(request)}-{slot}")
        tally.calls.append(time.perf_counter() - held)
    if status == CREATED:
        tally.seconds.append(time.perf_counter() - begun)
    elif status == CONFLICT:
        tally.conflicts += 1
    else:
        tally.errors.append(f"{status} {answer[:200]!r}")


async def closed_loop(port: int, key: str, work: Iterable[tuple[int, int]], clients: int) -> Tally:
    """Each client books again as soon as it is answered; (request, slot) pairs are handed out in order."""
    tally, pairs = Tally(), iter(work)

    async def client() -> None:
        caller = Caller(port, key)
        for request, slot in pairs:
            await book(caller, request, slot, tally)
        caller.close()

    await asyncio.gather(*(client() for _ in range(clients)))
    return tally


async def open_loop(port: int, key: str, work: Iterable[tuple[int, int]], rate: float) -> Tally:
    """Bookings begin at a steady rate whether or not earlier ones were answered; waiting counts."""
    tally, idle, running = Tally(), [], set()

    async def one(request: int, slot: int) -> None:
        caller = idle.pop() if idle else Caller(port, key)
        try:
            await book(caller, request, slot, tally)
        except OSError as lost:
            tally.errors.append(type(lost).__name__)
        idle.append(caller)

    begun = time.perf_counter()
    for number, (request, slot) in enumerate(work):
        await asyncio.sleep(max(0.0, begun + number / rate - time.perf_counter()))
        task = asyncio.create_task(one(request, slot))
        running.add(task)
        task.add_done_callback(running.discard)
    await asyncio.gather(*running)
    for caller in idle:
        caller.close()
    return tally


def distinct(first: int, count: int) -> Iterator[tuple[int, int]]:
    """Each request wants a slot of its own."""
    return ((number, number) for number in range(first, first + count))


def contended(first: int, count: int, crowd: int) -> Iterator[tuple[int, int]]:
    """`crowd` requests of one territory want the same slot, then all the next one."""
    return ((first + n * TERRITORIES, first + n // crowd * crowd * TERRITORIES) for n in range(count))


async def timed(work: Callable[[], Awaitable[Tally]]) -> tuple[Tally, float]:
    """The tally of some work and how many seconds it took."""
    begun = time.perf_counter()
    tally = await work()
    return tally, time.perf_counter() - begun
