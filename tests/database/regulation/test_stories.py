"""Deux histoires de bout en bout : l’appel au 116 117 à Montaigu, la pharmacie en Pays de Retz."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import Session

from regulation.intake import service as intake
from regulation.intake.facts import (
    CallerTraits,
    CallPriority,
    Decision,
    Disposition,
    Move,
    MtAnswers,
    Origin,
    RequestState,
    ResponseLevel,
    Sex,
    Urgency,
)
from regulation.orientation import service as orientation
from regulation.orientation.facts import DeskForm, DeskOutcome, PreviewNeed, Reopened
from regulation.triage import service as triage
from regulation.triage.facts import DeskAnswers, EligibilityOutcome
from slots.appointments import service as appointments
from slots.appointments.facts import CancelledBy
from snp.platform.actors import Role
from tests.support.regulation import KEYS, NOW, Cpts, a_cpts, a_patient, a_snp_decision, an_actor, at

pytestmark = pytest.mark.database
S = RequestState


@pytest.fixture
def montaigu(session: Session) -> Cpts:
    return a_cpts(session, "terres-de-montaigu")


def test_the_montaigu_call_ends_in_advice(montaigu: Cpts, session: Session):
    arm = an_actor(Role.ARM, frozenset({montaigu.territory.id}))
    opened = montaigu.open(
        a_patient(phone="02 51 00 00 01"),
        by=arm,
        origin=Origin.ARM,
        caller=CallerTraits("Sa voisine", "0639980301", "voisine"),
    )
    request = opened.request.id
    waiting = intake.check_mt(session, request, MtAnswers(has_mt=True), by=arm, now=NOW)
    assert "Appelez d’abord votre médecin traitant" in waiting.reasons[0].sentence
    later = NOW + timedelta(hours=2)
    intake.resume(session, request, by=arm, now=later)
    too_late = MtAnswers(has_mt=True, called=True, offered_at=at("8:30", day=7))
    assert intake.check_mt(session, request, too_late, by=arm, now=later).request.state is S.TO_ESTIMATE
    intake.estimate_delay(session, request, 24, by=montaigu.osnp, now=later)
    advice = Decision(Disposition.ADVICE, Urgency(CallPriority.P3, ResponseLevel.R4))
    done = intake.decide(session, request, advice, by=montaigu.regulateur, now=later).request
    assert (done.state, done.disposition) == (S.CLOSED, Disposition.ADVICE)
    story = intake.story(session, request, by=montaigu.osnp, now=later)
    assert [line.role for line in story] == ["arm", "arm", "arm", "arm", "osnp", "regulateur"]


def test_the_montaigu_call_ends_with_a_doctor_within_48_hours(montaigu: Cpts, session: Session):
    near, mt = montaigu.carer(), montaigu.carer()
    montaigu.slot(mt, at("11:00"))
    slot = montaigu.slot(near, at("9:30", day=1))
    request = montaigu.open().request.id
    away = MtAnswers(has_mt=True, absent=True, mt_practitioner_id=mt.id)
    intake.check_mt(session, request, away, by=montaigu.osnp, now=NOW)
    intake.estimate_delay(session, request, 48, by=montaigu.osnp, now=NOW)
    decided = intake.decide(session, request, a_snp_decision(delay_h=None), by=montaigu.regulateur, now=NOW)
    assert decided.request.deadline == NOW + timedelta(hours=48)
    found = orientation.propose(session, request, by=montaigu.osnp, now=NOW)
    (proposal,) = found.proposals
    assert proposal.slots[0].slot_id == slot, "the slot of the absent médecin traitant is left out"
    assert "excluded_practitioner" in [reason.code for reason in found.why_not]
    assert proposal.id is not None
    held = orientation.hold(session, proposal.id, by=montaigu.osnp, now=NOW)
    in_a_minute = NOW + timedelta(minutes=1)
    (seen,) = orientation.confirm(session, held.bundle_id, keys=KEYS, by=montaigu.osnp, now=in_a_minute)
    orientation.honour(session, seen.id, by=montaigu.acting(near), now=at("9:50", day=1))
    story = intake.story(session, request, by=montaigu.osnp, now=NOW)
    assert [line.move for line in story] == [
        Move.OPEN,
        Move.CHECK_MT,
        Move.ESTIMATE,
        Move.DECIDE,
        Move.HOLD,
        Move.BOOK,
        Move.HONOUR,
    ]
    assert story[-1].to_state is S.CLOSED


def test_the_retz_pharmacy_books_and_the_doctor_who_cancels_is_replaced(session: Session):
    retz = a_cpts(session)
    doctor, colleague = retz.carer(), retz.carer()
    first, second = retz.slot(doctor, at("11:30")), retz.slot(colleague, at("12:00"))
    case = DeskAnswers("ear_pain", 8, Sex.MALE, reviewed=True)
    eligibility, _ = triage.assess(session, retz.territory.id, case, by=retz.pharmacy, now=NOW)
    assert eligibility.outcome is EligibilityOutcome.ELIGIBLE
    need = PreviewNeed(retz.territory.id, case, "44131")
    shown = orientation.desk_preview(session, need, by=retz.pharmacy, now=NOW).proposals
    assert [p.slots[0].slot_id for p in shown] == [first, second]
    form = DeskForm(
        retz.territory.id,
        case,
        MtAnswers(has_mt=True, called=True, available=False),
        a_patient(birth_date=at("12:00").date().replace(year=2018), sex=Sex.MALE),
        slot_ids=tuple(slot.slot_id for slot in shown[0].slots),
    )
    sent = orientation.desk_request(session, form, keys=KEYS, by=retz.pharmacy, now=NOW)
    assert sent.outcome is DeskOutcome.HELD
    assert sent.held is not None
    (booked,) = orientation.confirm(session, sent.held.bundle_id, keys=KEYS, by=retz.pharmacy, now=NOW)
    code = appointments.patient_code(session, booked.id, codes=KEYS.hasher())
    reopened = orientation.cancel_appointment(
        session,
        booked.id,
        cancelled_by=CancelledBy.PRACTITIONER,
        reason="visite urgente",
        by=retz.acting(doctor),
        now=NOW + timedelta(minutes=20),
    )
    assert isinstance(reopened, Reopened)
    assert [p.slots[0].slot_id for p in reopened.proposals.proposals] == [second]
    report = orientation.assign_pool(
        retz.transactions,
        retz.territory.id,
        keys=KEYS,
        by=retz.job,
        clock=lambda: NOW + timedelta(minutes=30),
    )
    assert (report.figures.served, report.figures.served_within_delay) == (1, 1)
    seen = intake.get_request(session, reopened.request.id, by=retz.pharmacy, now=NOW)
    assert seen.state is S.BOOKED
    assert appointments.by_code(session, code, codes=KEYS.hasher()).id == booked.id
