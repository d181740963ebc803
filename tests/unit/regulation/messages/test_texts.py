"""What messages say, and what they never say."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from regulation.messages import texts
from regulation.messages.facts import Kind, Whereabouts
from regulation.messages.rules import SMS_LONGEST, gsm

LINK = "https://agenda.cpts-paysderetz.fr/rdv/" + "a" * 48
START = datetime(2026, 11, 26, 13, 15, tzinfo=UTC)
WHERE = Whereabouts((START,), "12 quai du commandant L’Herminier, 44210 Pornic")
PATIENT_KINDS = [kind for kind in Kind if kind.startswith("patient")]
CARER_KINDS = [Kind.CARER_BOOKED, Kind.CARER_MOVED, Kind.CARER_CANCELLED]


def test_a_confirmation_says_when_and_where_and_how_to_change():
    text = gsm(texts.patient_sms(Kind.PATIENT_BOOKED, WHERE, LINK))
    assert text.startswith("RDV jeudi 26/11 à 14h15, 12 quai du commandant L'Herminier, 44210 Pornic.")
    assert text.endswith(LINK)


def test_the_sessions_of_a_series_are_told_together():
    later = datetime(2026, 11, 28, 8, 0, tzinfo=UTC)
    text = texts.patient_sms(Kind.PATIENT_BOOKED, Whereabouts((START, later), "à distance"), LINK)
    assert "jeudi 26/11 à 14h15 et samedi 28/11 à 9h" in text


@pytest.mark.parametrize("kind", PATIENT_KINDS)
def test_an_sms_to_a_patient_is_short_and_in_the_alphabet_of_phones(kind):
    for again in (False, True):
        text = gsm(texts.patient_sms(kind, WHERE, LINK, sought_again=again))
        assert len(text) <= SMS_LONGEST


@pytest.mark.parametrize("kind", PATIENT_KINDS)
@pytest.mark.parametrize("word", ["consultation", "docteur", "médecin", "kiné", "soin", "santé", "patient"])
def test_an_sms_says_nothing_of_health(kind, word):
    assert not re.search(rf"\b{word}s?\b", texts.patient_sms(kind, WHERE, LINK).lower())


def test_who_loses_his_appointment_by_his_carer_is_told_that_another_is_sought():
    text = texts.patient_sms(Kind.PATIENT_CANCELLED, WHERE, LINK, sought_again=True)
    assert "Nous cherchons un autre créneau" in text
    assert "15" in text


@pytest.mark.parametrize("kind", CARER_KINDS)
def test_a_carer_is_told_when_and_led_to_who_comes(kind):
    assert "jeudi 26\u00a0novembre à 14\u00a0h\u00a015" in texts.carer_subject(kind, WHERE)
    assert LINK in texts.carer_email(kind, WHERE, LINK)
    assert "26/11 à 14h15" in texts.carer_sms(kind, WHERE, LINK)


@pytest.mark.parametrize("kind", [Kind.CARER_DIGEST, Kind.COORDINATOR_SHORTAGE])
def test_a_kind_is_told_only_to_whom_it_is_for(kind):
    for tell in (texts.carer_sms, texts.carer_email, texts.patient_sms):
        with pytest.raises(ValueError, match="not"):
            tell(kind, WHERE, LINK)


def test_a_digest_counts_and_lists_the_hours():
    day = START.date()
    assert texts.digest_subject(day, 1) == "Jeudi 26\u00a0novembre : 1 rendez-vous"
    text = texts.digest_email(day, [START], 2, LINK)
    assert "- 14\u00a0h\u00a015" in text
    assert "Encore 2 places libres." in text
    assert "(14h15)" in texts.digest_sms(day, [START], LINK)


def test_a_shortage_is_told_by_numbers_of_dossiers():
    text = texts.shortage_email("CPTS du Pays de Retz", [("26-0000133", START), ("26-0000134", None)], LINK)
    assert "2 dossiers" in text
    assert "dossier 26-0000133, à voir avant jeudi 26\u00a0novembre" in text
    assert texts.dead_letters_subject(1) == "1 envoi en échec"


def test_a_call_for_slots_asks_about_moments_and_fits_an_sms():
    moments = [(START, datetime(2026, 11, 26, 13, 45, tzinfo=UTC))] * 4
    text = gsm(texts.slot_call_sms(moments, LINK))
    assert text.startswith("SNP : jeudi 26/11 à 14h15-14h45 ou jeudi")
    assert "ou un autre moment ?" in text
    assert len(text) <= SMS_LONGEST
    one = texts.slot_call_sms(moments[:1], LINK)
    assert "autre moment" not in one
    email = texts.slot_call_email(moments, LINK)
    assert email.count("- jeudi 26") == 4
    assert LINK in email
    assert "jeudi 26" in texts.slot_call_subject(moments).lower()
