"""Small parts of the live policy: when people may be told, what is kept waiting, how late slots are used."""

from __future__ import annotations

from datetime import time

from snp.assignment.facts import Priority
from snp.assignment.live_replay import replay
from snp.assignment.policy.live import LivePolicy
from snp.assignment.policy.settings import LiveSettings
from snp.assignment.policy.telling import is_quiet, latest_naming
from snp.assignment.stream import RequestArrived
from snp.simulation.region import region_week
from tests.support.streams import a_call, a_day, at, published, tiny

NIGHT = (time(21), time(7))


def test_quiet_hours_span_midnight() -> None:
    assert is_quiet(at(23).timestamp(), NIGHT)
    assert is_quiet(at(6).timestamp(), NIGHT)
    assert not is_quiet(at(7).timestamp(), NIGHT)
    assert not is_quiet(at(23).timestamp(), None)


def test_a_slot_of_the_early_morning_is_named_the_evening_before() -> None:
    assert latest_naming(at(7.5, day=1).timestamp(), 3600, NIGHT) == at(21).timestamp()
    assert latest_naming(at(9, day=1).timestamp(), 3600, NIGHT) == at(8, day=1).timestamp()
    assert latest_naming(at(14).timestamp(), 3600, (time(12), time(14))) == at(12).timestamp()


def test_no_more_than_the_set_share_is_kept_waiting() -> None:
    week = region_week(2, tiny(load=2.0, waiting_list_share=1.0))
    kept = {}
    for share in (0.0, 0.3):
        settings = LiveSettings(scenarios=4, kept_share=share)
        answers = list(replay(week, LivePolicy(settings)))
        kept[share] = sum(answer.reason == "kept_waiting" for answer in answers)
    until = week.header.history_until
    asked = sum(
        isinstance(e, RequestArrived) and e.at >= until and e.request.priority is not Priority.P1
        for e in week.events
    )
    assert kept[0.0] == 0
    assert kept[0.3] <= 0.3 * asked + 2


def test_a_slot_published_late_still_serves_the_waiting_list() -> None:
    day = a_day(a_call("r1", at(8), waiting_list=True), published("s1", at(14), when=at(13.5)))
    found = list(replay(day, LivePolicy(LiveSettings(scenarios=2))))
    assert [answer.slots for answer in found] == [(), ("s1",)]
    too_late = a_day(a_call("r1", at(8), waiting_list=True), published("s1", at(14), when=at(13.9)))
    assert [answer.slots for answer in replay(too_late, LivePolicy(LiveSettings(scenarios=2)))] == [()]
