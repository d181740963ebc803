"""Amounts and days as people type them."""

from __future__ import annotations

from datetime import date

import pytest

from api.web.amounts import read_cents, read_day, read_month, write_euros


@pytest.mark.parametrize(
    ("typed", "cents"),
    [
        ("20", 2000),
        ("20,5", 2050),
        ("20.05", 2005),
        ("1 234,50 €", 123_450),
        ("1\u202f234,50\u00a0€", 123_450),
        ("0", 0),
    ],
)
def test_an_amount_is_read_in_cents(typed: str, cents: int) -> None:
    assert read_cents(typed) == cents


@pytest.mark.parametrize("typed", ["", "beaucoup", "-5", "20,505", "1e5", "99999999", "٣"])
def test_another_text_is_no_amount(typed: str) -> None:
    assert isinstance(read_cents(typed), str)


def test_an_amount_written_is_read_again() -> None:
    assert [read_cents(write_euros(cents)) for cents in (0, 5, 2050, 1_200_000)] == [0, 5, 2050, 1_200_000]


@pytest.mark.parametrize("typed", ["2026-11-24", "24/11/2026", "24.11.2026"])
def test_a_day_is_read_as_it_is_written(typed: str) -> None:
    assert read_day(typed) == date(2026, 11, 24)


@pytest.mark.parametrize(
    "typed", ["", "24/11", "31/02/2026", "2026-13-01", "hier", "0001-01-01", "31/12/9999"]
)
def test_another_text_is_no_day(typed: str) -> None:
    assert isinstance(read_day(typed), str)


@pytest.mark.parametrize(("typed", "month"), [("2026-12", 12), ("2026-13", 1), ("", 1), ("x", 1)])
def test_a_month_of_an_address_or_another(typed: str, month: int) -> None:
    assert read_month(typed, date(2026, 1, 1)).month == month
