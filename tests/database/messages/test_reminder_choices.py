"""How a patient wants to be reminded: what leaves by which way, and what is told whatever he chose."""

from __future__ import annotations

import pytest

from regulation.messages import service as messages
from regulation.messages.facts import Kind, Medium, ReminderWay
from regulation.orientation import service as orientation
from slots.appointments.facts import CancelledBy
from snp.errors import InvalidValue
from snp.platform.actors import Role
from tests.database.messages.test_messages import a_carer, booked, kinds, leave
from tests.support.regulation import KEYS, NOW, a_cpts, a_patient, an_actor, at

pytestmark = pytest.mark.database
BY = an_actor(Role.PATIENT, frozenset())
ADDRESS = "jeanne.quintrec@exemple.fr"


@pytest.fixture
def cpts(session):
    return a_cpts(session)


def choose(cpts, one, way, address="", now=NOW):
    messages.choose_reminders(cpts.session, one.request_id, way, address, keys=KEYS, by=BY, now=now)


def reminders(cpts):
    """What becomes of the reminders of tomorrow's appointment, the evening before and on the day."""
    told = leave(cpts, at("18:00")) + leave(cpts, at("12:00", day=1))
    assert set(kinds(told)) <= {Kind.PATIENT_DAY_BEFORE, Kind.PATIENT_HOURS_BEFORE}
    return [one.letter for one in told if one.letter], [one.reason for one in told if one.reason]


def test_by_mail_says_when_and_where_once_and_never_who(cpts):
    patient = a_patient()
    one = booked(cpts, patient=patient)
    leave(cpts, NOW)
    for _ in range(2):
        choose(cpts, one, ReminderWay.EMAIL, f" {ADDRESS} ")

    letters, reasons = reminders(cpts)

    assert [(each.medium, each.to) for each in letters] == [(Medium.EMAIL, ADDRESS)] * 2
    assert "demain" in letters[0].text
    assert "mercredi 25\u00a0novembre" in letters[0].subject
    assert "https://agenda.example/rdv/" in letters[0].text
    assert patient.family_name not in letters[0].text + letters[0].subject
    assert reasons == ["not-wanted"] * 2


@pytest.mark.parametrize(("last", "letters"), [(ReminderWay.NONE, 0), (ReminderWay.SMS, 2)])
def test_the_last_choice_holds(cpts, last, letters):
    one = booked(cpts)
    leave(cpts, NOW)
    choose(cpts, one, ReminderWay.EMAIL, ADDRESS)
    choose(cpts, one, last)

    left, _ = reminders(cpts)

    assert [each.medium for each in left] == [Medium.SMS] * letters
    assert messages.reminder_way(cpts.session, one.request_id) is last


def test_a_cancellation_is_no_reminder(cpts):
    one = booked(cpts)
    leave(cpts, NOW)
    choose(cpts, one, ReminderWay.NONE)
    orientation.cancel_appointment(
        cpts.session, one.id, cancelled_by=CancelledBy.REGULATION, reason="rappel", by=cpts.osnp, now=NOW
    )

    (told,) = [each for each in leave(cpts, NOW) if each.kind is Kind.PATIENT_CANCELLED]

    assert told.letter.medium is Medium.SMS


def test_a_moved_appointment_keeps_the_choice(cpts):
    one = booked(cpts)
    leave(cpts, NOW)
    choose(cpts, one, ReminderWay.EMAIL, ADDRESS)
    other = cpts.slot(a_carer(cpts), at("15:00", day=1))
    orientation.move_appointment(
        cpts.session, one.id, other, reason="demande", keys=KEYS, by=cpts.osnp, now=NOW
    )
    leave(cpts, NOW)

    told = leave(cpts, at("18:00"))

    assert [each.letter.to for each in told if each.letter] == [ADDRESS]


@pytest.mark.parametrize("typed", ["", "jeanne", "a@b", "a b@exemple.fr", "x@exemple.fr\nBcc: y@exemple.fr"])
def test_what_is_no_address_is_refused(cpts, typed):
    one = booked(cpts)
    with pytest.raises(InvalidValue):
        choose(cpts, one, ReminderWay.EMAIL, typed)
    assert messages.reminder_way(cpts.session, one.request_id) is ReminderWay.SMS
