"""What people on the médecin traitant list read, by SMS or e-mail; what is no longer so is not said."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import Session

from regulation.medecin_traitant.register import service as register
from regulation.messages import service as messages
from regulation.messages.facts import Kind, Letter, Medium
from regulation.messages.register_letters import OF_THE_REGISTER
from regulation.messages.rules import SMS_LONGEST, gsm
from snp.notifications import service as outbox
from snp.notifications.facts import Unneeded
from snp.notifications.rules import RetryPolicy
from tests.support.mt_list import PATIENT, a_place, a_sign_up, an_entry
from tests.support.regulation import KEYS, NOW, Cpts, a_cpts, a_patient

pytestmark = pytest.mark.database
DESK = messages.Desk(KEYS, "https://agenda.exemple-de-cpts.example")
DAY = timedelta(days=1)


@pytest.fixture
def cpts(session: Session) -> Cpts:
    return a_cpts(session)


def leave(cpts: Cpts, now: object) -> dict[Kind, Letter | Unneeded]:
    """What leaves, or does not, until nothing is due."""
    made: dict[Kind, Letter | Unneeded] = {}
    topics = frozenset({"sms", "email"})
    while (message := outbox.claim(cpts.session, topics, now=now)) is not None:
        made[Kind(message.payload["kind"])] = messages.compose(cpts.session, message, DESK, now)
        outbox.settle(cpts.session, message, Unneeded("done"), policy=RetryPolicy(), chance=0, now=now)
    return made


def tend(cpts: Cpts, now: object) -> None:
    for unit in register.UNITS:
        unit(cpts.session, cpts.territory.id, by=cpts.job, now=now)


def test_every_letter_is_short_plain_and_says_no_name(cpts: Cpts) -> None:
    told: dict[Kind, Letter | Unneeded] = {}
    doctor = cpts.acting(cpts.carer(phone="06 39 98 00 05"))
    place = a_place(cpts, doctor, valid_until=NOW.date() + 300 * DAY)
    patient = a_patient(family_name="Ypsilanti")
    typed = a_sign_up(cpts.territory.id, patient)
    register.sign_up(cpts.session, typed, keys=KEYS, by=PATIENT, now=NOW)
    told |= leave(cpts, NOW)
    register.add_entry(cpts.session, typed, keys=KEYS, by=cpts.osnp, now=NOW)
    register.sign_up(cpts.session, typed, keys=KEYS, by=PATIENT, now=NOW)
    told |= leave(cpts, NOW)
    (card,) = register.list_cards(cpts.session, place.id, by=doctor, now=NOW).items
    one = register.pick(cpts.session, place.id, card.entry_id, by=doctor, now=NOW)
    told |= leave(cpts, NOW)
    tend(cpts, one.call_by)
    told |= leave(cpts, one.call_by + DAY)
    again = register.pick(cpts.session, place.id, card.entry_id, by=doctor, now=NOW + 10 * DAY)
    told |= leave(cpts, NOW + 10 * DAY)
    register.record_called(cpts.session, again.id, by=doctor, now=NOW + 11 * DAY)
    tend(cpts, NOW + 50 * DAY)
    told |= leave(cpts, NOW + 51 * DAY)
    link = register.link_text(card.entry_id, KEYS)
    register.decline(cpts.session, link, keys=KEYS, by=PATIENT, now=NOW + 60 * DAY)
    for days in (200, 215, 230):
        tend(cpts, NOW + days * DAY)
        told |= leave(cpts, NOW + (days + 1) * DAY)
    assert set(told) == OF_THE_REGISTER
    for kind, letter in told.items():
        assert isinstance(letter, Letter), (kind, letter)
        assert len(letter.text) <= SMS_LONGEST, kind
        assert letter.text == gsm(letter.text), kind
        assert "psilanti" not in letter.text, kind


def test_who_has_no_mobile_is_written_to(cpts: Cpts) -> None:
    typed = a_sign_up(cpts.territory.id, a_patient(phone="02 40 00 00 07"), email="a@exemple.fr")
    register.sign_up(cpts.session, typed, keys=KEYS, by=PATIENT, now=NOW)
    letter = leave(cpts, NOW)[Kind.MT_CONFIRM]
    assert isinstance(letter, Letter)
    assert (letter.medium, letter.to) == (Medium.EMAIL, "a@exemple.fr")
    assert "Confirmez" in letter.subject


def test_what_is_no_longer_so_is_not_said(cpts: Cpts) -> None:
    doctor = cpts.acting(cpts.carer())
    place, entry = a_place(cpts, doctor), an_entry(cpts)
    register.pick(cpts.session, place.id, entry.id, by=doctor, now=NOW)
    register.withdraw(cpts.session, register.link_text(entry.id, KEYS), keys=KEYS, by=PATIENT, now=NOW)
    assert leave(cpts, NOW) == {Kind.MT_PICKED: Unneeded("no-longer-so")}


def test_no_reminder_leaves_at_night(cpts: Cpts) -> None:
    doctor = cpts.acting(cpts.carer())
    place, entry = a_place(cpts, doctor), an_entry(cpts)
    late = NOW.replace(hour=22)
    register.pick(cpts.session, place.id, entry.id, by=doctor, now=late)
    assert leave(cpts, late) == {}
    assert set(leave(cpts, late + timedelta(hours=10))) == {Kind.MT_PICKED}
