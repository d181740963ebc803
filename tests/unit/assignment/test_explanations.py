from __future__ import annotations

from datetime import timedelta

from snp.assignment.facts import Audience, Instance, Mode, Priority, Rule, Unserved, UnservedReason
from snp.assignment.rules import broken_rule
from snp.assignment.solving import solve
from tests.support.assignment import NOW, PHYSIO, a_request, a_slot, an_instance, random_instance


def the_unserved(instance: Instance) -> dict[str, Unserved]:
    return {item.request: item for item in solve(instance).unserved}


def test_each_slot_counts_under_the_first_rule_it_breaks() -> None:
    slots = [
        a_slot("s1", profession=PHYSIO, mode=Mode.HH),
        a_slot("s2", mode=Mode.HH),
        a_slot("s3", audiences=[Audience.DESK]),
        a_slot("s4", "shunned", lat=60),
        a_slot("s5", starts=NOW - timedelta(hours=1)),
        a_slot("s6", starts=NOW + timedelta(days=9)),
        a_slot("s7", lat=48, lon=-2.5),
    ]
    unserved = the_unserved(an_instance(slots, [a_request(excluded=["shunned"])]))["r1"]
    assert unserved.reason is UnservedReason.NO_SUITABLE_SLOT
    assert unserved.excluded == dict.fromkeys(
        [
            Rule.PROFESSION,
            Rule.MODE,
            Rule.AUDIENCE,
            Rule.PRACTITIONER,
            Rule.TOO_EARLY,
            Rule.TOO_LATE,
            Rule.DISTANCE,
        ],
        1,
    )
    assert unserved.detail == (
        "none of 7 slots suits: 1 by profession, 1 by mode, 1 by audience, 1 by practitioner, "
        "1 by start too early, 1 by start after the deadline, 1 by distance over 30 km"
    )


def test_the_counts_by_rule_are_those_of_the_scalar_rules() -> None:
    for seed in range(120):
        instance = random_instance(seed)
        requests = {request.id: request for request in instance.requests}
        for item in solve(instance).unserved:
            if item.reason is not UnservedReason.NO_SUITABLE_SLOT:
                continue
            rules = [broken_rule(requests[item.request], slot, instance.now) for slot in instance.slots]
            expected = {rule: rules.count(rule) for rule in Rule if rules.count(rule)}
            coupled = {Rule.SESSIONS, Rule.HOUSEHOLD}
            assert {rule: n for rule, n in item.excluded.items() if rule not in coupled} == expected
            assert sum(item.excluded.values()) == len(instance.slots)


def test_without_any_slot_the_detail_says_so() -> None:
    assert the_unserved(an_instance([], [a_request()]))["r1"].detail == "no slot is offered"


def test_who_was_outcompeted_is_told_by_whom_and_what_one_more_slot_would_do() -> None:
    instance = an_instance([a_slot()], [a_request("r1", Priority.P1), a_request("r2", Priority.P3)])
    unserved = the_unserved(instance)["r2"]
    assert unserved.reason is UnservedReason.OUTCOMPETED
    assert (unserved.taken_by, unserved.suitable, unserved.one_more_slot) == (("r1",), 1, Priority.P3)
    assert (
        unserved.detail == "1 suitable slot, 1 taken by r1; one more slot like these would serve one more P3"
    )


def test_one_more_slot_may_serve_somebody_more_urgent_along_a_chain() -> None:
    shared = a_slot("s1", "p1")
    own = a_slot("s2", "p2")
    instance = an_instance(
        [shared, own],
        [
            a_request("r1", Priority.P1, only=["p1", "p2"]),
            a_request("r2", Priority.P1, only=["p2"]),
            a_request("r3", Priority.P2, only=["p1"]),
            a_request("r4", Priority.P3, only=["p2"]),
        ],
    )
    unserved = the_unserved(instance)
    assert unserved["r3"].one_more_slot is Priority.P2
    assert unserved["r4"].one_more_slot is Priority.P2


def test_many_holders_are_counted_after_the_first_five() -> None:
    slots = [a_slot(f"s{i}", f"p{i}") for i in range(8)]
    requests = [a_request(f"r{i}", Priority.P1) for i in range(8)] + [a_request("r9", Priority.P3)]
    assert "taken by r0, r1, r2, r3, r4 and 3 more" in the_unserved(an_instance(slots, requests))["r9"].detail


def test_sessions_without_a_second_day_have_no_suitable_slot() -> None:
    slots = [a_slot("s1"), a_slot("s2", starts="2026-11-23T10:15:00+01:00")]
    unserved = the_unserved(an_instance(slots, [a_request(sessions=2)]))["r1"]
    assert unserved.reason is UnservedReason.NO_SUITABLE_SLOT
    assert unserved.excluded == {Rule.SESSIONS: 2}
    assert unserved.detail == "none of 2 slots suits: 2 by no 2 sessions together"


def test_a_household_without_a_run_has_no_suitable_slot() -> None:
    slots = [a_slot("s1"), a_slot("s2", starts="2026-11-23T11:00:00+01:00")]
    requests = [a_request("r1", household="h"), a_request("r2", household="h")]
    unserved = the_unserved(an_instance(slots, requests))
    assert unserved["r1"].detail == "none of 2 slots suits: 2 by no unbroken run for the household"


def test_a_household_is_outcompeted_by_those_who_hold_its_runs() -> None:
    slots = [a_slot("s1"), a_slot("s2", starts="2026-11-23T10:15:00+01:00")]
    requests = [
        a_request("r1", Priority.P3, household="h"),
        a_request("r2", Priority.P3, household="h"),
        a_request("r3", Priority.P1),
    ]
    unserved = the_unserved(an_instance(slots, requests))["r1"]
    assert unserved.reason is UnservedReason.OUTCOMPETED
    assert unserved.taken_by == ("r3",)
    assert unserved.detail == "1 way to place a household of 2, each needs a slot taken by r3"
