"""Promises and the slots that stand surety for them."""

from __future__ import annotations

from datetime import time, timedelta

from snp.assignment.surety import Circle, certificate_covers
from tests.support.surety import NOW, a_pledge, a_surety


def free(_slot_id: str) -> float:
    return 0.0


def test_every_promise_has_a_slot_of_its_own():
    pledges = [a_pledge("late", 20), a_pledge("soon", 3)]
    circle = Circle(pledges, [a_surety("a", 2), a_surety("b", 6)], now=NOW)
    certificate = circle.certificate()
    assert certificate == {"soon": "a", "late": "b"}
    assert certificate_covers(certificate, pledges)
    assert not certificate_covers({"soon": "a", "late": "a"}, pledges)
    assert circle.unkept() == []


def test_what_is_needed_cannot_go_and_the_rest_can_only_go_one_by_one():
    circle = Circle([a_pledge("r", 20)], [a_surety("a", 2), a_surety("b", 6)], now=NOW)
    assert circle.needed() == frozenset()
    assert circle.can_spare(["a"])
    assert circle.can_spare(["b"])
    assert not circle.can_spare(["a", "b"])
    assert Circle([a_pledge("r", 4)], [a_surety("a", 2), a_surety("b", 6)], now=NOW).needed() == {"a"}
    assert circle.without("r").can_spare(["a", "b"])


def test_a_promise_is_made_only_with_a_slot_to_spare_and_with_slack():
    two = [a_surety("a", 2), a_surety("b", 6)]
    circle = Circle([a_pledge("r", 20)], two, now=NOW)
    assert circle.has_room_for(a_pledge("s", 20))
    assert not circle.has_room_for(a_pledge("s", 20), slack=0.5)
    assert not circle.adding(a_pledge("s", 20)).has_room_for(a_pledge("t", 20))
    assert not Circle([], two, now=NOW).has_room_for(a_pledge("s", 20, notice=600))


def test_a_slot_whose_last_call_is_now_makes_no_promise_but_keeps_one():
    edge = [a_surety("a", 1.01)]
    assert not Circle([], edge, now=NOW).has_room_for(a_pledge("r", 20))
    assert Circle([a_pledge("r", 20)], edge, now=NOW).unkept() == []


def test_slots_are_named_at_their_last_call_only():
    circle = Circle([a_pledge("r", 20)], [a_surety("a", 6)], now=NOW)
    assert circle.due(free) == {}
    late = Circle([a_pledge("r", 20)], [a_surety("a", 6)], now=NOW + timedelta(hours=4, minutes=59))
    assert late.due(free) == {"r": "a"}


def test_naming_prefers_what_costs_the_others_least_then_the_soonest():
    sureties = [a_surety("cheap", 1.02), a_surety("dear", 1.01)]
    circle = Circle([a_pledge("r", 20)], sureties, now=NOW)
    assert circle.due({"cheap": 0.0, "dear": 2.0}.__getitem__) == {"r": "cheap"}
    far = Circle([a_pledge("r", 20)], [a_surety("late", 9), a_surety("soon", 4)], now=NOW)
    assert far.due(free, ahead=timedelta(hours=12)) == {"r": "soon"}


def test_quiet_hours_and_release_bring_the_last_call_forward():
    quiet = (time(21), time(7))
    morning = [a_surety("a", 21.5)]  # 07:30 tomorrow
    assert Circle([a_pledge("r", 30)], morning, now=NOW, quiet=quiet).due(
        free, ahead=timedelta(hours=11)
    ) == {"r": "a"}
    assert Circle([a_pledge("r", 30)], morning, now=NOW).due(free, ahead=timedelta(hours=11)) == {}
    released = [a_surety("a", 6, until=NOW + timedelta(minutes=3))]
    assert Circle([a_pledge("r", 20)], released, now=NOW).due(free) == {"r": "a"}


def test_a_promise_that_no_slot_keeps_in_time_gets_one_with_less_notice():
    circle = Circle([a_pledge("r", 20)], [a_surety("a", 0.5)], now=NOW)
    assert circle.unkept() == ["r"]
    assert circle.due(free) == {"r": "a"}
    assert Circle([a_pledge("r", 20)], [], now=NOW).due(free) == {}
