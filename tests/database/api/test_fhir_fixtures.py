"""The certification set: there is always something free, at whatever hour it is loaded, and twice is once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session

from api.fhir.certification_set import PRACTITIONERS, SET
from api.fhir.facts import ALL_VIEWS
from api.fhir.fixtures import load_fixtures
from slots.agenda import service as agenda
from snp.directory.service import cards

CHRISTMAS_NIGHT = datetime(2026, 12, 25, 1, 30, tzinfo=UTC)
SUNDAY = datetime(2026, 11, 29, 14, 0, tzinfo=UTC)
CLOCK_CHANGE = datetime(2027, 3, 27, 23, 0, tzinfo=UTC)


def free(session: Session, rpps: str, now: datetime) -> int:
    (carer,) = cards.carers_by_number(session, rpps=[rpps], adeli=[])
    until = now + timedelta(days=2)
    return len(
        agenda.sas_slots(
            session,
            now=now,
            starts_from=now,
            starts_until=until,
            views=ALL_VIEWS,
            practitioner_ids=[carer.id],
        )
    )


@pytest.mark.parametrize("now", [CHRISTMAS_NIGHT, SUNDAY, CLOCK_CHANGE])
def test_slots_are_free_ahead_at_whatever_hour(session: Session, now: datetime) -> None:
    load_fixtures(session, now=now)

    for each in PRACTITIONERS:
        assert (free(session, each.rpps, now) > 10) == bool(each.terms), each.family_name


def test_loading_again_changes_nothing(session: Session) -> None:
    first = load_fixtures(session, now=SUNDAY)

    assert first > 0
    assert load_fixtures(session, now=SUNDAY) == 0


def test_loading_later_adds_what_time_took(session: Session) -> None:
    load_fixtures(session, now=SUNDAY)
    later = SUNDAY + timedelta(days=10)
    assert free(session, SET.rpps, later) == 0

    load_fixtures(session, now=later)

    assert free(session, SET.rpps, later) > 10


def test_the_line_of_arguments_holds_prefixed_numbers() -> None:
    line = SET.arguments("https://fhir.test/fhir")

    assert line.startswith("--base-url https://fhir.test/fhir --rpps 8")
    assert "--rpps-none 8" in line
    assert line.endswith(f"--cpts-finess 1{SET.cpts_finess} --cpts-finess2 1{SET.cpts_finess2}")
    assert "\n" not in line
