"""Channels and splitters at work: sent outside the transaction, split once, faults tried again."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

import pytest
import sqlalchemy as sa

from snp.notifications import service as outbox
from snp.notifications.channels import WaysOut
from snp.notifications.delivering import BATCH, Post, send_next, split_due
from snp.notifications.facts import Delivered, MessageState, Retry
from snp.platform.clock import SteppedClock
from tests.support.agenda import NOW


@dataclass
class Letters:
    """A channel that notes what it sends; `during` runs while it sends."""

    during: object = None
    outcome: object = field(default_factory=Delivered)
    name: str = "letters"
    topics: frozenset = frozenset({"letter"})
    width: int = 1
    sent: list = field(default_factory=list)

    def prepare(self, session, message, now):
        def send():
            if self.during is not None:
                self.during()
            self.sent.append(message.payload["n"])
            return self.outcome

        return send


@pytest.fixture
def clock():
    return SteppedClock(NOW)


@pytest.fixture
def post(committed, clock):
    return Post(transaction=committed.begin, clock=clock.now, chance=lambda: 1.0)


def put(committed, topic="letter", subject="request:1", n=1):
    with committed.begin() as session:
        return outbox.enqueue(session, topic, subject, {"n": n}, NOW)


def states(committed):
    with committed.begin() as session:
        return [(view.topic, view.state, view.last_error) for view in outbox.list_messages(session)]


def test_nothing_is_locked_while_a_message_is_being_sent(committed, post):
    ident = put(committed)

    def look() -> None:
        with committed.begin() as session:
            session.execute(
                sa.text("SELECT 1 FROM outbox_message WHERE id = :id FOR UPDATE NOWAIT"), {"id": ident}
            ).one()

    assert send_next(post, Letters(during=look)) == Delivered()
    assert states(committed) == [("letter", MessageState.DELIVERED, None)]
    assert send_next(post, Letters()) is None


def test_a_fault_while_sending_is_tried_again_and_told_by_its_class(committed, post, clock):
    put(committed)

    def fall() -> None:
        raise ValueError("Mme Durand")

    channel = Letters(during=fall)
    assert send_next(post, channel) == Retry("fault:ValueError")
    assert states(committed) == [("letter", MessageState.PENDING, "fault:ValueError")]
    channel.during = None
    clock.advance(timedelta(seconds=2))
    assert send_next(post, channel) == Delivered()
    assert channel.sent == [1]


def test_an_event_becomes_its_messages_once(committed, post):
    put(committed, topic="event")

    def split(session, message, now):
        outbox.enqueue(session, "letter", f"letters:{message.subject}", {"n": 7}, now)

    channel = Letters()
    ways = WaysOut((channel,), {"event": (split, split)})
    assert split_due(post, ways) == 1
    assert split_due(post, ways) == 0
    assert [send_next(post, channel) for _ in range(3)] == [Delivered(), Delivered(), None]
    assert channel.sent == [7, 7]


def test_an_event_that_cannot_be_split_leaves_nothing_behind_and_holds_no_other_up(committed, post, clock):
    put(committed, topic="event")

    def split(session, message, now):
        outbox.enqueue(session, "letter", "letters:1", {"n": 7}, now)

    def fall(session, message, now):
        raise KeyError("patient")

    put(committed, topic="other", subject="request:2")
    ways = WaysOut((Letters(),), {"event": (split, fall), "other": (split,)})
    assert split_due(post, ways) == 2
    assert states(committed) == [
        ("event", MessageState.PENDING, "fault:KeyError"),
        ("other", MessageState.DELIVERED, None),
        ("letter", MessageState.PENDING, None),
    ]
    clock.advance(timedelta(seconds=2))
    with committed.begin() as session:
        (again,) = outbox.take_others(session, {"letter"}, now=clock.now(), limit=BATCH)
        assert (again.topic, again.attempt) == ("event", 2)


def test_nobody_else_splits_an_event_meanwhile(committed, post):
    put(committed, topic="event")
    put(committed, topic="event", n=2)
    others = []

    def slow(session, message, now):
        others.append(split_due(post, ways))

    ways = WaysOut((Letters(),), {"event": (slow,)})
    assert [split_due(post, ways) for _ in range(3)] == [1, 1, 0]
    assert others == [0, 0]


def test_a_topic_without_a_way_out_is_marked_and_waits_for_nobody(committed, post):
    put(committed, topic="nobody.listens")
    assert split_due(post, WaysOut()) == 1
    assert states(committed) == [("nobody.listens", MessageState.UNSENT, "no-channel")]
    assert split_due(post, WaysOut()) == 0


def test_no_more_events_are_split_at_once_than_a_batch(committed, post):
    for n in range(3):
        put(committed, topic="nobody.listens", subject=f"request:{n}")
    assert [split_due(post, WaysOut(), limit=2) for _ in range(3)] == [2, 1, 0]
