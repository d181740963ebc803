"""Requests that overflow to neighbours: own slots first, then what is lent, with the reason said."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import sessionmaker
from sqlmodel import Session

from regulation.intake import service as intake
from regulation.intake.facts import CallPriority, RequestState, RequestView, Urgency
from regulation.live import service as live
from regulation.live.refusals import NoPromise
from regulation.orientation import service as orientation
from regulation.orientation.facts import PoolReport, Proposals
from regulation.orientation.refusals import SlotNoLongerFree
from slots.agenda import service as agenda
from slots.appointments import service as appointments
from slots.appointments.facts import AppointmentFilter, AppointmentView
from slots.sharing import service as sharing
from snp.directory import service as directory
from snp.directory.facts import TerritoryDetails
from snp.directory.settings_json import settings_from_input
from snp.directory.territory_settings import AnswerMode
from snp.errors import NotFound
from snp.platform.db import retrying
from tests.support.directory import ADMINISTRATOR
from tests.support.regulation import KEYS, NOW, Cpts, at
from tests.support.sharing import Neighbours, neighbours

pytestmark = pytest.mark.database


@pytest.fixture
def both(session: Session) -> Neighbours:
    return neighbours(session)


def proposed(cpts: Cpts, view: RequestView, now: datetime = NOW) -> Proposals:
    return orientation.propose(cpts.session, view.id, by=cpts.osnp, now=now)


def slots_of(found: Proposals) -> list[UUID]:
    return [one.slots[0].slot_id for one in found.proposals]


def codes(found: Proposals) -> set[str]:
    return {reason.code for reason in found.why_not}


def appointment_of(cpts: Cpts, view: RequestView) -> AppointmentView:
    wanted = AppointmentFilter(request_ids=frozenset({view.id}), live=True)
    (one,) = appointments.list_appointments(cpts.session, wanted).items
    return one


def pool(cpts: Cpts, now: datetime = NOW) -> PoolReport:
    return orientation.assign_pool(
        cpts.transactions, cpts.territory.id, keys=KEYS, by=cpts.job, clock=lambda: now
    )


def test_a_neighbours_slot_is_proposed_when_nothing_suits_here_and_says_so(both: Neighbours):
    slot = both.lender.slot(both.lender.carer(), at("14:00"))
    one = both.agreed()
    view = both.borrower.seeking()
    found = proposed(both.borrower, view)
    (only,) = found.proposals
    assert only.slots[0].slot_id == slot
    assert only.slots[0].lent_by == "Pays De Retz"
    assert only.why[0].code == "neighbour_slot"
    assert only.why[0].sentence == (
        "Créneau du territoire voisin Pays De Retz, partagé depuis le mardi 24\u00a0novembre 2026 : "
        "rien ne convenait ici."
    )
    assert only.id is not None
    held = orientation.hold(both.borrower.session, only.id, by=both.borrower.osnp, now=NOW)
    assert held.slots[0].lent_by == "Pays De Retz"
    (made,) = orientation.confirm(
        both.borrower.session, held.bundle_id, keys=KEYS, by=both.borrower.osnp, now=NOW
    )
    assert (made.sharing_id, made.territory_id) == (one.id, both.borrower.territory.id)


def test_an_own_slot_comes_first_however_far_the_wait(both: Neighbours):
    both.lender.slot(both.lender.carer(), at("11:00"))
    own = both.borrower.slot(both.borrower.carer(), at("18:00", day=1))
    both.agreed()
    found = proposed(both.borrower, both.borrower.seeking())
    assert slots_of(found) == [own]
    assert found.proposals[0].slots[0].lent_by is None


def test_before_its_delay_a_request_is_told_when_neighbours_open(session: Session):
    both = neighbours(session, overflow_p2_minutes=120)
    slot = both.lender.slot(both.lender.carer(), at("15:00"))
    both.agreed()
    view = both.borrower.seeking()
    early = proposed(both.borrower, view)
    assert early.proposals == ()
    assert "neighbours_later" in codes(early)
    with pytest.raises(SlotNoLongerFree):
        orientation.hold_slots(session, view.id, [slot], by=both.borrower.osnp, now=NOW)
    assert slots_of(proposed(both.borrower, view, NOW + timedelta(minutes=121))) == [slot]


def test_before_the_deadline_it_opens_earlier_and_a_priority_may_never(session: Session):
    both = neighbours(
        session, overflow_p2_minutes=600, overflow_p3_minutes=None, overflow_before_deadline_minutes=120
    )
    slot = both.lender.slot(both.lender.carer(), at("15:00"))
    both.agreed()
    view = both.borrower.seeking(delay_h=6)
    assert proposed(both.borrower, view).proposals == ()
    assert slots_of(proposed(both.borrower, view, NOW + timedelta(hours=4, minutes=1))) == [slot]
    never = both.borrower.seeking(urgency=Urgency(CallPriority.P3))
    told = proposed(both.borrower, never, NOW + timedelta(hours=4, minutes=30))
    assert told.proposals == ()
    assert not codes(told) & {"neighbours_later", "no_neighbour_slot"}


def test_a_slot_that_does_not_suit_either_is_counted(both: Neighbours):
    both.lender.slot(both.lender.carer(), at("14:00"))
    both.agreed()
    view = both.borrower.seeking(professions=frozenset({"masseur_kinesitherapeute"}))
    assert "no_neighbour_slot" in codes(proposed(both.borrower, view))


def test_without_an_agreement_nothing_changes(both: Neighbours):
    both.lender.slot(both.lender.carer(), at("14:00"))
    found = proposed(both.borrower, both.borrower.seeking())
    assert found.proposals == ()
    assert not codes(found) & {"neighbours_later", "no_neighbour_slot"}


def test_the_pool_fills_own_slots_then_lent_ones_the_urgent_first(both: Neighbours):
    own = both.borrower.slot(both.borrower.carer(), at("16:00"))
    gp = both.lender.carer()
    lent = [both.lender.slot(gp, at(clock)) for clock in ("14:00", "14:15")]
    one = both.agreed(most_a_day=1)
    low, high, also = (
        both.borrower.seeking(urgency=Urgency(p)) for p in (CallPriority.P3, CallPriority.P1, CallPriority.P2)
    )
    report = pool(both.borrower)
    assert (report.figures.served, report.figures.requests) == (2, 3)
    assert appointment_of(both.borrower, high).slot_id == own
    second = appointment_of(both.borrower, also)
    assert (second.slot_id in lent, second.sharing_id) == (True, one.id)
    state = intake.get_request(both.borrower.session, low.id, by=both.borrower.osnp, now=NOW).state
    assert state is RequestState.SEEKING


def test_the_pool_explains_who_is_left_once(both: Neighbours):
    both.agreed()
    both.lender.slot(both.lender.carer(), at("14:00"))
    views = [both.borrower.seeking() for _ in range(2)]
    report = pool(both.borrower)
    assert (report.figures.served, report.figures.unserved, report.figures.lost) == (1, 1, 0)
    assert report.unserved[0].request_id in {view.id for view in views}
    assert report.unserved[0].reasons[-1].code == "neighbour_slots_gone"


def test_the_waiting_list_takes_a_lent_slot_in_turn(both: Neighbours):
    both.agreed()
    first, second = (both.borrower.seeking() for _ in range(2))
    slot = both.lender.slot(both.lender.carer(), at("14:00"))
    served = live.serve_waiting(
        both.borrower.transactions,
        both.borrower.territory.id,
        keys=KEYS,
        by=both.borrower.job,
        clock=lambda: NOW,
    )
    assert served == (first.id,)
    assert appointment_of(both.borrower, first).slot_id == slot
    ((told, _), *_) = live.explain(both.borrower.session, first.id, by=both.borrower.osnp, now=NOW).decisions
    assert told.weighing.rule == "neighbour_slot"
    assert second.id not in served


def promising(cpts: Cpts) -> None:
    """The territory promises from now on."""
    found = directory.get_territory(cpts.session, cpts.territory.id)
    directory.update_territory(
        cpts.session,
        found.id,
        TerritoryDetails(
            slug=found.slug,
            name=found.name,
            department=found.department,
            communes=frozenset(found.communes),
            settings=settings_from_input({"mode": "promise", "quiet_hours": None}, base=found.settings),
        ),
        version=found.version,
        by=ADMINISTRATOR,
        now=NOW,
    )
    cpts.territory = directory.get_territory(cpts.session, found.id)
    assert cpts.territory.settings.mode is AnswerMode.PROMISE


def test_a_slot_that_keeps_a_promise_of_its_own_territory_is_not_lent_away(both: Neighbours):
    both.lender.slot(both.lender.carer(), at("15:00"))
    both.agreed()
    promising(both.lender)
    live.promise(both.lender.session, both.lender.seeking().id, by=both.lender.osnp, now=NOW)
    view = both.borrower.seeking()
    assert proposed(both.borrower, view).proposals == ()
    assert pool(both.borrower).figures.served == 0


def test_a_lent_slot_stands_surety_for_nobody_but_keeps_a_promise_at_risk(both: Neighbours):
    both.agreed()
    promising(both.borrower)
    gp = both.borrower.carer()
    own = both.borrower.slot(gp, at("15:00"))
    promised = both.borrower.seeking()
    live.promise(both.borrower.session, promised.id, by=both.borrower.osnp, now=NOW)
    lent = both.lender.slot(both.lender.carer(), at("16:00"))
    with pytest.raises(NoPromise):
        live.promise(both.borrower.session, both.borrower.seeking().id, by=both.borrower.osnp, now=NOW)

    agenda.withdraw_slot(both.borrower.session, own, by=both.borrower.acting(gp), now=NOW)
    kept = live.keep_promises(
        both.borrower.transactions,
        both.borrower.territory.id,
        keys=KEYS,
        by=both.borrower.job,
        clock=lambda: NOW,
    )
    assert (kept.named, kept.at_risk) == ((promised.id,), ())
    assert appointment_of(both.borrower, promised).slot_id == lent


def test_a_carer_of_the_lender_moves_the_neighbours_patient_within_the_agreement(both: Neighbours):
    gp = both.lender.carer()
    first = both.lender.slot(gp, at("14:00"))
    both.agreed()
    view = both.borrower.seeking()
    pool(both.borrower)
    one = appointment_of(both.borrower, view)
    assert one.slot_id == first
    later = both.lender.slot(gp, at("17:00"))
    moved = orientation.move_appointment(
        both.lender.session, one.id, later, reason="retard", keys=KEYS, by=both.lender.acting(gp), now=NOW
    )
    assert (moved.slot_id, moved.sharing_id) == (later, one.sharing_id)


def test_nobody_of_the_lender_but_the_carer_sees_the_request(both: Neighbours):
    gp = both.lender.carer()
    both.lender.slot(gp, at("14:00"))
    both.agreed()
    view = both.borrower.seeking()
    pool(both.borrower)
    session, lender = both.lender.session, both.lender
    for stranger in (lender.osnp, lender.regulateur, lender.pharmacy):
        with pytest.raises(NotFound):
            intake.get_request(session, view.id, by=stranger, now=NOW)
    seen = orientation.read_who_comes(
        session,
        [appointment_of(both.borrower, view).id],
        keys=KEYS,
        why="agenda",
        by=lender.acting(gp),
        now=NOW,
    )
    assert seen
    (count,) = sharing.taken_counts(
        session, lender.territory.id, starts_from=at("00:00"), starts_before=at("00:00", day=1)
    )
    assert count.taken == 1


def test_one_slot_wanted_from_both_territories_goes_to_exactly_one(committed: sessionmaker[Session]):
    with committed.begin() as session:
        both = neighbours(session)
        gp = both.lender.carer()
        slots = [both.lender.slot(gp, at(clock)) for clock in ("14:00", "14:15", "14:30")]
        both.agreed()
        mine = [both.lender.seeking() for _ in slots]
        theirs = [both.borrower.seeking() for _ in slots]
    for slot, own, other in zip(slots, mine, theirs, strict=True):
        start = Barrier(2)

        def hold(cpts: Cpts, view: RequestView, slot: UUID = slot, start: Barrier = start) -> object:
            def attempt() -> object:
                with committed.begin() as session:
                    return orientation.hold_slots(session, view.id, [slot], by=cpts.osnp, now=NOW)

            start.wait()
            try:
                return retrying(attempt)
            except SlotNoLongerFree as lost:
                return lost

        with ThreadPoolExecutor(2) as runners:
            got = list(runners.map(hold, (both.lender, both.borrower), (own, other)))
        assert sum(isinstance(one, SlotNoLongerFree) for one in got) == 1


def test_the_bound_of_a_day_holds_against_a_race(committed: sessionmaker[Session]):
    racers = 4
    with committed.begin() as session:
        both = neighbours(session)
        gp = both.lender.carer()
        slots = [both.lender.slot(gp, at(f"14:{15 * n:02d}")) for n in range(racers)]
        both.agreed(most_a_day=2)
        views = [both.borrower.seeking() for _ in range(racers)]
    start = Barrier(racers)

    def hold(number: int) -> object:
        def attempt() -> object:
            with committed.begin() as session:
                return orientation.hold_slots(
                    session, views[number].id, [slots[number]], by=both.borrower.osnp, now=NOW
                )

        start.wait()
        try:
            return retrying(attempt)
        except SlotNoLongerFree as lost:
            return lost

    with ThreadPoolExecutor(racers) as runners:
        got = list(runners.map(hold, range(racers)))
    assert sum(isinstance(one, SlotNoLongerFree) for one in got) == racers - 2
    with committed.begin() as session:
        held = session.execute(sa.text("SELECT count(*) FROM hold WHERE ended_at IS NULL")).scalar_one()
    assert held == 2
