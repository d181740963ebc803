"""Channels and splitters at work: sent outside the transaction, split once, faults tried again."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

import pytest
import sqlalchemy as sa

from snp.notifications import service as outbox
from snp.notifications.channels import WaysOut
from snp.notifications.delivering import Post, send_next, split_next
from snp.notifications.facts import Delivered, MessageState, Retry, Unneeded
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
    assert split_next(post, ways) == Delivered()
    assert split_next(post, ways) is None
    assert [send_next(post, channel) for _ in range(3)] == [Delivered(), Delivered(), None]
    assert channel.sent == [7, 7]


def test_an_event_that_cannot_be_split_leaves_nothing_behind(committed, post):
    put(committed, topic="event")

    def split(session, message, now):
        outbox.enqueue(session, "letter", "letters:1", {"n": 7}, now)

    def fall(session, message, now):
        raise KeyError("patient")

    assert split_next(post, WaysOut((Letters(),), {"event": (split, fall)})) == Retry("fault:KeyError")
    assert states(committed) == [("event", MessageState.PENDING, "fault:KeyError")]


def test_who_lost_the_lease_while_splitting_writes_nothing(committed, post, clock):
    put(committed, topic="event")

    def split(session, message, now):
        outbox.enqueue(session, "letter", "letters:1", {"n": 7}, now)

    def slow(session, message, now):
        clock.advance(outbox.LEASE)
        with committed.begin() as other:
            assert outbox.claim_other(other, {"letter"}, now=clock.now()) is not None

    split_next(post, WaysOut((Letters(),), {"event": (split, slow)}))
    assert [topic for topic, _, _ in states(committed)] == ["event"]


def test_a_topic_without_a_way_out_is_marked_and_waits_for_nobody(committed, post):
    put(committed, topic="nobody.listens")
    assert split_next(post, WaysOut()) == Unneeded("no-channel")
    assert states(committed) == [("nobody.listens", MessageState.UNSENT, "no-channel")]
    assert split_next(post, WaysOut()) is None
