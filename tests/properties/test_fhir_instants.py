"""Bounds of a search are read whatever their spelling, and instants are written so that they read back."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.fhir.instants import read_bound, write_instant
from snp.days import PARIS

FIRST, LAST = datetime(2000, 1, 1), datetime(2100, 1, 1)  # noqa: DTZ001 - walls, not instants
INSTANTS = st.datetimes(FIRST, LAST, timezones=st.just(UTC)).map(
    lambda instant: instant.replace(microsecond=instant.microsecond // 1000 * 1000)
)
OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
WRITTEN = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00")


@given(INSTANTS, OFFSETS)
def test_an_instant_written_at_any_offset_reads_back(instant: datetime, offset: timezone) -> None:
    text = instant.astimezone(offset).isoformat(timespec="milliseconds")

    assert read_bound(text, "ge") == read_bound(text, "le") == instant
    assert read_bound(text.replace("+", " "), "ge") == instant, (
        "a plus decoded as a form does is a plus again"
    )


@given(INSTANTS)
def test_what_is_written_reads_back_and_sorts_as_it_falls(instant: datetime) -> None:
    text = write_instant(instant.astimezone(PARIS))

    assert WRITTEN.fullmatch(text)
    assert read_bound(text, "ge") == instant
    assert (text < write_instant(instant + timedelta(milliseconds=1))) is True


@given(st.datetimes(FIRST, LAST))
def test_without_zone_the_wall_in_paris_is_meant(wall: datetime) -> None:
    read = read_bound(wall.isoformat(timespec="seconds"), "ge")

    assert read == wall.replace(microsecond=0, fold=0, tzinfo=PARIS).astimezone(UTC)


@given(st.dates(FIRST.date(), LAST.date()))
def test_a_day_goes_from_its_first_instant_to_its_last(day: object) -> None:
    first, last = read_bound(str(day), "ge"), read_bound(str(day), "le")

    assert first.astimezone(PARIS).date() == last.astimezone(PARIS).date() == day
    assert (last + timedelta(microseconds=1)).astimezone(PARIS).hour == 0
    assert timedelta(hours=22) < last - first < timedelta(hours=26)


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused_never_a_fault(text: str) -> None:
    with suppress(ValueError):
        assert read_bound(text, "le").tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    [
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-12:00",
        "9999-12-31",
        "2026-02-30",
        "2026-11-25T10:00:60Z",
    ],
)
def test_what_lies_beyond_the_calendar_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        read_bound(text, "le")
