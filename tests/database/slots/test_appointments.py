from datetime import timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa

from slots.agenda import service as agenda
from slots.agenda.facts import SlotState
from slots.agenda.refusals import SlotInThePast, SlotNotFound, SlotNotOfferedHere, SlotNotOpen
from slots.appointments import service as appointments
from slots.appointments.facts import AppointmentFilter, AppointmentStatusKind, CancelledBy
from slots.appointments.refusals import (
    AppointmentNotFound,
    AppointmentNotYetDue,
    AppointmentStarted,
    HoldEnded,
    HoldExpired,
    HoldNotFound,
    IllegalStatus,
    SlotAlreadyTaken,
)
from snp.assignment.facts import Audience
from snp.errors import InvalidValue
from tests.support.agenda import BY_OWNER, CODES, NOW, OSNP, OWNER, a_claim, a_doctor

S = AppointmentStatusKind
LATER = NOW + timedelta(minutes=5)
BY_OSNP = {"by": OSNP, "now": NOW}


def hold(session, doctor, *claims, minutes=5, **terms):
    return appointments.hold(session, claims, minutes=minutes, **(doctor.asked | terms))


def book(session, doctor, slot, request_id=None, **terms):
    booked = appointments.book(session, [a_claim(slot.id, request_id)], codes=CODES, **(doctor.asked | terms))
    return booked.appointments[0]


def cancel(session, appointment, by=CancelledBy.PATIENT, now=NOW):
    return appointments.cancel(
        session, appointment.id, cancelled_by=by, reason="empêchement", by=OSNP, now=now
    )


def move(session, doctor, appointment, slot, **terms):
    return appointments.move(
        session, appointment.id, slot.id, reason="plus tôt", codes=CODES, **(doctor.asked | terms)
    )


def outbox(session):
    rows = session.execute(sa.text("SELECT topic, subject FROM outbox_message ORDER BY id"))
    return [tuple(row) for row in rows]


@pytest.fixture
def slot(session, doctor):
    """A free slot tomorrow at 09:00."""
    return doctor.slot(session)


def test_a_held_slot_counts_as_taken_until_it_runs_out(session, doctor, slot):
    bundle = hold(session, doctor, a_claim(slot.id))
    assert bundle.expires_at == LATER
    with pytest.raises(SlotAlreadyTaken):
        hold(session, doctor, a_claim(slot.id))
    with pytest.raises(SlotAlreadyTaken):
        book(session, doctor, slot)
    assert appointments.get_hold(session, bundle.bundle_id, now=NOW).slots == bundle.slots


def test_a_confirmed_hold_is_an_appointment(session, doctor, slot):
    claim = a_claim(slot.id)
    bundle = hold(session, doctor, claim)
    (appointment,) = appointments.confirm(session, bundle.bundle_id, codes=CODES, **BY_OSNP)
    assert (appointment.request_id, appointment.slot_id) == (claim.request_id, slot.id)
    assert (appointment.start, appointment.end, appointment.mode) == (slot.start, slot.end, slot.mode)
    assert (appointment.site_id, appointment.territory_id) == (doctor.site_id, doctor.territory_id)
    assert appointment.live
    (line,) = appointments.story(session, appointment.id)
    assert (line.status, line.author) == (S.BOOKED, "account:osnp")
    assert outbox(session) == [("appointment.booked", f"request:{claim.request_id}")]
    with pytest.raises(HoldEnded):
        appointments.confirm(session, bundle.bundle_id, codes=CODES, **BY_OSNP)


def test_a_hold_that_ran_out_is_not_confirmed_even_if_nobody_took_the_slot(session, doctor, slot):
    bundle = hold(session, doctor, a_claim(slot.id))
    with pytest.raises(HoldExpired):
        appointments.confirm(session, bundle.bundle_id, codes=CODES, by=OSNP, now=LATER)
    appointments.expire_holds(session, now=LATER)
    with pytest.raises(HoldExpired):
        appointments.confirm(session, bundle.bundle_id, codes=CODES, by=OSNP, now=LATER)
    with pytest.raises(HoldExpired):
        appointments.get_hold(session, bundle.bundle_id, now=LATER)


def test_whoever_claims_after_a_hold_ran_out_ends_it_and_learns_whose_it_was(session, doctor, slot):
    first = a_claim(slot.id)
    hold(session, doctor, first)
    booked = appointments.book(session, [a_claim(slot.id)], codes=CODES, **(doctor.asked | {"now": LATER}))
    assert booked.lapsed_request_ids == (first.request_id,)
    assert appointments.expire_holds(session, now=LATER) == ()


def test_holding_again_for_the_same_request_lapses_nobody(session, doctor, slot):
    claim = a_claim(slot.id)
    hold(session, doctor, claim)
    assert hold(session, doctor, claim, now=LATER).lapsed_request_ids == ()


def test_expired_holds_are_ended_once(session, doctor, slot):
    other = doctor.slot(session, "2026-11-25 10:00")
    short, long = a_claim(slot.id), a_claim(other.id)
    hold(session, doctor, short)
    hold(session, doctor, long, minutes=6)
    assert appointments.expire_holds(session, now=LATER - timedelta(seconds=1)) == ()
    assert appointments.expire_holds(session, now=LATER) == (short.request_id,)
    assert appointments.expire_holds(session, now=LATER) == ()


def test_a_dropped_hold_frees_its_slot_once(session, doctor, slot):
    claim = a_claim(slot.id)
    bundle = hold(session, doctor, claim)
    assert appointments.drop_hold(session, bundle.bundle_id, **BY_OSNP) == (claim.request_id,)
    assert appointments.drop_hold(session, bundle.bundle_id, **BY_OSNP) == ()
    with pytest.raises(HoldEnded):
        appointments.confirm(session, bundle.bundle_id, codes=CODES, **BY_OSNP)
    book(session, doctor, slot)


def test_an_unknown_bundle_is_not_found(session):
    with pytest.raises(HoldNotFound):
        appointments.confirm(session, uuid4(), codes=CODES, **BY_OSNP)


def test_a_bundle_is_taken_whole_or_not_at_all(session, doctor, slot):
    free = doctor.slot(session, "2026-11-26 09:00")
    book(session, doctor, slot)
    request = uuid4()
    with pytest.raises(SlotAlreadyTaken):
        hold(session, doctor, a_claim(free.id, request, 1), a_claim(slot.id, request, 2))
    third = doctor.slot(session, "2026-11-27 09:00")
    bundle = hold(session, doctor, a_claim(third.id, request, 2), a_claim(free.id, request, 1))
    assert [held.slot_id for held in bundle.slots] == [free.id, third.id]
    sessions = appointments.confirm(session, bundle.bundle_id, codes=CODES, **BY_OSNP)
    assert [appointment.session_no for appointment in sessions] == [1, 2]


@pytest.mark.parametrize("claim", ["hold", "book"])
def test_a_claim_passes_every_check(session, doctor, slot, claim):
    def claimed(slot_id, **terms):
        if claim == "hold":
            return hold(session, doctor, a_claim(slot_id), **terms)
        return appointments.book(session, [a_claim(slot_id)], codes=CODES, **(doctor.asked | terms))

    with pytest.raises(SlotNotFound):
        claimed(uuid4())
    with pytest.raises(SlotNotOfferedHere):
        claimed(slot.id, audience=Audience.PROFESSIONALS)
    with pytest.raises(SlotNotOfferedHere):
        claimed(slot.id, territory_id=a_doctor(session).territory_id)
    with pytest.raises(SlotInThePast):
        claimed(slot.id, now=slot.start)
    agenda.withdraw_slot(session, slot.id, **BY_OWNER)
    with pytest.raises(SlotNotOpen):
        claimed(slot.id)


def test_a_cancelled_appointment_frees_its_slot_unless_its_practitioner_cancelled(session, doctor, slot):
    first = book(session, doctor, slot)
    gone = cancel(session, first)
    assert (gone.status, gone.live) == (S.CANCELLED, False)
    second = book(session, doctor, slot)
    cancel(session, second, by=CancelledBy.PRACTITIONER)
    assert agenda.get_slot(session, slot.id, now=NOW).state is SlotState.WITHDRAWN
    topics = [topic for topic, _ in outbox(session)]
    assert topics == ["appointment.booked", "appointment.cancelled"] * 2


def test_an_appointment_is_cancelled_once_with_a_reason_and_before_it_starts(session, doctor, slot):
    appointment = book(session, doctor, slot)
    with pytest.raises(InvalidValue):
        appointments.cancel(session, appointment.id, cancelled_by=CancelledBy.DESK, reason=" ", **BY_OSNP)
    with pytest.raises(AppointmentStarted):
        cancel(session, appointment, now=slot.start)
    cancel(session, appointment)
    with pytest.raises(IllegalStatus):
        cancel(session, appointment)
    with pytest.raises(AppointmentNotFound):
        appointments.cancel(session, uuid4(), cancelled_by=CancelledBy.DESK, reason="x", **BY_OSNP)


def test_a_moved_appointment_takes_the_new_slot_and_frees_the_old(session, doctor, slot):
    old = book(session, doctor, slot, organisation_id=None)
    target = doctor.slot(session, "2026-11-25 10:00")
    new = move(session, doctor, old, target)
    assert (new.slot_id, new.replaces_id, new.request_id) == (target.id, old.id, old.request_id)
    closed = appointments.get_appointment(session, old.id)
    assert (closed.status, closed.live) == (S.MOVED, False)
    book(session, doctor, slot)
    with pytest.raises(IllegalStatus):
        move(session, doctor, old, doctor.slot(session, "2026-11-25 11:00"))


def test_a_move_to_a_taken_slot_changes_nothing(session, doctor, slot):
    mine, target = book(session, doctor, slot), doctor.slot(session, "2026-11-25 10:00")
    book(session, doctor, target)
    with pytest.raises(SlotAlreadyTaken), session.begin_nested():
        move(session, doctor, mine, target)
    assert appointments.get_appointment(session, mine.id).live


def test_the_patient_s_code_leads_to_where_the_appointment_was_moved(session, doctor, slot):
    first = book(session, doctor, slot)
    code = appointments.patient_code(session, first.id, codes=CODES)
    second = move(session, doctor, first, doctor.slot(session, "2026-11-25 10:00"))
    third = move(session, doctor, second, doctor.slot(session, "2026-11-25 11:00"))
    assert appointments.by_code(session, code.lower(), codes=CODES) == third
    own = appointments.patient_code(session, third.id, codes=CODES)
    assert appointments.by_code(session, own, codes=CODES) == third
    for wrong in ("", "0000000000", code[:-1]):
        with pytest.raises(AppointmentNotFound):
            appointments.by_code(session, wrong, codes=CODES)


def test_outcomes_are_told_when_due_and_may_be_corrected(session, doctor, slot):
    appointment = book(session, doctor, slot)
    with pytest.raises(AppointmentNotYetDue):
        appointments.no_show(session, appointment.id, **BY_OWNER)
    at_start = {"by": OWNER, "now": slot.start}
    assert appointments.no_show(session, appointment.id, **at_start).status is S.NO_SHOW
    corrected = appointments.honour(session, appointment.id, **at_start)
    assert (corrected.status, corrected.live) == (S.HONOURED, True)
    told = [line.status for line in appointments.story(session, appointment.id)]
    assert told == [S.BOOKED, S.NO_SHOW, S.HONOURED]
    with pytest.raises(IllegalStatus):
        appointments.honour(session, appointment.id, **at_start)


def test_the_stories_cannot_be_rewritten(session, doctor, slot):
    book(session, doctor, slot)
    for table in ("appointment_status", "slot_event"):
        for statement in (f"UPDATE {table} SET author = 'x'", f"DELETE FROM {table}"):
            with pytest.raises(sa.exc.DBAPIError, match="append-only"), session.begin_nested():
                session.execute(sa.text(statement))


def test_appointments_are_listed_by_start_page_by_page(session, doctor, slot):
    later = doctor.slot(session, "2026-11-25 10:00")
    second, first = book(session, doctor, later), book(session, doctor, slot)
    mine = AppointmentFilter(practitioner_ids=frozenset({doctor.id}))
    page = appointments.list_appointments(session, mine, limit=1)
    rest = appointments.list_appointments(session, mine, cursor=page.next_cursor, limit=1)
    assert (page.items, rest.items, rest.next_cursor) == ((first,), (second,), None)


def test_every_filter_of_appointments_narrows(session, doctor, slot):
    later = doctor.slot(session, "2026-11-25 10:00")
    kept, gone = book(session, doctor, slot), book(session, doctor, later)
    gone = cancel(session, gone)

    def found(**asked):
        query = AppointmentFilter(**({"practitioner_ids": frozenset({doctor.id})} | asked))
        return appointments.list_appointments(session, query).items

    assert found(live=True) == (kept,)
    assert found(statuses=frozenset({S.CANCELLED})) == (gone,)
    assert found(request_ids=frozenset({kept.request_id})) == (kept,)
    assert found(territory_ids=frozenset({doctor.territory_id})) == (kept, gone)
    assert found(territory_ids=frozenset({uuid4()})) == ()
    assert found(organisation_id=uuid4()) == ()
    assert found(starts_from=later.start) == (gone,)
    assert found(starts_before=later.start) == (kept,)


def test_a_closing_slot_s_hold_may_still_be_confirmed(session, doctor, slot):
    bundle = hold(session, doctor, a_claim(slot.id))
    agenda.add_absence(session, doctor.id, slot.start, slot.end, **BY_OWNER)
    assert appointments.confirm(session, bundle.bundle_id, codes=CODES, **BY_OSNP)


def test_nothing_is_kept_of_a_code_but_its_hash(session, doctor, slot):
    appointment = book(session, doctor, slot)
    code = appointments.patient_code(session, appointment.id, codes=CODES).replace("-", "")
    row = session.execute(sa.text("SELECT appointment::text FROM appointment")).scalar()
    assert code not in row


def test_a_hold_on_a_slot_that_is_gone_is_not_confirmed_whatever_took_it_away(session, doctor, slot):
    bundle = hold(session, doctor, a_claim(slot.id))
    session.execute(sa.text("UPDATE slot SET state = 'withdrawn' WHERE id = :id"), {"id": slot.id})
    with pytest.raises(SlotNotOpen):
        appointments.confirm(session, bundle.bundle_id, codes=CODES, **BY_OSNP)
