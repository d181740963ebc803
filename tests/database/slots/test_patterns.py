from datetime import date, time, timedelta

import pytest
import sqlalchemy as sa

from slots.agenda import service as agenda
from slots.agenda.facts import (
    EditScope,
    ExceptionKind,
    NoticeCode,
    OccurrenceChange,
    PatternFilter,
    SlotFilter,
    SlotState,
)
from slots.agenda.recurrence import InvalidRecurrence
from slots.agenda.refusals import (
    NotAMember,
    NotAnOccurrence,
    OccurrenceStarted,
    OutsideSnpHours,
    PatternEnded,
    PatternNotFound,
    PractitionerCannotPublish,
)
from slots.appointments import service as appointments
from slots.appointments.facts import CancelledBy
from snp.assignment.facts import Audience
from snp.errors import InvalidValue, VersionMismatch
from tests.support.agenda import BY_OWNER, CODES, NOW, OSNP, OWNER, a_claim, a_doctor, local

FIRST, SECOND, THIRD = date(2026, 12, 1), date(2026, 12, 8), date(2026, 12, 15)


@pytest.fixture
def pattern(session, doctor):
    """Tuesdays at 09:00, two patients, from 1 December, expanded over four weeks."""
    return published(session, doctor).pattern


def published(session, doctor, rrule="FREQ=WEEKLY;BYDAY=TU", **terms):
    draft = doctor.draft(rrule, **terms)
    return agenda.publish_pattern(session, doctor.id, draft, horizon_days=28, **BY_OWNER)


def slots_of(session, doctor, *states, now=NOW):
    query = SlotFilter(practitioner_ids=frozenset({doctor.id}), states=frozenset(states or (SlotState.OPEN,)))
    return agenda.list_slots(session, query, now=now, limit=200).items


def starts(session, doctor, *states):
    return [slot.start for slot in slots_of(session, doctor, *states)]


def at(*texts):
    return [local(text) for text in texts]


def book(session, doctor, slot):
    return appointments.book(session, [a_claim(slot.id)], codes=CODES, **doctor.asked).appointments[0]


def edited(session, doctor, pattern, scope, change, **terms):
    return agenda.edit_pattern(session, pattern.id, scope, change, horizon_days=28, **(BY_OWNER | terms))


def test_a_pattern_becomes_slots_up_to_the_horizon(session, doctor, pattern):
    assert len(slots_of(session, doctor)) == 6
    assert starts(session, doctor)[:2] == at("2026-12-01 09:00", "2026-12-01 09:15")
    assert pattern.expanded_until == date(2026, 12, 22)
    assert pattern.rrule == "FREQ=WEEKLY;BYDAY=TU"


def test_expanding_twice_changes_nothing_and_the_horizon_moves_on(session, doctor, pattern):
    before = slots_of(session, doctor)
    agenda.expand_pattern(session, pattern.id, horizon_days=28, **BY_OWNER)
    assert slots_of(session, doctor) == before
    assert agenda.patterns_due(session, horizon_days=28, now=NOW) == ()
    tomorrow_week = NOW + timedelta(days=7)
    assert agenda.patterns_due(session, horizon_days=28, now=tomorrow_week) == (pattern.id,)
    (grown,) = agenda.expand_due(session, horizon_days=28, by=OWNER, now=tomorrow_week)
    assert [slot.occurrence_day for slot in grown.slots] == [date(2026, 12, 22)] * 2


def test_a_holiday_is_skipped_with_a_notice(session, doctor):
    made = published(session, doctor, "FREQ=WEEKLY;BYDAY=FR", first_day=date(2026, 12, 18))
    made = agenda.expand_pattern(session, made.pattern.id, horizon_days=60, **BY_OWNER)
    assert NoticeCode.HOLIDAY in {told.code for told in made.notices}
    assert {told.day for told in made.notices} == {date(2026, 12, 25), date(2027, 1, 1)}


def test_an_opening_outside_snp_hours_is_refused_as_a_whole(session, doctor):
    with pytest.raises(OutsideSnpHours):
        published(session, doctor, starts_at=time(19, 45))
    with pytest.raises(OutsideSnpHours):
        published(session, doctor, "FREQ=WEEKLY;BYDAY=SU")


def test_drafts_that_make_no_sense_are_refused(session, doctor):
    with pytest.raises(InvalidRecurrence):
        published(session, doctor, "FREQ=SECONDLY")
    with pytest.raises(InvalidValue):
        published(session, doctor, last_day=date(2026, 11, 1))
    stranger = a_doctor(session)
    offer = doctor.offer(territory_ids=frozenset({stranger.territory_id}))
    with pytest.raises(NotAMember):
        published(session, doctor, offer=offer)


def test_an_overlap_costs_its_own_occurrence_only(session, doctor):
    doctor.slot(session, "2026-12-08 09:10")
    made = published(session, doctor)
    assert [slot.start for slot in made.slots] == at(
        "2026-12-01 09:00", "2026-12-01 09:15", "2026-12-15 09:00", "2026-12-15 09:15"
    )
    assert [(told.code, told.day) for told in made.notices] == [(NoticeCode.OVERLAP, SECOND)] * 2


def test_one_occurrence_is_cancelled_and_brought_back(session, doctor, pattern):
    gone = edited(session, doctor, pattern, EditScope.THIS, OccurrenceChange(cancelled=True), day=SECOND)
    assert len(gone.withdrawn) == 2
    assert {slot.occurrence_day for slot in slots_of(session, doctor)} == {FIRST, THIRD}
    assert gone.pattern.exceptions[0].kind is ExceptionKind.CANCELLED
    assert gone.pattern.version > pattern.version
    back = edited(session, doctor, pattern, EditScope.THIS, OccurrenceChange(), day=SECOND)
    assert len(back.slots) == 2
    assert back.pattern.exceptions == ()
    assert len(slots_of(session, doctor)) == 6


def test_one_occurrence_is_moved_to_another_day_and_time(session, doctor, pattern):
    moved = OccurrenceChange(day=date(2026, 12, 10), starts_at=time(14), patients=3)
    made = edited(session, doctor, pattern, EditScope.THIS, moved, day=SECOND)
    assert [slot.start for slot in made.slots] == at(
        "2026-12-10 14:00", "2026-12-10 14:15", "2026-12-10 14:30"
    )
    assert {slot.occurrence_day for slot in made.slots} == {SECOND}
    assert len(slots_of(session, doctor)) == 7


def test_an_occurrence_beyond_the_horizon_may_be_edited_before_it_has_slots(session, doctor, pattern):
    far = date(2027, 1, 5)
    edited(session, doctor, pattern, EditScope.THIS, OccurrenceChange(cancelled=True), day=far)
    grown = agenda.expand_pattern(session, pattern.id, horizon_days=60, **BY_OWNER)
    assert far not in {slot.occurrence_day for slot in grown.slots}


@pytest.mark.parametrize(
    ("change", "day", "refusal"),
    [
        (OccurrenceChange(cancelled=True), date(2026, 12, 2), NotAnOccurrence),
        (OccurrenceChange(starts_at=time(21)), SECOND, OutsideSnpHours),
        (OccurrenceChange(patients=61), SECOND, InvalidValue),
    ],
)
def test_an_edit_of_one_occurrence_passes_the_checks(session, doctor, pattern, *, change, day, refusal):
    with pytest.raises(refusal):
        edited(session, doctor, pattern, EditScope.THIS, change, day=day)


def test_an_occurrence_that_began_is_left_alone(session, doctor, pattern):
    during = {"by": OWNER, "now": local("2026-12-01 09:05")}
    with pytest.raises(OccurrenceStarted):
        edited(
            session, doctor, pattern, EditScope.THIS, OccurrenceChange(cancelled=True), day=FIRST, **during
        )
    edited(session, doctor, pattern, EditScope.ALL, doctor.draft(starts_at=time(14)), **during)
    assert starts(session, doctor)[:3] == at("2026-12-01 09:00", "2026-12-01 09:15", "2026-12-08 14:00")


def test_all_following_splits_the_pattern(session, doctor, pattern):
    later = doctor.draft(starts_at=time(14))
    made = edited(session, doctor, pattern, EditScope.FOLLOWING, later, day=SECOND)
    assert starts(session, doctor) == at(
        "2026-12-01 09:00",
        "2026-12-01 09:15",
        "2026-12-08 14:00",
        "2026-12-08 14:15",
        "2026-12-15 14:00",
        "2026-12-15 14:15",
    )
    assert made.pattern.replaces_id == pattern.id
    assert made.pattern.first_day == SECOND
    assert agenda.get_pattern(session, pattern.id).last_day == date(2026, 12, 7)
    listed = agenda.list_patterns(session, PatternFilter(practitioner_ids=frozenset({doctor.id})))
    assert [found.id for found in listed.items] == [pattern.id, made.pattern.id]


def test_a_split_carries_its_exceptions_and_what_is_left_of_its_count(session, doctor):
    counted = published(session, doctor, "FREQ=WEEKLY;BYDAY=TU;COUNT=3").pattern
    edited(session, doctor, counted, EditScope.THIS, OccurrenceChange(cancelled=True), day=THIRD)
    draft = doctor.draft("FREQ=WEEKLY;BYDAY=TU;COUNT=3", starts_at=time(10))
    made = edited(session, doctor, counted, EditScope.FOLLOWING, draft, day=SECOND)
    assert made.pattern.rrule == "FREQ=WEEKLY;BYDAY=TU;COUNT=2"
    assert [told.day for told in made.pattern.exceptions] == [THIRD]
    assert starts(session, doctor)[2:] == at("2026-12-08 10:00", "2026-12-08 10:15")


def test_following_from_the_first_occurrence_is_all(session, doctor, pattern):
    made = edited(session, doctor, pattern, EditScope.FOLLOWING, doctor.draft(starts_at=time(11)), day=FIRST)
    assert made.pattern.id == pattern.id
    assert starts(session, doctor)[0] == local("2026-12-01 11:00")


def test_all_rewrites_terms_in_place(session, doctor, pattern):
    before = {slot.id for slot in slots_of(session, doctor)}
    offer = doctor.offer(audiences=frozenset({Audience.PROFESSIONALS}), release_minutes=60)
    edited(session, doctor, pattern, EditScope.ALL, doctor.draft(offer=offer), version=pattern.version)
    after = slots_of(session, doctor)
    assert {slot.id for slot in after} == before
    assert {slot.audiences for slot in after} == {frozenset({Audience.PROFESSIONALS})}
    assert all(slot.release_at == slot.start - timedelta(hours=1) for slot in after)
    with pytest.raises(VersionMismatch):
        edited(session, doctor, pattern, EditScope.ALL, doctor.draft(offer=offer), version=pattern.version)


def test_all_shifts_by_one_slot_without_stumbling_on_itself(session, doctor, pattern):
    edited(session, doctor, pattern, EditScope.ALL, doctor.draft(starts_at=time(9, 15)))
    assert starts(session, doctor)[:2] == at("2026-12-01 09:15", "2026-12-01 09:30")
    edited(session, doctor, pattern, EditScope.ALL, doctor.draft(starts_at=time(9), patients=4))
    assert len(slots_of(session, doctor)) == 12


def test_fewer_patients_withdraw_the_last_slots(session, doctor, pattern):
    made = edited(session, doctor, pattern, EditScope.ALL, doctor.draft(patients=1))
    assert len(made.withdrawn) == 3
    assert starts(session, doctor) == at("2026-12-01 09:00", "2026-12-08 09:00", "2026-12-15 09:00")


def test_a_taken_slot_outlives_the_edit_that_moves_it_and_is_not_offered_again(session, doctor, pattern):
    slot = slots_of(session, doctor)[0]
    appointment = book(session, doctor, slot)
    made = edited(session, doctor, pattern, EditScope.ALL, doctor.draft(starts_at=time(14)))
    kept = [told for told in made.notices if told.code is NoticeCode.KEPT_TAKEN]
    assert [told.slot_id for told in kept] == [slot.id]
    assert agenda.get_slot(session, slot.id, now=NOW).closing
    appointments.cancel(
        session, appointment.id, cancelled_by=CancelledBy.PATIENT, reason="guéri", by=OSNP, now=NOW
    )
    assert agenda.get_slot(session, slot.id, now=NOW).state is SlotState.WITHDRAWN


def test_a_taken_slot_on_the_new_terms_goes_on_as_any_other(session, doctor, pattern):
    slot = slots_of(session, doctor)[0]
    appointment = book(session, doctor, slot)
    made = edited(session, doctor, pattern, EditScope.ALL, doctor.draft(patients=3))
    assert made.notices == ()
    appointments.cancel(
        session, appointment.id, cancelled_by=CancelledBy.PATIENT, reason="guéri", by=OSNP, now=NOW
    )
    assert agenda.get_slot(session, slot.id, now=NOW).state is SlotState.OPEN


def test_an_edit_that_returns_reopens_a_closing_slot(session, doctor, pattern):
    slot = slots_of(session, doctor)[0]
    book(session, doctor, slot)
    edited(session, doctor, pattern, EditScope.ALL, doctor.draft(starts_at=time(14)))
    edited(session, doctor, pattern, EditScope.ALL, doctor.draft(starts_at=time(9)))
    assert not agenda.get_slot(session, slot.id, now=NOW).closing
    assert len(slots_of(session, doctor)) == 6


def test_a_taken_slot_under_an_absence_stays_closing_through_an_edit(session, doctor, pattern):
    slot = slots_of(session, doctor)[0]
    appointment = book(session, doctor, slot)
    agenda.add_absence(session, doctor.id, slot.start, slot.end, **BY_OWNER)
    edited(session, doctor, pattern, EditScope.ALL, doctor.draft(patients=3))
    assert agenda.get_slot(session, slot.id, now=NOW).closing
    appointments.cancel(
        session, appointment.id, cancelled_by=CancelledBy.PATIENT, reason="guéri", by=OSNP, now=NOW
    )
    assert agenda.get_slot(session, slot.id, now=NOW).state is SlotState.HIDDEN


def test_a_slot_withdrawn_by_hand_is_not_published_again(session, doctor, pattern):
    first = slots_of(session, doctor)[0]
    agenda.withdraw_slot(session, first.id, **BY_OWNER)
    edited(session, doctor, pattern, EditScope.ALL, doctor.draft(patients=3))
    assert starts(session, doctor)[:2] == at("2026-12-01 09:15", "2026-12-01 09:30")


def test_a_pattern_ends_after_a_day_and_keeps_what_is_taken(session, doctor, pattern):
    taken = slots_of(session, doctor)[4]
    book(session, doctor, taken)
    ended = agenda.end_pattern(session, pattern.id, last_day=FIRST, **BY_OWNER)
    assert [told.slot_id for told in ended.notices] == [taken.id]
    assert len(ended.withdrawn) == 3
    assert [slot.id for slot in slots_of(session, doctor)][2:] == [taken.id]
    assert ended.pattern.last_day == FIRST
    assert agenda.patterns_due(session, horizon_days=90, now=NOW) == ()


def test_a_pattern_ended_today_is_over(session, doctor, pattern):
    ended = agenda.end_pattern(session, pattern.id, **BY_OWNER)
    assert slots_of(session, doctor) == ()
    assert ended.pattern.ended_at == NOW
    with pytest.raises(PatternEnded):
        agenda.end_pattern(session, pattern.id, **BY_OWNER)
    listed = agenda.list_patterns(
        session, PatternFilter(practitioner_ids=frozenset({doctor.id}), running=True)
    )
    assert listed.items == ()


def test_an_unknown_pattern_is_not_found(session, doctor):
    with pytest.raises(PatternNotFound):
        agenda.get_pattern(session, doctor.id)


def test_a_scope_needs_its_own_kind_of_change(session, doctor, pattern):
    for scope, change, day in (
        (EditScope.THIS, doctor.draft(), SECOND),
        (EditScope.THIS, OccurrenceChange(cancelled=True), None),
        (EditScope.ALL, OccurrenceChange(cancelled=True), None),
        (EditScope.FOLLOWING, doctor.draft(), None),
    ):
        with pytest.raises(InvalidValue):
            edited(session, doctor, pattern, scope, change, day=day)


def test_a_pattern_expands_hidden_under_an_absence_and_opens_when_it_is_lifted(session, doctor):
    away = agenda.add_absence(
        session, doctor.id, local("2026-12-08 00:00"), local("2026-12-09 00:00"), **BY_OWNER
    )
    made = published(session, doctor)
    assert [told.code for told in made.notices] == [NoticeCode.DURING_ABSENCE]
    assert len(slots_of(session, doctor)) == 4
    assert len(slots_of(session, doctor, SlotState.HIDDEN)) == 2
    agenda.lift_absence(session, away.absence.id, **BY_OWNER)
    assert len(slots_of(session, doctor)) == 6


def test_nine_o_clock_stays_nine_o_clock_in_the_database(session, doctor):
    now = local("2027-03-16 10:00")
    made = agenda.publish_pattern(
        session,
        doctor.id,
        doctor.draft(first_day=date(2027, 3, 16)),
        horizon_days=28,
        by=OWNER,
        now=now,
    )
    assert {slot.start.hour for slot in made.slots if slot.start < local("2027-03-28 00:00")} == {8}
    assert {slot.start.hour for slot in made.slots if slot.start > local("2027-03-28 00:00")} == {7}


def test_a_practitioner_who_left_opens_nothing_new_and_may_be_tidied_up_after(session, doctor, pattern):
    session.execute(sa.text("UPDATE practitioner SET active = false WHERE id = :id"), {"id": doctor.id})
    assert agenda.patterns_due(session, horizon_days=90, now=NOW) == ()
    with pytest.raises(PractitionerCannotPublish):
        published(session, doctor)
    assert len(agenda.end_pattern(session, pattern.id, **BY_OWNER).withdrawn) == 6
