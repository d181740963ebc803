"""Lets the processes share the pace of callers: every second each tells what it took and hears what is left.

The requests themselves ask nobody: the limits hold together by what was exchanged last. What N processes can
let pass beyond the limit between two exchanges is owed afterwards, since the shared bucket goes below zero.
Without the database each process goes on by itself, and tells later.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool

from api.security import pace_rows
from api.security.buckets import Buckets
from api.wiring import Wiring
from snp.platform.events import Event
from snp.platform.hashing import KeyedHash
from snp.platform.logs import log
from snp.platform.settings import Settings

EVERY_SECONDS: Final = 1.0
_FORGET_EVERY: Final = 600
_KEPT: Final = timedelta(hours=1)


class Paces:
    """The buckets of keys and of addresses, and their exchange with other processes."""

    def __init__(self, settings: Settings, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        seconds = settings.rate_burst_seconds
        key, address = settings.rate_per_key, settings.rate_per_address
        self.keys = Buckets(rate=key, capacity=key * seconds)
        self.addresses = Buckets(rate=address, capacity=address * seconds)
        self._rounds = 0

    def wait(self, address: str | None, key: str | None) -> int:
        """Take one request; 0, or the whole seconds after which there is place for one."""
        now = self._clock()
        by_address = self.addresses.take(address, now) if address is not None else 0
        return by_address or (0 if key is None else self.keys.take(key, now))

    async def keep_exchanging(self, wiring_now: Callable[[], Wiring]) -> None:
        """Exchange until cancelled."""
        if self.keys.rate <= 0 and self.addresses.rate <= 0:
            return
        was_away = False
        while True:
            await asyncio.sleep(EVERY_SECONDS)
            is_away = not await self.exchange(wiring_now())
            if is_away and not was_away:
                log(Event.PACE_ALONE, level=logging.WARNING)
            was_away = is_away

    async def exchange(self, wiring: Wiring) -> bool:
        """Tell what was taken, and go on from what is left; tell whether the database answered."""
        self._rounds += 1
        told = [(buckets, buckets.untold()) for buckets in (self.keys, self.addresses)]
        forgets = self._rounds % _FORGET_EVERY == 0
        if not forgets and not any(taken for _, taken in told):
            return True
        try:
            left = await run_in_threadpool(_exchanged, wiring, told, forgets=forgets)
        except SQLAlchemyError:
            for buckets, taken in told:
                buckets.keep_untold(taken)
            return False
        for (buckets, _), levels in zip(told, left, strict=True):
            buckets.settle(levels, self._clock())
        return True


def _exchanged(
    wiring: Wiring, told: list[tuple[Buckets, dict[str, int]]], *, forgets: bool
) -> list[dict[str, float]]:
    hasher, left = wiring.keys.hasher(), []
    with wiring.transaction() as session:
        for domain, (buckets, taken) in zip(("pace-key", "pace-address"), told, strict=True):
            names = _names(hasher, domain, taken)
            hashed = {name: taken[spelled] for name, spelled in names.items()}
            levels = pace_rows.tell(session, hashed, rate=buckets.rate, capacity=buckets.capacity)
            left.append({names[name]: level for name, level in levels.items()})
        if forgets:
            pace_rows.forget(session, unused_for=_KEPT)
    return left


def _names(hasher: KeyedHash, domain: str, taken: dict[str, int]) -> dict[bytes, str]:
    return {hasher.digest(domain, spelled): spelled for spelled in taken}
