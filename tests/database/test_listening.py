"""What a transaction changes is heard by who listens once it is committed, and never says what it was."""

from __future__ import annotations

import queue
import uuid
from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import sessionmaker
from sqlmodel import Session

from api.live.hub import CHANNEL
from slots.agenda import service as agenda
from slots.agenda.facts import Offer
from snp.assignment.facts import Audience, Mode
from snp.platform.listening import Listener
from tests.support.database import empty_database
from tests.support.directory import ADMINISTRATOR, NOW, a_practitioner, a_site, a_territory

pytestmark = pytest.mark.database

PATIENCE = 30
Sessions = sessionmaker[Session]


class Ear:
    """Somebody who listens, and what he heard."""

    def __init__(self, url: sa.URL) -> None:
        self.heard: queue.Queue[str] = queue.Queue()
        self.resumed: queue.Queue[bool] = queue.Queue()
        self.listener = Listener(url, CHANNEL, heard=self.heard.put, resumed=lambda: self.resumed.put(True))

    def next(self) -> str:
        return self.heard.get(timeout=PATIENCE)

    def hears_nothing_before(self, word: str) -> list[str]:
        """What was heard until a word that is sent last."""
        told = []
        while (one := self.next()) != word:
            told.append(one)
        return told


@pytest.fixture
def ear(clean_database: sa.URL) -> Iterator[Ear]:
    one = Ear(clean_database)
    one.listener.start()
    one.resumed.get(timeout=PATIENCE)
    yield one
    one.listener.stop()


def say(committed: Sessions, word: str) -> None:
    with committed() as session, session.begin():
        session.execute(sa.select(sa.func.pg_notify(CHANNEL, word)))


def publish(committed: Sessions, *, commit: bool = True) -> UUID:
    """A territory with a morning of slots in it."""
    with committed() as session:
        territory = a_territory(session).id
        site = a_site(session, "44131").id
        doctor = a_practitioner(session, site_ids=(site,), member_of=(territory,)).id
        offer = Offer(site, Mode.AMB, frozenset({Audience.REGULATION}), frozenset({territory}))
        start = NOW + timedelta(days=1)
        agenda.publish_range(
            session, doctor, start, start + timedelta(hours=3), offer, by=ADMINISTRATOR, now=NOW
        )
        if commit:
            session.commit()
        else:
            session.rollback()
    return territory


def test_many_slots_published_at_once_are_one_word_for_their_territory(ear: Ear, committed: Sessions) -> None:
    territory = publish(committed)
    say(committed, "end")
    assert set(ear.hears_nothing_before("end")) == {f"slots {territory}"}


def test_what_is_rolled_back_is_never_heard(ear: Ear, committed: Sessions) -> None:
    publish(committed, commit=False)
    say(committed, "end")
    assert ear.hears_nothing_before("end") == []


def test_a_listener_that_lost_its_connection_listens_again_and_says_so(ear: Ear, committed: Sessions) -> None:
    with committed() as session:
        session.execute(
            sa.text(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                " WHERE application_name = 'snp-live' AND datname = current_database()"
            )
        )
    assert ear.resumed.get(timeout=PATIENCE)
    say(committed, "after")
    assert ear.next() == "after"


def test_a_listener_started_before_its_database_listens_once_it_is_there(
    database_server: sa.URL, worker_name: str
) -> None:
    name = f"late_{worker_name}_{uuid.uuid4().hex[:8]}"
    one = Ear(database_server.set(database=name))
    one.listener.start()
    with empty_database(database_server, name):
        assert one.resumed.get(timeout=PATIENCE)
        one.listener.stop()
