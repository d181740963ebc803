"""The live policy over real tables: prices kept, answers weighed by them, the waiting list, fairness."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlmodel import Session

from regulation.intake import service as intake
from regulation.intake.facts import CallPriority, RequestState, RequestView, Urgency
from regulation.live import repository
from regulation.live import service as live
from regulation.live.facts import Basis, Fallback, Outcome, PriceSheet
from regulation.orientation import service as orientation
from regulation.orientation.facts import Proposals
from slots.appointments.facts import CancelledBy
from snp.errors import Forbidden
from tests.support.live import a_sheet, priority, set_settings
from tests.support.regulation import KEYS, NOW, PHYSIO, Cpts, a_cpts, at

pytestmark = pytest.mark.database
S = RequestState
P1, P2, P3 = (priority(level) for level in (CallPriority.P1, CallPriority.P2, CallPriority.P3))


@pytest.fixture
def cpts(session: Session) -> Cpts:
    return a_cpts(session)


def refresh(cpts: Cpts, now: datetime = NOW) -> tuple[PriceSheet, ...]:
    return live.refresh_prices(cpts.transactions, cpts.territory.id, clock=lambda: now)


def propose(cpts: Cpts, view: RequestView, *, now: datetime = NOW, **more: bool) -> Proposals:
    return orientation.propose(cpts.session, view.id, k=5, by=cpts.osnp, now=now, **more)


def serve(cpts: Cpts, *, now: datetime = NOW, spare: timedelta = timedelta(0)) -> tuple[object, ...]:
    return live.serve_waiting(
        cpts.transactions, cpts.territory.id, keys=KEYS, by=cpts.job, clock=lambda: now, spare=spare
    )


def state_of(cpts: Cpts, view: RequestView) -> RequestState:
    return intake.get_request(cpts.session, view.id, by=cpts.osnp, now=NOW).state


def test_prices_are_kept_by_profession_family_and_replaced(cpts: Cpts, session: Session):
    gp_slot = cpts.slot(cpts.carer(), at("14:00"))
    physio_slot = cpts.slot(cpts.carer(PHYSIO), at("14:00"))
    cpts.seeking()

    refresh(cpts)
    refresh(cpts, NOW + timedelta(minutes=10))

    kept = live.list_prices(session, cpts.territory.id, by=cpts.coordinator)
    assert [sheet.family for sheet in kept] == [PHYSIO, "medecin_generaliste"]
    assert {sheet.computed_at for sheet in kept} == {NOW + timedelta(minutes=10)}
    physio, gp = kept
    assert set(physio.prices) == {str(physio_slot)}
    assert set(gp.prices) == {str(gp_slot)}
    assert all(len(row) == gp.scenarios > 0 for row in gp.prices.values())
    assert gp.facts.requests_seen == 1


def test_prices_are_due_when_absent_old_or_when_the_slots_changed(cpts: Cpts, session: Session):
    def due(minutes: float) -> bool:
        return live.prices_due(session, cpts.territory, now=NOW + timedelta(minutes=minutes))

    assert not due(0), "nothing free, nothing to price"
    gp = cpts.carer()
    cpts.slot(gp, at("14:00"))
    assert due(0)
    refresh(cpts)
    assert not due(2)
    assert due(10)
    cpts.slot(gp, at("15:00"))
    assert not due(0.5), "not again within the minute"
    assert due(2), "a slot without a price"


def test_the_only_slot_is_dear_to_the_others_while_a_p1_seeks(cpts: Cpts):
    slot = cpts.slot(cpts.carer(), at("14:00"))
    cpts.seeking(urgency=P1)

    (sheet,) = refresh(cpts)

    assert set(sheet.prices[str(slot)]) == {9}


def test_a_p3_waits_for_what_the_urgent_need_and_is_told_so(cpts: Cpts, session: Session):
    slot = cpts.slot(cpts.carer(), at("14:00"))
    repository.write_sheet(session, a_sheet(cpts.territory.id, {str(slot): (3,) * 12}))
    for _ in range(3):  # answered lately: one more may be kept waiting
        propose(cpts, cpts.seeking(urgency=P3), anyway=True)

    found = propose(cpts, cpts.seeking(urgency=P3))

    assert found.proposals == ()
    assert found.advice is not None
    assert found.advice.outcome is Outcome.WAITING
    assert found.advice.place == 4
    told = " ".join(reason.sentence for reason in found.advice.sentences)
    assert "liste d’attente" in told
    assert "rester joignable" in told
    assert [reason.code for reason in found.why_not] == ["competing"]


def test_no_more_p3_wait_than_the_share_allows(cpts: Cpts, session: Session):
    set_settings(session, cpts, p3_waiting_percent=50)
    slot = cpts.slot(cpts.carer(), at("14:00"))
    repository.write_sheet(session, a_sheet(cpts.territory.id, {str(slot): (3,) * 12}))

    found = [propose(cpts, cpts.seeking(urgency=P3)).advice for _ in range(6)]

    outcomes = [advice.outcome for advice in found if advice is not None]
    assert outcomes.count(Outcome.WAITING) == 3
    assert all(outcomes[: n + 1].count(Outcome.WAITING) <= (n + 1) / 2 for n in range(6))
    served = found[0]
    assert served is not None
    assert "Trop de demandes" in " ".join(reason.sentence for reason in served.sentences)


@pytest.mark.parametrize("urgency", [P1, P2])
def test_the_urgent_are_offered_whatever_the_price(cpts: Cpts, session: Session, urgency: Urgency):
    slot = cpts.slot(cpts.carer(), at("14:00"))
    repository.write_sheet(session, a_sheet(cpts.territory.id, {str(slot): (20,) * 12}))

    found = propose(cpts, cpts.seeking(urgency=urgency))

    assert [proposal.slots[0].slot_id for proposal in found.proposals] == [slot]


def test_the_cheapest_to_others_comes_first_and_a_p1_comes_soonest(cpts: Cpts, session: Session):
    gp = cpts.carer()
    soon, late = cpts.slot(gp, at("14:00")), cpts.slot(gp, at("17:00"))
    sheet = a_sheet(cpts.territory.id, {str(soon): (2,) * 12, str(late): (0,) * 12})
    repository.write_sheet(session, sheet)

    p2 = propose(cpts, cpts.seeking(urgency=P2))
    p1 = propose(cpts, cpts.seeking(urgency=P1))

    assert [p.slots[0].slot_id for p in p2.proposals] == [late, soon]
    assert [p.slots[0].slot_id for p in p1.proposals] == [soon, late]


def test_the_prices_of_an_answer_are_those_of_the_table_and_kept_with_it(cpts: Cpts, session: Session):
    gp = cpts.carer()
    first, second = cpts.slot(gp, at("14:00")), cpts.slot(gp, at("15:00"))
    sheet = a_sheet(cpts.territory.id, {str(first): (1, 2, 0, 0), str(second): (0, 0, 0, 1)})
    repository.write_sheet(session, sheet)
    view = cpts.seeking(urgency=P2)

    found = propose(cpts, view)

    (decision,) = repository.decisions(session, view.id, limit=5)
    assert found.advice is not None
    assert decision.id == found.advice.decision_id
    assert decision.round_id == found.round_id
    weighing = decision.weighing
    assert (weighing.basis, weighing.fallback) == (Basis.PRICES, None)
    assert (weighing.prices_at, weighing.scenarios) == (NOW, 4)
    assert {slot.slot_id: slot.price for slot in weighing.alternatives} == {first: 0.75, second: 0.25}
    assert (weighing.value, weighing.value_now, weighing.value_waiting) == (3, 2.75, 3.0)
    assert repository.sheets(session, cpts.territory.id) == (sheet,), "nothing was computed anew"


def test_without_fresh_prices_the_answer_falls_back_and_says_so(cpts: Cpts, session: Session):
    slot = cpts.slot(cpts.carer(), at("14:00"))
    alone = cpts.seeking(urgency=P3)
    absent = propose(cpts, alone)
    assert absent.advice is not None
    assert absent.advice.basis is Basis.FIRST_COME
    sheet = a_sheet(cpts.territory.id, {str(slot): (9,) * 12})
    repository.write_sheet(session, replace(sheet, computed_at=NOW - timedelta(hours=2)))
    cpts.seeking()
    stale = propose(cpts, alone)
    assert stale.advice is not None
    assert stale.advice.basis is Basis.CONTENTION
    assert len(stale.proposals) == 1
    newest, oldest = repository.decisions(session, alone.id, limit=5)
    assert (newest.weighing.fallback, oldest.weighing.fallback) == (Fallback.STALE, Fallback.ABSENT)
    assert any("trop anciens" in reason.sentence for reason in stale.advice.sentences)


def test_a_territory_may_keep_to_the_exact_engine(cpts: Cpts, session: Session):
    set_settings(session, cpts, policy="exact")
    slot = cpts.slot(cpts.carer(), at("14:00"))
    repository.write_sheet(session, a_sheet(cpts.territory.id, {str(slot): (9,) * 12}))
    view = cpts.seeking(urgency=P3)
    assert len(propose(cpts, view).proposals) == 1
    (decision,) = repository.decisions(session, view.id, limit=5)
    assert decision.weighing.fallback is Fallback.EXACT


def test_the_regulation_may_propose_anyway_and_it_is_kept(cpts: Cpts, session: Session):
    set_settings(session, cpts, p3_waiting_percent=50)
    slot = cpts.slot(cpts.carer(), at("14:00"))
    repository.write_sheet(session, a_sheet(cpts.territory.id, {str(slot): (3,) * 12}))
    propose(cpts, cpts.seeking(urgency=P3))
    view = cpts.seeking(urgency=P3)
    assert propose(cpts, view).proposals == ()

    forced = propose(cpts, view, anyway=True)

    assert [p.slots[0].slot_id for p in forced.proposals] == [slot]
    newest = repository.decisions(session, view.id, limit=1)[0]
    assert (newest.anyway, newest.weighing.rule, newest.author) == (
        True,
        "regulator_decides",
        cpts.osnp.ident,
    )
    with pytest.raises(Forbidden):
        orientation.propose(session, view.id, anyway=True, by=cpts.pharmacy, now=NOW)


def test_who_waits_is_served_in_turn_when_something_frees(cpts: Cpts, session: Session):
    later, sooner = cpts.seeking(urgency=P2, now=NOW + timedelta(minutes=1)), cpts.seeking(urgency=P2)
    low, high = cpts.seeking(urgency=P3), cpts.seeking(urgency=P1, now=NOW + timedelta(minutes=2))
    now = NOW + timedelta(minutes=10)
    for view in (later, sooner, low, high):
        assert propose(cpts, view, now=now).proposals == ()

    listed = live.waiting_list(session, cpts.territory.id, by=cpts.coordinator)
    assert [line.request_id for line in listed] == [high.id, sooner.id, later.id, low.id]
    assert [line.place for line in listed] == [1, 2, 3, 4]
    assert all(line.reason.sentence and line.next_step.sentence for line in listed)
    assert serve(cpts, now=now) == ()

    gp = cpts.carer()
    for clock in ("14:00", "14:15"):
        cpts.slot(gp, at(clock))

    assert serve(cpts, now=now) == (high.id, sooner.id)
    assert [state_of(cpts, view) for view in (high, sooner, later)] == [S.BOOKED, S.BOOKED, S.SEEKING]
    assert repository.decisions(session, high.id, limit=1)[0].weighing.outcome is Outcome.SERVED


def test_a_cancelled_appointment_goes_to_who_waits(cpts: Cpts, session: Session):
    cpts.slot(cpts.carer(), at("14:00"))
    first, second = cpts.seeking(), cpts.seeking()
    held = orientation.hold(session, propose(cpts, first).proposals[0].id, by=cpts.osnp, now=NOW)
    (taken,) = orientation.confirm(session, held.bundle_id, keys=KEYS, by=cpts.osnp, now=NOW)
    assert propose(cpts, second).proposals == ()
    assert serve(cpts) == ()
    orientation.cancel_appointment(
        session, taken.id, cancelled_by=CancelledBy.PATIENT, reason="guéri", by=cpts.osnp, now=NOW
    )
    assert serve(cpts) == (second.id,)


def test_the_list_leaves_who_is_on_the_line_to_the_regulation(cpts: Cpts):
    cpts.slot(cpts.carer(), at("14:00"))
    view = cpts.seeking()
    five = timedelta(minutes=5)
    assert serve(cpts, spare=five) == (), "decided this minute"
    propose(cpts, view)
    assert serve(cpts, now=NOW + timedelta(minutes=4), spare=five) == (), "proposals are being read"
    assert serve(cpts, now=NOW + timedelta(minutes=6), spare=five) == (view.id,)


def test_a_p3_does_not_grab_at_night_what_the_morning_needs(cpts: Cpts, session: Session):
    dear = cpts.slot(cpts.carer(), at("14:00"))
    low = [cpts.seeking(urgency=P3, now=NOW + timedelta(minutes=n)) for n in range(4)]
    sheet = a_sheet(cpts.territory.id, {str(dear): (3,) * 12})
    repository.write_sheet(session, sheet)
    now = NOW + timedelta(minutes=5)
    set_settings(session, cpts, p3_waiting_percent=50)

    def run() -> int:
        report = orientation.assign_pool(
            cpts.transactions, cpts.territory.id, keys=KEYS, by=cpts.job, clock=lambda: now
        )
        return report.figures.served

    assert run() == 1, "no more than half of them may be kept waiting"
    assert state_of(cpts, low[0]) is S.BOOKED, "who waited longest"
    second = cpts.slot(cpts.carer(), at("15:00"))
    repository.write_sheet(session, a_sheet(cpts.territory.id, {str(second): (3,) * 12}))
    urgent = cpts.seeking(urgency=P2)
    assert run() == 1
    assert state_of(cpts, urgent) is S.BOOKED


def test_the_pool_serves_who_waits_longest_among_equals(cpts: Cpts):
    cpts.slot(cpts.carer(), at("14:00"))
    far = {"insee": "44106"}
    from tests.support.regulation import a_patient

    first = cpts.seeking(a_patient(**far), max_km=100.0)
    near = [cpts.seeking(now=NOW + timedelta(minutes=n)) for n in (1, 2)]
    report = orientation.assign_pool(
        cpts.transactions,
        cpts.territory.id,
        keys=KEYS,
        by=cpts.job,
        clock=lambda: NOW + timedelta(minutes=5),
    )
    assert state_of(cpts, first) is S.BOOKED
    assert {view.request_id for view in report.unserved} == {view.id for view in near}
    assert {view.reasons[0].code for view in report.unserved} == {"outcompeted"}


def test_an_explanation_tells_every_decision_and_what_comes_next(cpts: Cpts, session: Session):
    view = cpts.seeking()
    propose(cpts, view)
    cpts.slot(cpts.carer(), at("14:00"))
    propose(cpts, view)

    told = live.explain(session, view.id, by=cpts.osnp, now=NOW)

    assert (told.number, told.place) == (view.number, 1)
    assert [decision.weighing.outcome for decision, _ in told.decisions] == [Outcome.OFFERED, Outcome.WAITING]
    assert told.decisions[0][1][0] == "Un créneau est proposé."
    assert "rester joignable" in told.decisions[1][1][-1]
    assert "Servie dès qu’un créneau se libère" in told.next_step


def test_fairness_counts_by_priority_and_commune_and_names_nobody(cpts: Cpts, session: Session):
    set_settings(session, cpts, p3_waiting_percent=50)
    gp = cpts.carer()
    slot = cpts.slot(gp, at("14:00"))
    repository.write_sheet(session, a_sheet(cpts.territory.id, {str(slot): (3,) * 12}))
    views = [cpts.seeking(urgency=P3) for _ in range(2)]
    for view in views:
        propose(cpts, view)
    cpts.seeking(urgency=P1)

    later = NOW + timedelta(days=1)
    report = live.fairness(session, cpts.territory.id, by=cpts.coordinator, now=later)

    shares = {line.key: (line.requests, line.kept_waiting, line.seeking) for line in report.by_priority}
    assert shares == {"P1": (1, 0, 1), "P3": (2, 1, 2)}
    assert [(line.key, line.requests) for line in report.by_commune] == [("44131", 3)]
    assert [(load.practitioner_id, load.opened, load.taken) for load in report.practitioners] == [
        (gp.id, 1, 0)
    ]


def test_history_prices_what_has_not_been_asked_yet(cpts: Cpts, session: Session):
    """Two weeks in which more P1 came each morning than the one slot of tomorrow can hold."""
    gp = cpts.carer()
    for day in range(-14, 0):
        for _ in range(6):
            cpts.seeking(urgency=P1, now=at("9:00", day=day) if day % 7 < 5 else at("9:30", day=day))
    session.flush()
    now = at("8:00")
    for view in intake_seeking(cpts):
        orientation.cancel_request(session, view.id, "guéri", by=cpts.osnp, now=now)
    slot = cpts.slot(gp, at("14:00"), now=now)

    (sheet,) = refresh(cpts, now)

    assert sheet.facts.days_seen >= 13
    assert sheet.facts.expected_24h > 2
    row = sheet.prices[str(slot)]
    assert sum(row) / len(row) > 3, "the slot is worth more than any P2 or P3 in most futures"


def intake_seeking(cpts: Cpts) -> list[RequestView]:
    from regulation.intake import repository as requests

    return requests.seeking(cpts.session, cpts.territory.id)
