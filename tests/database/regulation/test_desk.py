"""The desk's whole form: a pharmacy, a nurse practice, and the professionals' desk for physiotherapists."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import Session

from regulation.intake import service as intake
from regulation.intake.facts import (
    CallPriority,
    Disposition,
    Move,
    MtAnswers,
    Origin,
    RequestState,
    Sex,
    Urgency,
)
from regulation.intake.rules import IllegalMove
from regulation.orientation import service as orientation
from regulation.orientation.facts import DeskForm, DeskOutcome, DeskResult, PreviewNeed
from regulation.series.facts import SeriesTerms
from regulation.triage import service as triage
from regulation.triage.facts import DeskAnswers, EligibilityOutcome
from regulation.triage.rules import DeskNotAllowed, SignsNotReviewed
from snp.assignment.facts import Audience
from snp.errors import Forbidden, InvalidValue, NotFound
from snp.platform.actors import Actor
from tests.support.regulation import KEYS, NIGHT, NO_MT, NOW, PHYSIO, Cpts, a_cpts, a_patient, at

pytestmark = pytest.mark.database
S, D = RequestState, DeskOutcome


@pytest.fixture
def cpts(session: Session) -> Cpts:
    return a_cpts(session)


def answers(reason: str = "fever", *signs: str, **more: Any) -> DeskAnswers:
    plain: dict[str, Any] = {"age_years": 46, "sex": Sex.FEMALE, "reviewed": True}
    return DeskAnswers(reason, signs=frozenset(signs), **(plain | more))


def send(
    cpts: Cpts, given: DeskAnswers | None = None, *, by: Actor | None = None, now: datetime = NOW, **form: Any
) -> DeskResult:
    plain: dict[str, Any] = {"mt": NO_MT, "patient": a_patient(phone=None)}
    desk_form = DeskForm(cpts.territory.id, given or answers(), **(plain | form))
    return orientation.desk_request(cpts.session, desk_form, keys=KEYS, by=by or cpts.pharmacy, now=now)


def traces(cpts: Cpts, by: Actor | None = None):
    return triage.list_traces(cpts.session, cpts.territory.id, by=by or cpts.pharmacy, now=NOW).items


def test_an_eligible_case_gets_proposals_by_the_list_s_protocol(cpts: Cpts):
    slot = cpts.slot(cpts.carer(), at("14:00"))
    result = send(cpts)
    assert result.outcome is D.PROPOSALS
    view = result.request
    assert view is not None
    assert (view.state, view.origin, view.audience) == (S.SEEKING, Origin.PHARMACY, Audience.DESK)
    assert (view.reason, view.deadline) == ("fever", NOW + timedelta(hours=24))
    assert view.organisation_id == cpts.pharmacy.organisation
    assert result.proposals is not None
    assert [p.slots[0].slot_id for p in result.proposals.proposals] == [slot]
    (trace,) = traces(cpts)
    assert (trace.id, trace.request_id) == (result.trace_id, view.id)
    assert (trace.outcome, trace.list_name) == (EligibilityOutcome.ELIGIBLE, "counter/2026.1")
    decided = intake.story(cpts.session, view.id, by=cpts.pharmacy, now=NOW)[-1]
    assert decided.move is Move.DECIDE
    assert [reason.code for reason in decided.reasons] == ["eligible"]


def test_a_chosen_slot_is_held_at_once_and_confirmed(cpts: Cpts, session: Session):
    slot = cpts.slot(cpts.carer(), at("14:00"))
    result = send(cpts, slot_ids=(slot,))
    assert result.outcome is D.HELD
    assert result.held is not None
    (appointment,) = orientation.confirm(session, result.held.bundle_id, keys=KEYS, by=cpts.pharmacy, now=NOW)
    assert (appointment.slot_id, appointment.organisation_id) == (slot, cpts.pharmacy.organisation)


def test_a_slot_gone_meanwhile_leaves_the_request_and_fresh_proposals(cpts: Cpts):
    gp = cpts.carer()
    slot, other = cpts.slot(gp, at("14:00")), cpts.slot(gp, at("15:00"))
    send(cpts, slot_ids=(slot,))
    result = send(cpts, slot_ids=(slot,), by=cpts.nurse)
    assert result.outcome is D.PROPOSALS
    assert "slot_taken" in [reason.code for reason in result.reasons]
    assert result.proposals is not None
    assert [p.slots[0].slot_id for p in result.proposals.proposals] == [other]


def test_a_red_flag_calls_the_15_and_opens_nothing(cpts: Cpts):
    result = send(cpts, answers("fever", "breathing"))
    assert (result.outcome, result.request) == (D.CALL_15, None)
    assert "Appelez le 15" in result.reasons[0].sentence
    (trace,) = traces(cpts)
    assert (trace.outcome, trace.red_flags) == (EligibilityOutcome.RED_FLAG, ("breathing",))


def test_urgency_typed_at_the_desk_stops_towards_the_15(cpts: Cpts):
    result = send(cpts, urgency=Urgency(CallPriority.P0))
    assert result.outcome is D.CALL_15
    assert result.request is not None
    assert (result.request.state, result.request.disposition) == (S.ORIENTED, Disposition.CALL_15)
    assert traces(cpts)[0].request_id == result.request.id


def test_not_eligible_calls_the_116_117_and_is_traced(cpts: Cpts):
    result = send(cpts, answers("unknown_reason"))
    assert (result.outcome, result.request) == (D.CALL_116117, None)
    assert "116 117" in result.reasons[0].sentence
    assert traces(cpts)[0].outcome is EligibilityOutcome.NOT_ELIGIBLE


def test_what_the_pharmacist_may_settle_is_left_to_him(cpts: Cpts):
    result = send(cpts, answers("sore_throat"))
    assert (result.outcome, result.request) == (D.PHARMACIST, None)
    assert traces(cpts)[0].outcome is EligibilityOutcome.PHARMACIST
    assert send(cpts, answers("sore_throat", counter_declined=True)).outcome is D.PROPOSALS
    assert send(cpts, answers("sore_throat"), by=cpts.nurse).outcome is D.PROPOSALS


def test_the_age_is_that_of_the_patient_not_the_one_typed(cpts: Cpts):
    child = a_patient(birth_date=date(2018, 1, 1), phone=None)
    result = send(cpts, answers("sore_throat", age_years=30), patient=child)
    assert result.outcome is D.PROPOSALS
    assert "refer_out_age" in [reason.code for reason in result.reasons]
    assert traces(cpts)[0].answers["age_years"] == 8


def test_unreviewed_signs_are_refused(cpts: Cpts):
    with pytest.raises(SignsNotReviewed):
        send(cpts, answers(reviewed=False))
    assert traces(cpts) == ()


def test_the_mt_is_called_first_and_the_request_waits(cpts: Cpts, session: Session):
    result = send(cpts, mt=MtAnswers(has_mt=True))
    assert result.outcome is D.CALL_MT_FIRST
    assert result.request is not None
    assert result.request.state is S.WAITING_MT
    resumed = intake.resume(session, result.request.id, by=cpts.pharmacy, now=NOW)
    assert resumed.request.state is S.RECEIVED


def waiting(cpts: Cpts) -> UUID:
    result = send(cpts, mt=MtAnswers(has_mt=True))
    assert result.request is not None
    return result.request.id


def resume(cpts: Cpts, request_id: UUID, mt: MtAnswers, **more: Any) -> DeskResult:
    by = more.pop("by", cpts.pharmacy)
    now = more.pop("now", NOW)
    return orientation.desk_resume(cpts.session, request_id, mt, keys=KEYS, by=by, now=now, **more)


CALLED = MtAnswers(has_mt=True, called=True, available=False)


def test_once_the_mt_was_called_the_desk_goes_on_by_its_trace(cpts: Cpts):
    slot = cpts.slot(cpts.carer(), at("14:00"))
    result = resume(cpts, waiting(cpts), CALLED)
    assert result.outcome is D.PROPOSALS
    assert result.proposals is not None
    assert [p.slots[0].slot_id for p in result.proposals.proposals] == [slot]
    assert len(traces(cpts)) == 2


def test_a_patient_who_got_worse_while_waiting_goes_to_the_15(cpts: Cpts):
    worse = answers("fever", "consciousness")
    result = resume(cpts, waiting(cpts), CALLED, answers=worse)
    assert result.outcome is D.CALL_15
    assert result.request is not None
    assert (result.request.state, result.request.disposition) == (S.ORIENTED, Disposition.CALL_15)
    assert traces(cpts)[0].red_flags == ("consciousness",)


def test_a_request_taken_up_at_night_goes_to_the_pdsa(cpts: Cpts):
    assert resume(cpts, waiting(cpts), CALLED, now=NIGHT).outcome is D.PDSA


def test_a_request_that_does_not_wait_is_not_taken_up(cpts: Cpts):
    sent = send(cpts)
    assert sent.request is not None
    with pytest.raises(IllegalMove):
        resume(cpts, sent.request.id, CALLED)


def test_another_desk_does_not_take_up_the_request(cpts: Cpts):
    request_id = waiting(cpts)
    with pytest.raises(NotFound):
        resume(cpts, request_id, CALLED, by=cpts.nurse)


def test_an_appointment_already_held_is_kept(cpts: Cpts):
    result = send(cpts, mt=MtAnswers(has_mt=False, holds_appointment_at=at("9:00", day=1)))
    assert result.outcome is D.KEEP_APPOINTMENT


def test_out_of_hours_the_desk_is_told_the_pdsa(cpts: Cpts):
    result = send(cpts, now=NIGHT)
    assert (result.outcome, result.request) == (D.PDSA, None)
    assert result.reasons[0].code == "outside_snp_hours"
    assert len(traces(cpts)) == 1


def test_the_same_patient_at_two_desks_is_shown(cpts: Cpts):
    patient = a_patient(family_name="Deuxfois", phone="0639983001")
    first = send(cpts, patient=patient)
    second = send(cpts, patient=patient, by=cpts.nurse)
    assert first.request is not None
    assert [duplicate.request.id for duplicate in second.duplicates] == [first.request.id]


def test_a_preview_shows_slots_and_opens_nothing(cpts: Cpts, session: Session):
    slot = cpts.slot(cpts.carer(), at("14:00"))
    need = PreviewNeed(cpts.territory.id, answers(), "44131")
    found = orientation.desk_preview(session, need, by=cpts.pharmacy, now=NOW)
    assert [p.slots[0].slot_id for p in found.proposals] == [slot]
    assert found.proposals[0].id is None
    assert traces(cpts) == ()
    flagged = PreviewNeed(cpts.territory.id, answers("fever", "breathing"), "44131")
    found = orientation.desk_preview(session, flagged, by=cpts.pharmacy, now=NOW)
    assert (found.proposals, found.why_not[0].code) == ((), "red_flag_breathing")
    night = orientation.desk_preview(session, need, by=cpts.pharmacy, now=NIGHT)
    assert night.why_not[0].code == "outside_snp_hours"


def test_a_doctor_books_three_sessions_of_physio(cpts: Cpts, session: Session):
    physio, doctor = cpts.carer(PHYSIO), cpts.carer()
    audiences = frozenset({Audience.PROFESSIONALS})
    slots = tuple(
        cpts.slot(physio, at("9:00", day=day), minutes=30, audiences=audiences) for day in (1, 3, 7)
    )
    result = send(cpts, answers("trauma"), by=cpts.acting(doctor), sessions=3, slot_ids=slots)
    assert result.outcome is D.HELD
    assert result.request is not None
    assert (result.request.origin, result.request.sessions) == (Origin.DOCTOR, 3)
    assert result.held is not None
    made = orientation.confirm(session, result.held.bundle_id, keys=KEYS, by=cpts.acting(doctor), now=NOW)
    assert [appointment.slot_id for appointment in made] == list(slots)


def test_a_physio_hands_over_at_any_hour(cpts: Cpts):
    audiences = frozenset({Audience.PROFESSIONALS})
    cpts.slot(cpts.carer(PHYSIO), at("9:00", day=1), audiences=audiences)
    result = send(
        cpts,
        answers("continuity"),
        by=cpts.acting(cpts.carer(PHYSIO)),
        terms=SeriesTerms(diagnosed=True),
        now=NIGHT,
    )
    assert result.outcome is D.PROPOSALS
    assert result.proposals is not None
    assert len(result.proposals.proposals) == 1
    assert result.request is not None
    assert result.request.origin is Origin.PHYSIO


def test_a_pharmacy_is_refused_the_physio_desk(cpts: Cpts, session: Session):
    for desk in (cpts.pharmacy, cpts.nurse):
        with pytest.raises(DeskNotAllowed):
            send(cpts, answers("trauma"), by=desk)
        with pytest.raises(DeskNotAllowed):
            triage.assess(session, cpts.territory.id, answers("trauma"), by=desk, now=NOW)
    assert traces(cpts) == ()


def test_physio_slots_are_not_seen_from_the_counter(cpts: Cpts):
    cpts.slot(cpts.carer(PHYSIO), at("14:00"), audiences=frozenset({Audience.PROFESSIONALS}))
    result = send(cpts)
    assert result.proposals is not None
    assert result.proposals.proposals == ()


def test_more_sessions_than_the_list_allows_are_refused(cpts: Cpts):
    with pytest.raises(InvalidValue):
        send(cpts, sessions=2)


def test_who_has_no_desk_is_refused(cpts: Cpts):
    with pytest.raises((Forbidden, InvalidValue)):
        send(cpts, by=cpts.coordinator)


def test_a_desk_of_another_territory_is_refused(cpts: Cpts, session: Session):
    other = a_cpts(session, "terres-de-montaigu")
    with pytest.raises(NotFound):
        send(cpts, by=other.pharmacy)


def test_each_desk_reads_its_list_and_its_own_traces(cpts: Cpts, session: Session):
    (counter,) = triage.lists_for(cpts.pharmacy, NOW)
    assert "chronic_wound" not in {reason.code for reason in counter.reasons}
    (for_nurses,) = triage.lists_for(cpts.nurse, NOW)
    assert "chronic_wound" in {reason.code for reason in for_nurses.reasons}
    (physio,) = triage.lists_for(cpts.acting(cpts.carer()), NOW)
    assert len(physio.reasons) == 5
    assert triage.lists_for(cpts.coordinator, NOW) == ()
    eligibility, trace_id = triage.assess(session, cpts.territory.id, answers(), by=cpts.pharmacy, now=NOW)
    assert eligibility.outcome is EligibilityOutcome.ELIGIBLE
    assert [trace.id for trace in traces(cpts)] == [trace_id]
    assert traces(cpts, cpts.nurse) == ()
    assert [trace.id for trace in traces(cpts, cpts.coordinator)] == [trace_id]


def test_a_trace_holds_no_identity(cpts: Cpts, session: Session):
    send(cpts, patient=a_patient(family_name="Secretrare", birth_date=date(1977, 7, 7), phone=None))
    assert set(traces(cpts)[0].answers) == {"age_years", "sex", "signs", "reviewed", "counter_declined"}
