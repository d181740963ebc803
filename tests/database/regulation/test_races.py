"""Real connections that want the same thing at the same time: one gets it, the others are told clearly."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import sessionmaker
from sqlmodel import Session

from regulation.intake import service as intake
from regulation.intake.facts import RequestState
from regulation.intake.rules import IllegalMove
from regulation.orientation import service as orientation
from regulation.orientation.refusals import SlotNoLongerFree
from snp.platform.db import create_engine, create_session_factory, retrying
from snp.platform.settings import Settings
from tests.support.regulation import KEYS, NOW, Cpts, a_cpts, at

pytestmark = pytest.mark.database
RACERS = 8


@pytest.fixture
def sessions(clean_database: sa.URL, settings: Settings) -> Iterator[sessionmaker[Session]]:
    engine = create_engine(clean_database, settings, pool_size=RACERS, max_overflow=RACERS)
    yield create_session_factory(engine)
    engine.dispose()


def race(racers: int, run: Callable[[int], object]) -> list[object]:
    """Start together; what each got, refusals as values."""
    start = Barrier(racers)

    def go(number: int) -> object:
        start.wait()
        try:
            return retrying(lambda: run(number))
        except (SlotNoLongerFree, IllegalMove) as refused:
            return refused

    with ThreadPoolExecutor(racers) as pool:
        return list(pool.map(go, range(racers)))


def test_eight_requests_on_one_slot_make_one_hold_and_seven_clear_conflicts(
    sessions: sessionmaker[Session],
):
    with sessions.begin() as session:
        cpts = a_cpts(session)
        gp = cpts.carer()
        slot, other = cpts.slot(gp, at("14:00")), cpts.slot(gp, at("15:00"))
        views = [cpts.seeking() for _ in range(RACERS)]

    def hold(number: int) -> object:
        with sessions.begin() as session:
            return orientation.hold_slots(session, views[number].id, [slot], by=cpts.osnp, now=NOW)

    results = race(RACERS, hold)
    lost = [result for result in results if isinstance(result, SlotNoLongerFree)]
    assert len(lost) == RACERS - 1
    for refused in lost:
        assert [p.slots[0].slot_id for p in refused.proposals.proposals] == [other]


def test_one_request_held_from_two_screens_is_held_once(sessions: sessionmaker[Session]):
    with sessions.begin() as session:
        cpts = a_cpts(session)
        gp = cpts.carer()
        slots = [cpts.slot(gp, at(clock)) for clock in ("14:00", "15:00")]
        view = cpts.seeking()

    def hold(number: int) -> object:
        with sessions.begin() as session:
            return orientation.hold_slots(session, view.id, [slots[number]], by=cpts.osnp, now=NOW)

    results = race(2, hold)
    assert sum(isinstance(result, IllegalMove) for result in results) == 1


def test_a_pool_and_the_console_never_serve_a_request_twice(sessions: sessionmaker[Session]):
    with sessions.begin() as session:
        cpts = a_cpts(session)
        gp = cpts.carer()
        slots = [cpts.slot(gp, at("14:00") + timedelta(minutes=15 * i)) for i in range(RACERS)]
        views = [cpts.seeking() for _ in slots]

    def act(number: int) -> object:
        if number == 0:
            return orientation.assign_pool(
                sessions.begin, cpts.territory.id, keys=KEYS, by=cpts.job, clock=lambda: NOW
            )
        with sessions.begin() as session:
            return orientation.hold_slots(session, views[number].id, [slots[number]], by=cpts.osnp, now=NOW)

    race(RACERS, act)
    with sessions.begin() as session:
        _assert_consistent(session, cpts)


def test_a_slot_that_somebody_does_not_let_go_of_costs_one_request_its_place(
    clean_database: sa.URL, settings: Settings
):
    hasty = settings.model_copy(update={"database_lock_timeout_ms": 100})
    engine = create_engine(clean_database, hasty)
    sessions = create_session_factory(engine)
    with sessions.begin() as session:
        cpts = a_cpts(session)
        gp = cpts.carer()
        stuck = cpts.slot(gp, at("14:00"))
        cpts.slot(gp, at("14:15"))
        for _ in range(2):
            cpts.seeking()
    with engine.begin() as slow:
        slow.execute(sa.text("SELECT 1 FROM slot WHERE id = :id FOR UPDATE"), {"id": stuck})
        report = orientation.assign_pool(
            sessions.begin, cpts.territory.id, keys=KEYS, by=cpts.job, clock=lambda: NOW
        )
    assert (report.figures.served, report.figures.lost) == (1, 1)
    with sessions.begin() as session:
        _assert_consistent(session, cpts)
    engine.dispose()


def test_a_carer_who_withdraws_while_the_patient_is_booked_leaves_no_orphan(
    sessions: sessionmaker[Session],
):
    with sessions.begin() as session:
        cpts = a_cpts(session)
        gp = cpts.carer()
        slot = cpts.slot(gp, at("14:00"))
        view = cpts.seeking()
        held = orientation.hold_slots(session, view.id, [slot], by=cpts.osnp, now=NOW)

    def act(number: int) -> object:
        with sessions.begin() as session:
            if number == 0:
                return orientation.withdraw_slot(session, slot, reason="malade", by=cpts.acting(gp), now=NOW)
            try:
                return orientation.confirm(session, held.bundle_id, keys=KEYS, by=cpts.osnp, now=NOW)
            except Exception as refused:  # noqa: BLE001 - whatever the order, a refusal is an answer here
                session.rollback()
                return refused

    race(2, act)
    with sessions.begin() as session:
        _assert_consistent(session, cpts)
        seen = intake.get_request(session, view.id, by=cpts.osnp, now=NOW)
        assert seen.state is RequestState.SEEKING


def _assert_consistent(session: Session, cpts: Cpts) -> None:
    """A booked request has live appointments and no other has; a held one has a running hold."""
    wrong = session.execute(
        sa.text(
            """
            SELECT r.number, r.state FROM request r
            WHERE (r.state = 'booked') <> EXISTS (
                    SELECT 1 FROM appointment a WHERE a.request_id = r.id AND a.live)
               OR (r.state = 'held') <> EXISTS (
                    SELECT 1 FROM hold h WHERE h.request_id = r.id AND h.ended_at IS NULL)
            """
        )
    ).all()
    assert wrong == []
    assert cpts.territory.id
