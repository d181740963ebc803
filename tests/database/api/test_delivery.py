"""The deliverer's threads: what is queued leaves, one channel that is down delays no other, several share."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import sqlalchemy as sa

from api.jobs.delivery import Deliverer
from api.wiring import Wiring
from snp.notifications import service as outbox
from snp.notifications.channels import WaysOut
from snp.notifications.facts import Delivered, MessageState, Retry
from snp.platform.clock import SystemClock
from snp.platform.db import create_engine
from snp.platform.keys import load_keys

PATIENCE_SECONDS = 60


@dataclass
class Counter:
    """A channel that notes (subject, number) in the order of sending; `fails` says which sendings fail."""

    name: str
    fails: Callable[[int], bool] = lambda _n: False
    width: int = 3
    sent: list = field(default_factory=list)
    tried: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def topics(self):
        return frozenset({self.name})

    def prepare(self, session, message, now):
        def send():
            with self.lock:
                self.tried += 1
                if self.fails(self.tried):
                    return Retry("down", channel_down=True)
                self.sent.append((message.subject, message.payload["n"]))
            return Delivered()

        return send


def wiring_over(url, settings):
    return Wiring(settings=settings, engine=create_engine(url, settings), keys=load_keys(settings))


def put(wiring, topic, subjects, each):
    now = SystemClock().now()
    for n in range(each):
        for subject in range(subjects):
            with wiring.transaction() as session:
                outbox.enqueue(session, topic, f"{topic}:{subject}", {"n": n}, now)


def wait_until(holds: Callable[[], bool], why: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < deadline, why
        time.sleep(0.02)


def pending(wiring):
    with wiring.transaction() as session:
        return session.scalar(
            sa.text("SELECT count(*) FROM outbox_message WHERE state = :state"),
            {"state": MessageState.PENDING.value},
        )


def test_what_is_queued_leaves_once_and_in_order_whoever_delivers(clean_database, settings):
    wirings = [wiring_over(clean_database, settings) for _ in range(3)]
    channels = [Counter("letter") for _ in wirings]
    deliverers = [
        Deliverer(wiring, WaysOut((channel,)), poll_seconds=0.02)
        for wiring, channel in zip(wirings, channels, strict=True)
    ]
    for deliverer in deliverers:
        deliverer.start()
    try:
        put(wirings[0], "letter", subjects=10, each=6)
        wait_until(lambda: pending(wirings[0]) == 0, "messages were left behind")
    finally:
        for deliverer in deliverers:
            deliverer.stop()
        for wiring in wirings:
            wiring.engine.dispose()
    sent = [line for channel in channels for line in channel.sent]
    assert len(sent) == len(set(sent)) == 60
    for channel in channels:
        for subject in {subject for subject, _ in channel.sent}:
            numbers = [n for its, n in channel.sent if its == subject]
            assert numbers == sorted(numbers)


def test_a_channel_that_is_down_delays_no_other(clean_database, settings):
    wiring = wiring_over(clean_database, settings)
    down, up = Counter("down", fails=lambda _n: True), Counter("up")
    put(wiring, "down", subjects=5, each=1)
    put(wiring, "up", subjects=5, each=2)
    put(wiring, "unknown", subjects=2, each=1)
    deliverer = Deliverer(wiring, WaysOut((down, up)), poll_seconds=0.02)
    deliverer.start()
    try:
        wait_until(lambda: pending(wiring) == 5, "the other channel did not get through")
        assert len(up.sent) == 10
        assert down.sent == []
    finally:
        deliverer.stop()
        wiring.engine.dispose()


def test_a_channel_that_comes_back_gets_everything_in_order(clean_database, settings):
    wiring = wiring_over(clean_database, settings)
    channel = Counter("letter", fails=lambda tried: tried <= 4)
    put(wiring, "letter", subjects=3, each=3)
    deliverer = Deliverer(wiring, WaysOut((channel,)), poll_seconds=0.02, longest_pause_seconds=0.1)
    deliverer.start()
    try:
        wait_until(lambda: pending(wiring) == 0, "messages were left behind")
    finally:
        deliverer.stop()
        wiring.engine.dispose()
    for subject in range(3):
        assert [n for its, n in channel.sent if its == f"letter:{subject}"] == [0, 1, 2]
