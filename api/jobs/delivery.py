"""Delivers the outbox in every process: threads for each channel, and one that splits events.

Any number of processes may deliver at once: a message is leased to one of them. A channel has its own
threads, so that a partner who does not answer delays nobody else's messages; it pauses while down. Events
are split by the batch: those of half a second together cost little more than one.
"""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Final

from sqlmodel import Session

from api.wiring import Wiring
from snp.notifications.channels import Channel, WaysOut
from snp.notifications.delivering import BATCH, EVENTS, Post, send_next, split_due
from snp.notifications.facts import Outcome, Retry
from snp.notifications.rules import RetryPolicy
from snp.platform.events import Event
from snp.platform.logs import log

POLL_SECONDS: Final = 0.5
FAULT_SECONDS: Final = 5.0
STOP_SECONDS: Final = 10.0
LONGEST_PAUSE_SECONDS: Final = 30.0
CONNECTIONS: Final = 2
"""How many connections of the pool the threads of one process use at once."""


class Deliverer:
    """The threads of this process that send what is due."""

    def __init__(
        self,
        wiring: Wiring,
        ways: WaysOut,
        *,
        policy: RetryPolicy | None = None,
        poll_seconds: float = POLL_SECONDS,
        longest_pause_seconds: float = LONGEST_PAUSE_SECONDS,
    ) -> None:
        self._wiring = wiring
        self._stopping = threading.Event()
        self._places = threading.BoundedSemaphore(CONNECTIONS)
        self._poll_seconds = poll_seconds
        post = Post(
            transaction=self._transaction,
            clock=wiring.clock.now,
            policy=policy or RetryPolicy(attempts=wiring.settings.outbox_attempts),
            lease=timedelta(seconds=wiring.settings.outbox_lease_seconds),
        )
        self._threads = [self._thread(EVENTS, lambda: split_due(post, ways) == BATCH, _Lane(0))]
        for channel in ways.channels:
            lane = _Lane(longest_pause_seconds)
            self._threads += [
                self._thread(channel.name, _sending(post, channel, lane), lane) for _ in range(channel.width)
            ]

    def start(self) -> None:
        """Begin to deliver."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Stop after the messages that are being sent; one that takes too long is left to its lease."""
        self._stopping.set()
        deadline = time.monotonic() + STOP_SECONDS
        for thread in self._threads:
            if thread.is_alive():
                thread.join(max(0.0, deadline - time.monotonic()))

    def _thread(self, name: str, work: Callable[[], bool], lane: _Lane) -> threading.Thread:
        return threading.Thread(target=self._run, args=(name, work, lane), name=f"snp-{name}", daemon=True)

    def _run(self, name: str, work: Callable[[], bool], lane: _Lane) -> None:
        """Work again at once while there may be more, else after the pause."""
        while not self._stopping.is_set():
            wait = lane.pause_left()
            if wait == 0:
                try:
                    wait = 0 if work() else self._poll_seconds
                except Exception as error:  # noqa: BLE001 - the database may be away: the thread must live on
                    log(Event.JOB_FAILED, level=logging.ERROR, job=f"deliver-{name}", error=error)
                    wait = FAULT_SECONDS
            self._stopping.wait(wait)

    @contextmanager
    def _transaction(self) -> Iterator[Session]:
        with self._places, self._wiring.transaction() as session:
            yield session


class _Lane:
    """What the threads of one channel share: whether the other side answers at all."""

    def __init__(self, longest_pause_seconds: float) -> None:
        self._lock = threading.Lock()
        self._longest = longest_pause_seconds
        self._failures = 0
        self._until = 0.0

    def pause_left(self) -> float:
        """Return for how many seconds nothing shall be sent; 0 when the lane is open."""
        with self._lock:
            return max(0.0, self._until - time.monotonic())

    def heard(self, outcome: Outcome) -> None:
        """Pause the lane for longer and longer while the channel is down; open it when it answers."""
        with self._lock:
            if not (isinstance(outcome, Retry) and outcome.channel_down):
                self._failures = 0
                return
            self._failures = min(self._failures + 1, 16)
            asked = outcome.after or timedelta()
            pause = min(max(0.5 * 2.0**self._failures, asked.total_seconds()), self._longest)
            self._until = time.monotonic() + pause * random.uniform(0.5, 1.0)  # noqa: S311 - jitter


def _sending(post: Post, channel: Channel, lane: _Lane) -> Callable[[], bool]:
    def send() -> bool:
        outcome = send_next(post, channel)
        if outcome is not None:
            lane.heard(outcome)
        return outcome is not None

    return send
