"""From a seeking request to an appointment, and what undoes it, on a real database."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from sqlmodel import Session

from regulation.intake import service as intake
from regulation.intake.facts import (
    CallPriority,
    Disposition,
    Move,
    MtAnswers,
    RequestFilter,
    RequestState,
    RequestView,
    Urgency,
)
from regulation.intake.rules import IllegalMove
from regulation.orientation import service as orientation
from regulation.orientation.facts import Reopened
from regulation.orientation.refusals import (
    ProposalNotFound,
    SlotDoesNotSuit,
    SlotNoLongerFree,
    SlotsDoNotFollow,
)
from slots.appointments import service as appointments
from slots.appointments.facts import AppointmentStatusKind, AppointmentView, CancelledBy
from slots.appointments.refusals import AppointmentNotFound, HoldExpired
from snp.assignment.facts import Audience, Mode
from snp.errors import InvalidValue, NotFound, VersionMismatch
from tests.support.directory import a_site
from tests.support.regulation import KEYS, NO_MT, NOW, PHYSIO, Cpts, a_cpts, a_patient, at

pytestmark = pytest.mark.database
S = RequestState


@pytest.fixture
def cpts(session: Session) -> Cpts:
    return a_cpts(session)


def state_of(session: Session, cpts: Cpts, view: RequestView) -> RequestState:
    return intake.get_request(session, view.id, by=cpts.osnp, now=NOW).state


def booked(session: Session, cpts: Cpts, view: RequestView, slot: UUID) -> AppointmentView:
    held = orientation.hold_slots(session, view.id, [slot], by=cpts.osnp, now=NOW)
    (appointment,) = orientation.confirm(session, held.bundle_id, keys=KEYS, by=cpts.osnp, now=NOW)
    return appointment


def test_proposals_are_the_least_burden_first_with_their_reasons(cpts: Cpts, session: Session):
    gp = cpts.carer()
    tomorrow = cpts.slot(gp, at("9:00", day=1))
    today = cpts.slot(gp, at("14:00"))
    cpts.slot(gp, at("9:00", day=3))
    view = cpts.seeking()
    found = orientation.propose(session, view.id, by=cpts.osnp, now=NOW)
    assert [p.slots[0].slot_id for p in found.proposals] == [today, tomorrow]
    first = found.proposals[0]
    assert (first.rank, first.wait_minutes, first.slots[0].start) == (1, 240, at("14:00"))
    assert first.slots[0].practitioner_name.endswith(gp.family_name)
    assert {reason.code for reason in first.why} >= {"wait_and_distance", "earliest"}
    assert (found.free, found.suitable) == (3, 2)
    assert [reason.code for reason in found.why_not] == ["excluded_too_late"]


def test_no_more_than_five_proposals_may_be_asked_for(cpts: Cpts, session: Session):
    view = cpts.seeking()
    for k in (0, 6):
        with pytest.raises(InvalidValue):
            orientation.propose(session, view.id, k=k, by=cpts.osnp, now=NOW)


def test_no_slot_is_an_answer_with_its_reasons(cpts: Cpts, session: Session):
    found = orientation.propose(session, cpts.seeking().id, by=cpts.osnp, now=NOW)
    assert found.proposals == ()
    assert [reason.code for reason in found.why_not] == ["no_free_slot"]


def test_slots_of_another_territory_or_audience_or_reason_are_not_proposed(cpts: Cpts, session: Session):
    gp = cpts.carer()
    cpts.slot(gp, at("11:00"), audiences=frozenset({Audience.DESK}))
    cpts.slot(gp, at("12:00"), reasons=frozenset({"sprain"}))
    cpts.slot(gp, at("13:00"), mode=Mode.VR)
    other = a_cpts(session, "terres-de-montaigu")
    other.slot(other.carer(), at("11:00"))
    found = orientation.propose(session, cpts.seeking(reason="fever").id, by=cpts.osnp, now=NOW)
    assert found.proposals == ()
    assert found.free == 3
    codes = [reason.code for reason in found.why_not]
    assert codes == ["no_suitable_slot", "excluded_profession", "excluded_mode", "excluded_audience"]


def test_a_slot_kept_for_a_reason_serves_it(cpts: Cpts, session: Session):
    slot = cpts.slot(cpts.carer(), at("12:00"), reasons=frozenset({"sprain"}))
    found = orientation.propose(session, cpts.seeking(reason="sprain").id, by=cpts.osnp, now=NOW)
    assert [p.slots[0].slot_id for p in found.proposals] == [slot]


def test_a_slot_too_far_away_is_counted(cpts: Cpts, session: Session):
    far = a_site(session, "85146", postal_code="85600")
    cpts.slot(cpts.carer(site=far), at("12:00"), site=far)
    found = orientation.propose(session, cpts.seeking(max_km=10.0).id, by=cpts.osnp, now=NOW)
    assert [reason.code for reason in found.why_not] == ["no_suitable_slot", "excluded_distance"]


def test_what_others_seek_is_told(cpts: Cpts, session: Session):
    cpts.slot(cpts.carer(), at("12:00"))
    cpts.seeking()
    found = orientation.propose(session, cpts.seeking().id, by=cpts.osnp, now=NOW)
    assert "contention" in {reason.code for reason in found.proposals[0].why}
    assert found.why_not[-1].code == "competing"


def test_a_proposal_is_held_then_confirmed(cpts: Cpts, session: Session):
    slot = cpts.slot(cpts.carer(), at("14:00"))
    view = cpts.seeking()
    proposal = orientation.propose(session, view.id, by=cpts.osnp, now=NOW).proposals[0]
    assert proposal.id is not None
    held = orientation.hold(session, proposal.id, by=cpts.osnp, now=NOW)
    assert held.expires_at == NOW + timedelta(minutes=cpts.territory.settings.hold_minutes)
    assert state_of(session, cpts, view) is S.HELD
    (appointment,) = orientation.confirm(session, held.bundle_id, keys=KEYS, by=cpts.osnp, now=NOW)
    assert (appointment.slot_id, appointment.request_id) == (slot, view.id)
    assert state_of(session, cpts, view) is S.BOOKED
    line = intake.story(session, view.id, by=cpts.osnp, now=NOW)[-1]
    assert line.move is Move.BOOK
    assert line.data["appointments"] == [str(appointment.id)]
    audited = session.execute(
        sa.text("SELECT count(*) FROM audit_entry WHERE resource = 'appointment' AND resource_id = :id"),
        {"id": appointment.id},
    )
    assert audited.scalar_one() == 1


def test_the_loser_of_a_slot_gets_fresh_proposals(cpts: Cpts, session: Session):
    gp = cpts.carer()
    wanted, other = cpts.slot(gp, at("14:00")), cpts.slot(gp, at("15:00"))
    winner, loser = cpts.seeking(), cpts.seeking()
    shown = orientation.propose(session, loser.id, by=cpts.osnp, now=NOW).proposals[0]
    assert shown.id is not None
    orientation.hold_slots(session, winner.id, [wanted], by=cpts.osnp, now=NOW)
    with pytest.raises(SlotNoLongerFree) as lost:
        orientation.hold(session, shown.id, by=cpts.osnp, now=NOW)
    assert lost.value.slug == "slot-already-taken"
    fresh = lost.value.proposals.proposals
    assert [p.slots[0].slot_id for p in fresh] == [other]
    assert state_of(session, cpts, loser) is S.SEEKING
    held = orientation.hold_slots(
        session, loser.id, [slot.slot_id for slot in fresh[0].slots], by=cpts.osnp, now=NOW
    )
    assert held.request_ids == (loser.id,)


def test_a_held_request_does_not_hold_twice(cpts: Cpts, session: Session):
    gp = cpts.carer()
    one, two = cpts.slot(gp, at("14:00")), cpts.slot(gp, at("15:00"))
    view = cpts.seeking()
    orientation.hold_slots(session, view.id, [one], by=cpts.osnp, now=NOW)
    with pytest.raises(IllegalMove):
        orientation.hold_slots(session, view.id, [two], by=cpts.osnp, now=NOW)


def test_a_slot_that_does_not_suit_is_refused_with_the_rule(cpts: Cpts, session: Session):
    late = cpts.slot(cpts.carer(), at("14:00", day=3))
    with pytest.raises(SlotDoesNotSuit) as refused:
        orientation.hold_slots(session, cpts.seeking().id, [late], by=cpts.osnp, now=NOW)
    assert refused.value.fields["rule"] == "too_late"
    assert "fin du délai" in refused.value.sentence


def test_a_proposal_of_another_territory_does_not_exist(cpts: Cpts, session: Session):
    cpts.slot(cpts.carer(), at("14:00"))
    proposal = orientation.propose(session, cpts.seeking().id, by=cpts.osnp, now=NOW).proposals[0]
    assert proposal.id is not None
    stranger = a_cpts(session, "terres-de-montaigu").osnp
    with pytest.raises(NotFound):
        orientation.hold(session, proposal.id, by=stranger, now=NOW)
    with pytest.raises(ProposalNotFound):
        orientation.hold(session, uuid4(), by=cpts.osnp, now=NOW)


def test_a_hold_that_ran_out_lets_the_request_seek_again(cpts: Cpts, session: Session):
    slot = cpts.slot(cpts.carer(), at("14:00"))
    view = cpts.seeking()
    held = orientation.hold_slots(session, view.id, [slot], by=cpts.osnp, now=NOW)
    later = held.expires_at + timedelta(seconds=1)
    with pytest.raises(HoldExpired):
        orientation.confirm(session, held.bundle_id, keys=KEYS, by=cpts.osnp, now=later)
    assert orientation.expire_holds(session, by=cpts.job, now=later) == (view.id,)
    assert state_of(session, cpts, view) is S.SEEKING


def test_asking_again_ends_a_hold_that_ran_out_before_the_job_does(cpts: Cpts, session: Session):
    slot = cpts.slot(cpts.carer(), at("14:00"))
    view = cpts.seeking()
    held = orientation.hold_slots(session, view.id, [slot], by=cpts.osnp, now=NOW)
    later = held.expires_at + timedelta(seconds=1)
    again = orientation.propose(session, view.id, by=cpts.osnp, now=later)
    assert [p.slots[0].slot_id for p in again.proposals] == [slot]


def test_the_slot_of_a_lapsed_hold_goes_to_who_asks(cpts: Cpts, session: Session):
    slot = cpts.slot(cpts.carer(), at("14:00"))
    first, second = cpts.seeking(), cpts.seeking()
    held = orientation.hold_slots(session, first.id, [slot], by=cpts.osnp, now=NOW)
    orientation.hold_slots(session, second.id, [slot], by=cpts.osnp, now=held.expires_at)
    assert state_of(session, cpts, first) is S.SEEKING
    assert state_of(session, cpts, second) is S.HELD


def test_a_dropped_hold_gives_the_slot_back(cpts: Cpts, session: Session):
    slot = cpts.slot(cpts.carer(), at("14:00"))
    view = cpts.seeking()
    held = orientation.hold_slots(session, view.id, [slot], by=cpts.osnp, now=NOW)
    (result,) = orientation.drop_hold(session, held.bundle_id, by=cpts.osnp, now=NOW)
    assert result.request.state is S.SEEKING
    assert orientation.drop_hold(session, held.bundle_id, by=cpts.osnp, now=NOW) == ()


def test_three_sessions_are_proposed_held_and_booked_together(cpts: Cpts, session: Session):
    physio = cpts.carer(PHYSIO)
    slots = [cpts.slot(physio, at("9:00", day=day), minutes=30) for day in (1, 2, 6)]
    view = cpts.seeking(professions=frozenset({PHYSIO}), sessions=3, delay_h=72)
    proposal = orientation.propose(session, view.id, by=cpts.osnp, now=NOW).proposals[0]
    assert [slot.slot_id for slot in proposal.slots] == slots
    assert proposal.id is not None
    held = orientation.hold(session, proposal.id, by=cpts.osnp, now=NOW)
    made = orientation.confirm(session, held.bundle_id, keys=KEYS, by=cpts.osnp, now=NOW)
    assert [appointment.session_no for appointment in made] == [1, 2, 3]


def test_one_slot_is_not_three_sessions(cpts: Cpts, session: Session):
    physio = cpts.carer(PHYSIO)
    slot = cpts.slot(physio, at("9:00", day=1))
    view = cpts.seeking(professions=frozenset({PHYSIO}), sessions=3, delay_h=72)
    with pytest.raises(SlotsDoNotFollow):
        orientation.hold_slots(session, view.id, [slot], by=cpts.osnp, now=NOW)


def test_a_household_is_proposed_held_and_booked_together(cpts: Cpts, session: Session):
    gp = cpts.carer()
    run = [cpts.slot(gp, at(clock)) for clock in ("14:00", "14:15")]
    first = cpts.seeking()
    alone = orientation.propose(session, first.id, by=cpts.osnp, now=NOW)
    assert len(alone.proposals) == 2
    second = cpts.seeking(household_with=first.id)
    proposal = orientation.propose(session, first.id, by=cpts.osnp, now=NOW).proposals[0]
    assert [slot.slot_id for slot in proposal.slots] == run
    assert {slot.request_id for slot in proposal.slots} == {first.id, second.id}
    assert proposal.id is not None
    held = orientation.hold(session, proposal.id, by=cpts.osnp, now=NOW)
    made = orientation.confirm(session, held.bundle_id, keys=KEYS, by=cpts.osnp, now=NOW)
    assert {appointment.request_id for appointment in made} == {first.id, second.id}
    assert state_of(session, cpts, first) is S.BOOKED
    assert state_of(session, cpts, second) is S.BOOKED


def test_a_household_waits_for_a_member_who_is_not_ready(cpts: Cpts, session: Session):
    gp = cpts.carer()
    for clock in ("18:00", "18:15"):
        cpts.slot(gp, at(clock))
    first = cpts.seeking()
    cpts.seeking(household_with=first.id, delay_h=1)
    later = NOW + timedelta(hours=2)
    orientation.expire_requests(session, by=cpts.job, now=later)
    found = orientation.propose(session, first.id, by=cpts.osnp, now=later)
    assert (found.proposals, [reason.code for reason in found.why_not]) == ((), ["household_incomplete"])


def test_who_is_left_of_a_household_seeks_alone(cpts: Cpts, session: Session):
    gp = cpts.carer()
    for clock in ("14:00", "14:15", "14:30"):
        cpts.slot(gp, at(clock))
    first = cpts.seeking()
    second = cpts.seeking(household_with=first.id)
    cancelled = orientation.cancel_request(session, second.id, "guéri", by=cpts.osnp, now=NOW)
    assert cancelled.request.state is S.CANCELLED
    left = orientation.propose(session, first.id, by=cpts.osnp, now=NOW)
    assert len(left.proposals[0].slots) == 1


def test_a_practitioner_who_cancels_sends_the_request_back_with_proposals(cpts: Cpts, session: Session):
    gp, colleague = cpts.carer(), cpts.carer()
    slot, other = cpts.slot(gp, at("14:00")), cpts.slot(colleague, at("15:00"))
    view = cpts.seeking()
    appointment = booked(session, cpts, view, slot)
    done = orientation.cancel_appointment(
        session,
        appointment.id,
        cancelled_by=CancelledBy.PRACTITIONER,
        reason="urgence au cabinet",
        by=cpts.acting(gp),
        now=NOW,
    )
    assert isinstance(done, Reopened)
    assert done.request.state is S.SEEKING
    assert [p.slots[0].slot_id for p in done.proposals.proposals] == [other]


def test_a_late_cancellation_extends_the_search(cpts: Cpts, session: Session):
    gp = cpts.carer()
    slot = cpts.slot(gp, at("14:00"))
    view = cpts.seeking(delay_h=6)
    appointment = booked(session, cpts, view, slot)
    now = at("13:30")
    done = orientation.cancel_appointment(
        session,
        appointment.id,
        cancelled_by=CancelledBy.PRACTITIONER,
        reason="malade",
        by=cpts.acting(gp),
        now=now,
    )
    assert isinstance(done, Reopened)
    assert done.request.deadline == now + timedelta(hours=24)
    line = next(m for m in intake.story(session, view.id, by=cpts.osnp, now=now) if m.move is Move.REOPEN)
    assert [reason.code for reason in line.reasons] == ["deadline_extended"]


def test_a_patient_cancels_with_his_code_and_the_slot_is_free_again(cpts: Cpts, session: Session):
    slot = cpts.slot(cpts.carer(), at("14:00"))
    view = cpts.seeking()
    appointment = booked(session, cpts, view, slot)
    code = appointments.patient_code(session, appointment.id, codes=KEYS.hasher())
    patient = cpts.job
    done = orientation.cancel_by_code(session, code, reason="guéri", keys=KEYS, by=patient, now=NOW)
    assert done.request.state is S.CANCELLED
    again = orientation.propose(session, cpts.seeking().id, by=cpts.osnp, now=NOW)
    assert [p.slots[0].slot_id for p in again.proposals] == [slot]


def test_a_wrong_code_opens_nothing(cpts: Cpts, session: Session):
    with pytest.raises(AppointmentNotFound):
        orientation.cancel_by_code(session, "AAAAA-AAAAA", reason="x", keys=KEYS, by=cpts.job, now=NOW)


def test_one_practitioner_does_not_touch_another_s_appointment(cpts: Cpts, session: Session):
    gp, other = cpts.carer(), cpts.carer()
    appointment = booked(session, cpts, cpts.seeking(), cpts.slot(gp, at("14:00")))
    with pytest.raises(AppointmentNotFound):
        orientation.cancel_appointment(
            session,
            appointment.id,
            cancelled_by=CancelledBy.PRACTITIONER,
            reason="x",
            by=cpts.acting(other),
            now=NOW,
        )


def test_a_broken_series_is_sought_again_whole(cpts: Cpts, session: Session):
    physio = cpts.carer(PHYSIO)
    for day in (1, 2, 6):
        cpts.slot(physio, at("9:00", day=day), minutes=30)
    view = cpts.seeking(professions=frozenset({PHYSIO}), sessions=3, delay_h=72)
    proposal = orientation.propose(session, view.id, by=cpts.osnp, now=NOW).proposals[0]
    assert proposal.id is not None
    held = orientation.hold(session, proposal.id, by=cpts.osnp, now=NOW)
    made = orientation.confirm(session, held.bundle_id, keys=KEYS, by=cpts.osnp, now=NOW)
    after_first = at("12:00", day=1)
    orientation.honour(session, made[0].id, by=cpts.acting(physio), now=after_first)
    assert state_of(session, cpts, view) is S.BOOKED
    done = orientation.cancel_appointment(
        session,
        made[1].id,
        cancelled_by=CancelledBy.PRACTITIONER,
        reason="formation",
        by=cpts.acting(physio),
        now=after_first,
    )
    assert isinstance(done, Reopened)
    assert done.request.sessions == 2
    third = appointments.get_appointment(session, made[2].id)
    assert third.status is AppointmentStatusKind.CANCELLED


def test_an_appointment_moves_to_a_slot_that_suits(cpts: Cpts, session: Session):
    gp = cpts.carer()
    first, later, tele = (
        cpts.slot(gp, at("14:00")),
        cpts.slot(gp, at("14:00", day=6)),
        cpts.slot(gp, at("16:00"), mode=Mode.VR),
    )
    view = cpts.seeking()
    appointment = booked(session, cpts, view, first)
    with pytest.raises(SlotDoesNotSuit):
        orientation.move_appointment(
            session, appointment.id, tele, reason="x", keys=KEYS, by=cpts.osnp, now=NOW
        )
    moved = orientation.move_appointment(
        session, appointment.id, later, reason="empêché", keys=KEYS, by=cpts.osnp, now=NOW
    )
    assert (moved.slot_id, moved.replaces_id) == (later, appointment.id)
    line = intake.story(session, view.id, by=cpts.osnp, now=NOW)[-1]
    assert (line.move, line.data["starts"]) == (Move.BOOK, [moved.start.isoformat()])


def test_an_appointment_does_not_move_onto_a_taken_slot(cpts: Cpts, session: Session):
    gp = cpts.carer()
    mine, taken = cpts.slot(gp, at("14:00")), cpts.slot(gp, at("15:00"))
    appointment = booked(session, cpts, cpts.seeking(), mine)
    booked(session, cpts, cpts.seeking(), taken)
    with pytest.raises(SlotNoLongerFree):
        orientation.move_appointment(
            session, appointment.id, taken, reason="x", keys=KEYS, by=cpts.osnp, now=NOW
        )
    assert appointments.get_appointment(session, appointment.id).status is AppointmentStatusKind.BOOKED


def test_an_edit_of_an_older_appointment_is_refused(cpts: Cpts, session: Session):
    appointment = booked(session, cpts, cpts.seeking(), cpts.slot(cpts.carer(), at("14:00")))
    with pytest.raises(VersionMismatch):
        orientation.honour(
            session, appointment.id, version=appointment.version + 1, by=cpts.osnp, now=at("14:20")
        )


def test_the_patient_who_came_closes_the_request(cpts: Cpts, session: Session):
    gp = cpts.carer()
    view = cpts.seeking()
    appointment = booked(session, cpts, view, cpts.slot(gp, at("14:00")))
    orientation.honour(session, appointment.id, by=cpts.acting(gp), now=at("14:20"))
    assert state_of(session, cpts, view) is S.CLOSED
    assert intake.story(session, view.id, by=cpts.osnp, now=NOW)[-1].move is Move.HONOUR


def test_a_no_show_closes_and_may_be_corrected(cpts: Cpts, session: Session):
    gp = cpts.carer()
    view = cpts.seeking()
    appointment = booked(session, cpts, view, cpts.slot(gp, at("14:00")))
    orientation.no_show(session, appointment.id, by=cpts.acting(gp), now=at("14:20"))
    assert intake.story(session, view.id, by=cpts.osnp, now=NOW)[-1].move is Move.NO_SHOW
    corrected = orientation.honour(session, appointment.id, by=cpts.acting(gp), now=at("14:40"))
    assert corrected.status is AppointmentStatusKind.HONOURED
    assert state_of(session, cpts, view) is S.CLOSED


def test_withdrawing_a_taken_slot_sends_its_request_back(cpts: Cpts, session: Session):
    gp, colleague = cpts.carer(), cpts.carer()
    slot = cpts.slot(gp, at("14:00"))
    cpts.slot(colleague, at("16:00"))
    view = cpts.seeking()
    booked(session, cpts, view, slot)
    (back,) = orientation.withdraw_slot(session, slot, reason="malade", by=cpts.acting(gp), now=NOW)
    assert (back.request.id, back.request.state) == (view.id, S.SEEKING)
    assert len(back.proposals.proposals) == 1


def test_withdrawing_a_held_slot_frees_the_whole_hold(cpts: Cpts, session: Session):
    physio = cpts.carer(PHYSIO)
    slots = [cpts.slot(physio, at("9:00", day=day)) for day in (1, 2)]
    view = cpts.seeking(professions=frozenset({PHYSIO}), sessions=2, delay_h=72)
    orientation.hold_slots(session, view.id, slots, by=cpts.osnp, now=NOW)
    orientation.withdraw_slot(session, slots[1], reason="malade", by=cpts.acting(physio), now=NOW)
    assert state_of(session, cpts, view) is S.SEEKING
    single = cpts.seeking(professions=frozenset({PHYSIO}), delay_h=72)
    found = orientation.propose(session, single.id, by=cpts.osnp, now=NOW)
    assert [p.slots[0].slot_id for p in found.proposals] == [slots[0]]


def test_an_absence_sends_the_patients_of_the_day_back(cpts: Cpts, session: Session):
    gp, colleague = cpts.carer(), cpts.carer()
    mine = [cpts.slot(gp, at(clock)) for clock in ("14:00", "14:15")]
    cpts.slot(colleague, at("16:00"))
    views = [cpts.seeking(), cpts.seeking()]
    for view, slot in zip(views, mine, strict=True):
        booked(session, cpts, view, slot)
    _, back = orientation.add_absence(
        session, gp.id, at("12:00"), at("20:00"), reason="malade", by=cpts.acting(gp), now=NOW
    )
    assert {item.request.id for item in back} == {view.id for view in views}
    assert all(item.request.state is S.SEEKING for item in back)


def test_one_of_a_household_who_loses_his_slot_seeks_alone(cpts: Cpts, session: Session):
    gp = cpts.carer()
    run = [cpts.slot(gp, at(clock)) for clock in ("14:00", "14:15")]
    first = cpts.seeking()
    cpts.seeking(household_with=first.id)
    proposal = orientation.propose(session, first.id, by=cpts.osnp, now=NOW).proposals[0]
    assert proposal.id is not None
    held = orientation.hold(session, proposal.id, by=cpts.osnp, now=NOW)
    orientation.confirm(session, held.bundle_id, keys=KEYS, by=cpts.osnp, now=NOW)
    (back,) = orientation.withdraw_slot(session, run[0], reason="x", by=cpts.acting(gp), now=NOW)
    assert back.request.household_id is None


def test_a_booked_request_stopped_towards_the_15_frees_its_slot(cpts: Cpts, session: Session):
    slot = cpts.slot(cpts.carer(), at("14:00"))
    view = cpts.seeking()
    appointment = booked(session, cpts, view, slot)
    done = orientation.stop(session, view.id, Urgency(CallPriority.P0), by=cpts.osnp, now=NOW)
    assert (done.request.state, done.request.disposition) == (S.ORIENTED, Disposition.CALL_15)
    assert appointments.get_appointment(session, appointment.id).status is AppointmentStatusKind.CANCELLED
    found = orientation.propose(session, cpts.seeking().id, by=cpts.osnp, now=NOW)
    assert [p.slots[0].slot_id for p in found.proposals] == [slot]


def test_a_held_request_stopped_towards_the_15_frees_its_hold(cpts: Cpts, session: Session):
    slot = cpts.slot(cpts.carer(), at("14:00"))
    view = cpts.seeking()
    orientation.hold_slots(session, view.id, [slot], by=cpts.osnp, now=NOW)
    assert orientation.stop(session, view.id, Urgency(CallPriority.P0), by=cpts.osnp, now=NOW).stopped
    other = cpts.seeking()
    orientation.hold_slots(session, other.id, [slot], by=cpts.osnp, now=NOW)


def test_what_is_not_urgent_does_not_stop(cpts: Cpts, session: Session):
    with pytest.raises(InvalidValue):
        orientation.stop(session, cpts.open().request.id, Urgency(CallPriority.P3), by=cpts.osnp, now=NOW)


def test_a_request_given_up_frees_its_slot(cpts: Cpts, session: Session):
    slot = cpts.slot(cpts.carer(), at("14:00"))
    view = cpts.seeking()
    booked(session, cpts, view, slot)
    done = orientation.cancel_request(
        session, view.id, "guéri", cancelled_by=CancelledBy.PATIENT, by=cpts.osnp, now=NOW
    )
    assert done.request.state is S.CANCELLED
    booked(session, cpts, cpts.seeking(), slot)


def test_a_booked_patient_is_found_when_he_calls_again(cpts: Cpts, session: Session):
    patient = a_patient(family_name="Encore", phone="0639982001")
    view = cpts.seeking(patient, reason="fever")
    booked(session, cpts, view, cpts.slot(cpts.carer(), at("14:00")))
    again = cpts.open(patient, reason="fever")
    assert again.duplicates[0].starts == (at("14:00"),)
    checked = intake.check_mt(session, again.request.id, NO_MT, by=cpts.osnp, now=NOW)
    assert checked.request.disposition is Disposition.KEEP_APPOINTMENT
    other = cpts.open(patient, reason="fever").request
    answers = MtAnswers(has_mt=False, other_need=True)
    assert intake.check_mt(session, other.id, answers, by=cpts.osnp, now=NOW).request.state is S.TO_ESTIMATE


def test_a_request_whose_time_is_up_is_listed_to_be_called_back(cpts: Cpts, session: Session):
    view = cpts.seeking(delay_h=6)
    still = cpts.seeking(delay_h=48)
    now: datetime = NOW + timedelta(hours=7)
    assert orientation.expire_requests(session, by=cpts.job, now=now) == (view.id,)
    wanted = RequestFilter(states=frozenset({S.UNSERVED}))
    listed = intake.list_requests(session, wanted, by=cpts.osnp, now=now).items
    assert [item.id for item in listed] == [view.id]
    assert state_of(session, cpts, still) is S.SEEKING
    line = intake.story(session, view.id, by=cpts.osnp, now=now)[-1]
    assert [reason.code for reason in line.reasons] == ["deadline_passed"]


def test_a_practitioner_reads_who_comes_to_him_and_nobody_else(cpts: Cpts, session: Session):
    gp, other = cpts.carer(), cpts.carer()
    patient = a_patient(family_name="Attendu")
    mine = booked(session, cpts, cpts.seeking(patient), cpts.slot(gp, at("14:00")))
    his = booked(session, cpts, cpts.seeking(), cpts.slot(other, at("14:00")))
    read = orientation.read_patients_of_appointments(
        session, [mine.id, his.id], keys=KEYS, why="liste du jour", by=cpts.acting(gp), now=NOW
    )
    assert {ident: traits.family_name for ident, traits in read.items()} == {mine.id: "Attendu"}
