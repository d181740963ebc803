"""A message waits, is leased to one, leaves in order of its subject, and is settled or tried again."""

from __future__ import annotations

from datetime import timedelta
from itertools import count

import pytest
import sqlalchemy as sa

from snp.errors import NotFound
from snp.notifications import service as outbox
from snp.notifications.facts import Delivered, MessageState, Refused, Retry, Unneeded
from snp.notifications.refusals import NotDroppable, NotReplayable
from snp.notifications.rules import RetryPolicy
from snp.platform.columns import new_id
from tests.support.agenda import NOW

POLICY = RetryPolicy(first=timedelta(seconds=2), longest=timedelta(minutes=5), attempts=3)
TOPIC = "tried"


def put(session, subject="request:1", topic=TOPIC, **more):
    return outbox.enqueue(session, topic, subject, {"n": 1}, NOW, **more)


def claim(session, now=NOW):
    return outbox.claim(session, {TOPIC}, now=now)


def settle(session, message, outcome, now=NOW):
    return outbox.settle(session, message, outcome, policy=POLICY, chance=1.0, now=now)


def send_all(session, now=NOW):
    """Everything that can be claimed now, in the order it was."""
    sent = []
    while (message := claim(session, now)) is not None:
        sent.append(message.id)
        settle(session, message, Delivered(), now)
    return sent


def test_a_message_waits_in_the_outbox_under_the_caller_s_transaction(session):
    savepoint = session.begin_nested()
    put(session)
    savepoint.rollback()
    later = NOW + timedelta(hours=1)
    ident = put(session, due_at=later)
    (seen,) = outbox.list_messages(session)
    assert (seen.id, seen.topic, seen.subject, seen.payload) == (ident, TOPIC, "request:1", {"n": 1})
    assert (seen.state, seen.attempts, seen.created_at, seen.due_at) == (
        MessageState.PENDING,
        0,
        NOW,
        later,
    )


def test_messages_of_one_subject_leave_in_the_order_they_were_queued(session):
    made = [put(session) for _ in range(50)]
    assert send_all(session) == made


def test_a_later_message_waits_while_an_earlier_one_is_being_sent_or_tried_again(session):
    first, second, other = put(session), put(session), put(session, subject="request:2")
    held = claim(session)
    assert held.id == first
    assert claim(session).id == other
    assert claim(session) is None
    settle(session, held, Retry("timeout"))
    assert claim(session) is None
    again = NOW + timedelta(seconds=2)
    assert send_all(session, now=again) == [first, second]


def test_a_message_that_is_not_due_yet_holds_nothing_back(session):
    tomorrow = NOW + timedelta(days=1)
    reminder = put(session, due_at=tomorrow)
    told = put(session)
    assert send_all(session) == [told]
    assert send_all(session, now=tomorrow) == [reminder]


def test_a_dead_letter_does_not_silence_what_follows(session):
    first, second = put(session), put(session)
    settle(session, claim(session), Refused("http-422"))
    assert outbox.get_message(session, first).state is MessageState.DEAD
    assert send_all(session) == [second]


def test_a_lease_that_runs_out_is_taken_over_and_the_late_one_writes_nothing(session):
    ident = put(session)
    late = claim(session)
    assert claim(session, NOW + outbox.LEASE - timedelta(seconds=1)) is None
    taken = claim(session, NOW + outbox.LEASE)
    assert (taken.id, taken.attempt) == (ident, 2)
    assert settle(session, late, Refused("http-422")) is None
    assert settle(session, taken, Delivered()) is MessageState.DELIVERED
    assert outbox.get_message(session, ident).state is MessageState.DELIVERED


def test_attempts_end_in_a_dead_letter_with_its_reason(session):
    ident = put(session)
    now = NOW
    states = []
    for _ in range(POLICY.attempts):
        states.append(settle(session, claim(session, now), Retry("http-503"), now))
        now += timedelta(minutes=5)
    assert states == [MessageState.PENDING, MessageState.PENDING, MessageState.DEAD]
    assert outbox.get_message(session, ident).last_error == "http-503"
    assert claim(session, now) is None


def test_what_the_other_side_asks_to_wait_is_waited(session):
    put(session)
    settle(session, claim(session), Retry("http-429", after=timedelta(minutes=20)))
    assert claim(session, NOW + timedelta(minutes=19)) is None
    assert claim(session, NOW + timedelta(minutes=20)) is not None


def test_a_given_up_message_is_sent_again_in_its_old_place(session):
    dead = put(session)
    settle(session, claim(session), Refused("http-400"))
    later = put(session)
    outbox.replay(session, dead, now=NOW)
    taken = claim(session)
    assert (taken.id, taken.attempt) == (dead, 2)
    settle(session, taken, Delivered())
    assert send_all(session) == [later]
    with pytest.raises(NotReplayable):
        outbox.replay(session, dead, now=NOW)


def test_a_replayed_message_knows_that_a_later_one_was_delivered(session):
    dead = put(session)
    settle(session, claim(session), Refused("http-400"))
    put(session)
    send_all(session)
    outbox.replay(session, dead, now=NOW)
    assert outbox.is_overtaken(session, claim(session))


def test_a_dropped_message_never_leaves_even_while_it_is_being_sent(session):
    ident = put(session)
    held = claim(session)
    assert outbox.drop(session, ident, now=NOW).state is MessageState.DROPPED
    assert settle(session, held, Retry("timeout")) is None
    assert claim(session, NOW + outbox.LEASE) is None
    with pytest.raises(NotDroppable):
        outbox.drop(session, ident, now=NOW)


def test_a_coordinator_sees_the_messages_of_his_territories_only(session):
    mine, theirs = new_id(), new_id()
    seen = put(session, territory_id=mine)
    hidden = put(session, territory_id=theirs)
    put(session)
    assert [view.id for view in outbox.list_messages(session, territories={mine})] == [seen]
    assert [row.pending for row in outbox.figures(session, territories={mine})] == [1]
    assert [row.pending for row in outbox.figures(session)] == [3]
    with pytest.raises(NotFound):
        outbox.get_message(session, hidden, territories={mine})
    with pytest.raises(NotFound):
        outbox.drop(session, hidden, territories={mine}, now=NOW)


def test_figures_tell_each_state_and_since_when_the_oldest_waits(session):
    for number, outcome in zip(count(), (Delivered(), Refused("x"), Unneeded("y")), strict=False):
        put(session, subject=f"request:{number}")
        settle(session, claim(session), outcome)
    put(session, subject="request:9")
    (row,) = outbox.figures(session)
    assert (row.topic, row.pending, row.delivered, row.dead, row.unsent) == (TOPIC, 1, 1, 1, 1)
    assert row.oldest_due_at == NOW


def test_settled_messages_are_forgotten_and_the_dead_are_kept_for_longer(session):
    for number, outcome in zip(count(), (Delivered(), Refused("x"), Unneeded("y")), strict=False):
        put(session, subject=f"request:{number}")
        settle(session, claim(session), outcome)
    waiting = put(session, subject="request:9")
    after = NOW + timedelta(seconds=1)
    assert len(outbox.prune(session, settled_before=after, dead_before=NOW)) == 2
    assert {view.state for view in outbox.list_messages(session)} == {MessageState.DEAD, MessageState.PENDING}
    assert len(outbox.prune(session, settled_before=after, dead_before=after)) == 1
    assert [view.id for view in outbox.list_messages(session)] == [waiting]


def test_two_processes_never_hold_one_message_nor_two_of_a_subject(committed):
    with committed() as session, session.begin():
        first, _ = put(session), put(session)
        other = put(session, subject="request:2")
    with committed() as one, committed() as two, committed() as three:
        assert claim(one).id == first
        assert claim(two).id == other
        assert claim(three) is None
        one.commit()
        two.commit()
        assert claim(three) is None


def test_a_message_is_found_without_reading_the_whole_outbox(session):
    session.execute(
        sa.text(
            "INSERT INTO outbox_message"
            " (id, topic, subject, payload, created_at, due_at, next_attempt_at, state, settled_at)"
            " SELECT gen_random_uuid(), 'tried', 's' || n, '{}', :now, :now, :now, 'delivered', :now"
            " FROM generate_series(1, 20000) n"
        ),
        {"now": NOW},
    )
    session.execute(sa.text("ANALYZE outbox_message"))
    put(session)
    session.execute(sa.text("SET LOCAL enable_seqscan = off"))
    assert len(send_all(session)) == 1
