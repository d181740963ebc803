"""What is still open when a day ends: most value first, then the least waits and distances."""

from __future__ import annotations

from snp.assignment.facts import Priority
from snp.assignment.policy.closing import best_closing
from snp.assignment.policy.desk import Desk
from snp.assignment.policy.scenario import OpenRequest
from snp.assignment.stream import VALUE
from tests.support.streams import a_call, a_live_slot, at

NOW = at(24).timestamp()


def an_open_request(desk: Desk, ident: str, columns: int, priority: Priority = Priority.P2) -> OpenRequest:
    caller = desk.meet(a_call(ident, at(20), within_h=24, priority=priority))
    return OpenRequest(caller, VALUE[priority], columns, 0.0, promised=False)


def a_desk(*starts: float) -> Desk:
    desk = Desk()
    for number, start in enumerate(starts):
        desk.publish(a_live_slot(f"s{number}", at(start)))
    return desk


def test_the_last_slot_goes_where_it_is_worth_most() -> None:
    desk = a_desk(30)
    low, high = an_open_request(desk, "low", 1, Priority.P3), an_open_request(desk, "high", 1)
    assert best_closing(desk.table, [low, high], NOW) == {"high": 0}


def test_everybody_is_served_before_anybody_is_served_sooner() -> None:
    desk = a_desk(30, 40)
    choosy, easy = an_open_request(desk, "choosy", 0b01), an_open_request(desk, "easy", 0b11)
    assert best_closing(desk.table, [easy, choosy], NOW) == {"choosy": 0, "easy": 1}


def test_of_equal_value_the_sooner_slot_is_given() -> None:
    desk = a_desk(40, 30)
    assert best_closing(desk.table, [an_open_request(desk, "r", 0b11)], NOW) == {"r": 1}


def test_nothing_left_serves_nobody() -> None:
    assert best_closing(a_desk().table, [], NOW) == {}
