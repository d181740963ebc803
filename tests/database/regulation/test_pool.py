"""The whole pool of a territory at once: load, solve, write, and what is told of it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlmodel import Session

from regulation.intake import service as intake
from regulation.intake.facts import CallPriority, Move, RequestState, RequestView, ResponseLevel, Urgency
from regulation.orientation import service as orientation
from regulation.orientation.facts import PoolReport
from regulation.orientation.service import pool as pool_acts
from slots.appointments import service as appointments
from slots.appointments.facts import AppointmentFilter
from snp.errors import NotFound
from snp.platform.db import create_session_factory
from tests.support.regulation import KEYS, NOW, PHYSIO, Cpts, a_cpts, at

pytestmark = pytest.mark.database
S = RequestState


@pytest.fixture
def cpts(session: Session) -> Cpts:
    return a_cpts(session)


def run(cpts: Cpts, *, now: datetime = NOW, spare: timedelta = timedelta(0)) -> PoolReport:
    return orientation.assign_pool(
        cpts.transactions, cpts.territory.id, keys=KEYS, by=cpts.job, clock=lambda: now, spare=spare
    )


def state_of(cpts: Cpts, view: RequestView) -> RequestState:
    return intake.get_request(cpts.session, view.id, by=cpts.osnp, now=NOW).state


def urgency(priority: CallPriority) -> Urgency:
    return Urgency(priority, ResponseLevel.R3)


def test_every_seeking_request_is_served_when_there_is_room(cpts: Cpts, session: Session):
    gp = cpts.carer()
    for clock in ("14:00", "14:15", "14:30"):
        cpts.slot(gp, at(clock))
    views = [cpts.seeking(), cpts.seeking()]
    report = run(cpts)
    assert report.status == "optimal"
    figures = report.figures
    assert (figures.requests, figures.slots, figures.served, figures.served_within_delay) == (2, 3, 2, 2)
    assert (figures.unserved, figures.lost) == (0, 0)
    assert figures.mean_wait_h == pytest.approx(4.125, abs=0.01)
    assert figures.mean_km is not None
    for view in views:
        assert state_of(cpts, view) is S.BOOKED
        assert intake.story(session, view.id, by=cpts.osnp, now=NOW)[-1].author == "system:test"


def test_the_more_urgent_is_served_and_the_other_told_why(cpts: Cpts):
    cpts.slot(cpts.carer(), at("14:00"))
    low = cpts.seeking(urgency=urgency(CallPriority.P3))
    high = cpts.seeking(urgency=urgency(CallPriority.P1))
    report = run(cpts)
    assert state_of(cpts, high) is S.BOOKED
    assert state_of(cpts, low) is S.SEEKING
    (left,) = report.unserved
    assert (left.request_id, left.number) == (low.id, low.number)
    assert left.reasons[0].code == "outcompeted"
    assert "priorité" in left.reasons[0].sentence


def test_a_request_that_no_slot_suits_is_told_which_rules(cpts: Cpts):
    cpts.slot(cpts.carer(), at("14:00", day=3))
    cpts.seeking()
    (left,) = run(cpts).unserved
    assert [reason.code for reason in left.reasons] == ["no_suitable_slot", "excluded_too_late"]


def test_a_run_never_moves_an_appointment_nor_takes_a_hold(cpts: Cpts, session: Session):
    gp = cpts.carer()
    taken, held = cpts.slot(gp, at("14:00")), cpts.slot(gp, at("14:15"))
    first, second, third = cpts.seeking(), cpts.seeking(), cpts.seeking()
    bundle = orientation.hold_slots(session, first.id, [taken], by=cpts.osnp, now=NOW).bundle_id
    (appointment,) = orientation.confirm(session, bundle, keys=KEYS, by=cpts.osnp, now=NOW)
    orientation.hold_slots(session, second.id, [held], by=cpts.osnp, now=NOW)
    report = run(cpts)
    assert (report.figures.requests, report.figures.slots, report.figures.served) == (1, 0, 0)
    assert appointments.get_appointment(session, appointment.id) == appointment
    assert state_of(cpts, second) is S.HELD
    assert state_of(cpts, third) is S.SEEKING


def test_sessions_and_households_are_booked_whole(cpts: Cpts, session: Session):
    gp, physio = cpts.carer(), cpts.carer(PHYSIO)
    for clock in ("14:00", "14:15"):
        cpts.slot(gp, at(clock))
    for day in (1, 2, 6):
        cpts.slot(physio, at("9:00", day=day), minutes=30)
    series = cpts.seeking(professions=frozenset({PHYSIO}), sessions=3, delay_h=72)
    first = cpts.seeking()
    second = cpts.seeking(household_with=first.id)
    report = run(cpts)
    assert report.figures.served == 3
    for view, count in ((series, 3), (first, 1), (second, 1)):
        query = AppointmentFilter(request_ids=frozenset({view.id}), live=True)
        assert len(appointments.list_appointments(session, query).items) == count


def test_a_request_being_read_its_proposals_is_left_to_who_reads_them(cpts: Cpts, session: Session):
    cpts.slot(cpts.carer(), at("14:00"))
    view = cpts.seeking()
    orientation.propose(session, view.id, by=cpts.osnp, now=NOW)
    five = timedelta(minutes=5)
    assert run(cpts, now=NOW + timedelta(minutes=1), spare=five).figures.requests == 0
    assert run(cpts, now=NOW + timedelta(minutes=6), spare=five).figures.served == 1
    assert state_of(cpts, view) is S.BOOKED


def test_an_empty_pool_is_a_run_too(cpts: Cpts):
    report = run(cpts)
    assert (report.figures.requests, report.figures.served, report.figures.mean_wait_h) == (0, 0, None)


def test_runs_are_kept_and_listed_newest_first(cpts: Cpts, session: Session):
    cpts.slot(cpts.carer(), at("14:00", day=3))
    cpts.seeking()
    first, second = run(cpts), run(cpts)
    page = orientation.list_runs(session, cpts.territory.id, limit=1, by=cpts.coordinator, now=NOW)
    assert page.items == (second,)
    page = orientation.list_runs(
        session, cpts.territory.id, cursor=page.next_cursor, by=cpts.coordinator, now=NOW
    )
    assert page.items == (first,)
    assert orientation.list_runs(session, cpts.territory.id, by=cpts.pharmacy, now=NOW).items == ()


def test_another_territory_s_pool_is_not_run(cpts: Cpts, session: Session):
    other = a_cpts(session, "terres-de-montaigu")
    with pytest.raises(NotFound):
        orientation.assign_pool(
            cpts.transactions, other.territory.id, keys=KEYS, by=cpts.coordinator, clock=lambda: NOW
        )


def test_what_changed_while_the_engine_was_solving_is_lost_alone(cpts: Cpts, session: Session):
    gp = cpts.carer()
    slots = [cpts.slot(gp, at(clock)) for clock in ("14:00", "14:15", "14:30")]
    views = [cpts.seeking(urgency=urgency(p)) for p in (CallPriority.P1, CallPriority.P2, CallPriority.P3)]
    ticks = iter(range(100))

    def clock() -> datetime:
        """The first reading starts the run, the second comes after solving: the world moves in between."""
        if next(ticks) == 1:
            thief = cpts.seeking()
            orientation.hold_slots(session, thief.id, [slots[0]], by=cpts.osnp, now=NOW)
            orientation.cancel_request(session, views[2].id, "guéri", by=cpts.osnp, now=NOW)
        return NOW

    report = orientation.assign_pool(
        cpts.transactions, cpts.territory.id, keys=KEYS, by=cpts.job, clock=clock
    )
    assert (report.figures.served, report.figures.lost) == (1, 2)
    assert [state_of(cpts, view) for view in views] == [S.SEEKING, S.BOOKED, S.CANCELLED]


def test_each_booking_of_a_run_is_a_transaction_of_its_own(clean_database, settings):
    from snp.platform.db import create_engine

    engine = create_engine(clean_database, settings)
    sessions = create_session_factory(engine)
    opened = []
    with sessions.begin() as session:
        cpts = a_cpts(session)
        gp = cpts.carer()
        for clock in ("14:00", "14:15"):
            cpts.slot(gp, at(clock))
        for _ in range(2):
            cpts.seeking()

    def transactions():
        opened.append(1)
        return sessions.begin()

    report = orientation.assign_pool(
        transactions, cpts.territory.id, keys=KEYS, by=cpts.job, clock=lambda: NOW
    )
    assert report.figures.served == 2
    assert len(opened) == 4, "one to read, one for each booking, one for the report"
    engine.dispose()


def test_the_story_of_a_pooled_request_is_whole(cpts: Cpts, session: Session):
    cpts.slot(cpts.carer(), at("14:00"))
    view = cpts.seeking()
    run(cpts)
    story = intake.story(session, view.id, by=cpts.osnp, now=NOW)
    assert [line.move for line in story] == [Move.OPEN, Move.CHECK_MT, Move.DECIDE, Move.BOOK]


def test_a_pool_is_read_without_households_that_are_not_ready(cpts: Cpts, session: Session):
    gp = cpts.carer()
    for clock in ("18:00", "18:15"):
        cpts.slot(gp, at(clock))
    first = cpts.seeking()
    cpts.seeking(household_with=first.id, delay_h=1)
    later = NOW + timedelta(hours=2)
    orientation.expire_requests(session, by=cpts.job, now=later)
    loaded = pool_acts.load_pool(session, cpts.territory.id, by=cpts.job, now=later)
    assert loaded.instance.requests == ()
