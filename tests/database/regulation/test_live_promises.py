"""Promises over real tables: made with a certificate, protected, named in time, broken by no booking."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlmodel import Session

from regulation.intake import service as intake
from regulation.intake.facts import CallPriority, Origin, RequestState, RequestView
from regulation.live import repository
from regulation.live import service as live
from regulation.live.facts import Outcome, PromiseEnding, PromiseView
from regulation.live.refusals import AlreadyPromised, NoPromise, SlotKeptForPromise
from regulation.live.service.keeping import Kept
from regulation.orientation import service as orientation
from slots.appointments import service as appointments
from slots.appointments.facts import AppointmentFilter
from snp.assignment.facts import Mode
from snp.directory.territory_settings import AnswerMode
from tests.support.live import priority, set_settings
from tests.support.regulation import KEYS, NO_MT, NOW, Cpts, a_cpts, a_snp_decision, at

pytestmark = pytest.mark.database
S = RequestState
P1, P2, P3 = (priority(level) for level in (CallPriority.P1, CallPriority.P2, CallPriority.P3))


@pytest.fixture
def cpts(session: Session) -> Cpts:
    made = a_cpts(session)
    set_settings(session, made, mode="promise", notice_minutes=60, quiet_hours=["21:00", "07:00"])
    return made


def promise(cpts: Cpts, view: RequestView, now: datetime = NOW) -> PromiseView:
    return live.promise(cpts.session, view.id, by=cpts.osnp, now=now)


def keep(cpts: Cpts, now: datetime) -> Kept:
    return live.keep_promises(cpts.transactions, cpts.territory.id, keys=KEYS, by=cpts.job, clock=lambda: now)


def state_of(cpts: Cpts, view: RequestView) -> RequestState:
    return intake.get_request(cpts.session, view.id, by=cpts.osnp, now=NOW).state


def starts_of(cpts: Cpts, view: RequestView) -> list[datetime]:
    query = AppointmentFilter(request_ids=frozenset({view.id}), live=True)
    return [a.start for a in appointments.list_appointments(cpts.session, query).items]


def test_a_promise_is_offered_instead_of_times_and_times_are_a_right(cpts: Cpts, session: Session):
    cpts.slot(cpts.carer(), at("16:00"))
    view = cpts.seeking()

    found = orientation.propose(session, view.id, by=cpts.osnp, now=NOW)
    at_once = orientation.propose(session, view.id, at_once=True, by=cpts.osnp, now=NOW)

    assert found.proposals == ()
    assert found.advice is not None
    assert found.advice.outcome is Outcome.PROMISE_OFFERED
    assert found.advice.seen_before == view.deadline
    assert found.advice.sentences[0].sentence == "Vous serez vu avant jeudi 26\u00a0novembre à 10\u00a0h."
    assert len(at_once.proposals) == 1


def test_a_slot_too_near_to_be_promised_is_offered_at_once(cpts: Cpts, session: Session):
    gp = cpts.carer()
    near = cpts.slot(gp, at("10:30"))
    cpts.slot(gp, at("16:00"))
    found = orientation.propose(session, cpts.seeking().id, by=cpts.osnp, now=NOW)
    assert [p.slots[0].slot_id for p in found.proposals] == [near]


def test_a_p1_a_series_and_a_household_get_times(cpts: Cpts, session: Session):
    for clock in ("16:00", "16:15"):
        cpts.slot(cpts.carer(), at(clock))
    urgent = cpts.seeking(urgency=P1)
    assert orientation.propose(session, urgent.id, by=cpts.osnp, now=NOW).proposals
    with pytest.raises(NoPromise):
        promise(cpts, urgent)


def test_a_promise_keeps_its_certificate(cpts: Cpts, session: Session):
    gp = cpts.carer()
    slots = {str(cpts.slot(gp, at(clock))) for clock in ("16:00", "16:15")}
    first, second, third = (cpts.seeking() for _ in range(3))

    promise(cpts, first)
    made = promise(cpts, second)

    assert made.seen_before == second.deadline
    assert set(made.certificate) == {str(first.id), str(second.id)}
    assert set(made.certificate.values()) == slots
    with pytest.raises(NoPromise):
        promise(cpts, third)
    with pytest.raises(AlreadyPromised):
        promise(cpts, first)
    found = orientation.propose(session, third.id, by=cpts.osnp, now=NOW)
    assert found.proposals == ()
    assert found.advice is not None
    assert found.advice.outcome is Outcome.WAITING
    assert "kept_for_promises" in {reason.code for reason in found.why_not}


def test_a_slot_that_a_promise_needs_is_given_to_nobody_else(cpts: Cpts, session: Session):
    only = cpts.slot(cpts.carer(), at("16:00"))
    promised, other = cpts.seeking(), cpts.seeking(urgency=P1)
    promise(cpts, promised)

    assert orientation.propose(session, other.id, anyway=True, by=cpts.osnp, now=NOW).proposals == ()
    with pytest.raises(SlotKeptForPromise):
        orientation.hold_slots(session, other.id, [only], by=cpts.osnp, now=NOW)
    report = orientation.assign_pool(
        cpts.transactions, cpts.territory.id, keys=KEYS, by=cpts.job, clock=lambda: NOW
    )
    assert (report.figures.requests, report.figures.served) == (1, 0)
    served = live.serve_waiting(
        cpts.transactions, cpts.territory.id, keys=KEYS, by=cpts.job, clock=lambda: NOW
    )
    assert served == ()
    held = orientation.hold_slots(session, promised.id, [only], by=cpts.osnp, now=NOW)
    assert held.request_ids == (promised.id,), "who holds the promise may take it at once"


def test_a_slot_is_named_at_the_last_call_and_not_before(cpts: Cpts, session: Session):
    cpts.slot(cpts.carer(), at("16:00"))
    view = cpts.seeking()
    promise(cpts, view)

    assert keep(cpts, at("14:00")).named == ()
    assert keep(cpts, at("14:59")).named == (view.id,)

    assert state_of(cpts, view) is S.BOOKED
    assert starts_of(cpts, view) == [at("16:00")]
    ended = repository.last_promise(session, view.id)
    assert ended is not None
    assert ended.ending is PromiseEnding.NAMED
    assert repository.decisions(session, view.id, limit=1)[0].weighing.outcome is Outcome.NAMED


def test_a_slot_is_named_in_the_morning_when_people_may_be_told_again_in_time(cpts: Cpts):
    cpts.slot(cpts.carer(), at("8:00", day=1))
    view = cpts.seeking()
    promise(cpts, view)
    assert keep(cpts, at("20:59")).named == (), "8 h less an hour is 7 h, when quiet hours end"
    assert keep(cpts, at("6:59", day=1)).named == (view.id,)


def test_a_slot_whose_last_call_falls_in_the_quiet_hours_is_named_the_evening_before(cpts: Cpts):
    set_settings(cpts.session, cpts, notice_minutes=90)
    cpts.slot(cpts.carer(), at("8:00", day=1))
    view = cpts.seeking()
    promise(cpts, view)
    assert keep(cpts, at("20:30")).named == ()
    assert keep(cpts, at("20:59")).named == (view.id,)


def test_promises_are_matched_anew_when_slots_come_and_go(cpts: Cpts, session: Session):
    """The first promise moves to the later slot so that the second, who cannot wait, is seen too."""
    gp = cpts.carer()
    early = cpts.slot(gp, at("14:00"))
    first = cpts.seeking()
    promise(cpts, first)
    cpts.slot(gp, at("17:00"))
    second = cpts.seeking(delay_h=5)
    made = promise(cpts, second)
    assert made.certificate[str(second.id)] == str(early)

    assert keep(cpts, at("13:00")).named == (second.id,)
    assert keep(cpts, at("16:00")).named == (first.id,)
    assert starts_of(cpts, first) == [at("17:00")]


def test_only_a_withdrawal_breaks_a_promise_and_it_is_told(cpts: Cpts, session: Session):
    gp = cpts.carer()
    only = cpts.slot(gp, at("16:00"))
    view = cpts.seeking(delay_h=8)
    promise(cpts, view)
    orientation.withdraw_slot(session, only, by=cpts.acting(gp), now=NOW)

    assert keep(cpts, at("12:00")).at_risk == (view.id,)
    made, risky = live.list_promises(session, cpts.territory.id, by=cpts.coordinator, now=at("12:00"))
    assert [p.request_id for p in made] == [view.id]
    assert risky == {view.id}

    late = at("18:01")
    orientation.expire_requests(session, by=cpts.job, now=late)
    assert keep(cpts, late).broken == (view.id,)
    ended = repository.last_promise(session, view.id)
    assert ended is not None
    assert ended.ending is PromiseEnding.BROKEN
    report = live.fairness(session, cpts.territory.id, by=cpts.coordinator, now=late)
    assert (report.promises_made, report.promises_broken) == (1, 1)
    told = live.explain(session, view.id, by=cpts.osnp, now=late)
    assert told.decisions[0][0].weighing.outcome is Outcome.BROKEN


def test_a_slot_freed_in_time_saves_a_promise_at_risk(cpts: Cpts, session: Session):
    gp = cpts.carer()
    only = cpts.slot(gp, at("16:00"))
    view = cpts.seeking(delay_h=8)
    promise(cpts, view)
    orientation.withdraw_slot(session, only, by=cpts.acting(gp), now=NOW)
    cpts.slot(gp, at("12:30"), now=at("12:00"))

    assert keep(cpts, at("12:00")).named == (view.id,), "with less notice, rather than none"


def test_a_promise_ends_with_its_request(cpts: Cpts, session: Session):
    cpts.slot(cpts.carer(), at("16:00"))
    view = cpts.seeking()
    promise(cpts, view)
    orientation.cancel_request(session, view.id, "guéri", by=cpts.osnp, now=NOW)
    assert keep(cpts, NOW).broken == ()
    ended = repository.last_promise(session, view.id)
    assert ended is not None
    assert ended.ending is PromiseEnding.GIVEN_UP
    other = cpts.seeking()
    assert promise(cpts, other).certificate.keys() == {str(other.id)}


def test_a_territory_that_answers_at_once_promises_nothing(cpts: Cpts, session: Session):
    set_settings(session, cpts, mode="immediate")
    assert cpts.territory.settings.mode is AnswerMode.IMMEDIATE
    cpts.slot(cpts.carer(), at("16:00"))
    view = cpts.seeking()
    assert orientation.propose(session, view.id, by=cpts.osnp, now=NOW).proposals
    with pytest.raises(NoPromise):
        promise(cpts, view)


def test_a_promise_made_before_the_mode_changed_is_kept(cpts: Cpts, session: Session):
    only = cpts.slot(cpts.carer(), at("16:00"))
    view, other = cpts.seeking(), cpts.seeking()
    promise(cpts, view)
    set_settings(session, cpts, mode="immediate")
    with pytest.raises(SlotKeptForPromise):
        orientation.hold_slots(session, other.id, [only], by=cpts.osnp, now=NOW)
    assert keep(cpts, at("15:00")).named == (view.id,)


def test_a_slot_to_be_given_back_is_named_before_it_goes(cpts: Cpts, session: Session):
    from slots.agenda import service as agenda
    from slots.agenda.facts import Offer
    from tests.support.regulation import EVERYONE

    gp = cpts.carer()
    offer = Offer(
        site_id=cpts.site.id,
        mode=Mode.AMB,
        audiences=EVERYONE,
        territory_ids=frozenset({cpts.territory.id}),
        slot_minutes=15,
        release_minutes=180,
    )
    agenda.publish_slot(session, gp.id, at("16:00"), offer, by=cpts.acting(gp), now=NOW)
    view = cpts.seeking()
    promise(cpts, view)
    assert keep(cpts, at("12:50")).named == ()
    assert keep(cpts, at("12:57")).named == (view.id,)


def test_at_a_desk_a_time_is_always_told(cpts: Cpts, session: Session):
    cpts.slot(cpts.carer(), at("16:00"))
    opened = cpts.open(by=cpts.pharmacy, origin=Origin.PHARMACY, organisation_id=cpts.pharmacy.organisation)
    intake.check_mt(session, opened.request.id, NO_MT, by=cpts.osnp, now=NOW)
    intake.decide(session, opened.request.id, a_snp_decision(), by=cpts.regulateur, now=NOW)
    found = orientation.propose(session, opened.request.id, by=cpts.pharmacy, now=NOW)
    assert len(found.proposals) == 1
