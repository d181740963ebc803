"""The desk's eligibility guard and the lists it works with."""

from __future__ import annotations

import json
from datetime import date
from importlib.resources import files
from uuid import uuid4

import pytest

from regulation.intake.facts import Sex
from regulation.triage import lists
from regulation.triage.facts import DeskAnswers, DeskKind, EligibilityOutcome
from regulation.triage.rules import (
    DeskNotAllowed,
    SignsNotReviewed,
    UnknownSign,
    assess,
    check_may_use_physio_list,
    desk_of,
    signs_of,
)
from snp.platform.actors import Actor, Role
from tests.support.regulation import PHYSIO, TODAY

O = EligibilityOutcome  # noqa: E741
COUNTER = lists.counter_list(TODAY)
PHYSIO_LIST = lists.physio_list(TODAY)


def ask(
    reason: str = "sore_throat",
    *,
    age: int = 34,
    sex: Sex = Sex.FEMALE,
    signs: tuple[str, ...] = (),
    desk: DeskKind = DeskKind.PHARMACY,
    reviewed: bool = True,
    declined: bool = False,
) -> tuple[EligibilityOutcome, list[str]]:
    answers = DeskAnswers(reason, age, sex, frozenset(signs), reviewed, declined)
    known = PHYSIO_LIST if desk in {DeskKind.DOCTOR, DeskKind.PHYSIO} else COUNTER
    found = assess(known, answers, desk)
    assert all(told.sentence and told.source for told in found.reasons)
    return found.outcome, [told.code for told in found.reasons]


@pytest.mark.parametrize("reason", [reason.code for reason in COUNTER.reasons])
def test_every_red_flag_of_every_reason_calls_the_15(reason: str):
    row = COUNTER.reason(reason)
    assert row is not None
    for sign in signs_of(COUNTER, row):
        outcome, codes = ask(reason, signs=(sign.code,), desk=min(row.desks))
        assert (outcome, codes) == (O.RED_FLAG, [f"red_flag_{sign.code}"])


def test_a_red_flag_wins_over_everything_else():
    assert ask("back_pain", age=3, signs=("chest_pain",), reviewed=False)[0] is O.RED_FLAG
    assert ask("no_such_reason", signs=("breathing",))[0] is O.RED_FLAG
    assert ask("sore_throat", signs=("pregnancy", "trismus"))[0] is O.RED_FLAG


def test_signs_must_have_been_looked_for():
    with pytest.raises(SignsNotReviewed):
        ask(reviewed=False)


def test_a_sign_of_another_reason_is_not_dropped_silently():
    with pytest.raises(UnknownSign):
        ask("sore_throat", signs=("retention",))


def test_a_reason_that_is_not_listed_goes_to_the_116_117():
    assert ask("pregnancy_follow_up") == (O.NOT_ELIGIBLE, ["not_eligible_reason_not_listed"])


def test_a_reason_of_the_nurses_is_not_the_pharmacists():
    assert ask("chronic_wound")[0] is O.NOT_ELIGIBLE
    assert ask("chronic_wound", desk=DeskKind.NURSE_PRACTICE)[0] is O.ELIGIBLE


def test_too_young_is_not_eligible():
    assert ask("back_pain", age=15) == (O.NOT_ELIGIBLE, ["not_eligible_age"])
    assert ask("back_pain", age=16)[0] is O.ELIGIBLE


@pytest.mark.parametrize(
    ("age", "signs", "outcome", "code"),
    [
        (10, (), O.PHARMACIST, "trod_angine"),
        (34, (), O.PHARMACIST, "trod_angine"),
        (9, (), O.ELIGIBLE, "refer_out_age"),
        (34, ("pregnancy",), O.ELIGIBLE, "refer_out_pregnancy"),
        (34, ("immunodepression",), O.ELIGIBLE, "refer_out_immunodepression"),
        (34, ("over_8_days",), O.ELIGIBLE, "refer_out_over_8_days"),
    ],
)
def test_angina_is_settled_at_the_counter_within_its_protocol(
    age: int, signs: tuple[str, ...], outcome: EligibilityOutcome, code: str
):
    found, codes = ask("sore_throat", age=age, signs=signs)
    assert found is outcome
    assert code in codes


@pytest.mark.parametrize(
    ("age", "sex", "signs", "outcome", "code"),
    [
        (16, Sex.FEMALE, (), O.PHARMACIST, "trod_cystite"),
        (65, Sex.FEMALE, (), O.PHARMACIST, "trod_cystite"),
        (66, Sex.FEMALE, (), O.ELIGIBLE, "refer_out_age"),
        (34, Sex.MALE, (), O.ELIGIBLE, "refer_out_sex"),
        (34, Sex.FEMALE, ("fever_over_38",), O.ELIGIBLE, "refer_out_fever_over_38"),
        (34, Sex.FEMALE, ("pregnancy",), O.ELIGIBLE, "refer_out_pregnancy"),
        (34, Sex.FEMALE, ("fourth_cystitis",), O.ELIGIBLE, "refer_out_fourth_cystitis"),
        (34, Sex.FEMALE, ("flank_pain_fever",), O.RED_FLAG, "red_flag_flank_pain_fever"),
    ],
)
def test_cystitis_is_settled_at_the_counter_within_its_protocol(
    age: int, sex: Sex, signs: tuple[str, ...], outcome: EligibilityOutcome, code: str
):
    found, codes = ask("urinary_burning", age=age, sex=sex, signs=signs)
    assert found is outcome
    assert code in codes


def test_a_pharmacist_may_decline_and_the_patient_is_seen_by_a_doctor():
    assert ask(declined=True) == (O.ELIGIBLE, ["eligible", "counter_declined"])


def test_a_nurse_has_no_pharmacist_test():
    assert ask(desk=DeskKind.NURSE_PRACTICE) == (O.ELIGIBLE, ["eligible"])


@pytest.mark.parametrize(
    "code", ["post_operative", "respiratory_physio", "trauma", "musculoskeletal", "continuity"]
)
@pytest.mark.parametrize("desk", [DeskKind.DOCTOR, DeskKind.PHYSIO])
def test_the_five_physio_indications_are_open_to_doctors_and_physios(code: str, desk: DeskKind):
    assert ask(code, desk=desk) == (O.ELIGIBLE, ["eligible"])
    row = PHYSIO_LIST.reason(code)
    assert row is not None
    assert (row.sessions, row.delay_h, row.professions) == (3, 72, {PHYSIO})


def actor(role: Role, profession: str | None = None) -> Actor:
    return Actor("account:x", role, frozenset({uuid4()}), profession=profession)


def test_the_physio_list_is_closed_to_desks():
    for refused in (actor(Role.PHARMACY), actor(Role.NURSE_PRACTICE), actor(Role.PRACTITIONER, "infirmier")):
        with pytest.raises(DeskNotAllowed) as told:
            check_may_use_physio_list(refused)
        assert "médecins et masseurs-kinésithérapeutes" in told.value.sentence
    for welcome in (actor(Role.PRACTITIONER, "medecin_generaliste"), actor(Role.DELEGATE, PHYSIO)):
        check_may_use_physio_list(welcome)


def test_each_role_stands_at_its_desk():
    assert desk_of(actor(Role.PHARMACY)) is DeskKind.PHARMACY
    assert desk_of(actor(Role.PRACTITIONER, PHYSIO)) is DeskKind.PHYSIO
    assert desk_of(actor(Role.PRACTITIONER, "medecin_generaliste")) is DeskKind.DOCTOR
    assert desk_of(actor(Role.PRACTITIONER, "chirurgien_dentiste")) is None
    assert desk_of(actor(Role.COORDINATOR)) is None


def test_the_lists_say_where_they_come_from_and_who_must_validate_them():
    for known in (COUNTER, PHYSIO_LIST):
        assert known.source
        assert "valider" in known.validation
        assert known.general_red_flags
        assert all(reason.label for reason in known.reasons)


def test_an_older_day_reads_the_first_list():
    assert lists.counter_list(date(2020, 1, 1)) == COUNTER


def shipped() -> dict[str, object]:
    path = files("regulation.triage") / "data" / "counter-2026.1.json"
    document: dict[str, object] = json.loads(path.read_text(encoding="utf-8"))
    return document


def test_a_list_with_an_unknown_field_does_not_load():
    with pytest.raises(lists.MalformedList):
        lists.parse_list(json.dumps(shipped() | {"colour": "blue"}))


def test_a_list_that_names_a_reason_twice_does_not_load():
    document = shipped()
    document["reasons"] = [*document["reasons"], document["reasons"][0]]  # type: ignore[misc, index]
    with pytest.raises(lists.MalformedList, match="twice"):
        lists.parse_list(json.dumps(document))


def test_a_list_that_is_not_json_does_not_load():
    with pytest.raises(lists.MalformedList):
        lists.parse_list("{")
