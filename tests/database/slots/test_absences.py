from datetime import timedelta
from uuid import uuid4

import pytest

from slots.agenda import service as agenda
from slots.agenda.facts import NoticeCode, SlotEventKind, SlotState
from slots.agenda.refusals import AbsenceLifted, AbsenceNotFound
from slots.appointments import service as appointments
from slots.appointments.facts import CancelledBy
from snp.errors import InvalidValue, NotFound, VersionMismatch
from tests.support.agenda import BY_OWNER, CODES, NOW, OSNP, OWNER, a_claim, local

START, END = local("2026-11-25 00:00"), local("2026-11-26 00:00")


def away(session, doctor, start=START, end=END, **terms):
    return agenda.add_absence(session, doctor.id, start, end, **(BY_OWNER | terms))


def state(session, slot):
    return agenda.get_slot(session, slot.id, now=NOW).state


def book(session, doctor, slot):
    return appointments.book(session, [a_claim(slot.id)], codes=CODES, **doctor.asked).appointments[0]


def cancel(session, appointment):
    return appointments.cancel(
        session, appointment.id, cancelled_by=CancelledBy.PATIENT, reason="guéri", by=OSNP, now=NOW
    )


def test_an_absence_hides_what_it_touches_and_lifting_it_restores(session, doctor):
    inside, across, outside = (
        doctor.slot(session, f"2026-11-{text}") for text in ("25 09:00", "25 19:45", "26 09:00")
    )
    outcome = away(session, doctor, end=local("2026-11-25 19:50"), label="formation")
    assert set(outcome.hidden) == {inside.id, across.id}
    assert [state(session, slot) for slot in (inside, across, outside)] == [
        SlotState.HIDDEN,
        SlotState.HIDDEN,
        SlotState.OPEN,
    ]
    lifted = agenda.lift_absence(session, outcome.absence.id, **BY_OWNER)
    assert set(lifted.restored) == {inside.id, across.id}
    assert state(session, inside) is SlotState.OPEN
    events = [line.event for line in agenda.slot_story(session, inside.id)]
    assert events == [SlotEventKind.PUBLISHED, SlotEventKind.HIDDEN, SlotEventKind.RESTORED]
    with pytest.raises(AbsenceLifted):
        agenda.lift_absence(session, outcome.absence.id, **BY_OWNER)


def test_a_taken_slot_stays_with_a_notice_and_hides_once_freed(session, doctor):
    slot = doctor.slot(session)
    appointment = book(session, doctor, slot)
    outcome = away(session, doctor)
    assert [(told.code, told.slot_id) for told in outcome.notices] == [(NoticeCode.KEPT_TAKEN, slot.id)]
    assert state(session, slot) is SlotState.OPEN
    cancel(session, appointment)
    assert state(session, slot) is SlotState.HIDDEN
    agenda.lift_absence(session, outcome.absence.id, **BY_OWNER)
    assert state(session, slot) is SlotState.OPEN


def test_a_taken_slot_is_offered_again_if_the_absence_was_lifted_before_it_was_freed(session, doctor):
    slot = doctor.slot(session)
    appointment = book(session, doctor, slot)
    outcome = away(session, doctor)
    agenda.lift_absence(session, outcome.absence.id, **BY_OWNER)
    cancel(session, appointment)
    found = agenda.get_slot(session, slot.id, now=NOW)
    assert (found.state, found.closing, found.hidden_by_id) == (SlotState.OPEN, False, None)


def test_a_taken_slot_hides_once_its_patient_is_moved_elsewhere(session, doctor):
    slot, later = doctor.slot(session), doctor.slot(session, "2026-11-26 09:00")
    appointment = book(session, doctor, slot)
    away(session, doctor)
    appointments.move(session, appointment.id, later.id, reason="absence", codes=CODES, **doctor.asked)
    assert state(session, slot) is SlotState.HIDDEN


def test_with_a_reason_the_taken_and_held_are_freed_and_their_requests_returned(session, doctor):
    taken, held = doctor.slot(session), doctor.slot(session, "2026-11-25 10:00")
    appointment = book(session, doctor, taken)
    claim = a_claim(held.id)
    appointments.hold(session, [claim], minutes=5, **doctor.asked)
    outcome = away(session, doctor, cancel_taken_reason="malade")
    assert set(outcome.freed_request_ids) == {appointment.request_id, claim.request_id}
    assert outcome.notices == ()
    assert {state(session, slot) for slot in (taken, held)} == {SlotState.HIDDEN}
    last = appointments.story(session, appointment.id)[-1]
    assert (last.cancelled_by, last.reason) == (CancelledBy.PRACTITIONER, "malade")


def test_a_hold_under_an_absence_hides_its_slot_when_it_runs_out(session, doctor):
    slot = doctor.slot(session)
    appointments.hold(session, [a_claim(slot.id)], minutes=5, **doctor.asked)
    away(session, doctor)
    appointments.expire_holds(session, now=NOW + timedelta(minutes=5))
    assert state(session, slot) is SlotState.HIDDEN


def test_a_slot_published_meanwhile_wins_over_the_hidden_one(session, doctor):
    slot = doctor.slot(session, "2026-11-25 09:00")
    other = doctor.slot(session, "2026-11-25 10:00")
    first = away(session, doctor, end=local("2026-11-25 09:30"))
    second = away(session, doctor, start=local("2026-11-25 09:50"))
    agenda.withdraw_slot(session, slot.id, **BY_OWNER)
    agenda.lift_absence(session, first.absence.id, **BY_OWNER)
    assert state(session, slot) is SlotState.WITHDRAWN
    doctor.slot(session, "2026-11-25 09:40", slot_minutes=10, buffer_minutes=15)
    lifted = agenda.lift_absence(session, second.absence.id, **BY_OWNER)
    assert [(told.code, told.slot_id) for told in lifted.notices] == [(NoticeCode.OVERLAP, other.id)]
    assert state(session, other) is SlotState.WITHDRAWN


def test_a_slot_under_two_absences_stays_hidden_until_both_are_lifted(session, doctor):
    slot = doctor.slot(session)
    one, two = away(session, doctor), away(session, doctor)
    assert two.hidden == ()
    agenda.lift_absence(session, one.absence.id, **BY_OWNER)
    assert state(session, slot) is SlotState.HIDDEN
    agenda.lift_absence(session, two.absence.id, **BY_OWNER)
    assert state(session, slot) is SlotState.OPEN


def test_a_hidden_slot_due_for_release_is_released_rather_than_restored(session, doctor):
    slot = doctor.slot(session, release_minutes=60)
    outcome = away(session, doctor)
    agenda.lift_absence(session, outcome.absence.id, by=OWNER, now=local("2026-11-25 08:00"))
    assert state(session, slot) is SlotState.RELEASED


def test_what_began_during_the_absence_stays_as_it_was(session, doctor):
    slot = doctor.slot(session)
    outcome = away(session, doctor)
    lifted = agenda.lift_absence(session, outcome.absence.id, by=OWNER, now=slot.start)
    assert lifted.restored == ()
    assert state(session, slot) is SlotState.HIDDEN


def test_an_absence_that_makes_no_sense_is_refused(session, doctor):
    with pytest.raises(InvalidValue):
        away(session, doctor, end=START)
    with pytest.raises(InvalidValue):
        away(session, doctor, start=local("2026-11-20 00:00"), end=local("2026-11-21 00:00"))
    with pytest.raises(NotFound):
        agenda.add_absence(session, uuid4(), START, END, **BY_OWNER)
    with pytest.raises(AbsenceNotFound):
        agenda.get_absence(session, uuid4())
    outcome = away(session, doctor)
    with pytest.raises(VersionMismatch):
        agenda.lift_absence(session, outcome.absence.id, version=9, **BY_OWNER)


def test_absences_are_listed_by_start(session, doctor):
    later = away(session, doctor, start=local("2026-12-01 00:00"), end=local("2026-12-02 00:00"))
    sooner = away(session, doctor)
    mine = frozenset({doctor.id})
    first = agenda.list_absences(session, practitioner_ids=mine, limit=1)
    second = agenda.list_absences(session, practitioner_ids=mine, cursor=first.next_cursor)
    assert [page.items[0].id for page in (first, second)] == [sooner.absence.id, later.absence.id]
    after = agenda.list_absences(session, practitioner_ids=mine, ends_after=END)
    assert [absence.id for absence in after.items] == [later.absence.id]
