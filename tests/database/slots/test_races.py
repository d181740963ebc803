"""Real threads on real connections: exactly one wins, the others are told, nobody deadlocks."""

from collections import Counter
from datetime import timedelta
from functools import partial
from uuid import uuid4

import pytest
import sqlalchemy as sa

from slots.agenda import service as agenda
from slots.agenda.facts import Wish
from slots.agenda.refusals import OverlappingSlot, SlotNotOpen
from slots.appointments import service as appointments
from slots.appointments.facts import Booked
from slots.appointments.refusals import HoldExpired, SlotAlreadyTaken
from tests.support.agenda import BY_OWNER, CODES, NOW, OSNP, OWNER, a_claim, a_doctor, local, race

pytestmark = pytest.mark.database


@pytest.fixture
def doctor(committed):
    """A practitioner who may publish, committed."""
    with committed() as session, session.begin():
        return a_doctor(session)


def publish(committed, doctor, *starts, **terms):
    with committed() as session, session.begin():
        return [doctor.slot(session, start, **terms) for start in starts]


def count(committed, table, where="true"):
    with committed() as session:
        return session.execute(sa.text(f"SELECT count(*) FROM {table} WHERE {where}")).scalar()


def kinds(results):
    return Counter(type(result).__name__ for result in results)


def test_fifty_bookings_of_one_slot_make_one_appointment_and_49_refusals(committed, doctor):
    (slot,) = publish(committed, doctor, "2026-11-25 09:00")

    def book(session):
        return appointments.book(session, [a_claim(slot.id)], codes=CODES, **doctor.asked)

    results = race(committed, [book] * 50)
    assert kinds(results) == {Booked.__name__: 1, SlotAlreadyTaken.__name__: 49}
    assert count(committed, "appointment") == 1
    assert count(committed, "appointment_status") == 1
    assert count(committed, "outbox_message") == 1


def test_fifty_holds_of_one_slot_make_one_hold_and_49_refusals(committed, doctor):
    (slot,) = publish(committed, doctor, "2026-11-25 09:00")

    def hold(session):
        return appointments.hold(session, [a_claim(slot.id)], minutes=5, **doctor.asked)

    results = race(committed, [hold] * 50)
    assert kinds(results) == {"HoldBundle": 1, "SlotAlreadyTaken": 49}
    assert count(committed, "hold") == 1


def test_bundles_over_the_same_slots_in_any_order_never_deadlock(committed, doctor):
    slots = publish(committed, doctor, *(f"2026-11-{day} 09:00" for day in (25, 26, 27)))

    def hold(session, turn):
        order = slots[turn % 3 :] + slots[: turn % 3]
        order = order[: 2 + turn % 2] if turn % 2 else order[::-1]
        request = uuid4()
        claims = [a_claim(slot.id, request, no) for no, slot in enumerate(order, start=1)]
        return appointments.hold(session, claims, minutes=5, **doctor.asked)

    results = race(committed, [partial(hold, turn=turn) for turn in range(30)])
    assert kinds(results) == {"HoldBundle": 1, "SlotAlreadyTaken": 29}


def test_overlapping_publications_make_one_slot(committed, doctor):
    def publish_at(session, minute):
        start = local("2026-11-25 09:00") + timedelta(minutes=minute)
        return agenda.publish_slot(session, doctor.id, start, doctor.offer(), **BY_OWNER)

    results = race(committed, [partial(publish_at, minute=n % 15) for n in range(50)])
    assert kinds(results) == {"Publication": 1, "OverlappingSlot": 49}
    assert count(committed, "slot") == 1


def test_ranges_published_from_both_ends_never_deadlock(committed, doctor):
    start = local("2026-11-25 09:00")

    def publish_range(session, shift):
        begins = start + timedelta(minutes=shift)
        ends = begins + timedelta(hours=1)
        return agenda.publish_range(session, doctor.id, begins, ends, doctor.offer(), **BY_OWNER)

    results = race(committed, [partial(publish_range, shift=n % 4 * 5) for n in range(24)])
    assert kinds(results) == {"Publication": 1, "OverlappingSlot": 23}


def test_the_database_alone_refuses_an_overlap(committed, doctor):
    """Whatever the service forgets, the exclusion constraint remembers."""
    (slot,) = publish(committed, doctor, "2026-11-25 09:00")
    copy = sa.text(
        "INSERT INTO slot (id, practitioner_id, site_id, profession, start_at, end_at, busy_until, mode,"
        " state, created_at, created_by) SELECT gen_random_uuid(), practitioner_id, site_id, profession,"
        " start_at + interval '5 min', end_at + interval '5 min', busy_until + interval '5 min', mode,"
        " state, created_at, created_by FROM slot WHERE id = :id"
    )
    with committed() as session, pytest.raises(sa.exc.IntegrityError, match="ex_slot__no_overlap"):
        session.execute(copy, {"id": slot.id})


def test_the_database_alone_refuses_a_second_live_appointment(committed, doctor):
    (slot,) = publish(committed, doctor, "2026-11-25 09:00")
    with committed() as session, session.begin():
        appointments.book(session, [a_claim(slot.id)], codes=CODES, **doctor.asked)
    copy = sa.text(
        "INSERT INTO appointment (id, slot_id, request_id, practitioner_id, site_id, territory_id,"
        " session_no, start_at, end_at, mode, live, status, code_hash, created_at, created_by)"
        " SELECT gen_random_uuid(), slot_id, gen_random_uuid(), practitioner_id, site_id, territory_id,"
        " 1, start_at, end_at, mode, true, 'booked', '\\x00', created_at, created_by FROM appointment"
    )
    with committed() as session, pytest.raises(sa.exc.IntegrityError, match="uq_appointment__live_slot"):
        session.execute(copy)


def test_withdrawing_and_booking_at_once_leave_one_story(committed, doctor):
    slots = publish(committed, doctor, *(f"2026-11-25 {hour:02}:00" for hour in range(8, 18)))

    def withdraw(session, slot):
        return agenda.withdraw_slot(session, slot.id, reason="absent", **BY_OWNER)

    def book(session, slot):
        return appointments.book(session, [a_claim(slot.id)], codes=CODES, **doctor.asked)

    acts = [act for slot in slots for act in (partial(withdraw, slot=slot), partial(book, slot=slot))]
    results = race(committed, acts)
    assert kinds(results).keys() <= {"Withdrawal", "Booked", SlotNotOpen.__name__}
    assert kinds(results)["Withdrawal"] == 10
    freed = [ident for result in results for ident in getattr(result, "freed_request_ids", ())]
    assert len(freed) == kinds(results)["Booked"]
    assert count(committed, "appointment", "live") == 0
    assert count(committed, "slot", "state = 'open'") == 0


def test_confirming_while_holds_expire_ends_each_hold_once(committed, doctor):
    slots = publish(committed, doctor, *(f"2026-11-25 {hour:02}:00" for hour in range(8, 18)))
    with committed() as session, session.begin():
        bundles = [
            appointments.hold(session, [a_claim(slot.id)], minutes=5, **doctor.asked) for slot in slots
        ]
    late, in_time = NOW + timedelta(minutes=5), NOW + timedelta(minutes=4)

    def confirm(session, bundle):
        return appointments.confirm(session, bundle.bundle_id, codes=CODES, by=OSNP, now=in_time)

    def expire(session):
        return appointments.expire_holds(session, now=late)

    acts = [act for bundle in bundles for act in (partial(confirm, bundle=bundle), expire)]
    results = race(committed, acts)
    confirmed = [result for act, result in zip(acts, results, strict=True) if act is not expire]
    expired = [ident for act, result in zip(acts, results, strict=True) if act is expire for ident in result]
    booked = [result for result in confirmed if isinstance(result, tuple)]
    assert all(isinstance(result, tuple | HoldExpired) for result in confirmed)
    with committed() as session, session.begin():
        expired += appointments.expire_holds(session, now=late)
    assert len(booked) + len(expired) == len(slots)
    assert len(set(expired)) == len(expired)
    assert count(committed, "appointment") == len(booked)


def test_expanding_one_pattern_from_many_jobs_makes_its_slots_once(committed, doctor):
    with committed() as session, session.begin():
        pattern = agenda.publish_pattern(
            session, doctor.id, doctor.draft(), horizon_days=7, **BY_OWNER
        ).pattern

    def expand(session):
        return agenda.expand_pattern(session, pattern.id, horizon_days=60, by=OWNER, now=NOW)

    results = race(committed, [expand] * 8)
    assert kinds(results) == {"Publication": 8}
    assert count(committed, "slot") == sum(len(result.slots) for result in results)
    assert count(committed, "slot") == count(committed, "(SELECT DISTINCT start_at FROM slot) AS s")


def test_releasing_from_many_jobs_releases_each_slot_once(committed, doctor):
    starts = [f"2026-11-25 {hour:02}:00" for hour in range(8, 18)]
    publish(committed, doctor, *starts, release_minutes=60)
    late = local("2026-11-25 17:30")

    def release(session):
        return agenda.release_due(session, by=OWNER, now=late)

    results = race(committed, [release] * 6)
    released = [ident for result in results for ident in result]
    with committed() as session, session.begin():
        released += agenda.release_due(session, by=OWNER, now=late)
    assert len(released) == len(set(released)) == 10


def test_a_slot_is_never_both_released_and_taken(committed, doctor):
    starts = [f"2026-11-25 {hour:02}:{minute:02}" for hour in range(8, 18) for minute in (0, 30)]
    slots = publish(committed, doctor, *starts, release_minutes=60)
    due, before = local("2026-11-25 17:00"), NOW

    def release(session):
        return agenda.release_due(session, by=OWNER, now=due, limit=10)

    def book(session, slot):
        asked = doctor.asked | {"now": before}
        return appointments.book(session, [a_claim(slot.id)], codes=CODES, **asked)

    acts = [act for slot in slots for act in (partial(book, slot=slot), release)]
    results = race(committed, acts)
    released = {ident for result in results if isinstance(result, tuple) for ident in result}
    booked = {one.slot_id for result in results if isinstance(result, Booked) for one in result.appointments}
    assert kinds(results).keys() <= {"tuple", "Booked", "SlotNotOpen"}
    assert not released & booked
    assert count(committed, "slot", "state = 'open'") == len(slots) - len(released)


def test_an_absence_and_publications_at_once_never_leave_an_open_slot_in_it(committed, doctor):
    start = local("2026-11-25 09:00")

    def publish_at(session, minute):
        begins = start + timedelta(minutes=minute)
        return agenda.publish_slot(session, doctor.id, begins, doctor.offer(), **BY_OWNER)

    def leave(session):
        return agenda.add_absence(session, doctor.id, start, start + timedelta(hours=8), **BY_OWNER)

    acts = [partial(publish_at, minute=n * 15) for n in range(12)]
    results = race(committed, [*acts[:6], leave, *acts[6:]])
    assert kinds(results).keys() <= {"Publication", "AbsenceOutcome", "DuringAbsence"}
    assert count(committed, "slot", "state = 'open'") == 0
    assert count(committed, "slot", "state = 'hidden'") == kinds(results)["Publication"]


def test_moves_that_swap_two_slots_never_deadlock(committed, doctor):
    one, two, three, four = publish(
        committed, doctor, *(f"2026-11-25 {hour}:00" for hour in ("09", "10", "11", "12"))
    )
    with committed() as session, session.begin():
        first, second = (
            appointments.book(session, [a_claim(slot.id)], codes=CODES, **doctor.asked).appointments[0]
            for slot in (one, two)
        )

    def move(session, appointment, slot):
        return appointments.move(
            session, appointment.id, slot.id, reason="échange", codes=CODES, **doctor.asked
        )

    acts = [
        partial(move, appointment=mine, slot=target)
        for mine in (first, second)
        for target in (one, two, three, four)
    ] * 3
    results = race(committed, acts)
    assert kinds(results)["AppointmentView"] == 2
    assert kinds(results).keys() <= {"AppointmentView", "SlotAlreadyTaken", "IllegalStatus"}
    assert count(committed, "appointment", "live") == 2
    assert OverlappingSlot.__name__ not in kinds(results)


def test_whoever_only_asks_what_could_be_published_waits_for_nobody(committed, doctor):
    """A call for slots looks at twenty agendas: it must not stand behind the one that is being written."""
    choices = [[Wish(local(f"2026-11-25 {clock}"), doctor.offer())] for clock in ("09:00", "09:15")]
    with committed() as writing, writing.begin(), committed() as asking, asking.begin():
        doctor.slot(writing, "2026-11-25 09:00")
        asking.execute(sa.text("SET LOCAL lock_timeout = '20ms'"))
        before = agenda.rehearse_apart(asking, doctor.id, choices, now=NOW)
        writing.commit()
        after = agenda.rehearse_apart(asking, doctor.id, choices, now=NOW)
    assert [[bool(one.why_not) for one in tried] for tried in before] == [[False], [False]]
    assert [[bool(one.why_not) for one in tried] for tried in after] == [[True], [False]]
