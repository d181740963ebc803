"""What the other side asks to wait, in every form that it may be written."""

from __future__ import annotations

from datetime import timedelta

import pytest

from snp.notifications.retry_after import retry_after

DATE = "Wed, 25 Nov 2026 22:00:00 GMT"


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120),
        (" 0 ", 0),
        ("99999999999999999999", 10**7),
        ("Wed, 25 Nov 2026 22:05:00 GMT", 300),
        ("Wed, 25 Nov 2026 21:00:00 GMT", 0),
    ],
)
def test_seconds_and_dates_are_read(value: str, seconds: int) -> None:
    assert retry_after(value, date=DATE) == timedelta(seconds=seconds)


@pytest.mark.parametrize("value", [None, "", "soon", "-5", "1.5", "²", "Wed, 99 Nov 2026 22:05:00 GMT"])
def test_what_cannot_be_read_asks_for_nothing(value: str | None) -> None:
    assert retry_after(value, date=DATE) is None


def test_a_date_without_a_date_to_compare_asks_for_nothing() -> None:
    assert retry_after("Wed, 25 Nov 2026 22:05:00 GMT") is None
