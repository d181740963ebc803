"""An answer is remembered once: who had the turn, but not the latest look, is refused rather than doubled."""

from __future__ import annotations

from datetime import timedelta

from sqlmodel import Session

from api.idempotency import repository
from api.idempotency.repository import Remembered
from tests.support.directory import NOW

FIRST = Remembered(b"a" * 32, 201, {"location": "/1"}, b"first")
SECOND = Remembered(b"b" * 32, 201, {"location": "/2"}, b"second")
SINCE = NOW - timedelta(hours=24)


def test_an_answer_that_came_in_between_is_kept_and_the_later_work_is_refused(session: Session) -> None:
    turn = repository.take_turn(session, "key:1", "k", since=SINCE)
    assert turn is not None
    assert turn.known is None
    assert repository.remember(session, "key:1", "k", FIRST, since=SINCE, now=NOW)

    assert not repository.remember(session, "key:1", "k", SECOND, since=SINCE, now=NOW)

    again = repository.take_turn(session, "key:1", "k", since=SINCE)
    assert again is not None
    assert again.known == FIRST


def test_an_outdated_answer_is_written_over(session: Session) -> None:
    old = NOW - timedelta(hours=25)
    repository.remember(session, "key:1", "k", FIRST, since=old - timedelta(hours=24), now=old)

    assert repository.remember(session, "key:1", "k", SECOND, since=SINCE, now=NOW)

    turn = repository.take_turn(session, "key:1", "k", since=SINCE)
    assert turn is not None
    assert turn.known == SECOND
