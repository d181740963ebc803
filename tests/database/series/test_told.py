"""Who is told of a series, and that no message says what a sheet says."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlmodel import Session

from regulation.messages import service as messages
from regulation.messages.facts import Kind, Letter, Medium
from regulation.series import service as series
from regulation.series.facts import PassReason
from snp.notifications import service as outbox
from snp.notifications.facts import Unneeded
from snp.notifications.rules import RetryPolicy
from tests.support.regulation import KEYS, NOW, a_cpts, a_patient, at
from tests.support.series import TEXTS, Physios

pytestmark = pytest.mark.database
DESK = messages.Desk(KEYS, "https://agenda.example")
SPLITTERS = {
    "physio.sheet_finished": messages.sheet_finished,
    "physio.sheet_missing": messages.sheet_missing,
    "physio.pass_proposed": messages.offered,
    "physio.pass_answered": messages.offer_answered,
}
LATER = at("10:00", day=3)


@pytest.fixture
def team(session: Session) -> Physios:
    return Physios(a_cpts(session))


def leave(session: Session, now: datetime) -> dict[tuple[Kind, Medium], Letter]:
    """What leaves of series: events split, letters written."""
    found, topics = {}, frozenset(Medium)
    while taken := outbox.take_others(session, topics, now=now, limit=1):
        (event,) = taken
        if event.topic in SPLITTERS:
            SPLITTERS[event.topic](session, event, now)
        outbox.settle(session, event, Unneeded("done"), policy=RetryPolicy(), chance=0, now=now)
    while (message := outbox.claim(session, topics, now=now)) is not None:
        made = messages.compose(session, message, DESK, now)
        if isinstance(made, Letter):
            found[Kind(message.payload["kind"]), made.medium] = made
        outbox.settle(session, message, Unneeded("done"), policy=RetryPolicy(), chance=0, now=now)
    return found


def test_a_finished_sheet_is_told_by_link_only(team: Physios, session: Session):
    patient = a_patient(phone="06 39 98 44 44")
    first, _ = team.booked(team.slots(team.anne, 1, 3), patient=patient)
    leave(session, LATER)
    series.write_sheet(
        session,
        first.request_id,
        TEXTS,
        email="patient@example.org",
        finish=True,
        keys=KEYS,
        by=team.a,
        now=LATER,
    )
    told = leave(session, LATER)
    assert set(told) == {
        (Kind.PATIENT_SHEET, Medium.SMS),
        (Kind.PATIENT_SHEET, Medium.EMAIL),
        (Kind.PRESCRIBER_SHEET, Medium.EMAIL),
    }
    assert told[Kind.PATIENT_SHEET, Medium.SMS].to == "+33639984444"
    assert told[Kind.PATIENT_SHEET, Medium.EMAIL].to == "patient@example.org"
    assert told[Kind.PRESCRIBER_SHEET, Medium.EMAIL].to == "medecin@example.org"
    for letter in told.values():
        words = letter.subject + letter.text
        assert "https://agenda.example/" in words
        for secret in (*TEXTS.values(), patient.family_name, "kin"):
            assert secret not in words.replace("example", "")


def test_offers_answers_and_missing_sheets_are_told_to_carers(team: Physios, session: Session):
    first, second = team.booked(team.slots(team.anne, 1, 3))
    offer = series.propose_pass(session, first.request_id, team.bob.id, PassReason.LOAD, by=team.a, now=NOW)
    told = leave(session, NOW)
    assert told[Kind.CARER_OFFERED_SERIES, Medium.EMAIL].to == "bihan@example.org"
    series.decline_pass(session, offer.id, by=team.b, now=NOW)
    assert leave(session, NOW)[Kind.CARER_OFFER_ANSWERED, Medium.EMAIL].to == "abgrall@example.org"
    due = second.end + timedelta(days=1)
    series.ask_for_sheets(session, now=due)
    assert leave(session, due + timedelta(days=1))[Kind.CARER_SHEET_MISSING, Medium.EMAIL].to == (
        "abgrall@example.org"
    )
