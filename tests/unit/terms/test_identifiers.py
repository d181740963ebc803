"""Identifiers are read once, in any usual writing, and judged on form and on demand on key."""

from __future__ import annotations

import pytest
from pydantic import BaseModel, ValidationError
from stdnum import luhn

from snp.errors import InvalidValue
from snp.terms import (
    ADELI,
    FINESS,
    RPPS,
    SIREN,
    SIRET,
    Identifier,
    InseeCode,
    PersonId,
    Phone,
    StructureId,
)

ALL = [RPPS, ADELI, FINESS, SIREN, SIRET, InseeCode, PersonId, StructureId, Phone]


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.__name__)
def test_the_example_of_a_type_is_right_form_and_key(kind: type[Identifier]):
    assert kind.parse(kind.example, strict=True) == kind.example


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("text", ["", " ", "x", "1", "é" * 11, "1" * 40, "０" * 11])
def test_a_wrong_form_is_refused_with_a_french_reason(kind: type[Identifier], text: str):
    with pytest.raises(InvalidValue) as refusal:
        kind.parse(text)
    assert refusal.value.fields["field"] == kind.field
    assert refusal.value.fields["reason"]


@pytest.mark.parametrize(
    ("kind", "typed", "read"),
    [
        (RPPS, "100 0345 6786", "10003456786"),
        (SIRET, "732 829 320 00074", "73282932000074"),
        (SIRET, "732\u00a0829\u202f320-00074", "73282932000074"),
        (FINESS, "44 000 027-1", "440000271"),
        (FINESS, "2a0000014", "2A0000014"),
        (InseeCode, "2a004", "2A004"),
        (ADELI, "2B 700123 1", "2B7001231"),
    ],
)
def test_the_usual_groupings_do_not_count(kind: type[Identifier], typed: str, read: str):
    assert kind.parse(typed) == read


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (RPPS, "10003456780"),
        (FINESS, "440000272"),
        (SIREN, "732829321"),
        (SIRET, "73282932000075"),
        (PersonId, "810003456780"),
        (StructureId, "1330799991"),
        (StructureId, "373282932000075"),
    ],
)
def test_a_wrong_key_is_refused_only_when_strict(kind: type[Identifier], text: str):
    assert kind.parse(text) == text
    with pytest.raises(InvalidValue, match="clé"):
        kind.parse(text, strict=True)


@pytest.mark.parametrize("text", ["2A0000014", "2B0000020"])
def test_a_corsican_finess_counts_its_letter_by_its_rank(text: str):
    assert FINESS.key_holds(text)
    assert not FINESS.key_holds(text[:-1] + str((int(text[-1]) + 1) % 10))


def test_la_poste_counts_its_digits_instead_of_the_key():
    assert SIRET.key_holds("35600000049837")
    assert not luhn.is_valid("35600000049836")
    assert not SIRET.key_holds("35600000049836")
    assert SIRET.key_holds("35600000000048"), "the head office holds to Luhn"


def test_a_siret_knows_its_company():
    assert SIRET.parse("73282932000074").siren == SIREN("732829320")


@pytest.mark.parametrize(
    "code", ["01001", "19999", "2A004", "2B033", "44131", "75056", "95680", "97411", "98818"]
)
def test_the_code_of_a_commune_is_accepted(code: str):
    assert InseeCode.parse(code) == code


@pytest.mark.parametrize(
    "code", ["00123", "20004", "2C004", "96001", "97001", "97911", "99100", "4413", "441311"]
)
def test_the_code_of_no_commune_is_refused(code: str):
    with pytest.raises(InvalidValue):
        InseeCode.parse(code)


@pytest.mark.parametrize(
    ("code", "department"),
    [("44131", "44"), ("01001", "01"), ("2A004", "2A"), ("97411", "974"), ("98818", "988")],
)
def test_a_commune_knows_its_department(code: str, department: str):
    assert InseeCode(code).department == department


def test_a_national_person_identifier_carries_an_rpps_or_an_adeli():
    rpps, adeli = RPPS("10003456786"), ADELI("447001231")
    assert PersonId.of(rpps) == "810003456786"
    assert PersonId.of(rpps).number == rpps
    assert isinstance(PersonId.of(rpps).number, RPPS)
    assert PersonId.of(adeli) == "0447001231"
    assert isinstance(PersonId.of(adeli).number, ADELI)


def test_published_official_examples_are_read_leniently():
    for text in ("899700245667", "0759912345"):
        assert PersonId.parse(text) == text
    for text in ("1330799991", "399988877700012", "499700245667001"):
        assert StructureId.parse(text) == text


def test_a_structure_identifier_carries_its_number():
    assert StructureId.of(FINESS("440000271")) == "1440000271"
    assert StructureId.of(SIRET("73282932000074")).number == SIRET("73282932000074")
    assert StructureId("1440000271").number == FINESS("440000271")
    practice = StructureId.of_practice(RPPS("10003456786"), 1)
    assert practice == "410003456786001"
    assert practice.number is None
    assert StructureId.parse(practice, strict=True) == practice
    assert StructureId.parse("044700123101", strict=True) == "044700123101"


def test_the_rank_of_a_practice_has_three_digits_at_most():
    with pytest.raises(InvalidValue):
        StructureId.of_practice(RPPS("10003456786"), 1000)


class Form(BaseModel):
    rpps: RPPS
    phone: Phone | None = None


def test_a_field_of_a_form_is_parsed():
    form = Form(rpps="100 0345 6786", phone="02 40 12 34 56")
    assert isinstance(form.rpps, RPPS)
    assert form.phone == "+33240123456"
    assert form.model_dump_json() == '{"rpps":"10003456786","phone":"+33240123456"}'


def test_a_wrong_field_of_a_form_says_what_is_expected():
    with pytest.raises(ValidationError) as refusal:
        Form(rpps="12")
    assert refusal.value.errors()[0]["msg"] == RPPS.form


def test_the_schema_of_a_form_shows_an_example():
    assert Form.model_json_schema()["properties"]["rpps"]["examples"] == [RPPS.example]
