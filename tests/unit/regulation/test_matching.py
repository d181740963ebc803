"""Ranked ways of serving a request: burden, contention, sessions, households, and what is left out."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

from regulation.intake.facts import Move
from regulation.orientation import explaining, matching
from regulation.orientation.rules import closing_move, reopened_window
from slots.agenda.facts import FreeSlot
from slots.appointments.facts import AppointmentStatusKind
from snp.assignment.facts import Audience, Mode, Request, Rule, Slot, Weights
from tests.support.assignment import NOW, a_request, a_slot
from tests.support.regulation import at

WEIGHTS = Weights()


def rank(members: list[Request], slots: list[Slot], *, k: int = 3, others: tuple[Request, ...] = ()):
    return matching.rank(members, slots, now=NOW, weights=WEIGHTS, k=k, others=others)


def taken(ranking: matching.Ranking) -> list[tuple[str, ...]]:
    return [tuple(slot.id for slot in way.slots) for way in ranking.ways]


def test_the_least_burden_comes_first_and_no_more_than_k():
    slots = [
        a_slot("late", starts="2026-11-23T16:00:00+01:00"),
        a_slot("far", "p2", starts="2026-11-23T09:00:00+01:00", lat=47.3),
        a_slot("soon", starts="2026-11-23T09:00:00+01:00"),
        a_slot("next", starts="2026-11-23T10:00:00+01:00"),
    ]
    found = rank([a_request()], slots, k=3)
    assert taken(found) == [("soon",), ("next",), ("far",)]
    assert found.suitable == 4


def in_a_row(practitioner: str, hour: int, count: int) -> list[Slot]:
    return [
        a_slot(
            f"{practitioner}-{hour}-{i}", practitioner, starts=f"2026-11-23T{hour:02}:{15 * i:02}:00+01:00"
        )
        for i in range(count)
    ]


def test_five_quarters_of_an_hour_in_a_row_leave_a_choice_of_carers_and_half_days():
    slots = [
        *in_a_row("p1", 9, 4),
        *in_a_row("p1", 10, 4),
        *in_a_row("p1", 14, 2),
        a_slot("far", "p2", lat=47.3),
    ]
    found = rank([a_request()], slots, k=5)
    assert taken(found) == [("p1-9-0",), ("p1-9-1",), ("p1-14-0",), ("p1-14-1",), ("far",)]
    assert [way.burden for way in found.ways] == sorted(way.burden for way in found.ways)


def test_a_choice_is_found_beyond_a_whole_morning_of_one_carer():
    morning = [slot for hour in range(8, 12) for slot in in_a_row("p1", hour, 4)]
    slots = [*morning, a_slot("far", "p2", starts="2026-11-24T17:00:00+01:00", lat=47.3)]
    assert taken(rank([a_request()], slots, k=3)) == [("p1-8-0",), ("p1-8-1",), ("far",)]


def test_where_nobody_else_suits_other_hours_come_before_the_next_quarter():
    slots = [*in_a_row("p1", 13, 4), *in_a_row("p1", 14, 4), *in_a_row("p1", 15, 4)]
    assert taken(rank([a_request()], slots, k=4)) == [
        ("p1-13-0",),
        ("p1-13-1",),
        ("p1-14-0",),
        ("p1-15-0",),
    ]


def test_where_nobody_else_suits_alike_slots_fill_up():
    assert taken(rank([a_request()], in_a_row("p1", 9, 4), k=3)) == [("p1-9-0",), ("p1-9-1",), ("p1-9-2",)]


def test_between_equals_the_slot_others_need_least_comes_first():
    slots = [a_slot("a", lat=47.1), a_slot("b", "p2", audiences=(Audience.REGULATION, Audience.DESK))]
    other = a_request("r2", audience=Audience.DESK)
    mine = a_request(audience=Audience.REGULATION)
    assert taken(rank([mine], slots[::-1], others=(other,))) == [("a",), ("b",)]
    assert [way.contention for way in rank([mine], slots, others=(other,)).ways] == [0, 1]


def test_each_rule_counts_the_slots_it_keeps_away():
    slots = [
        a_slot("tele", mode=Mode.VR),
        a_slot("desk", audiences=(Audience.DESK,)),
        a_slot("late", starts="2026-11-27T10:00:00+01:00"),
        a_slot("far", lat=48.5),
        a_slot("good"),
    ]
    found = rank([a_request()], slots)
    assert found.excluded == {Rule.MODE: 1, Rule.AUDIENCE: 1, Rule.TOO_LATE: 1, Rule.DISTANCE: 1}
    told = explaining.why_not(found, a_request(), free=5, others=2)
    assert [reason.code for reason in told] == [
        "excluded_mode",
        "excluded_audience",
        "excluded_too_late",
        "excluded_distance",
        "competing",
    ]
    assert "30 km" in told[3].sentence.replace("\u00a0", " ")


def test_three_sessions_are_with_one_carer_on_three_days():
    slots = [
        a_slot("a1", starts="2026-11-23T10:00:00+01:00"),
        a_slot("a1bis", starts="2026-11-23T11:00:00+01:00"),
        a_slot("a2", starts="2026-11-25T10:00:00+01:00"),
        a_slot("a3", starts="2026-11-27T10:00:00+01:00"),
        a_slot("b1", "p2", starts="2026-11-23T09:00:00+01:00"),
        a_slot("b2", "p2", starts="2026-11-24T09:00:00+01:00"),
    ]
    found = rank([a_request(sessions=3)], slots)
    assert taken(found)[0] == ("a1", "a2", "a3")
    assert all(way.slots[0].practitioner == "p1" for way in found.ways)
    assert found.excluded[Rule.SESSIONS] > 0


def test_sessions_respect_their_gaps():
    slots = [a_slot("a1"), a_slot("a2", starts="2026-11-24T10:00:00+01:00")]
    near = replace(a_request(sessions=2), min_gap_days=2)
    assert taken(rank([near], slots)) == []


def test_a_household_is_seen_in_one_run():
    slots = [
        a_slot("s1", starts="2026-11-23T10:00:00+01:00"),
        a_slot("s2", starts="2026-11-23T10:15:00+01:00"),
        a_slot("s3", starts="2026-11-23T11:00:00+01:00"),
        a_slot("t1", "p2", starts="2026-11-23T09:00:00+01:00"),
    ]
    members = [a_request("r1", household="h"), a_request("r2", household="h")]
    found = rank(members, slots)
    assert taken(found) == [("s1", "s2")]
    assert {request.id for request in found.ways[0].requests} == {"r1", "r2"}
    assert found.excluded == {Rule.HOUSEHOLD: 2}


def test_the_member_who_cannot_come_early_takes_the_later_slot():
    slots = [
        a_slot("s1", starts="2026-11-23T10:00:00+01:00"),
        a_slot("s2", starts="2026-11-23T10:15:00+01:00"),
    ]
    late = a_request("r1", household="h", earliest="2026-11-23T10:10:00+01:00")
    found = rank([late, a_request("r2", household="h")], slots)
    assert [request.id for request in found.ways[0].requests] == ["r2", "r1"]


def test_nothing_free_is_said_so():
    found = rank([a_request()], [])
    told = explaining.why_not(found, a_request(), free=0, others=0)
    assert [reason.code for reason in told] == ["no_free_slot"]


def free(**changes: object) -> FreeSlot:
    plain = FreeSlot(
        id=uuid4(),
        practitioner_id=uuid4(),
        practitioner_name="Camille Essai",
        practitioner_title="Dr",
        rpps=None,
        adeli=None,
        profession="medecin_generaliste",
        site_id=uuid4(),
        site_name="Cabinet",
        site_address="1 rue des Essais",
        site_postal_code="44210",
        site_insee="44131",
        lat=47.1,
        lon=-2.0,
        start=NOW,
        end=NOW,
        mode=Mode.AMB,
        audiences=frozenset({Audience.REGULATION}),
        territory_ids=frozenset(),
    )
    return replace(plain, **changes)


def test_a_slot_kept_for_some_reasons_is_another_kind_of_slot():
    assert matching.slot_kind(free()) == "medecin_generaliste"
    kept = free(reasons=frozenset({"fever", "cough"}))
    assert matching.slot_kind(kept) == "medecin_generaliste/cough+fever"
    assert matching.engine_slot(kept).profession == "medecin_generaliste/cough+fever"


def test_a_late_cancellation_leaves_a_day_to_find_another_slot():
    now = at("10:00")
    assert reopened_window(at("12:00"), now) == at("10:00", day=1)
    assert reopened_window(at("12:00", day=2), now) == at("12:00", day=2)
    assert reopened_window(None, now) == at("10:00", day=1)


def test_a_request_closes_by_what_became_of_all_its_appointments():
    s = AppointmentStatusKind
    assert closing_move({s.HONOURED, s.BOOKED}) is None
    assert closing_move({s.HONOURED, s.NO_SHOW}) is Move.HONOUR
    assert closing_move({s.MOVED, s.NO_SHOW}) is Move.NO_SHOW
    assert closing_move({s.MOVED, s.CANCELLED}) is Move.CANCEL
