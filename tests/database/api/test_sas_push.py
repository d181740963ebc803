"""Appointments of the platform's regulators are pushed to it: what, when, and what its answers lead to."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from api.jobs.ways_out import ways_out
from api.wiring import Wiring
from slots.appointments import service as appointments
from slots.appointments.declaring import SAS_TOPIC
from slots.appointments.facts import CancelledBy, SasOperator
from snp.notifications import service as outbox
from snp.notifications.channels import UnusableChannel
from snp.notifications.delivering import Post, send_next
from snp.notifications.facts import Delivered, MessageState, Refused, Retry, Unneeded
from snp.platform.clock import SteppedClock
from snp.platform.db import create_engine
from snp.platform.keys import load_keys
from tests.support.agenda import BY_OWNER, CODES, NOW, OSNP, a_claim, a_doctor, local
from tests.support.database import test_settings
from tests.support.sas_push import OPERATOR, SYSTEM, a_connected_platform

TECHNICAL = "urn:oid:1.2.250.1.213.3.6"
IDNPS = "urn:oid:1.2.250.1.71.4.2.1"


class Push:
    """A service connected to a platform, driven by hand."""

    def __init__(self, url, connected, **changes) -> None:
        settings = test_settings(**(connected.settings | changes))
        self.platform = connected.platform
        self.engine = create_engine(url, settings)
        self.clock = SteppedClock(NOW)
        self.wiring = Wiring(
            settings=settings, engine=self.engine, keys=load_keys(settings), clock=self.clock
        )
        (self.channel,) = ways_out(self.wiring).channels
        self.post = Post(transaction=self.wiring.transaction, clock=self.clock.now, chance=lambda: 1.0)

    def send_all(self):
        """What comes of every message that is due."""
        outcomes = []
        while (outcome := send_next(self.post, self.channel)) is not None:
            outcomes.append(outcome)
        return outcomes

    def told(self):
        """What the platform accepted: method, status, start."""
        return [
            (entry["method"], entry["body"]["status"], entry["body"]["start"])
            for entry in self.platform.accepted()
        ]

    def states(self):
        with self.wiring.transaction() as session:
            found = outbox.list_messages(session, topic=SAS_TOPIC)
        return [(message.state, message.last_error) for message in found]


@pytest.fixture
def connected(tmp_path):
    with a_connected_platform(tmp_path) as connected:
        yield connected


@pytest.fixture
def push(clean_database, connected):
    push = Push(clean_database, connected)
    yield push
    push.channel.client.close()
    push.engine.dispose()


@pytest.fixture
def doctor(push):
    with push.wiring.transaction() as session:
        return a_doctor(session)


def book(push, doctor, start="2026-11-25 09:00", *, declared=True):
    """An appointment booked by a regulator who came through the platform."""
    with push.wiring.transaction() as session:
        slot = doctor.slot(session, start)
        booked = appointments.book(session, [a_claim(slot.id)], codes=CODES, **doctor.asked)
        (appointment,) = booked.appointments
        if declared:
            operator = SasOperator(TECHNICAL, OPERATOR)
            appointments.declare_to_sas(session, appointment.id, operator, now=NOW)
    return appointment


def move(push, doctor, appointment, start):
    with push.wiring.transaction() as session:
        slot = doctor.slot(session, start)
        return appointments.move(
            session, appointment.id, slot.id, reason="plus tard", codes=CODES, **doctor.asked
        )


def cancel(push, appointment):
    with push.wiring.transaction() as session:
        return appointments.cancel(
            session, appointment.id, cancelled_by=CancelledBy.PATIENT, reason="guéri", by=OSNP, now=NOW
        )


def test_booking_creates_and_each_change_updates_what_was_created(push, doctor):
    first = book(push, doctor)
    second = move(push, doctor, first, "2026-11-25 10:00")
    third = move(push, doctor, second, "2026-11-25 11:00")
    cancel(push, third)
    assert push.send_all() == [Delivered()] * 4
    assert push.told() == [
        ("POST", "booked", "2026-11-25T08:00:00.000+00:00"),
        ("PUT", "booked", "2026-11-25T09:00:00.000+00:00"),
        ("PUT", "booked", "2026-11-25T10:00:00.000+00:00"),
        ("PUT", "cancelled", "2026-11-25T10:00:00.000+00:00"),
    ]
    kept = {(entry["system"], entry["value"], entry["id"]) for entry in push.platform.accepted()}
    assert kept == {(SYSTEM, str(first.id), "sas-1")}


@pytest.mark.parametrize(("act", "status"), [("honour", "fulfilled"), ("no_show", "noshow")])
def test_the_outcome_is_told(push, doctor, act, status):
    appointment = book(push, doctor)
    after = local("2026-11-25 18:00")
    with push.wiring.transaction() as session:
        getattr(appointments, act)(session, appointment.id, by=OSNP, now=after)
    push.clock.instant = after
    push.send_all()
    assert [told[:2] for told in push.told()] == [("POST", "booked"), ("PUT", status)]


def test_a_slot_the_practitioner_takes_back_is_told_as_a_cancellation(push, doctor):
    appointment = book(push, doctor)
    with push.wiring.transaction() as session:
        appointments.cancel(
            session,
            appointment.id,
            cancelled_by=CancelledBy.PRACTITIONER,
            reason="malade",
            by=BY_OWNER["by"],
            now=NOW,
        )
    push.send_all()
    assert [told[:2] for told in push.told()] == [("POST", "booked"), ("PUT", "cancelled")]


def test_other_appointments_are_not_told(push, doctor):
    cancel(push, move(push, doctor, book(push, doctor, declared=False), "2026-11-25 10:00"))
    assert push.send_all() == []
    assert push.states() == []


def test_the_platform_learns_the_operator_and_the_practitioner_and_no_patient(push, doctor):
    book(push, doctor)
    push.send_all()
    (entry,) = push.platform.accepted()
    body = entry["body"]
    (extension,) = body["extension"]
    operator = extension["valueReference"]["identifier"]
    assert (operator["system"], operator["value"]) == (TECHNICAL, OPERATOR)
    assert operator["type"]["coding"][0]["code"] == "INTRN"
    (participant,) = body["participant"]
    assert participant["actor"]["identifier"]["system"] == IDNPS
    assert participant["actor"]["identifier"]["value"].startswith("8109")
    assert set(body) == {
        *("resourceType", "meta", "extension", "identifier", "status"),
        *("start", "end", "created", "participant"),
    }


def test_a_creation_whose_answer_was_lost_is_said_again_as_an_update(push, doctor):
    book(push, doctor)
    push.platform.misbehave(share=1, kinds=["lost"])
    assert push.send_all() == [Retry("connection", channel_down=True)]
    push.platform.misbehave()
    push.clock.advance(timedelta(minutes=1))
    assert push.send_all() == [Delivered()]
    assert [(e["method"], e["id"], e["new"]) for e in push.platform.accepted()] == [
        ("POST", "sas-1", True),
        ("PUT", "sas-1", False),
    ]


def test_a_refused_word_is_a_dead_letter_and_the_next_one_creates(push, doctor):
    appointment = book(push, doctor)
    with push.wiring.transaction() as session:
        rpps = session.scalar(sa.text("SELECT rpps FROM practitioner WHERE id = :id"), {"id": doctor.id})
    push.platform.misbehave(refuse=f"8{rpps}", **{"with": 422})
    assert push.send_all() == [Refused("http-422:business-rule")]
    push.platform.misbehave()
    cancel(push, appointment)
    assert push.send_all() == [Delivered()]
    assert [told[:2] for told in push.told()] == [("PUT", "cancelled")]
    assert push.states() == [
        (MessageState.DEAD, "http-422:business-rule"),
        (MessageState.DELIVERED, None),
    ]


def test_a_dead_word_that_is_replayed_never_undoes_a_later_one(push, doctor):
    appointment = book(push, doctor)
    with push.wiring.transaction() as session:
        rpps = session.scalar(sa.text("SELECT rpps FROM practitioner WHERE id = :id"), {"id": doctor.id})
    push.platform.misbehave(refuse=f"8{rpps}", **{"with": 400})
    push.send_all()
    push.platform.misbehave()
    cancel(push, appointment)
    push.send_all()
    with push.wiring.transaction() as session:
        (dead,) = outbox.list_messages(session, states={MessageState.DEAD})
        outbox.replay(session, dead.id, now=NOW)
    assert push.send_all() == [Unneeded("overtaken")]
    assert [told[:2] for told in push.told()] == [("PUT", "cancelled")]


def test_a_dead_word_that_is_replayed_in_time_arrives(push, doctor):
    book(push, doctor)
    push.platform.misbehave(share=1, kinds=["500"])
    assert push.send_all() == [Retry("http-500", after=timedelta(seconds=1))]
    with push.wiring.transaction() as session:
        (waiting,) = outbox.list_messages(session, topic=SAS_TOPIC)
        outbox.drop(session, waiting.id, now=NOW)
        outbox.replay(session, waiting.id, now=NOW)
    push.platform.misbehave()
    assert push.send_all() == [Delivered()]
    assert [told[:2] for told in push.told()] == [("PUT", "booked")]


def test_the_channel_is_down_when_the_platform_is_or_does_not_know_our_certificate(
    push, doctor, connected, clean_database
):
    book(push, doctor)
    push.platform.misbehave(share=1, kinds=["503"])
    down = Retry("http-503", after=timedelta(seconds=1), channel_down=True)
    assert push.send_all() == [down]
    push.platform.kill()
    push.clock.advance(timedelta(minutes=1))
    assert push.send_all() == [Retry("connect", channel_down=True)]
    push.platform.start()
    push.platform.misbehave()
    stranger = type(connected.authority)(connected.client.key.parent, "stranger").sign("agenda.example")
    wrong = Push(
        clean_database, connected, sas_client_certificate=stranger.certificate, sas_client_key=stranger.key
    )
    wrong.clock.advance(timedelta(minutes=5))
    (outcome,) = wrong.send_all()
    assert isinstance(outcome, Retry)
    assert outcome.channel_down
    wrong.channel.client.close()
    wrong.engine.dispose()
    assert push.told() == []


def test_a_platform_that_does_not_answer_is_not_waited_for(clean_database, connected):
    push = Push(clean_database, connected, sas_timeout_seconds=0.5)
    try:
        with push.wiring.transaction() as session:
            doctor = a_doctor(session)
        book(push, doctor)
        push.platform.misbehave(share=1, kinds=["hang"])
        assert push.send_all() == [Retry("timeout", channel_down=True)]
    finally:
        push.channel.client.close()
        push.engine.dispose()


def test_half_connected_settings_are_told_when_the_service_starts(connected, tmp_path):
    def wired(**changes):
        settings = test_settings(**(connected.settings | changes))
        return Wiring(settings=settings, engine=None, keys=None)

    for missing in ("sas_client_certificate", "sas_client_key", "sas_appointment_system"):
        with pytest.raises(UnusableChannel) as refusal:
            ways_out(wired(**{missing: None}))
        assert f"SNP_{missing.upper()}" in str(refusal.value)
    with pytest.raises(UnusableChannel):
        ways_out(wired(sas_client_key=tmp_path / "absent"))
    with pytest.raises(UnusableChannel):
        ways_out(wired(outbox_lease_seconds=15))
    assert ways_out(wired(sas_url=None)).channels == ()


def test_an_adeli_names_a_practitioner_who_has_no_rpps(push):
    with push.wiring.transaction() as session:
        doctor = a_doctor(session, adeli="449912340")
    book(push, doctor)
    assert push.send_all() == [Delivered()]
    (entry,) = push.platform.accepted()
    assert entry["body"]["participant"][0]["actor"]["identifier"]["value"] == "0449912340"
