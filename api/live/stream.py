"""Writes a stream of server-sent events: which kinds changed, never what. Knows no route.

Source: WHATWG HTML, section 9.2 (server-sent events).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Final

from api.live.hub import Hub, Subscription

MEDIA_TYPE: Final = "text/event-stream"
HEARTBEAT_SECONDS: Final = 15.0
LIFETIME_SECONDS: Final = 600.0
"""After which the stream ends and the browser asks again: its session is then verified anew."""

CALM_SECONDS: Final = 0.2
"""Least time between two events: a burst of changes is one."""

RETRY_MS: Final = 2000


async def events(hub: Hub, stream: Subscription) -> AsyncIterator[str]:
    """Yield the text of the stream until it is closed, has lived long enough, or nobody reads it."""
    loop = asyncio.get_running_loop()
    ends, number = loop.time() + LIFETIME_SECONDS, 0
    try:
        yield f"retry: {RETRY_MS}\nid: {number}\n\n"  # so that even a stream that said nothing is resumed
        while not stream.closed and loop.time() < ends:
            changed = await stream.changes(within_seconds=HEARTBEAT_SECONDS)
            if not changed:
                yield ": still here\n\n"
                continue
            for kind in sorted(changed):
                number += 1
                yield f"id: {number}\nevent: {kind}\ndata: {number}\n\n"
            await asyncio.sleep(CALM_SECONDS)
    finally:
        hub.unsubscribe(stream)
