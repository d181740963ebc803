"""Series of physiotherapy: planned whole, one session at a time, passed on, relayed, closed."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import Session

from regulation.intake import service as intake
from regulation.intake.facts import RequestState
from regulation.orientation import service as orientation
from regulation.orientation.refusals import SlotNoLongerFree, SlotsDoNotFollow
from regulation.series import service as series
from regulation.series.facts import PassAnswer, PassReason, SeriesEnd, SeriesEvent, SeriesTerms
from regulation.series.refusals import (
    NoSessionYet,
    OutsideRelay,
    PassNotFound,
    PassPending,
    RelayNotFound,
    SeriesClosed,
    SeriesFull,
    SeriesNotFound,
    SessionsToCome,
)
from regulation.series.rules import LAPSE
from slots.appointments import service as appointments
from slots.appointments.facts import AppointmentFilter, CancelledBy
from snp.assignment.facts import Audience
from snp.errors import InvalidValue, VersionMismatch
from snp.platform.actors import system
from tests.support.regulation import KEYS, NOW, PHYSIO, a_cpts, at
from tests.support.series import Physios
from tests.support.sharing import neighbours

pytestmark = pytest.mark.database
JOB = system("close-series")


@pytest.fixture
def team(session: Session) -> Physios:
    return Physios(a_cpts(session))


def live(team: Physios, request_id):
    query = AppointmentFilter(request_ids=frozenset({request_id}), live=True)
    return appointments.list_appointments(team.cpts.session, query).items


def test_the_spacing_of_the_indication_decides_which_series_are_proposed(team: Physios, session: Session):
    team.slots(team.anne, 1, 2, 3, 9)
    found = team.ask(sessions=2).proposals
    assert found is not None
    days = [[slot.start.day for slot in one.slots] for one in found.proposals]
    assert days == [[25, 27]]
    current = series.get_template(session, team.cpts.territory.id, "trauma", by=team.cpts.coordinator)
    series.change_template(
        session,
        team.cpts.territory.id,
        "trauma",
        current.sections,
        min_gap_days=1,
        max_gap_days=1,
        revision=0,
        by=team.cpts.coordinator,
        now=NOW,
    )
    again = team.ask(sessions=2).proposals
    assert again is not None
    assert {tuple(slot.start.day for slot in one.slots) for one in again.proposals} == {(25, 26), (26, 27)}


def test_all_the_sessions_are_taken_or_none(team: Physios, session: Session):
    slots = team.slots(team.anne, 1, 3)
    team.booked(slots[1:])
    told = team.ask(slot_ids=tuple(slots), sessions=2)
    assert told.held is None
    assert told.request is not None
    assert live(team, told.request.id) == ()


def test_a_doctor_s_referral_is_a_diagnosis_and_the_physio_holds_the_series(team: Physios, session: Session):
    first, second = team.booked(team.slots(team.anne, 1, 3))
    (card,) = series.list_held(session, by=team.a).items
    assert card.series.diagnosed
    assert [one.id for one in card.sessions] == [first.id, second.id]
    assert series.list_held(session, by=team.b).items == ()
    assert [one.series for one in series.list_brought(session, by=team.doctor, now=NOW).items] == [
        card.series
    ]
    with pytest.raises(SeriesNotFound):
        series.get_series(session, card.series.request_id, by=team.b)
    with pytest.raises(SeriesNotFound):
        series.get_series(session, card.series.request_id, by=team.cpts.coordinator)


def test_a_session_is_added_with_the_same_carer_and_spacing_up_to_three(team: Physios, session: Session):
    first, _ = team.booked(team.slots(team.anne, 1, 3))
    near, good, far = team.slots(team.anne, 4, 6, 15)
    (other,) = team.slots(team.bob, 6, clock="10:00")
    shown = series.addable_slots(session, first.request_id, by=team.a, now=NOW)
    assert [one.slot_id for one in shown] == [good]
    for wrong in (near, far, other):
        with pytest.raises(SlotsDoNotFollow):
            series.add_session(session, first.request_id, wrong, keys=KEYS, by=team.a, now=NOW)
    made = series.add_session(session, first.request_id, good, keys=KEYS, by=team.a, now=NOW)
    assert made.session_no == 3
    with pytest.raises(SeriesFull):
        series.add_session(session, first.request_id, far, keys=KEYS, by=team.a, now=NOW)


def test_a_session_may_be_added_once_the_first_took_place(team: Physios, session: Session):
    (only,) = team.booked(team.slots(team.anne, 1))
    later = at("9:40", day=1)
    orientation.honour(session, only.id, by=team.a, now=later)
    view = intake.get_request(session, only.request_id, by=team.doctor, now=later)
    assert view.state is RequestState.BOOKED
    (slot,) = team.slots(team.anne, 3, now=later)
    series.add_session(session, only.request_id, slot, keys=KEYS, by=team.a, now=later)
    assert len(live(team, only.request_id)) == 2


def test_a_session_moves_only_where_the_spacing_holds(team: Physios, session: Session):
    _, second = team.booked(team.slots(team.anne, 1, 3))
    near, good = team.slots(team.anne, 2, 6)
    assert [one.slot_id for one in series.other_slots(session, second.id, by=team.a, now=NOW)] == [good]
    with pytest.raises(SlotsDoNotFollow):
        orientation.move_appointment(session, second.id, near, reason="x", keys=KEYS, by=team.a, now=NOW)
    moved = orientation.move_appointment(session, second.id, good, reason="x", keys=KEYS, by=team.a, now=NOW)
    assert moved.slot_id == good


def test_one_session_or_the_rest_is_cancelled(team: Physios, session: Session):
    first, second, third = team.booked(team.slots(team.anne, 1, 3, 6))
    orientation.cancel_appointment(
        session, second.id, cancelled_by=CancelledBy.PATIENT, reason="empêché", by=team.a, now=NOW
    )
    assert [one.id for one in live(team, first.request_id)] == [first.id, third.id]
    later = at("9:10", day=1)
    cancelled = series.cancel_rest(session, first.request_id, reason="guéri", by=team.a, now=later)
    assert [one.id for one in cancelled] == [third.id]
    with pytest.raises(InvalidValue):
        series.cancel_rest(session, first.request_id, reason="guéri", by=team.a, now=later)
    orientation.honour(session, first.id, by=team.a, now=later)
    assert series.get_series(session, first.request_id, by=team.a).series.is_open


def test_a_series_given_up_before_it_began_closes_with_its_request(team: Physios, session: Session):
    first, _ = team.booked(team.slots(team.anne, 1, 3))
    series.cancel_rest(session, first.request_id, reason="parti", by=team.doctor, now=NOW)
    card = series.get_series(session, first.request_id, by=team.a)
    assert card.series.closed_as is SeriesEnd.GIVEN_UP
    view = intake.get_request(session, first.request_id, by=team.doctor, now=NOW)
    assert view.state is RequestState.CANCELLED


def test_the_rest_passes_to_a_colleague_who_accepts(team: Physios, session: Session):
    first, _second = team.booked(team.slots(team.anne, 1, 3))
    later = at("9:40", day=1)
    orientation.honour(session, first.id, by=team.a, now=later)
    with pytest.raises(InvalidValue):
        series.propose_pass(session, first.request_id, team.anne.id, PassReason.LOAD, by=team.a, now=later)
    offer = series.propose_pass(
        session, first.request_id, team.bob.id, PassReason.ABSENCE, by=team.a, now=later
    )
    with pytest.raises(PassPending):
        series.propose_pass(session, first.request_id, team.bob.id, PassReason.LOAD, by=team.a, now=later)
    taken = team.slots(team.bob, 4, 20, now=later)
    (offered,) = series.offers_to(session, by=team.b, now=later)
    assert [[slot.slot_id for slot in way] for way in offered.ways] == [[taken[0]]]
    with pytest.raises(PassNotFound):
        series.accept_pass(session, offer.id, taken[:1], keys=KEYS, by=team.a, now=later)
    with pytest.raises(SlotsDoNotFollow):
        series.accept_pass(session, offer.id, taken[1:], keys=KEYS, by=team.b, now=later)
    (moved,) = series.accept_pass(session, offer.id, taken[:1], keys=KEYS, by=team.b, now=later)
    assert (moved.practitioner_id, moved.request_id) == (team.bob.id, first.request_id)
    card = series.get_series(session, first.request_id, by=team.b)
    assert card.series.practitioner_id == team.bob.id
    assert series.get_series(session, first.request_id, by=team.a).done == 1
    lines = [line.event for line in series.story(session, first.request_id, by=team.b)]
    assert lines == [
        SeriesEvent.OPENED,
        SeriesEvent.BOOKED,
        SeriesEvent.OFFERED,
        SeriesEvent.OFFER_ACCEPTED,
    ]


def test_an_offer_lost_on_one_slot_moves_nothing(team: Physios, session: Session):
    first, second = team.booked(team.slots(team.anne, 1, 3))
    offer = series.propose_pass(session, first.request_id, team.bob.id, PassReason.LOAD, by=team.a, now=NOW)
    taken = team.slots(team.bob, 1, 3, clock="8:30")
    team.booked(taken[1:])
    with pytest.raises(SlotNoLongerFree):
        series.accept_pass(session, offer.id, taken, keys=KEYS, by=team.b, now=NOW)
    assert [one.id for one in live(team, first.request_id)] == [first.id, second.id]
    assert series.decline_pass(session, offer.id, by=team.b, now=NOW).answer is PassAnswer.DECLINED
    with pytest.raises(PassNotFound):
        series.withdraw_pass(session, offer.id, by=team.a, now=NOW)


def test_a_colleague_takes_a_session_and_the_series_comes_back(team: Physios, session: Session):
    first, second = team.booked(team.slots(team.anne, 1, 3))
    terms = {"practitioner_id": team.anne.id, "colleague_id": team.bob.id}
    days = {"starts_on": date(2026, 11, 27), "ends_on": date(2026, 11, 30)}
    with pytest.raises(InvalidValue):
        series.declare_relay(session, team.cpts.territory.id, **terms, **days, by=team.b, now=NOW)
    relay = series.declare_relay(
        session, team.cpts.territory.id, **terms, **days, by=team.cpts.coordinator, now=NOW
    )
    assert series.list_relays(session, by=team.cpts.coordinator, now=NOW) == [relay]
    (to_take,) = series.sessions_to_take(session, by=team.b, now=NOW)
    assert to_take.appointment.id == second.id
    good, late = team.slots(team.bob, 3, 9, clock="11:00")
    assert [one.slot_id for one in series.relay_slots(session, relay.id, second.id, by=team.b, now=NOW)] == [
        good
    ]
    with pytest.raises(OutsideRelay):
        series.take_session(session, relay.id, second.id, late, keys=KEYS, by=team.b, now=NOW)
    with pytest.raises(RelayNotFound):
        series.take_session(session, relay.id, first.id, good, keys=KEYS, by=team.b, now=NOW)
    moved = series.take_session(session, relay.id, second.id, good, keys=KEYS, by=team.b, now=NOW)
    assert moved.practitioner_id == team.bob.id
    card = series.get_series(session, first.request_id, by=team.b)
    assert card.series.practitioner_id == team.anne.id
    assert series.end_relay(session, relay.id, by=team.a, now=NOW).ended_at == NOW
    assert series.list_relays(session, by=team.b, now=NOW) == []


def test_the_patients_of_who_is_away_are_proposed_his_colleague_only(team: Physios, session: Session):
    third = team.cpts.carer("masseur_kinesitherapeute")
    team.slots(third, 1)
    (wanted,) = team.slots(team.bob, 2)
    series.declare_relay(
        session,
        team.cpts.territory.id,
        practitioner_id=team.anne.id,
        colleague_id=team.bob.id,
        starts_on=date(2026, 11, 24),
        ends_on=date(2026, 12, 4),
        by=team.a,
        now=NOW,
    )
    told = team.ask(reason="continuity", sessions=1, terms=SeriesTerms(usual_practitioner_id=team.anne.id))
    assert told.proposals is not None
    assert [one.slots[0].slot_id for one in told.proposals.proposals] == [wanted]


def test_the_patient_s_own_choice_closes_the_series_and_its_request(team: Physios, session: Session):
    first, second = team.booked(team.slots(team.anne, 1, 3))
    ask = {"chosen": team.bob.id, "by": team.a}
    with pytest.raises(NoSessionYet):
        series.close_series(session, first.request_id, SeriesEnd.HANDED_OVER, **ask, now=NOW)
    with pytest.raises(SessionsToCome):
        series.close_series(session, first.request_id, SeriesEnd.HANDED_OVER, **ask, now=at("9:30", day=1))
    later = at("10:00", day=3)
    for one in (first, second):
        orientation.honour(session, one.id, by=team.a, now=later)
    with pytest.raises(InvalidValue):
        series.close_series(session, first.request_id, SeriesEnd.RETURNED, by=team.a, now=later)
    with pytest.raises(InvalidValue):
        series.close_series(session, first.request_id, SeriesEnd.LAPSED, by=team.a, now=later)
    closed = series.close_series(session, first.request_id, SeriesEnd.HANDED_OVER, **ask, now=later)
    assert closed.series.chosen_practitioner_id == team.bob.id
    view = intake.get_request(session, first.request_id, by=team.doctor, now=later)
    assert view.state is RequestState.CLOSED
    with pytest.raises(SeriesClosed):
        series.close_series(session, first.request_id, SeriesEnd.HANDED_OVER, **ask, now=later)


def test_who_takes_no_patients_is_not_among_the_choices(team: Physios, session: Session):
    (first,) = team.booked(team.slots(team.anne, 1))
    assert {one.practitioner_id for one in series.choices(session, first.request_id, now=NOW)} == {
        team.anne.id,
        team.bob.id,
    }
    series.set_physio_terms(session, takes_patients=False, direct_access_since=None, by=team.b, now=NOW)
    (left,) = series.choices(session, first.request_id, now=NOW)
    assert (left.practitioner_id, left.takes_patients) == (team.anne.id, None)


def test_time_closes_what_nobody_closed_and_asks_once_for_the_sheet(team: Physios, session: Session):
    first, second = team.booked(team.slots(team.anne, 1, 3))
    assert series.ask_for_sheets(session, now=at("9:10", day=3))[1] == 0
    due = second.end + timedelta(days=1)
    assert [series.ask_for_sheets(session, now=due)[1] for _ in range(2)] == [1, 0]
    assert series.ask_for_sheets(session, now=due + timedelta(days=7))[1] == 1
    assert series.ask_for_sheets(session, now=due + timedelta(days=14))[1] == 0
    over = second.end + LAPSE
    assert series.close_due(session, by=JOB, now=over - timedelta(seconds=1))[1] == 0
    last, count = series.close_due(session, by=JOB, now=over)
    assert (last, count) == (first.request_id, 1)
    assert series.close_due(session, by=JOB, now=over) == (None, 0)
    assert series.get_series(session, first.request_id, by=team.a).series.closed_as is SeriesEnd.LAPSED


def test_a_template_keeps_its_revisions(team: Physios, session: Session):
    here, by = team.cpts.territory.id, team.a
    plain = series.get_template(session, here, "trauma", by=by)
    made = series.change_template(session, here, "trauma", plain.sections, revision=0, by=by, now=NOW)
    assert (made.revision, made.min_gap_days) == (1, plain.min_gap_days)
    with pytest.raises(VersionMismatch):
        series.change_template(session, here, "trauma", plain.sections, revision=0, by=by, now=NOW)
    assert [one.revision for one in series.template_history(session, here, "trauma", by=by)] == [1, 0]
    figures = series.figures(session, here, now=NOW)
    assert (figures.open, figures.without_sheet) == (0, 0)


def test_the_story_and_the_tables_hold_no_name(team: Physios, session: Session):
    team.booked(team.slots(team.anne, 1, 3))
    kept = session.execute(sa.text("SELECT * FROM physio_series_line")).all()
    assert kept
    assert "Patient" not in repr(kept)


def test_a_series_lent_by_a_neighbour_goes_on_in_what_its_physiotherapist_lends(session: Session):
    """The sessions came from next door: one more, or another hour, is looked for there too."""
    both = neighbours(session)
    audiences = frozenset({Audience.PROFESSIONALS})
    agreement = both.agreed(professions=frozenset({PHYSIO}), audiences=audiences)
    theirs = both.lender.carer(PHYSIO)
    team, carer = Physios(both.borrower), both.lender.acting(theirs)
    first, second, third = [
        both.lender.slot(theirs, at("9:00", day=day), minutes=30, audiences=audiences) for day in (1, 3, 6)
    ]
    request_id = team.booked([first])[0].request_id

    addable = series.addable_slots(session, request_id, by=carer, now=NOW)
    added = series.add_session(session, request_id, second, keys=KEYS, by=carer, now=NOW)
    others = series.other_slots(session, added.id, by=carer, now=NOW)
    moved = series.add_session(session, request_id, third, keys=KEYS, by=carer, now=NOW)

    assert [one.slot_id for one in addable] == [second, third]
    assert [one.slot_id for one in others] == [third]
    assert {added.sharing_id, moved.sharing_id} == {agreement.id}
    assert {added.territory_id, moved.territory_id} == {both.borrower.territory.id}
