"""Slots lent to a neighbour: who may claim them, how many a day, until when."""

from __future__ import annotations

from datetime import time, timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from slots.agenda.refusals import SlotNotOfferedHere
from slots.appointments import service as appointments
from slots.appointments.facts import Booked, CancelledBy, Claim
from slots.sharing import service as sharing
from slots.sharing.facts import SharingState, SharingView
from slots.sharing.refusals import LentOut, SharingNotFound, SharingSettled, TooManySharings
from slots.sharing.rules import MOST_RUNNING
from snp.assignment.facts import Audience
from snp.errors import InvalidValue, NotFound, VersionMismatch
from tests.support.regulation import KEYS, NOW, at
from tests.support.sharing import Neighbours, neighbours, some_terms

pytestmark = pytest.mark.database


@pytest.fixture
def both(session: Session) -> Neighbours:
    return neighbours(session)


def lent(both: Neighbours, **more: object) -> list[UUID]:
    found = sharing.lent_slots(
        both.lender.session, both.borrower.territory.id, starts_until=NOW + timedelta(days=3), now=NOW
    )
    return [one.slot.id for one in found]


def booked(both: Neighbours, slot: UUID, audience: Audience = Audience.REGULATION) -> Booked:
    return appointments.book(
        both.lender.session,
        [Claim(slot, uuid4())],
        audience=audience,
        territory_id=both.borrower.territory.id,
        codes=KEYS.hasher(),
        by=both.borrower.osnp,
        now=NOW,
    )


def test_an_accepted_agreement_lends_what_an_offer_does_not(both: Neighbours, session: Session):
    slot = both.lender.slot(both.lender.carer(), at("14:00"))
    one = both.offered()
    assert lent(both) == []
    with pytest.raises(SlotNotOfferedHere):
        booked(both, slot)

    sharing.accept(session, one.id, by=both.borrower.coordinator, now=NOW)
    assert lent(both) == [slot]
    (made,) = booked(both, slot).appointments
    assert (made.territory_id, made.sharing_id) == (both.borrower.territory.id, one.id)
    assert lent(both) == []

    sharing.end(session, one.id, by=both.lender.coordinator, now=NOW)
    assert appointments.get_appointment(session, made.id).live, "what is booked stays"
    assert [line.state.value for line in sharing.story(session, one.id)] == ["offered", "accepted", "ended"]


def test_lending_goes_one_way(both: Neighbours):
    both.agreed()
    own = both.borrower.slot(both.borrower.carer(), at("14:00"))
    found = sharing.lent_slots(
        both.lender.session, both.lender.territory.id, starts_until=NOW + timedelta(days=3), now=NOW
    )
    assert found == []
    assert own not in lent(both), "own slots are no loan"


def test_a_hold_keeps_its_agreement_through_its_end(both: Neighbours, session: Session):
    slot = both.lender.slot(both.lender.carer(), at("14:00"))
    one = both.agreed()
    held = appointments.hold(
        session,
        [Claim(slot, uuid4())],
        audience=Audience.DESK,
        territory_id=both.borrower.territory.id,
        minutes=5,
        by=both.borrower.pharmacy,
        now=NOW,
    )
    sharing.end(session, one.id, by=both.borrower.coordinator, now=NOW)
    (made,) = appointments.confirm(
        session, held.bundle_id, codes=KEYS.hasher(), by=both.borrower.pharmacy, now=NOW
    )
    assert made.sharing_id == one.id


@pytest.mark.parametrize("terms", [{"most_a_day": 1}, {"most_percent": 50}])
def test_the_bound_of_a_day_holds_and_frees_with_a_cancellation(
    both: Neighbours, session: Session, terms: dict[str, int]
):
    gp = both.lender.carer()
    first, second = both.lender.slot(gp, at("14:00")), both.lender.slot(gp, at("14:15"))
    tomorrow = both.lender.slot(gp, at("14:00", day=1)), both.lender.slot(gp, at("14:15", day=1))
    both.agreed(**terms)
    assert lent(both) == [first, second, *tomorrow]
    (made,) = booked(both, first).appointments
    assert lent(both) == list(tomorrow)
    with pytest.raises(LentOut):
        booked(both, second)
    booked(both, tomorrow[0])

    appointments.cancel(
        session, made.id, cancelled_by=CancelledBy.PATIENT, reason="guéri", by=both.borrower.osnp, now=NOW
    )
    assert lent(both) == [first, second]


def test_one_bundle_does_not_pass_the_bound(both: Neighbours, session: Session):
    gp = both.lender.carer()
    slots = [both.lender.slot(gp, at(clock)) for clock in ("14:00", "14:15")]
    both.agreed(most_a_day=1)
    with pytest.raises(LentOut):
        appointments.hold(
            session,
            [Claim(slot, uuid4()) for slot in slots],
            audience=Audience.REGULATION,
            territory_id=both.borrower.territory.id,
            minutes=5,
            by=both.borrower.osnp,
            now=NOW,
        )


def test_a_second_agreement_goes_on_where_the_first_is_used_up(both: Neighbours):
    gp = both.lender.carer()
    slots = [both.lender.slot(gp, at(clock)) for clock in ("14:00", "14:15")]
    one, other = both.agreed(most_a_day=1), both.agreed(starts_from=time(14), starts_before=time(15))
    got = [booked(both, slot).appointments[0].sharing_id for slot in slots]
    assert got == [one.id, other.id]


def test_terms_and_audience_are_judged_again_at_the_claim(both: Neighbours, session: Session):
    slot = both.lender.slot(both.lender.carer(), at("14:00"))
    both.agreed(audiences=frozenset({Audience.REGULATION}), last_hours=4)
    with pytest.raises(SlotNotOfferedHere):
        booked(both, slot, Audience.DESK)
    assert booked(both, slot).appointments


def test_who_opts_out_is_not_lent_and_may_come_back(both: Neighbours, session: Session):
    gp, other = both.lender.carer(), both.lender.carer()
    slots = [both.lender.slot(who, at("14:00")) for who in (gp, other)]
    both.agreed()
    here = both.lender.territory.id
    by = both.lender.acting(gp)
    for _ in range(2):
        (out,) = sharing.set_lending(session, gp.id, here, lent=False, by=by, now=NOW)
    assert (out.territory_id, out.since) == (here, NOW)
    assert lent(both) == [slots[1]]
    with pytest.raises(SlotNotOfferedHere):
        booked(both, slots[0])
    assert sharing.set_lending(session, gp.id, here, lent=True, by=by, now=NOW) == ()
    assert set(lent(both)) == set(slots)


def test_an_agreement_is_made_once_and_by_its_version(both: Neighbours, session: Session):
    one = both.offered()
    with pytest.raises(VersionMismatch):
        sharing.accept(session, one.id, version=7, by=both.borrower.coordinator, now=NOW)
    sharing.decline(session, one.id, version=1, by=both.borrower.coordinator, now=NOW)
    with pytest.raises(SharingSettled):
        sharing.accept(session, one.id, by=both.borrower.coordinator, now=NOW)
    with pytest.raises(SharingNotFound):
        sharing.end(session, uuid4(), by=both.borrower.coordinator, now=NOW)


def test_an_offer_names_two_territories_that_exist(both: Neighbours, session: Session):
    here, by = both.lender.territory.id, both.lender.coordinator
    with pytest.raises(InvalidValue):
        sharing.offer(session, here, here, some_terms(), by=by, now=NOW)
    with pytest.raises(NotFound):
        sharing.offer(session, here, uuid4(), some_terms(), by=by, now=NOW)
    for _ in range(MOST_RUNNING):
        both.offered()
    with pytest.raises(TooManySharings):
        both.offered()


def test_agreements_end_with_their_last_day(both: Neighbours, session: Session):
    over, running = both.agreed(last_day=NOW.date()), both.agreed()
    assert sharing.end_overdue(session, by=both.lender.job, now=NOW + timedelta(days=1)) == ()
    later = NOW + timedelta(days=2)
    assert sharing.end_overdue(session, by=both.lender.job, now=later) == (over.id,)
    assert sharing.end_overdue(session, by=both.lender.job, now=later) == ()
    assert sharing.get_sharing(session, running.id).state is SharingState.ACCEPTED


def test_lists_come_by_pages_newest_first_on_both_sides(both: Neighbours, session: Session):
    made: list[SharingView] = [both.offered() for _ in range(3)]
    for territory in (both.lender.territory, both.borrower.territory):
        first = sharing.list_sharings(session, territory.id, limit=2)
        rest = sharing.list_sharings(session, territory.id, limit=2, cursor=first.next_cursor)
        assert [one.id for one in (*first.items, *rest.items)] == [one.id for one in reversed(made)]
    sharing.end(session, made[0].id, by=both.lender.coordinator, now=NOW)
    running = sharing.list_sharings(session, both.lender.territory.id, running=True)
    assert [one.id for one in running.items] == [made[2].id, made[1].id]


def test_what_was_taken_is_a_count_on_both_sides(both: Neighbours, session: Session):
    gp = both.lender.carer()
    one = both.agreed()
    for clock in ("14:00", "14:15"):
        booked(both, both.lender.slot(gp, at(clock)))
    for territory in (both.lender.territory, both.borrower.territory):
        (count,) = sharing.taken_counts(
            session, territory.id, starts_from=at("00:00"), starts_before=at("00:00", day=1)
        )
        assert (count.sharing_id, count.taken) == (one.id, 2)
        assert not sharing.taken_counts(
            session, territory.id, starts_from=at("00:00", day=1), starts_before=at("00:00", day=2)
        )


def test_the_database_refuses_a_territory_that_lends_to_itself(both: Neighbours, session: Session):
    one = both.offered()
    with pytest.raises(IntegrityError), session.begin_nested():
        session.execute(sa.text("UPDATE sharing SET borrower_id = lender_id WHERE id = :id"), {"id": one.id})
