from dataclasses import replace
from datetime import date, time, timedelta

import pytest

from slots.agenda import service as agenda
from slots.agenda.facts import SlotFilter, SlotState
from slots.appointments import service as appointments
from slots.rota import service as rota
from slots.rota.facts import Half, Status
from slots.rota.refusals import (
    AlreadyProposed,
    AlreadyReplied,
    NotInTheRota,
    PlanInProgress,
    PlanNotConfirmable,
    RotaRuleBroken,
    TurnOver,
)
from slots.rota.terms import Cause, Decision, Purpose, Reply, WishKind, WishLine
from snp.assignment.facts import Audience
from snp.errors import InvalidValue, VersionMismatch
from tests.support.agenda import CODES, OSNP, a_claim
from tests.support.directory import NOW, a_practitioner, a_site
from tests.support.rota import BY, MONDAY, an_msp


@pytest.fixture
def msp(session):
    return an_msp(session)


@pytest.fixture
def held(session, msp):
    """The same with a rota of four weeks in force."""
    rota.confirm_plan(session, msp.plan(session).id, **BY)
    return msp


def turns_of(session, msp, practitioner_id):
    return [
        (shift, turn)
        for shift in msp.shifts(session)
        for turn in shift.turns
        if turn.practitioner_id == practitioner_id
    ]


def open_slots(session, practitioner_id):
    query = SlotFilter(
        practitioner_ids=frozenset({practitioner_id}), states=frozenset({SlotState.OPEN}), starts_from=NOW
    )
    return agenda.list_slots(session, query, now=NOW).items


def take(session, msp, slot_id):
    claim = a_claim(slot_id)
    asked = {"audience": Audience.REGULATION, "territory_id": msp.rota.territory_id, "by": OSNP, "now": NOW}
    return appointments.book(session, [claim], codes=CODES, **asked)


def test_a_plan_is_solved_judged_and_published_within_the_horizon(session, msp):
    plan = msp.plan(session)
    assert (plan.status, plan.can_be_confirmed) == (Status.OPTIMAL, True)
    problem, answer = rota.problem_and_answer(plan)
    held = [sum(each.id in who for who in answer.turns.values()) for each in problem.carers]
    assert sorted(held) == [4, 5, 5, 5]
    moved = rota.confirm_plan(session, plan.id, **BY)
    assert len(moved.taken_up) == 19  # twenty mornings, none on 25 December
    slots = [slot for who in msp.doctors for slot in open_slots(session, who)]
    assert len(slots) == 2 * 7  # from Monday 30 November to Tuesday 8 December, two patients a morning
    with pytest.raises(PlanNotConfirmable):
        rota.confirm_plan(session, plan.id, **BY)


def test_one_plan_at_a_time_waits_for_a_decision(session, msp):
    plan = msp.plan(session)
    with pytest.raises(PlanInProgress):
        rota.ask_plan(session, msp.rota.id, MONDAY, 4, **BY)
    rota.discard_plan(session, plan.id, **BY)
    assert rota.get_plan(session, plan.id).decision is Decision.DISCARDED
    rota.ask_plan(session, msp.rota.id, MONDAY, 4, **BY)


@pytest.mark.parametrize(("first", "weeks"), [(date(2026, 11, 24), 4), (MONDAY, 3), (MONDAY, 13)])
def test_a_plan_covers_four_to_twelve_weeks_to_come(session, msp, first, weeks):
    with pytest.raises(InvalidValue):
        rota.ask_plan(session, msp.rota.id, first, weeks, **BY)


def test_absences_and_wishes_are_held(session, msp):
    away, fond, never = msp.doctors[:3]
    agenda.add_absence(session, away, NOW, NOW + timedelta(days=20), **BY)
    rota.set_wishes(session, msp.rota.id, fond, [WishLine(1, Half.MORNING, WishKind.ALWAYS)])
    rota.set_wishes(session, msp.rota.id, never, [WishLine(0, Half.MORNING, WishKind.NEVER)])
    rota.confirm_plan(session, msp.plan(session).id, **BY)
    assert min(shift.day for shift, _ in turns_of(session, msp, away)) > date(2026, 12, 13)
    assert sum(shift.day.weekday() == 1 for shift, _ in turns_of(session, msp, fond)) == 4
    assert all(shift.day.weekday() != 0 for shift, _ in turns_of(session, msp, never))


def test_an_absence_since_makes_a_plan_stale(session, msp):
    plan = msp.plan(session)
    agenda.add_absence(session, msp.doctors[0], NOW, NOW + timedelta(days=30), **BY)
    with pytest.raises(PlanNotConfirmable) as refused:
        rota.confirm_plan(session, plan.id, **BY)
    assert "est absent" in refused.value.sentence


def test_a_rota_that_cannot_be_says_which_rules_clash(session):
    msp = an_msp(session, doctors=1, gaps=False)
    plan = msp.plan(session)
    _, answer = rota.problem_and_answer(plan)
    assert plan.status is Status.INFEASIBLE
    assert any("3 gardes par semaine" in each.sentence for each in answer.conflicts)


def test_an_exchange_by_agreement_moves_turns_and_free_slots_but_no_taken_one(session, held):
    one, other = held.doctors[:2]
    shift, turn = turns_of(session, held, one)[0]
    mine = [slot for slot in open_slots(session, one) if shift.start <= slot.start < shift.end]
    take(session, held, mine[0].id)
    swap = rota.propose_swap(session, turn.id, other, **BY)
    with pytest.raises(AlreadyProposed):
        rota.propose_swap(session, turn.id, held.doctors[2], **BY)
    moved = rota.accept_swap(session, swap.id, **BY)
    assert moved.kept_slots == (mine[0].id,)
    assert [turn.practitioner_id for turn in rota.get_shift(session, shift.id).turns] == [other]
    assert rota.get_shift(session, shift.id).turns[0].cause is Cause.SWAP
    assert [slot.id for slot in open_slots(session, one) if shift.start <= slot.start < shift.end] == [
        mine[0].id
    ]
    theirs = [slot for slot in open_slots(session, other) if shift.start <= slot.start < shift.end]
    assert len(theirs) == 2
    with pytest.raises(AlreadyReplied):
        rota.accept_swap(session, swap.id, **BY)


def test_two_turns_are_exchanged_and_declined_ones_stay(session, held):
    one, other = held.doctors[:2]
    mine, his = turns_of(session, held, one)[-1], turns_of(session, held, other)[-1]
    rota.decline_swap(
        session, rota.propose_swap(session, mine[1].id, other, for_turn_id=his[1].id, **BY).id, **BY
    )
    assert turns_of(session, held, one)[-1][1].id == mine[1].id
    swap = rota.propose_swap(session, mine[1].id, other, for_turn_id=his[1].id, **BY)
    rota.accept_swap(session, swap.id, **BY)
    assert [turn.practitioner_id for turn in rota.get_shift(session, his[0].id).turns] == [one]
    assert [turn.practitioner_id for turn in rota.get_shift(session, mine[0].id).turns] == [other]


def test_an_exchange_that_breaks_a_rule_is_refused(session, held):
    one, other = held.doctors[:2]
    shift, turn = turns_of(session, held, one)[-1]
    agenda.add_absence(session, other, shift.start, shift.end, **BY)
    with pytest.raises(RotaRuleBroken) as refused:
        rota.propose_swap(session, turn.id, other, **BY)
    assert "est absent" in refused.value.sentence
    with pytest.raises(NotInTheRota):
        rota.propose_swap(session, turn.id, one, **BY)
    with pytest.raises(TurnOver):
        rota.propose_swap(session, turn.id, other, by=BY["by"], now=shift.start)


def test_illness_is_repaired_with_the_least_change(session, held):
    ill = held.doctors[0]
    broken = turns_of(session, held, ill)
    until = broken[1][0].end
    agenda.add_absence(session, ill, NOW, until, **BY)
    assert rota.repairs_due(session, now=NOW) == [held.rota.id]
    asked = rota.ask_repair(session, held.rota.id, **BY)
    assert rota.ask_repair(session, held.rota.id, **BY) is None
    plan = held.solved(session, asked.id)
    problem, answer = rota.problem_and_answer(plan)
    changes = rota.changes_of(problem, answer)
    assert (plan.purpose, plan.status) == (Purpose.REPAIR, Status.OPTIMAL)
    assert {change.shift_id for change in changes} == {
        shift.id for shift in problem.shifts if str(ill) in problem.in_force[shift.id] and shift.start < until
    }
    assert answer.cost.changes == 2 * len(changes) == 4
    rota.confirm_plan(session, plan.id, **BY)
    assert rota.repairs_due(session, now=NOW) == []
    assert [shift for shift, _ in turns_of(session, held, ill) if shift.start < until] == []


def test_a_repair_never_undoes_an_exchange_made_meanwhile(session, held):
    ill, one, other = held.doctors[:3]
    agenda.add_absence(session, ill, NOW, turns_of(session, held, ill)[0][0].end, **BY)
    plan = held.solved(session, rota.ask_repair(session, held.rota.id, **BY).id)
    _, turn = turns_of(session, held, one)[-1]
    rota.accept_swap(session, rota.propose_swap(session, turn.id, other, **BY).id, **BY)
    with pytest.raises(PlanNotConfirmable):
        rota.confirm_plan(session, plan.id, **BY)


def test_a_repair_that_was_discarded_is_not_asked_again_until_something_else_breaks(session, held):
    agenda.add_absence(session, held.doctors[0], NOW, NOW + timedelta(days=30), **BY)
    plan = rota.ask_repair(session, held.rota.id, **BY)
    rota.discard_plan(session, plan.id, **BY)
    assert rota.repairs_due(session, now=NOW) == []
    later = NOW + timedelta(hours=1)
    agenda.add_absence(session, held.doctors[1], later, later + timedelta(days=30), by=BY["by"], now=later)
    assert rota.repairs_due(session, now=later) == [held.rota.id]


@pytest.mark.parametrize("at_once", [True, False])
def test_a_volunteer_takes_a_short_shift(session, at_once):
    msp = an_msp(session, doctors=3, takes_volunteers=at_once, most_per_week=1)
    rota.confirm_plan(session, msp.plan(session).id, **BY)
    short = rota.short_shifts(session, msp.rota.id, now=NOW)
    assert len(short) == 19 - 12
    with pytest.raises(RotaRuleBroken):
        rota.offer_to_hold(session, short[0].id, msp.doctors[0], **BY)
    rota.change_rota(session, msp.rota.id, replace(msp.rota.details, most_per_week=2))
    free = next(who for who in msp.doctors if not rota.what_keeps(session, short[0], who, now=NOW))
    offer = rota.offer_to_hold(session, short[0].id, free, **BY)
    if not at_once:
        assert offer.reply is None
        rota.accept_offer(session, offer.id, **BY)
    assert rota.get_offer(session, offer.id).reply is Reply.ACCEPTED
    assert [turn.practitioner_id for turn in rota.get_shift(session, short[0].id).turns] == [free]


def test_what_a_slot_stands_in_the_way_of_is_said_beside_the_turn(session, msp):
    for who in msp.doctors:
        agenda.publish_slot(
            session, who, NOW + timedelta(days=6), replace(_offer(msp), slot_minutes=30), **BY
        )
    rota.confirm_plan(session, msp.plan(session).id, **BY)
    first = msp.shifts(session)[0]
    assert "occupe déjà" in first.turns[0].trouble
    assert len([s for s in open_slots(session, first.turns[0].practitioner_id) if s.start < first.end]) == 2


def test_who_left_gives_his_turns_up(session, held):
    rota.remove_member(session, held.rota.id, held.doctors[0], now=NOW)
    plan = held.solved(session, rota.ask_repair(session, held.rota.id, **BY).id)
    rota.confirm_plan(session, plan.id, **BY)
    assert turns_of(session, held, held.doctors[0]) == []
    with pytest.raises(NotInTheRota):
        rota.remove_member(session, held.rota.id, held.doctors[0], now=NOW)


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("name", {"name": " "}),
        ("audiences", {"audiences": frozenset()}),
        ("most_per_week", {"most_per_week": 0}),
        ("openings", {"openings": ()}),
        ("openings", {"patients": 25}),
        ("openings", {"ends_at": time(8)}),
        ("openings", {"ends_at": time(21)}),
        ("openings", {"least": 2}),
        ("openings", {"weekday": 6}),
        ("places", {"rooms": 51}),
        ("places", {"twice": True}),
    ],
)
def test_terms_that_cannot_be_are_refused_by_their_field(session, msp, field, change):
    details = msp.rota.details
    first = details.openings[0]
    if "rooms" in change:
        details = replace(details, places=(replace(details.places[0], **change),))
    elif "twice" in change:
        details = replace(details, places=details.places * 2)
    elif field == "openings" and "openings" not in change:
        details = replace(details, openings=(replace(first, **change),))
    else:
        details = replace(details, **change)
    with pytest.raises(InvalidValue) as refused:
        rota.change_rota(session, msp.rota.id, details)
    assert refused.value.fields["field"] == field


def test_only_members_who_practise_there_take_part(session, msp):
    stranger = a_practitioner(session, site_ids=(a_site(session).id,))
    with pytest.raises(NotInTheRota):
        rota.put_member(session, msp.rota.id, stranger.id, now=NOW)
    elsewhere = a_practitioner(session, site_ids=(a_site(session).id,), member_of=(msp.rota.territory_id,))
    with pytest.raises(NotInTheRota):
        rota.put_member(session, msp.rota.id, elsewhere.id, now=NOW)


def test_a_rota_is_changed_by_who_read_it_last(session, msp):
    changed = rota.change_rota(session, msp.rota.id, replace(msp.rota.details, name="Autre"), version=1)
    assert (changed.details.name, changed.version) == ("Autre", 2)
    with pytest.raises(VersionMismatch):
        rota.change_rota(session, msp.rota.id, msp.rota.details, version=1)


def test_why_me_names_the_others_and_what_keeps_them(session, held):
    shift, turn = turns_of(session, held, held.doctors[0])[0]
    alternatives, shares = rota.why_him(session, shift, turn, now=NOW)
    assert len(alternatives) == 3
    assert all(each.broken or each.dearer >= 0 for each in alternatives)
    assert {share.held for share in shares if share.kind == "all"} == {4, 5}


def _offer(msp):
    from slots.agenda.facts import Offer
    from snp.assignment.facts import Mode

    return Offer(msp.site_id, Mode.AMB, frozenset({Audience.REGULATION}), frozenset({msp.rota.territory_id}))
