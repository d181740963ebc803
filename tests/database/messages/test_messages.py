"""From an appointment to what people read: who is told, when, and what is no longer said."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from regulation.messages import service as messages
from regulation.messages.facts import Kind, Letter
from regulation.orientation import service as orientation
from slots.appointments.facts import CancelledBy
from slots.sharing import service as sharing
from snp.directory import service as directory
from snp.directory.facts import Preferences, TerritoryDetails
from snp.notifications import service as outbox
from snp.notifications.facts import Refused, Unneeded
from snp.notifications.rules import RetryPolicy
from tests.support.regulation import KEYS, NOW, Cpts, a_cpts, a_patient, at
from tests.support.sharing import neighbours

pytestmark = pytest.mark.database
DESK = messages.Desk(KEYS, "https://agenda.example")
SPLITTERS = {
    "appointment.booked": messages.booked,
    "appointment.moved": messages.moved,
    "appointment.cancelled": messages.cancelled,
}


@pytest.fixture
def cpts(session):
    return a_cpts(session)


@dataclass
class Told:
    """A message that left, or why it did not."""

    kind: Kind
    letter: Letter | None
    reason: str | None = None


def leave(cpts: Cpts, now: datetime) -> list[Told]:
    """Do what the deliverer does, until nothing is due: split events, write letters."""
    told, session = [], cpts.session
    topics = frozenset({"sms", "email"})
    while taken := outbox.take_others(session, topics, now=now, limit=1):
        (event,) = taken
        if event.topic in SPLITTERS:
            SPLITTERS[event.topic](session, event, now)
        outbox.settle(session, event, Unneeded("done"), policy=RetryPolicy(), chance=0, now=now)
    while (message := outbox.claim(session, topics, now=now)) is not None:
        made = messages.compose(session, message, DESK, now)
        reason = made.reason if isinstance(made, Unneeded) else None
        letter = made if isinstance(made, Letter) else None
        told.append(Told(Kind(message.payload["kind"]), letter, reason))
        outbox.settle(session, message, Unneeded("done"), policy=RetryPolicy(), chance=0, now=now)
    return told


def a_carer(cpts: Cpts, **details):
    plain = {"phone": "06 39 98 10 01", "email": "cabinet@example.fr"}
    return cpts.carer(**(plain | details))


def booked(cpts: Cpts, *, slot=None, carer=None, patient=None, now=NOW, clock="14:00", day=1):
    """An appointment made by the regulation, by default tomorrow at two."""
    slot = slot or cpts.slot(carer or a_carer(cpts), at(clock, day=day))
    view = cpts.seeking(patient or a_patient(), now=now)
    held = orientation.hold_slots(cpts.session, view.id, [slot], by=cpts.osnp, now=now)
    (one,) = orientation.confirm(cpts.session, held.bundle_id, keys=KEYS, by=cpts.osnp, now=now)
    return one


def kinds(told: list[Told]) -> list[Kind]:
    return [one.kind for one in told]


def test_a_booking_is_told_to_the_patient_and_to_the_carer_at_once(cpts):
    patient = a_patient(phone="06 39 98 55 55")
    booked(cpts, patient=patient)
    to_patient, to_carer = sorted(leave(cpts, NOW), key=lambda one: one.kind, reverse=True)
    assert (to_patient.kind, to_patient.letter.to) == (Kind.PATIENT_BOOKED, "+33639985555")
    assert "mercredi 25/11 à 14h" in to_patient.letter.text
    assert "https://agenda.example/rdv/" in to_patient.letter.text
    assert patient.family_name not in to_patient.letter.text
    assert (to_carer.kind, to_carer.letter.to) == (Kind.CARER_BOOKED, "+33639981001")
    assert leave(cpts, NOW) == []


def test_reminders_leave_the_evening_before_and_two_hours_before(cpts):
    booked(cpts)
    leave(cpts, NOW)
    assert leave(cpts, at("17:59")) == []
    assert kinds(leave(cpts, at("18:00"))) == [Kind.PATIENT_DAY_BEFORE]
    assert kinds(leave(cpts, at("12:00", day=1))) == [Kind.PATIENT_HOURS_BEFORE]


def test_nobody_is_reminded_of_what_does_not_take_place(cpts):
    one = booked(cpts)
    leave(cpts, NOW)
    orientation.cancel_appointment(
        cpts.session, one.id, cancelled_by=CancelledBy.REGULATION, reason="rappel", by=cpts.osnp, now=NOW
    )
    assert sorted(kinds(leave(cpts, NOW))) == [Kind.CARER_CANCELLED, Kind.PATIENT_CANCELLED]
    assert {one.reason for one in leave(cpts, at("12:00", day=1))} == {"no-longer-so"}


def test_a_patient_whose_carer_gives_up_is_told_that_another_slot_is_sought(cpts):
    carer = a_carer(cpts)
    one = booked(cpts, carer=carer)
    leave(cpts, NOW)
    orientation.cancel_appointment(
        cpts.session,
        one.id,
        cancelled_by=CancelledBy.PRACTITIONER,
        reason="urgence",
        by=cpts.acting(carer),
        now=NOW,
    )
    (told,) = leave(cpts, NOW)
    assert told.kind is Kind.PATIENT_CANCELLED
    assert "Nous cherchons un autre" in told.letter.text


def test_a_move_to_another_carer_tells_all_three(cpts):
    one = booked(cpts)
    leave(cpts, NOW)
    other = cpts.slot(a_carer(cpts, phone="06 39 98 10 02"), at("15:00", day=1))
    orientation.move_appointment(
        cpts.session, one.id, other, reason="demande", keys=KEYS, by=cpts.osnp, now=NOW
    )
    told = {one.kind: one.letter for one in leave(cpts, NOW)}
    assert told.keys() == {Kind.PATIENT_MOVED, Kind.CARER_CANCELLED, Kind.CARER_BOOKED}
    assert told[Kind.CARER_CANCELLED].to == "+33639981001"
    assert told[Kind.CARER_BOOKED].to == "+33639981002"
    assert "15h" in told[Kind.PATIENT_MOVED].text
    reminders = leave(cpts, at("13:00", day=1))
    assert [one.kind for one in reminders if one.letter] == [Kind.PATIENT_HOURS_BEFORE]
    assert {one.reason for one in reminders if not one.letter} == {"no-longer-so"}


def test_a_booking_that_was_cancelled_before_anything_left_is_told_as_cancelled_only(cpts):
    one = booked(cpts)
    orientation.cancel_appointment(
        cpts.session, one.id, cancelled_by=CancelledBy.DESK, reason="erreur", by=cpts.osnp, now=NOW
    )
    told = leave(cpts, NOW)
    assert sorted(kinds(told)) == [Kind.CARER_CANCELLED, Kind.PATIENT_CANCELLED]


@pytest.mark.parametrize(
    ("channel", "phone", "email", "to"),
    [
        ("sms", "06 39 98 10 01", "a@example.fr", "+33639981001"),
        ("email", "06 39 98 10 01", "a@example.fr", "a@example.fr"),
        ("sms", "02 61 91 00 01", "a@example.fr", "a@example.fr"),
        ("email", "06 39 98 10 01", None, "+33639981001"),
        ("none", "06 39 98 10 01", "a@example.fr", None),
        ("sms", "02 61 91 00 01", None, None),
    ],
)
def test_a_carer_is_told_as_he_prefers(cpts, channel, phone, email, to):
    carer = a_carer(cpts, phone=phone, email=email, preferences=Preferences(channel=channel))
    booked(cpts, carer=carer)
    told = [one.letter.to for one in leave(cpts, NOW) if one.kind is Kind.CARER_BOOKED]
    assert told == ([to] if to else [])


def test_a_carer_sleeps_until_his_quiet_hours_end(cpts):
    carer = a_carer(cpts, preferences=Preferences(quiet_from=9, quiet_until=12))
    booked(cpts, carer=carer)
    assert kinds(leave(cpts, NOW)) == [Kind.PATIENT_BOOKED]
    assert Kind.CARER_BOOKED in kinds(leave(cpts, at("12:00")))


def test_a_patient_without_a_mobile_gets_no_sms(cpts):
    booked(cpts, patient=a_patient(phone="02 61 91 00 02"))
    assert "no-mobile" in {one.reason for one in leave(cpts, NOW)}


def test_a_reminder_that_stood_still_does_not_say_tomorrow_of_today(cpts):
    booked(cpts)
    leave(cpts, NOW)
    told = {one.kind: one.reason for one in leave(cpts, at("12:30", day=1))}
    assert told == {Kind.PATIENT_DAY_BEFORE: "no-longer-so", Kind.PATIENT_HOURS_BEFORE: None}


def test_opening_an_identity_for_its_phone_is_audited(cpts, session):
    one = booked(cpts)
    leave(cpts, NOW)
    statement = sa.text("SELECT action, actor, why FROM audit_entry WHERE resource_id = :id")
    lines = session.execute(statement, {"id": one.request_id}).all()
    assert ("read", "system:messages", "message au patient") in {tuple(line) for line in lines}


def test_nobody_is_told_of_what_has_begun_meanwhile(cpts):
    booked(cpts)
    assert {one.reason for one in leave(cpts, at("14:00", day=1))} == {"no-longer-so"}


def test_the_page_of_a_patient_is_found_by_its_secret_alone(cpts):
    one = booked(cpts)
    (secret,) = [
        told.letter.text.rsplit("/", 1)[1] for told in leave(cpts, NOW) if told.kind is Kind.PATIENT_BOOKED
    ]
    assert messages.appointment_of(secret, KEYS) == one.id
    for other in (secret[:-2] + "AA", secret.upper(), "", "x" * 48, "é" * 48):
        assert messages.appointment_of(other, KEYS) is None


def test_a_digest_tells_the_next_day_once_and_only_from_the_evening_on(cpts, session):
    carer = a_carer(cpts, preferences=Preferences(channel="email"))
    booked(cpts, carer=carer)
    cpts.slot(carer, at("15:00", day=1))
    leave(cpts, NOW)
    assert messages.queue_digests(session, now=at("17:59")) == ()
    assert messages.queue_digests(session, now=at("18:00")) == (carer.id,)
    assert messages.queue_digests(session, now=at("18:10")) == ()
    (told,) = [one for one in leave(cpts, at("18:10")) if one.kind is Kind.CARER_DIGEST]
    assert told.letter.subject == "Mercredi 25\u00a0novembre : 1 rendez-vous"
    assert "1 place libre" in told.letter.text


def test_a_coordinator_is_told_of_shortage_once_in_a_while(cpts, session):
    territory = with_alerts(cpts, "coordination@example.fr", "president@example.fr")
    view = cpts.seeking()
    orientation.assign_pool(cpts.transactions, territory.id, keys=KEYS, by=cpts.job, clock=lambda: NOW)
    assert messages.queue_shortage(session, territory, by=cpts.job, now=NOW)
    assert not messages.queue_shortage(session, territory, by=cpts.job, now=NOW + timedelta(hours=1))
    told = [one.letter for one in leave(cpts, NOW)]
    assert [letter.to for letter in told] == ["coordination@example.fr", "president@example.fr"]
    assert view.number in told[0].text
    assert messages.queue_shortage(session, territory, by=cpts.job, now=NOW + timedelta(hours=5))


def test_no_shortage_is_told_where_nobody_asked_to_be_told(cpts, session):
    cpts.seeking()
    orientation.assign_pool(cpts.transactions, cpts.territory.id, keys=KEYS, by=cpts.job, clock=lambda: NOW)
    assert not messages.queue_shortage(session, cpts.territory, by=cpts.job, now=NOW)


def test_a_coordinator_is_told_of_messages_that_were_given_up(cpts, session):
    territory = with_alerts(cpts, "coordination@example.fr")
    ident = outbox.enqueue(session, "sms", "x", {}, NOW, territory_id=territory.id)
    assert not messages.queue_dead_letters(session, territory, now=NOW)
    message = outbox.claim(session, {"sms"}, now=NOW)
    assert message.id == ident
    outbox.settle(session, message, Refused("http-400"), policy=RetryPolicy(), chance=0, now=NOW)
    assert messages.queue_dead_letters(session, territory, now=NOW)
    (told,) = leave(cpts, NOW)
    assert told.letter.subject == "1 envoi en échec"
    assert "- sms : 1" in told.letter.text


def test_a_coordinator_is_told_once_of_a_neighbours_offer(session):
    both = neighbours(session)
    territory = with_alerts(both.borrower, "coordination@example.fr")
    both.offered()
    assert messages.queue_offers(session, both.lender.territory, now=NOW) == 0
    assert messages.queue_offers(session, territory, now=NOW) == 1
    assert messages.queue_offers(session, territory, now=NOW + timedelta(days=9)) == 0
    (told,) = leave(both.borrower, NOW)
    assert told.letter.subject == "Pays De Retz propose de partager des créneaux"
    assert "https://agenda.example/coordination/voisins" in told.letter.text

    answered = both.offered()
    assert messages.queue_offers(session, territory, now=NOW) == 1
    sharing.accept(session, answered.id, by=both.borrower.coordinator, now=NOW)
    (untold,) = leave(both.borrower, NOW)
    assert untold.reason == "no-longer-so"


def with_alerts(cpts: Cpts, *addresses: str):
    now = cpts.territory
    return directory.update_territory(
        cpts.session,
        now.id,
        TerritoryDetails(
            slug=now.slug,
            name=now.name,
            department=now.department,
            communes=frozenset(now.communes),
            finess=now.finess,
            settings=replace(now.settings, alert_emails=addresses),
        ),
        version=now.version,
        by=cpts.coordinator,
        now=NOW,
    )
