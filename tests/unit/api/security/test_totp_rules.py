"""One-time codes: the window, a code used once, and the words that an application reads."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pyotp
import pytest

from api.security.totp_rules import accepted_step, address_of, recovery_code, spelled, step_of

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
NOW = datetime(2026, 11, 24, 9, 0, 10, tzinfo=UTC)


def code(seconds: int = 0) -> str:
    return pyotp.TOTP(SECRET).at(NOW + timedelta(seconds=seconds))


@pytest.mark.parametrize(
    ("seconds", "is_taken"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)]
)
def test_a_telephone_may_be_one_step_off(seconds: int, is_taken: bool) -> None:
    step = accepted_step(SECRET, code(seconds), now=NOW, last_step=0)

    assert (step is not None) == is_taken
    assert step in {None, step_of(NOW + timedelta(seconds=seconds))}


def test_a_code_is_taken_once_and_so_is_every_earlier_one() -> None:
    used = accepted_step(SECRET, code(), now=NOW, last_step=0)
    assert used is not None

    assert accepted_step(SECRET, code(), now=NOW, last_step=used) is None
    assert accepted_step(SECRET, code(-30), now=NOW, last_step=used) is None
    assert accepted_step(SECRET, code(30), now=NOW, last_step=used) == used + 1


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "１２３４５６"])
def test_what_is_no_code_is_refused(typed: str) -> None:
    assert accepted_step(SECRET, typed, now=NOW, last_step=0) is None


def test_a_code_may_be_typed_with_a_space() -> None:
    typed = f"{code()[:3]} {code()[3:]}"

    assert accepted_step(SECRET, typed, now=NOW, last_step=0) == step_of(NOW)


def test_the_steps_are_those_of_the_standard() -> None:
    """The first line of RFC 6238, appendix B, cut to six digits."""
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    instant = datetime.fromtimestamp(59, UTC)

    assert accepted_step(secret, "287082", now=instant, last_step=0) == 1


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("ABCD-efgh 2345-wxyz", "abcdefgh2345wxyz"), ("abcd-efgh", None), ("abcdefgh2345wxy1", None)],
)
def test_a_recovery_code_has_one_spelling(typed: str, kept: str | None) -> None:
    assert recovery_code(typed) == kept


def test_an_application_reads_who_and_where() -> None:
    address = address_of(SECRET, "m.durand")

    assert address.startswith("otpauth://totp/Soins%20non%20programm%C3%A9s:m.durand?")
    assert f"secret={SECRET}" in address
    assert spelled("ABCDEFGHIJ") == "ABCD EFGH IJ"
