"""Acts on slots that cross territories, by somebody whom PostgreSQL bounds to one: nothing is left half done.

Each of these fails without the place in the code that reaches next door.
"""

from __future__ import annotations

import threading
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import sessionmaker
from sqlmodel import Session

from api.routers.subjects import of_appointment
from regulation.coverage import repository as coverage
from regulation.intake import service as intake
from regulation.intake.facts import RequestState, RequestView
from regulation.live import service as live
from regulation.live.refusals import SlotKeptForPromise
from regulation.orientation import service as orientation
from regulation.proofs.service import read_proofs
from regulation.series import keeping
from slots.appointments.facts import AppointmentView
from slots.compensation import repository as paid
from slots.compensation import statement_rows
from snp.platform import near
from snp.platform.actors import Actor
from tests.database.regulation.test_neighbours import promising
from tests.support.directory import a_practitioner
from tests.support.near import fill, stop_checking
from tests.support.regulation import KEYS, NOW, TODAY, Cpts, a_patient, at
from tests.support.sharing import Neighbours, neighbours

pytestmark = pytest.mark.database


@pytest.fixture
def both(session: Session) -> Neighbours:
    return neighbours(session)


def acting(session: Session, who: Actor) -> Actor:
    """From now on the session sees no further than he may."""
    near.bind(session, who.territories)
    return who


def held(cpts: Cpts, view: RequestView, slot: UUID) -> None:
    orientation.hold_slots(cpts.session, view.id, [slot], by=cpts.osnp, now=NOW)


def booked(cpts: Cpts, view: RequestView, slot: UUID) -> AppointmentView:
    bundle = orientation.hold_slots(cpts.session, view.id, [slot], by=cpts.osnp, now=NOW)
    (made,) = orientation.confirm(cpts.session, bundle.bundle_id, keys=KEYS, by=cpts.osnp, now=NOW)
    return made


def state_of(cpts: Cpts, view: RequestView) -> RequestState:
    with near.unbound(cpts.session):
        return intake.get_request(cpts.session, view.id, by=cpts.osnp, now=NOW).state


def who_cancelled(session: Session, view: RequestView) -> list[str]:
    told = sa.text(
        "SELECT s.cancelled_by FROM appointment a JOIN appointment_status s ON s.appointment_id = a.id"
        " WHERE a.request_id = :id AND NOT a.live AND s.status = 'cancelled'"
    )
    return list(session.execute(told, {"id": view.id}).scalars())


def test_a_lent_slot_is_claimed_after_the_lenders_hold_ran_out(both: Neighbours):
    slot = both.lender.slot(both.lender.carer(), at("14:00"))
    both.agreed()
    theirs, mine = both.lender.seeking(), both.borrower.seeking()
    held(both.lender, theirs, slot)
    later = NOW + timedelta(hours=1)

    by = acting(both.borrower.session, both.borrower.osnp)
    bundle = orientation.hold_slots(both.borrower.session, mine.id, [slot], by=by, now=later)

    assert bundle.request_ids == (mine.id,)
    assert state_of(both.lender, theirs) is RequestState.SEEKING


def test_a_lent_slot_that_is_taken_back_sends_the_neighbours_request_to_seek_again(both: Neighbours):
    gp = both.lender.carer()
    slot = both.lender.slot(gp, at("14:00"))
    other = both.lender.slot(gp, at("15:00"))
    both.agreed()
    view = both.borrower.seeking()
    booked(both.borrower, view, slot)

    by = acting(both.lender.session, both.lender.coordinator)
    (told,) = orientation.withdraw_slot(both.lender.session, slot, reason="panne", by=by, now=NOW)

    assert told.request.id == view.id
    assert [one.slots[0].slot_id for one in told.proposals.proposals] == [other]
    assert state_of(both.borrower, view) is RequestState.SEEKING
    assert who_cancelled(both.lender.session, view) == ["practitioner"]


def test_an_absence_gives_up_what_the_carers_other_cpts_booked(both: Neighbours):
    gp = a_practitioner(
        both.lender.session,
        site_ids=(both.lender.site.id,),
        member_of=(both.lender.territory.id, both.borrower.territory.id),
    )
    first, second = (both.lender.slot(gp, at(clock)) for clock in ("14:00", "14:15"))
    view, waiting = both.lender.seeking(), both.lender.seeking()
    booked(both.lender, view, first)
    held(both.lender, waiting, second)

    by = acting(both.borrower.session, both.borrower.coordinator)
    _, freed = orientation.add_absence(
        both.borrower.session, gp.id, at("12:00"), at("18:00"), reason="malade", by=by, now=NOW
    )

    assert {one.request.id for one in freed} == {view.id, waiting.id}
    assert who_cancelled(both.borrower.session, view) == ["practitioner"]
    assert {state_of(both.lender, one) for one in (view, waiting)} == {RequestState.SEEKING}


def test_a_slot_that_keeps_a_promise_of_the_lender_is_not_given(both: Neighbours):
    slot = both.lender.slot(both.lender.carer(), at("15:00"))
    both.agreed()
    promising(both.lender)
    live.promise(both.lender.session, both.lender.seeking().id, by=both.lender.osnp, now=NOW)
    view = both.borrower.seeking()

    by = acting(both.borrower.session, both.borrower.osnp)

    assert orientation.propose(both.borrower.session, view.id, by=by, now=NOW).proposals == ()
    with pytest.raises(SlotKeptForPromise):
        orientation.hold_slots(both.borrower.session, view.id, [slot], by=by, now=NOW)


def test_a_claim_is_changed_by_who_offers_the_slot_too_and_by_nobody_else(both: Neighbours):
    session = both.lender.session
    gp = both.lender.carer()
    lent, kept = (both.lender.slot(gp, at(clock)) for clock in ("14:00", "15:00"))
    both.agreed()
    booked(both.borrower, both.borrower.seeking(), lent)
    booked(both.lender, both.lender.seeking(), kept)
    changed = sa.text("UPDATE appointment SET version = version + 1 RETURNING slot_id")

    acting(session, both.lender.coordinator)
    assert set(session.execute(changed).scalars()) == {lent, kept}
    acting(session, both.borrower.coordinator)
    assert set(session.execute(changed).scalars()) == {lent}


def test_the_lender_states_a_slot_whose_request_is_next_door(both: Neighbours):
    view = both.borrower.seeking()

    acting(both.lender.session, both.lender.coordinator)
    proof = read_proofs(both.lender.session, [view.id])[view.id]

    assert (proof.number, len(proof.decisions)) == (view.number, 1)


def test_a_neighbours_appointment_is_judged_by_the_table_of_rights(both: Neighbours):
    slot = both.lender.slot(both.lender.carer(), at("14:00"))
    both.agreed()
    made = booked(both.borrower, both.borrower.seeking(), slot)

    acting(both.lender.session, both.lender.osnp)
    subject = of_appointment(both.lender.session, made, now=NOW)

    assert subject.territories == {both.borrower.territory.id}


def test_a_persons_sessions_without_diagnosis_count_wherever_they_were(both: Neighbours):
    session, somebody = both.borrower.session, a_patient()
    slot = both.lender.slot(both.lender.carer(), at("14:00"))
    there, here = both.lender.seeking(somebody), both.borrower.seeking(somebody)
    booked(both.lender, there, slot)
    session.execute(
        sa.text(
            "INSERT INTO physio_series (request_id, territory_id, indication, diagnosed, sessions_elsewhere,"
            " opened_at, opened_by, version) VALUES (:id, :territory, 'x', false, 0, now(), 'x', 1)"
        ),
        {"id": there.id, "territory": both.lender.territory.id},
    )

    acting(session, both.borrower.regulateur)

    assert keeping.counted_without_diagnosis(session, here.patient_id) == ([TODAY], [])


def test_a_carer_is_asked_so_often_a_week_by_whatever_territory(session: Session):
    stop_checking(session)
    asked = fill(session, uuid4())["slot_call_ask"]
    who = session.execute(sa.text("SELECT practitioner_id FROM slot_call_ask")).scalar_one()
    session.execute(sa.text("UPDATE slot_call_answer SET kind = 'stop' WHERE ask_id = :id"), {"id": asked})

    near.bind(session, {uuid4()})

    assert coverage.leaving_since(session, [who], NOW - timedelta(days=7)) == {who: 1}
    assert set(coverage.last_quieting(session, [who])) == {who}


def test_a_slot_that_a_neighbour_states_is_not_stated_twice(session: Session):
    stop_checking(session)
    slot, mine, theirs = uuid4(), uuid4(), uuid4()
    fill(session, theirs)
    session.execute(sa.text("UPDATE compensation_line SET slot_id = :slot"), {"slot": slot})
    session.execute(sa.text("UPDATE funding_terms SET kind = 'unused_slot'"))

    near.bind(session, {mine})

    assert statement_rows.stated_elsewhere(session, mine, [slot]) == {slot}
    assert [one.territory_id for one in paid.terms_of_payers(session, [mine, theirs])] == [theirs]


def test_a_hold_of_the_neighbour_is_not_dropped_by_who_does_not_see_its_request(both: Neighbours):
    slot = both.lender.slot(both.lender.carer(), at("14:00"))
    view = both.lender.seeking()
    bundle = orientation.hold_slots(both.lender.session, view.id, [slot], by=both.lender.osnp, now=NOW)

    by = acting(both.borrower.session, both.borrower.osnp)
    with pytest.raises(Exception, match="dossier"), both.borrower.session.begin_nested():
        orientation.drop_hold(both.borrower.session, bundle.bundle_id, by=by, now=NOW)

    assert state_of(both.lender, view) is RequestState.HELD


def test_the_neighbours_request_is_locked_before_the_slot_that_it_loses(committed: sessionmaker[Session]):
    with committed.begin() as session:
        both = neighbours(session)
        slot = both.lender.slot(both.lender.carer(), at("14:00"))
        both.agreed()
        view = both.borrower.seeking()
        booked(both.borrower, view, slot)
    by = both.lender.coordinator
    done: list[int] = []

    def withdraw() -> None:
        with committed() as session, session.begin():
            acting(session, by)
            done.append(len(orientation.withdraw_slot(session, slot, reason="panne", by=by, now=NOW)))

    with committed.begin() as session:
        session.execute(sa.text("SELECT FROM slot WHERE id = :id FOR UPDATE"), {"id": slot})
        thread = threading.Thread(target=withdraw)
        thread.start()
        with committed.begin() as watching:
            while not watching.scalar(sa.text("SELECT count(*) FROM pg_locks WHERE NOT granted")):
                watching.execute(sa.text("SELECT pg_sleep(0.01)"))
        locked = sa.text("SELECT id FROM request WHERE id = :id FOR UPDATE SKIP LOCKED")
        with committed.begin() as other:
            assert other.execute(locked, {"id": view.id}).all() == []
    thread.join(timeout=30)
    assert done == [1]
