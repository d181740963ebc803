"""What the form of a call is understood to say."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from api.web.console.call_forms import read_call, read_mt_questions
from api.web.console.decision_forms import read_decision, read_estimate
from regulation.intake.facts import CallPriority, Disposition, MtAnswers, ResponseLevel

TODAY = date(2026, 11, 24)
CALL = {
    "nom": "Durand",
    "prenom": "Jeanne",
    "naissance": "05041985",
    "sexe": "F",
    "telephone": "06 12 34 56 78",
    "commune": "Pornic",
    "mt": "non",
}
DECISION = {
    "disposition": "snp_consultation",
    "delai": "24",
    "priorite": "P2",
    "niveau": "R3",
    "lieu": "AMB",
    "profession": "medecin_generaliste",
}


def decide(**changed: str):
    return read_decision(
        DECISION | changed, professions=frozenset({"medecin_generaliste"}), reasons=frozenset({"fever"})
    )


def test_a_whole_call_is_understood() -> None:
    call = read_call(CALL | {"motif": "fever", "note": "toux"}, frozenset({"fever"}), TODAY).value
    assert call is not None
    assert call.birth_date == date(1985, 4, 5)
    assert (call.reason, call.note, call.mt, call.caller) == ("fever", "toux", MtAnswers(has_mt=False), None)


def test_faults_come_in_the_order_of_the_call() -> None:
    assert list(read_call({}, frozenset(), TODAY).errors) == [
        "nom",
        "prenom",
        "naissance",
        "telephone",
        "sexe",
        "commune",
        "mt",
    ]


@pytest.mark.parametrize("gravity", ["p0", "r1", "r2"])
def test_with_a_sign_of_gravity_the_doctor_need_not_be_asked_for(gravity: str) -> None:
    typed = {name: value for name, value in CALL.items() if name != "mt"} | {"gravite": gravity}
    assert read_call(typed, frozenset(), TODAY).errors == {}


def test_an_unknown_gravity_or_reason_is_refused() -> None:
    wrong = CALL | {"gravite": "r9", "motif": "ennui"}
    assert list(read_call(wrong, frozenset(), TODAY).errors) == ["gravite", "motif"]


@pytest.mark.parametrize(
    ("typed", "answers"),
    [
        ({"mt": "inconnu"}, MtAnswers()),
        ({"mt": "oui", "mt_appel": "pas_appele"}, MtAnswers(has_mt=True, called=False)),
        (
            {"mt": "oui", "mt_appel": "trop_tard", "mt_date": "2026-11-30T09:00"},
            MtAnswers(
                has_mt=True, called=True, available=False, offered_at=datetime(2026, 11, 30, 8, tzinfo=UTC)
            ),
        ),
        (
            {"mt": "oui", "mt_appel": "pas_appele", "mt_date": "2026-11-30T09:00"},
            MtAnswers(has_mt=True, called=False),
        ),
        (
            {"mt": "non", "rdv": "oui", "rdv_date": "25/11/2026 14:30"},
            MtAnswers(has_mt=False, holds_appointment_at=datetime(2026, 11, 25, 13, 30, tzinfo=UTC)),
        ),
        ({"mt": "non", "rdv": "non", "rdv_date": "25/11/2026 14:30"}, MtAnswers(has_mt=False)),
    ],
)
def test_the_doctor_s_questions_are_read_in_their_order(typed: dict[str, str], answers: MtAnswers) -> None:
    assert read_mt_questions(typed).value == answers


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({}, "mt"),
        ({"mt": "oui"}, "mt_appel"),
        ({"mt": "non", "rdv": "oui"}, "rdv_date"),
        ({"mt": "non", "rdv": "oui", "rdv_date": "bientôt"}, "rdv_date"),
        ({"mt": "oui", "mt_appel": "peut", "mt_date": "31/02/2026 09:00"}, "mt_date"),
    ],
)
def test_what_is_missing_is_said_at_its_field(typed: dict[str, str], field: str) -> None:
    assert list(read_mt_questions(typed).errors) == [field]


def test_a_decision_is_read_whole() -> None:
    decision = decide(rayon="12,5", motif="fever", peut_attendre="oui").value
    assert decision is not None
    assert decision.disposition is Disposition.SNP_CONSULTATION
    assert decision.urgency.response_level is ResponseLevel.R3
    assert (decision.delay_h, decision.max_km, decision.can_wait, decision.reason) == (
        24,
        12.5,
        True,
        "fever",
    )


def test_the_level_of_a_consultation_does_not_follow_an_advice() -> None:
    advice = decide(disposition="advice").value
    assert advice is not None
    assert advice.urgency.response_level is None
    emergency = decide(disposition="emergency", niveau="R2").value
    assert emergency is not None
    assert emergency.urgency.response_level is ResponseLevel.R2


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("disposition", "vacances"),
        ("delai", "5"),
        ("priorite", "P9"),
        ("niveau", ""),
        ("lieu", "MARS"),
        ("profession", "devin"),
        ("rayon", "-3"),
        ("rayon", "1.2.3"),
        ("rayon", "900"),
        ("motif", "ennui"),
    ],
)
def test_a_decision_outside_its_lists_is_refused(field: str, value: str) -> None:
    assert list(decide(**{field: value}).errors) == [field]


def test_an_estimate_needs_its_delay_and_priority() -> None:
    told = read_estimate({"delai": "12", "priorite": "P1"}).value
    assert told is not None
    assert (told.delay_h, told.priority) == (12, CallPriority.P1)
    assert list(read_estimate({}).errors) == ["delai", "priorite"]
