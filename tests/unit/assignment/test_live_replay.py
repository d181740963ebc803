"""The event loop, case by case, on days small enough to read."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from snp.assignment.facts import Priority
from snp.assignment.live_clairvoyant import clairvoyant
from snp.assignment.live_explaining import MEANWHILE, explain
from snp.assignment.live_policies import PolicyName, make_policy
from snp.assignment.live_replay import Policy, replay
from snp.assignment.policy.desk import AnswerNotAllowed, Desk
from snp.assignment.policy.live import LivePolicy
from snp.assignment.policy.settings import LiveSettings
from snp.assignment.policy.simple import first_come
from snp.assignment.stream import Answer, AppointmentCancelled, SlotPublished, SlotWithdrawn, Stream
from snp.assignment.stream_checks import stream_violations
from tests.support.streams import MONDAY, a_call, a_day, a_live_slot, at, published

QUICK = LiveSettings(scenarios=2, refresh_min=240)


def live(**changes: object) -> LivePolicy:
    return LivePolicy(replace(QUICK, **changes))


def answers(day: Stream, policy: Policy) -> list[tuple[str, tuple[str, ...], str]]:
    found = list(replay(day, policy))
    assert stream_violations(day, found) == []
    return [(answer.request, answer.slots, answer.reason) for answer in found]


@pytest.mark.parametrize("name", list(PolicyName))
def test_a_lone_caller_is_served(name: PolicyName) -> None:
    day = a_day(published("s1", at(10)), a_call("r1", at(8)))
    assert answers(day, make_policy(name, settings=QUICK)) == [("r1", ("s1",), "served")]


def test_first_come_takes_the_earliest_and_nearest_the_nearest() -> None:
    far_first = published("early", at(9), lat=47.2), published("near", at(11), lat=47.12)
    day = a_day(*far_first, a_call("r1", at(8)))
    assert answers(day, first_come())[0][1] == ("early",)
    assert answers(day, make_policy(PolicyName.NEAREST))[0][1] == ("near",)


def test_a_slot_published_before_the_day_is_still_there() -> None:
    day = a_day(published("s1", at(10), when=at(-30)), a_call("old", at(-20)), a_call("r1", at(8)))
    assert answers(day, first_come()) == [("r1", ("s1",), "served")]


def test_a_withdrawn_slot_reopens_its_request_at_once() -> None:
    day = a_day(
        published("s1", at(10)), published("s2", at(12)), a_call("r1", at(8)), SlotWithdrawn(at(9), "s1")
    )
    assert [slots for _, slots, _ in answers(day, live())] == [("s1",), ("s2",)]


def test_a_cancelled_appointment_frees_its_slot() -> None:
    day = a_day(
        published("s1", at(10)), a_call("r1", at(8)), AppointmentCancelled(at(9), "r1"), a_call("r2", at(9.5))
    )
    assert answers(day, live()) == [("r1", ("s1",), "served"), ("r2", ("s1",), "served")]


def test_the_waiting_list_is_served_when_a_slot_opens() -> None:
    day = a_day(a_call("r1", at(8), waiting_list=True), published("s1", at(14), when=at(9)))
    assert answers(day, live()) == [
        ("r1", (), "no_suitable_slot"),
        ("r1", ("s1",), "served_from_waiting_list"),
    ]


def test_a_refusal_that_may_wait_is_put_off_until_answer_by() -> None:
    day = a_day(a_call("r1", at(8), answer_by=at(9)), published("s1", at(14), when=at(8.5)))
    assert answers(day, live()) == [("r1", ("s1",), "served")]
    nothing = a_day(a_call("r1", at(8), answer_by=at(9)))
    assert [answer.at for answer in replay(nothing, live())] == [at(9)]


def test_a_promise_is_named_when_its_notice_runs_out() -> None:
    day = a_day(published("s1", at(14)), a_call("r1", at(8), notice_min=90))
    made, named = list(replay(day, live(promise=True)))
    assert made.promise
    assert (named.slots, named.at) == (("s1",), at(12.5))


def test_promises_still_open_when_the_stream_ends_are_named_at_its_end() -> None:
    day = a_day(published("s1", at(30)), a_call("r1", at(20), notice_min=60, within_h=24), days=1)
    made, named = list(replay(day, live(promise=True)))
    assert made.promise
    assert (named.slots, named.at) == (("s1",), day.header.end)


def test_whoever_asks_for_a_time_gets_no_promise() -> None:
    desk, policy = Desk(), live(promise=True)
    day = a_day(published("s1", at(14)), a_call("r1", at(8), notice_min=90))
    policy.open_on(desk, day.header)
    policy.learn(day.events[0])
    desk.publish(a_live_slot("s1", at(14)))
    caller = desk.meet(day.events[1])  # type: ignore[arg-type]
    caller.at_once = True
    answer = policy.decide(caller, at(8), last=True)
    assert answer is not None
    assert answer.slots == ("s1",)


def test_a_promise_whose_slots_are_withdrawn_is_reported_broken() -> None:
    day = a_day(
        published("s1", at(14)), a_call("r1", at(8), notice_min=60), SlotWithdrawn(at(9), "s1"), days=4
    )
    assert [reason for _, _, reason in answers(day, live(promise=True))] == ["promised", "promise_broken"]


def test_more_promises_than_slots_are_not_made() -> None:
    calls = [a_call(f"r{i}", at(8 + i / 10), notice_min=60) for i in range(4)]
    found = list(replay(a_day(published("s1", at(14)), published("s2", at(15)), *calls), live(promise=True)))
    assert sum(answer.promise for answer in found) == 2


def test_a_refusal_says_that_the_slots_stand_surety_for_promises() -> None:
    day = a_day(
        published("s1", at(14)),
        a_call("r1", at(8), notice_min=60),
        a_call("r2", at(9), priority=Priority.P1, waiting_list=True),
    )
    made, refused, named = list(replay(day, live(promise=True)))
    assert made.promise
    assert (refused.request, refused.reason, refused.slots) == ("r2", "kept_for_promises", ())
    assert explain(refused)[1] == "Les créneaux qui conviendraient garantissent des rendez-vous déjà promis."
    assert explain(refused)[-1] == MEANWHILE
    assert (named.request, named.slots) == ("r1", ("s1",))


def test_what_began_is_forgotten_before_the_next_caller() -> None:
    policy = live()
    desk = Desk()
    day = a_day(published("s1", at(10)))
    policy.open_on(desk, day.header)
    policy.learn(day.events[0])
    desk.publish(a_live_slot("s1", at(10)))
    woken = []
    while (moment := policy.next_wake()) is not None and moment < at(10.5):
        woken.append(moment)
        desk.expire(moment.timestamp())
        list(policy.wake(moment))
        policy.prepare(moment)
    assert any(at(10) < moment < at(10) + timedelta(seconds=1) for moment in woken)
    assert not desk.table.free.any()


def test_a_slot_published_after_its_start_changes_nothing() -> None:
    late = SlotPublished(at(9), a_live_slot("s1", at(8)))
    day = a_day(late, a_call("r1", at(9.5)), published("s2", at(14)), a_call("r2", at(10)))
    found = list(replay(day, live()))
    assert [answer.at for answer in found] == [at(9.5), at(10)]
    assert [answer.slots for answer in found] == [("s2",), ()]


def test_quiet_hours_move_the_naming_before_them() -> None:
    from datetime import time

    day = a_day(published("s1", at(8, day=1)), a_call("r1", at(10), notice_min=60))
    _, named = list(replay(day, live(promise=True, quiet_hours=(time(21), time(7, 30)))))
    assert named.at == at(21)


def test_sessions_are_served_whole_by_one_practitioner() -> None:
    slots = [published(f"s{i}", at(10, day=i)) for i in range(3)]
    day = a_day(*slots, a_call("r1", at(8), sessions=3), days=5)
    assert answers(day, live()) == [("r1", ("s0", "s1", "s2"), "served")]
    assert answers(a_day(*slots[:2], a_call("r1", at(8), sessions=3)), live())[0][1] == ()


def test_a_household_is_served_in_one_run_or_not_at_all() -> None:
    run = [published("a", at(10)), published("b", at(10.25)), published("far", at(15))]
    family = [a_call(f"m{i}", at(8), household="h") for i in range(2)]
    assert sorted(slots for _, slots, _ in answers(a_day(*run, *family), live())) == [("a",), ("b",)]
    three = [*family, a_call("m2", at(8), household="h")]
    assert {reason for _, _, reason in answers(a_day(*run, *three), live())} == {"no_run_for_household"}


def test_a_late_member_of_a_household_only_extends_its_run() -> None:
    run = [published("a", at(10)), published("b", at(10.25)), published("far", at(15))]
    day = a_day(*run, a_call("m0", at(8), household="h"), a_call("m1", at(9), household="h"))
    assert sorted(slots for _, slots, _ in answers(day, first_come())) == [("a",), ("b",)]


def test_a_p1_is_served_though_its_slot_is_dear() -> None:
    calls = [a_call(f"r{i}", at(7 + i / 20), waiting_list=True) for i in range(20)]
    day = a_day(*calls, published("s1", at(12), when=at(6)), a_call("u", at(6.5), priority=Priority.P1))
    assert ("u", ("s1",), "served") in answers(day, live())


def test_the_loop_refuses_a_slot_that_is_not_free() -> None:
    class Cheat(LivePolicy):
        def decide(self, caller: object, now: object, *, last: bool) -> Answer:
            return Answer(at(8), "r1", ("nowhere",))

    with pytest.raises(AnswerNotAllowed):
        list(replay(a_day(a_call("r1", at(8))), Cheat(QUICK)))


def test_the_clairvoyant_sees_what_is_published_later() -> None:
    day = a_day(a_call("r1", at(8)), published("s1", at(14), when=at(9)))
    assert clairvoyant(day).value == 3
    gone = a_day(a_call("r1", at(8)), published("s1", at(14), when=at(9)), SlotWithdrawn(at(10), "s1"))
    assert clairvoyant(gone).value == 0


def test_a_refusal_is_explained_with_what_to_do_meanwhile() -> None:
    found = list(replay(a_day(a_call("r1", at(8), waiting_list=True)), live()))
    assert explain(found[0])[-1] == MEANWHILE
    served = next(iter(replay(a_day(published("s1", at(10)), a_call("r1", at(8))), live())))
    assert served.decision is not None
    assert served.decision.alternatives[0].slot == "s1"
    assert any("point" in sentence for sentence in explain(served))


def test_the_judge_finds_what_is_wrong() -> None:
    day = a_day(published("s1", at(10)), a_call("r1", at(8)), a_call("r2", at(8.5)))
    wrong = [
        Answer(at(8), "r1", ("s1",)),
        Answer(at(8.5), "r2", ("s1",)),
        Answer(MONDAY + timedelta(days=1), "r9"),
    ]
    problems = "\n".join(stream_violations(day, wrong))
    assert "held by r1" in problems
    assert "before it arrived" in problems
    assert "not answered" in "\n".join(stream_violations(day, []))
