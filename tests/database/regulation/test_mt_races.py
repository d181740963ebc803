"""Real connections that want the same person or place at once: one gets it, the others are told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import sessionmaker
from sqlmodel import Session

from regulation.medecin_traitant.register import service as register
from regulation.medecin_traitant.register.facts import PickView
from regulation.medecin_traitant.register.refusals import AlreadyOnTheList, EntryMoved, NoPlaceLeft
from snp.platform.db import create_engine, create_session_factory
from snp.platform.settings import Settings
from tests.support.mt_list import PATIENT, a_place, a_sign_up, an_entry
from tests.support.regulation import KEYS, NOW, a_cpts

pytestmark = pytest.mark.database
RACERS = 4


@pytest.fixture
def sessions(clean_database: sa.URL, settings: Settings) -> Iterator[sessionmaker[Session]]:
    engine = create_engine(clean_database, settings, pool_size=RACERS, max_overflow=RACERS)
    yield create_session_factory(engine)
    engine.dispose()


def race(run: Callable[[int], object]) -> list[object]:
    """Start together; what each got, refusals as values."""
    start = Barrier(RACERS)

    def go(number: int) -> object:
        start.wait()
        try:
            return run(number)
        except (EntryMoved, NoPlaceLeft, AlreadyOnTheList) as refused:
            return type(refused)

    with ThreadPoolExecutor(RACERS) as pool:
        return list(pool.map(go, range(RACERS)))


def test_one_person_wanted_by_four_doctors_is_picked_once(sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        cpts = a_cpts(session)
        doctors = [cpts.acting(cpts.carer()) for _one in range(RACERS)]
        places = [a_place(cpts, doctor).id for doctor in doctors]
        entry = an_entry(cpts)

    def pick(number: int) -> object:
        with sessions.begin() as session:
            return register.pick(session, places[number], entry.id, by=doctors[number], now=NOW)

    results = race(pick)
    assert sum(isinstance(one, PickView) for one in results) == 1
    assert results.count(EntryMoved) == RACERS - 1


def test_one_place_is_given_once_however_many_click(sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        cpts = a_cpts(session)
        doctor = cpts.acting(cpts.carer())
        place = a_place(cpts, doctor, places=1).id
        entries = [an_entry(cpts).id for _one in range(RACERS)]

    def pick(number: int) -> object:
        with sessions.begin() as session:
            return register.pick(session, place, entries[number], by=doctor, now=NOW)

    results = race(pick)
    assert sum(isinstance(one, PickView) for one in results) == 1
    assert results.count(NoPlaceLeft) == RACERS - 1


def test_the_same_form_sent_four_times_at_once_makes_one_entry(sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        cpts = a_cpts(session)
    typed = a_sign_up(cpts.territory.id)

    def sign_up(_number: int) -> object:
        with sessions.begin() as session:
            register.sign_up(session, typed, keys=KEYS, by=PATIENT, now=NOW)

    assert race(sign_up) == [None] * RACERS
    with sessions.begin() as session:
        assert session.execute(sa.text("SELECT count(*) FROM mt_entry")).scalar_one() == 1
