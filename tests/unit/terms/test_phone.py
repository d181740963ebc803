"""Phones are kept in E.164, whatever the caller says."""

from __future__ import annotations

import pytest

from snp.errors import InvalidValue
from snp.terms import Phone


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("02 40 12 34 56", "+33240123456"),
        ("02.40.12.34.56", "+33240123456"),
        ("0033 2 40 12 34 56", "+33240123456"),
        ("+33 (0)6 12 34 56 78", "+33612345678"),
        ("0612345678", "+33612345678"),
        ("0262 12 34 56", "+262262123456"),
        ("0692 12 34 56", "+262692123456"),
        ("0639 01 23 45", "+262639012345"),
        ("0590 12 34 56", "+590590123456"),
        ("0594 12 34 56", "+594594123456"),
        ("0596 30 12 34", "+596596301234"),
        ("+32 470 12 34 56", "+32470123456"),
    ],
)
def test_a_phone_is_read_as_it_is_said(said: str, kept: str):
    assert Phone.parse(said) == kept


@pytest.mark.parametrize(
    "said", ["15", "116 117", "02 40 12 34", "02 40 12 34 56 78", "+999 123", "zéro deux", "+33 0"]
)
def test_what_is_no_phone_of_a_person_is_refused(said: str):
    with pytest.raises(InvalidValue):
        Phone.parse(said)


@pytest.mark.parametrize("said", ["02 61 91 00 12", "06 39 98 00 12", "01 99 00 12 34", "05 36 49 12 34"])
def test_numbers_reserved_for_fiction_are_accepted_even_strictly(said: str):
    assert Phone.parse(said, strict=True).national == said.replace("\u00a0", " ")


def test_a_number_in_no_allocated_range_is_refused_only_when_strict():
    assert Phone.parse("+40 123456")
    with pytest.raises(InvalidValue, match="attribué"):
        Phone.parse("+40 123456", strict=True)


def test_a_phone_is_written_as_at_home():
    assert Phone("+33240123456").national == "02 40 12 34 56"
    assert Phone("+262262123456").national == "0262 12 34 56"
    assert Phone("+32470123456").national == "+32 470 12 34 56"


@pytest.mark.parametrize(
    ("phone", "mobile"),
    [
        ("+33612345678", True),
        ("+33712345678", True),
        ("+33240123456", False),
        ("+262692123456", True),
        ("+33639980012", True),
    ],
)
def test_only_a_mobile_takes_a_text_message(phone: str, mobile: bool):
    assert Phone(phone).takes_sms is mobile
