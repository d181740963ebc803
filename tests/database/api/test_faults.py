"""The short fault campaign: processes of the real service are killed while clients book."""

from __future__ import annotations

from uuid import UUID

from bench.faults.__main__ import SHORT, campaign
from bench.faults.counting import Count, count
from bench.faults.crowd import Acknowledged
from bench.faults.lines import AFTER, failures, line, not_injected
from bench.faults.spoiling import Spoil, spoil
from bench.history.works import BY
from bench.load.served import Stage, plain, staged
from bench.load.stage import request_id, slot_id
from regulation.orientation import service as orientation
from tests.support.apart import apart


def test_what_was_acknowledged_outlives_kills_of_the_api_its_leader_the_database_and_all() -> None:
    *kinds, whole = apart(lambda: campaign(short=True, times=1, seed=1))

    assert [row["times"] for row in kinds] == [1] * len(SHORT)
    assert failures([*kinds, whole]) == []
    assert whole["fault"] == AFTER
    assert whole["found"] == whole["acknowledged"] == sum(row["acknowledged"] for row in kinds) > 0
    assert whole["note"].startswith("1 leader; 5 holds that ran out ended within")


def booked(at: Stage, number: int) -> Acknowledged:
    """Book by the service, as a client that is then told."""
    service = at.service
    with service.transaction() as session:
        now, wanted = service.clock.now(), UUID(request_id(number))
        held = orientation.hold_slots(session, wanted, [UUID(slot_id(number))], by=BY, now=now)
        made = orientation.confirm(session, held.bundle_id, keys=service.keys, by=BY, now=now)
    (one,) = made
    return Acknowledged(str(one.id), str(wanted), 0.0, 1.0)


def test_a_service_that_loses_or_doubles_a_booking_is_found_out() -> None:
    with staged(200, durable=False) as at:
        address = plain(at.url)
        told = [booked(at, number) for number in range(3)]
        honest = count(address, told)
        spoil(address, Spoil.LOSE, told)
        loses = count(address, told)
        spoil(address, Spoil.DOUBLE, told[1:])
        doubles = count(address, told[1:])

    assert (honest.acknowledged, honest.found, honest.lost, honest.doubled) == (3, 3, 0, 0)
    assert (loses.acknowledged, loses.found, loses.lost, loses.doubled) == (3, 2, 1, 0)
    assert (doubles.lost, doubles.doubled) == (0, 1)
    rows = [line(name, times=1, seen=seen, recovery=[0.5]) for name, seen in
            (("honest", honest), ("loses", loses), ("doubles", doubles))]  # fmt: skip
    assert failures(rows) == ["loses", "doubles"]


def test_what_never_comes_back_fails_the_campaign_and_what_was_not_injected_does_not() -> None:
    seen = Count(4, 4, 0)
    rows = [
        line("back", times=2, seen=seen, recovery=[0.2, 1.25]),
        line("gone", times=2, seen=seen, recovery=[0.2, None]),
        line("unsettled", times=1, seen=seen, recovery=[], settled=False),
        not_injected("refused", "no right to"),
    ]

    assert [row["longest recovery s"] for row in rows] == ["1.25", "never", None, None]
    assert failures(rows) == ["gone", "unsettled"]
