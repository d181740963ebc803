"""Fans out what the database announces to the open streams of this process, by territory and kind.

A stream never queues: what happened since it last spoke is a set of kinds, so a slow page costs nothing more.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from snp.platform.listening import Listener

CHANNEL: Final = "snp_live"
MOST_STREAMS: Final = 1000
MOST_FOR_ONE: Final = 8
"""Streams of one account: as many screens as one person may really look at."""

MARGIN_SECONDS: Final = 2.0
"""What a page may have been drawn before it counts its own age from."""


class Kind(StrEnum):
    """What may have changed: the slots of a territory, or its requests."""

    SLOTS = "slots"
    REQUESTS = "requests"


@dataclass(eq=False, slots=True)
class Subscription:
    """One open stream. `territories` None: all of them."""

    actor: str
    territories: frozenset[UUID] | None
    kinds: frozenset[Kind]
    loop: asyncio.AbstractEventLoop
    woken: asyncio.Event = field(default_factory=asyncio.Event)
    pending: set[Kind] = field(default_factory=set)
    closed: bool = False

    def concerns(self, kind: Kind, territory: UUID | None) -> bool:
        """Tell whether a change is this stream's to hear of; None: any territory may have changed."""
        sees = self.territories is None or territory is None or territory in self.territories
        return sees and kind in self.kinds

    def mark(self, kinds: frozenset[Kind]) -> None:
        """Note changes; on the thread of the stream's loop."""
        self.pending |= kinds & self.kinds
        self.woken.set()

    def end(self) -> None:
        """Let the stream end; on the thread of its loop."""
        self.closed = True
        self.woken.set()

    async def changes(self, *, within_seconds: float) -> frozenset[Kind]:
        """Wait for changes; empty when there were none in time, or when the stream must end."""
        if not self.pending and not self.closed:
            try:
                async with asyncio.timeout(within_seconds):
                    await self.woken.wait()
            except TimeoutError:
                return frozenset()
        self.woken.clear()
        told, self.pending = frozenset(self.pending), set()
        return told


class Hub:
    """The streams of one process. It listens from the first stream on, on a connection of its own."""

    def __init__(self, url: Callable[[], sa.URL], *, most: int = MOST_STREAMS) -> None:
        self._url = url
        self._most = most
        self._lock = threading.Lock()
        self._streams: set[Subscription] = set()
        self._listener: Listener | None = None
        self._last: dict[tuple[Kind, UUID | None], float] = {}
        self._closed = False

    def subscribe(
        self,
        actor: str,
        territories: frozenset[UUID] | None,
        kinds: frozenset[Kind],
        *,
        drawn_seconds_ago: float | None,
    ) -> Subscription | None:
        """Open a stream for a page drawn so long ago; None when there are too many.

        What changed since the page was drawn is told at once. `drawn_seconds_ago` None: nobody knows, so
        everything may have changed.
        """
        stream = Subscription(actor, territories, kinds, asyncio.get_running_loop())
        with self._lock:
            for_one = Counter(one.actor for one in self._streams)[actor]
            if self._closed or len(self._streams) >= self._most or for_one >= MOST_FOR_ONE:
                return None
            self._streams.add(stream)
            missed = self._missed(stream, drawn_seconds_ago)
            if self._listener is None:
                self._listener = Listener(self._url(), CHANNEL, heard=self._heard, resumed=self._resumed)
                self._listener.start()
        if missed:
            stream.mark(missed)
        return stream

    def unsubscribe(self, stream: Subscription) -> None:
        """Forget a stream that ended."""
        with self._lock:
            self._streams.discard(stream)

    def close(self) -> None:
        """End every stream and stop listening; safe from any thread, a signal's handler included."""
        self._closed = True
        for stream in tuple(self._streams):
            _on_loop(stream, stream.end)

    def stop(self) -> None:
        """Close, and wait for the listener to be gone."""
        self.close()
        with self._lock:
            listener, self._listener = self._listener, None
        if listener is not None:
            listener.stop()

    @property
    def streams(self) -> int:
        """How many streams are open."""
        return len(self._streams)

    def _missed(self, stream: Subscription, drawn_seconds_ago: float | None) -> frozenset[Kind]:
        """What may have changed since a page was drawn; before listening began, `_resumed` will say so."""
        if drawn_seconds_ago is None:
            return stream.kinds
        since = time.monotonic() - drawn_seconds_ago - MARGIN_SECONDS
        return frozenset(
            kind
            for (kind, territory), at in self._last.items()
            if at >= since and stream.concerns(kind, territory)
        )

    def _heard(self, payload: str) -> None:
        """Pass one announcement on; « slots <territory> »."""
        kind, _, territory = payload.partition(" ")
        try:
            self._tell(Kind(kind), UUID(territory))
        except ValueError:  # announced by a newer version of the service
            return

    def _resumed(self) -> None:
        """Listening began: what happened before is not known, so everything may have changed."""
        for kind in Kind:
            self._tell(kind, None)

    def _tell(self, kind: Kind, territory: UUID | None) -> None:
        with self._lock:
            self._last[kind, territory] = time.monotonic()
            concerned = [stream for stream in self._streams if stream.concerns(kind, territory)]
        for stream in concerned:
            _on_loop(stream, partial(stream.mark, frozenset({kind})))


def _on_loop(stream: Subscription, act: Callable[[], None]) -> None:
    try:
        stream.loop.call_soon_threadsafe(act)
    except RuntimeError:  # the loop has ended, and the stream with it
        return
