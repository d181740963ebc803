"""The jobs: one process leads, each job does its work once, and one that fails leaves the others alone."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session

from api.jobs import work
from api.jobs.runner import JobRunner
from api.jobs.table import JOBS, Job
from api.wiring import Wiring
from regulation.intake import service as intake
from regulation.intake.facts import (
    Decision,
    Disposition,
    MtAnswers,
    Opening,
    Origin,
    PatientTraits,
    RequestState,
    RequestView,
    ResponseLevel,
    Sex,
    Urgency,
)
from regulation.orientation import service as orientation
from slots.agenda import service as agenda
from slots.agenda.facts import Offer, PatternDraft, SlotFilter, SlotState
from snp.assignment.facts import Audience, Mode
from snp.platform.actors import system
from snp.platform.clock import SteppedClock
from snp.platform.db import create_engine
from snp.platform.keys import load_keys
from snp.platform.settings import Settings
from tests.support.directory import NOW, a_practitioner, a_site, a_territory

BY = system("tests")
PATIENT = PatientTraits("Guérin", "Maëlle", NOW.date().replace(year=1987), Sex.FEMALE, "44131", "0612345678")


@pytest.fixture
def wiring(clean_database: sa.URL, settings: Settings) -> Iterator[Wiring]:
    engine = create_engine(clean_database, settings)
    yield Wiring(settings=settings, engine=engine, keys=load_keys(settings), clock=SteppedClock(NOW))
    engine.dispose()


class Scene:
    """A CPTS with one practitioner and one slot four hours ahead, given back an hour before."""

    def __init__(self, wiring: Wiring) -> None:
        self.wiring = wiring
        with wiring.transaction() as session:
            self.territory = a_territory(session)
            site = a_site(session)
            self.gp = a_practitioner(session, site_ids=(site.id,), member_of=(self.territory.id,))
            self.offer = Offer(
                site_id=site.id,
                mode=Mode.AMB,
                audiences=frozenset({Audience.REGULATION}),
                territory_ids=frozenset({self.territory.id}),
                release_minutes=60,
            )
            start = NOW + timedelta(hours=4)
            made = agenda.publish_slot(session, self.gp.id, start, self.offer, by=BY, now=NOW)
            self.slot = made.slots[0]

    def seeking(self, session: Session, given_name: str = "Maëlle") -> RequestView:
        patient = replace(PATIENT, given_name=given_name)
        opening = Opening(self.territory.id, Origin.OSNP, patient)
        opened = intake.open_request(session, opening, keys=self.wiring.keys, by=BY, now=NOW).request
        intake.check_mt(session, opened.id, MtAnswers(has_mt=False), by=BY, now=NOW)
        decision = Decision(
            Disposition.SNP_CONSULTATION, Urgency(response_level=ResponseLevel.R3), delay_h=24
        )
        return intake.decide(session, opened.id, decision, by=BY, now=NOW).request

    def state(self, request: RequestView) -> RequestState:
        with self.wiring.transaction() as session:
            return intake.get_request(session, request.id, by=BY, now=NOW).state

    def slot_state(self) -> SlotState:
        with self.wiring.transaction() as session:
            return agenda.get_slot(session, self.slot.id, now=self.wiring.clock.now()).state

    def later(self, **delta: float) -> None:
        assert isinstance(self.wiring.clock, SteppedClock)
        self.wiring.clock.advance(timedelta(**delta))


@pytest.fixture
def scene(wiring: Wiring) -> Scene:
    return Scene(wiring)


def test_a_hold_that_ran_out_sends_its_request_back(scene: Scene, wiring: Wiring) -> None:
    with wiring.transaction() as session:
        request = scene.seeking(session)
        orientation.hold_slots(session, request.id, [scene.slot.id], minutes=5, by=BY, now=NOW)
    assert work.expire_holds(wiring) == 0

    scene.later(minutes=6)

    assert work.expire_holds(wiring) == 1
    assert scene.state(request) is RequestState.SEEKING
    assert work.expire_holds(wiring) == 0


def test_a_slot_that_nobody_took_is_given_back_in_time(scene: Scene, wiring: Wiring) -> None:
    scene.later(hours=2, minutes=59)
    assert work.release_slots(wiring) == 0

    scene.later(minutes=1)

    assert work.release_slots(wiring) == 1
    assert scene.slot_state() is SlotState.RELEASED


def test_the_pool_is_assigned_and_not_again_too_soon(scene: Scene, wiring: Wiring) -> None:
    with wiring.transaction() as session:
        request = scene.seeking(session)

    assert work.assign_pools(wiring) == 1

    assert scene.state(request) is RequestState.BOOKED
    with wiring.transaction() as session:
        scene.seeking(session, "Zoé")
    assert work.assign_pools(wiring) == 0
    scene.later(minutes=scene.territory.settings.pool_minutes)
    work.assign_pools(wiring)
    with wiring.transaction() as session:
        runs = orientation.list_runs(session, scene.territory.id, by=BY, now=wiring.clock.now())
    assert len(runs.items) == 2


def test_a_pool_without_open_requests_is_left_alone(scene: Scene, wiring: Wiring) -> None:
    assert work.assign_pools(wiring) == 0
    with wiring.transaction() as session:
        runs = orientation.list_runs(session, scene.territory.id, by=BY, now=NOW)
    assert runs.items == ()


def test_a_request_past_its_deadline_is_to_be_called_back(scene: Scene, wiring: Wiring) -> None:
    with wiring.transaction() as session:
        request = scene.seeking(session)

    scene.later(hours=25)

    assert work.expire_requests(wiring) == 1
    assert scene.state(request) is RequestState.UNSERVED


def test_patterns_follow_the_rolling_horizon(scene: Scene, wiring: Wiring) -> None:
    with wiring.transaction() as session:
        draft = PatternDraft(
            offer=scene.offer,
            rrule="FREQ=WEEKLY;BYDAY=TH",
            first_day=NOW.date(),
            starts_at=NOW.time().replace(hour=18),
            patients=1,
        )
        agenda.publish_pattern(session, scene.gp.id, draft, horizon_days=14, by=BY, now=NOW)
    before = _slots(wiring)

    scene.later(days=7)

    assert work.expand_patterns(wiring) > 0
    assert _slots(wiring) > before
    assert work.expand_patterns(wiring) == 0


def test_pruning_an_empty_house_does_nothing(wiring: Wiring) -> None:
    assert work.prune(wiring) == 0


def test_every_job_runs_on_an_empty_database(wiring: Wiring) -> None:
    assert [job.run(wiring) for job in JOBS] == [0] * len(JOBS)


def test_one_process_leads_and_another_takes_over(wiring: Wiring) -> None:
    fired: list[int] = []
    first, second = (
        JobRunner(wiring, [_job(f"count-{n}", lambda n=n: fired.append(n))], watch_seconds=0.05)
        for n in (1, 2)
    )
    first.start()
    _until(lambda: first.leads and fired == [1])
    second.start()
    try:
        time.sleep(0.3)
        assert not second.leads

        first.stop()

        _until(lambda: second.leads and fired == [1, 2])
        assert not first.leads
    finally:
        second.stop()


def test_a_leader_whose_connection_is_cut_steps_down_and_comes_back(wiring: Wiring) -> None:
    runner = JobRunner(wiring, [], watch_seconds=0.05)
    runner.start()
    try:
        _until(lambda: runner.leads)
        with wiring.transaction() as session:
            session.execute(
                sa.text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE application_name LIKE 'snp-leader%' AND datname = current_database()"
                )
            )
        _until(lambda: runner.leads)
    finally:
        runner.stop()


def test_a_job_that_fails_leaves_the_others_alone(wiring: Wiring) -> None:
    done = threading.Event()
    runner = JobRunner(wiring, [_job("broken", lambda: 1 / 0), _job("sound", done.set)], watch_seconds=0.05)
    runner.start()
    try:
        assert done.wait(timeout=20)
    finally:
        runner.stop()


def _job(name: str, act: Callable[[], Any]) -> Job:
    def run(_: Wiring) -> int:
        act()
        return 1

    return Job(name, timedelta(hours=1), run)


def _until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def _slots(wiring: Wiring) -> int:
    with wiring.transaction() as session:
        return len(agenda.list_slots(session, SlotFilter(), now=wiring.clock.now(), limit=200).items)
