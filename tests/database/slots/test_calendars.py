"""What busy times do to an agenda, and two at once."""

from datetime import timedelta

import pytest

from slots.agenda import service as agenda
from slots.agenda.facts import Interval, SlotFilter, SlotState
from slots.appointments import service as appointments
from slots.appointments.facts import CancelledBy
from slots.feeds import repository
from slots.feeds import service as feeds
from slots.feeds.facts import EntryState, Refreshed
from slots.feeds.refusals import CalendarUnreadable, TooManyCalendars
from snp.errors import NotFound
from snp.platform.crypto import Keyring
from snp.platform.keys import Keys
from tests.support.agenda import BY_OWNER, CODES, NOW, OSNP, a_claim, local

KEYS = Keys(Keyring({"i": b"i" * 32}), Keyring({"k": b"k" * 32}), "secret")
ADDRESS = "https://exemple.fr/moi.ics"


def a_calendar(session, doctor, address=ADDRESS):
    return feeds.import_calendar(session, doctor.id, address, keys=KEYS, **BY_OWNER)


def says(session, calendar, *spans):
    busy = tuple(Interval(local(start), local(end)) for start, end in spans)
    feeds.store_refreshed(session, calendar.id, Refreshed(busy), now=NOW)


def states(session, doctor):
    query = SlotFilter(practitioner_ids=frozenset({doctor.id}))
    return [one.state for one in agenda.list_slots(session, query, now=NOW).items]


def test_aligning_twice_changes_nothing(session, doctor):
    doctor.slot(session, "2026-11-25 18:00")
    says(session, a_calendar(session, doctor), ("2026-11-25 17:00", "2026-11-25 18:05"))
    assert len(feeds.align(session, doctor.id, **BY_OWNER)) == 1
    assert feeds.align(session, doctor.id, **BY_OWNER) == ()
    absences = agenda.list_absences(session, practitioner_ids=frozenset({doctor.id})).items
    assert len(absences) == 1
    assert states(session, doctor) == [SlotState.HIDDEN]


def test_a_busy_time_that_meets_no_slot_leaves_no_trace(session, doctor):
    doctor.slot(session, "2026-11-25 18:00")
    says(session, a_calendar(session, doctor), ("2026-11-25 17:00", "2026-11-25 18:00"))
    feeds.align(session, doctor.id, **BY_OWNER)
    assert agenda.list_absences(session, practitioner_ids=frozenset({doctor.id})).items == ()
    assert states(session, doctor) == [SlotState.OPEN]


def test_a_busy_time_that_moves_hides_another_slot_and_gives_the_first_back(session, doctor):
    doctor.slot(session, "2026-11-25 18:00")
    doctor.slot(session, "2026-11-25 19:00")
    calendar = a_calendar(session, doctor)
    says(session, calendar, ("2026-11-25 18:00", "2026-11-25 18:30"))
    feeds.align(session, doctor.id, **BY_OWNER)
    assert states(session, doctor) == [SlotState.HIDDEN, SlotState.OPEN]
    says(session, calendar, ("2026-11-25 18:30", "2026-11-25 19:30"))
    feeds.align(session, doctor.id, **BY_OWNER)
    assert states(session, doctor) == [SlotState.OPEN, SlotState.HIDDEN]


def test_a_slot_under_an_absence_of_his_own_stays_hidden_when_the_busy_time_goes(session, doctor):
    doctor.slot(session, "2026-11-25 18:00")
    calendar = a_calendar(session, doctor)
    says(session, calendar, ("2026-11-25 18:00", "2026-11-25 18:30"))
    feeds.align(session, doctor.id, **BY_OWNER)
    start = local("2026-11-25 00:00")
    agenda.add_absence(session, doctor.id, start, start + timedelta(days=1), **BY_OWNER)
    says(session, calendar)
    feeds.align(session, doctor.id, **BY_OWNER)
    assert states(session, doctor) == [SlotState.HIDDEN]


def test_a_taken_slot_stays_and_hides_once_its_patient_gives_it_up(session, doctor):
    slot = doctor.slot(session, "2026-11-25 18:00")
    booked = appointments.book(session, [a_claim(slot.id)], codes=CODES, **doctor.asked).appointments[0]
    says(session, a_calendar(session, doctor), ("2026-11-25 18:00", "2026-11-25 18:30"))
    assert feeds.align(session, doctor.id, **BY_OWNER) == ()
    found = agenda.get_slot(session, slot.id, now=NOW)
    assert (found.state, found.closing) == (SlotState.OPEN, True)
    appointments.cancel(
        session, booked.id, cancelled_by=CancelledBy.PATIENT, reason="guéri", by=OSNP, now=NOW
    )
    assert states(session, doctor) == [SlotState.HIDDEN]


def test_two_calendars_add_up_and_one_forgotten_leaves_the_other(session, doctor):
    doctor.slot(session, "2026-11-25 18:00")
    first, second = a_calendar(session, doctor), a_calendar(session, doctor)
    for calendar in (first, second):
        says(session, calendar, ("2026-11-25 18:00", "2026-11-25 18:30"))
    feeds.align(session, doctor.id, **BY_OWNER)
    feeds.forget_calendar(session, doctor.id, first.id, now=NOW)
    feeds.align(session, doctor.id, **BY_OWNER)
    assert states(session, doctor) == [SlotState.HIDDEN]
    feeds.forget_calendar(session, doctor.id, second.id, now=NOW)
    feeds.align(session, doctor.id, **BY_OWNER)
    assert states(session, doctor) == [SlotState.OPEN]


def test_a_calendar_is_read_whole_once_a_day_and_asked_for_news_in_between(session, doctor):
    calendar = a_calendar(session, doctor)
    assert [one.calendar_id for one in feeds.calendars_due(session, keys=KEYS, now=NOW)] == [calendar.id]
    feeds.store_refreshed(session, calendar.id, Refreshed((), '"1"', "hier"), now=NOW)
    assert feeds.calendars_due(session, keys=KEYS, now=NOW + timedelta(minutes=14)) == []
    (later,) = feeds.calendars_due(session, keys=KEYS, now=NOW + timedelta(minutes=15))
    assert (later.address, later.etag, later.last_modified) == (ADDRESS, '"1"', "hier")
    (next_day,) = feeds.calendars_due(session, keys=KEYS, now=NOW + timedelta(hours=24))
    assert (next_day.etag, next_day.last_modified) == (None, None)


def test_an_address_is_judged_and_calendars_are_few(session, doctor):
    with pytest.raises(CalendarUnreadable):
        a_calendar(session, doctor, "https://192.168.0.1/a.ics")
    for _ in range(5):
        a_calendar(session, doctor)
    with pytest.raises(TooManyCalendars):
        a_calendar(session, doctor)


def test_a_forgotten_calendar_keeps_neither_address_nor_times(session, doctor):
    calendar = a_calendar(session, doctor)
    says(session, calendar, ("2026-11-25 18:00", "2026-11-25 18:30"))
    feeds.forget_calendar(session, doctor.id, calendar.id, now=NOW)
    assert feeds.list_calendars(session, doctor.id) == []
    assert repository.busy_of(session, doctor.id, ends_after=NOW) == []
    with pytest.raises(NotFound):
        feeds.forget_calendar(session, doctor.id, calendar.id, now=NOW)


def test_the_sequence_of_a_slot_only_grows(session, doctor):
    slot = doctor.slot(session, "2026-11-25 18:00")
    seen = []

    def look():
        entries, _ = feeds.entries_of(session, doctor.id, now=NOW)
        (entry,) = entries
        seen.append((entry.revision, entry.state))

    look()
    booked = appointments.book(session, [a_claim(slot.id)], codes=CODES, **doctor.asked).appointments[0]
    look()
    appointments.cancel(
        session, booked.id, cancelled_by=CancelledBy.PATIENT, reason="guéri", by=OSNP, now=NOW
    )
    look()
    agenda.withdraw_slot(session, slot.id, **BY_OWNER)
    look()
    revisions = [revision for revision, _ in seen]
    assert revisions == sorted(set(revisions))
    assert [state for _, state in seen] == [
        EntryState.FREE,
        EntryState.TAKEN,
        EntryState.FREE,
        EntryState.GONE,
    ]
