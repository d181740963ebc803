"""What a CPTS pays for slots kept free and for coordination: each condition, each cap, each boundary."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from slots.agenda.facts import SlotState
from slots.compensation import funding
from slots.compensation.facts import (
    Activity,
    CoordinationTime,
    FundingKind,
    JudgedSlot,
    SlotFact,
    Terms,
    TermsDetails,
)
from slots.compensation.periods import dates_of, week_of
from tests.support.agenda import local

PHYSIO = "masseur_kinesitherapeute"
DECIDED = datetime(2026, 1, 1, tzinfo=UTC)


def terms(**changes: Any) -> Terms:
    made = changes.pop("created_at", DECIDED)
    plain: dict[str, Any] = {
        "kind": FundingKind.UNUSED_SLOT,
        "profession": PHYSIO,
        "valid_from": date(2026, 1, 1),
        "rate_cents": 2000,
    }
    return Terms(uuid4(), uuid4(), TermsDetails(**(plain | changes)), made, "account:coordination")


def a_slot(start: str = "2026-11-25 10:00", **changes: Any) -> SlotFact:
    at = local(start)
    day, week = dates_of(at)
    plain = SlotFact(
        slot_id=uuid4(),
        practitioner_id=uuid4(),
        profession=PHYSIO,
        start=at,
        end=at + timedelta(minutes=30),
        day=day,
        week=week,
        state=SlotState.OPEN,
        taken=False,
        no_show=False,
        available_since=at - timedelta(days=7),
        changed_at=at - timedelta(days=7),
    )
    return replace(plain, **changes)


def told(judged: list[JudgedSlot]) -> list[tuple[int, str]]:
    return [(one.amount_cents, one.reasons[0].code) for one in judged]


@pytest.mark.parametrize(
    ("slot", "conditions", "expected"),
    [
        ({}, {}, (2000, "kept_free")),
        ({"state": SlotState.WITHDRAWN}, {}, (0, "withdrawn")),
        ({"state": SlotState.HIDDEN}, {}, (0, "hidden")),
        ({"state": SlotState.RELEASED}, {}, (0, "released")),
        ({"state": SlotState.RELEASED}, {"pays_released": True}, (2000, "kept_free")),
        ({"taken": True, "no_show": True}, {}, (0, "no_show")),
        ({"taken": True, "no_show": True}, {"pays_no_show": True}, (2000, "no_show_paid")),
        ({}, {"rate_cents": 0}, (0, "not_funded")),
        ({}, {"cap_week": 0}, (0, "beyond_week")),
        ({}, {"cap_month": 0}, (0, "beyond_month")),
        ({}, {"cap_year": 0}, (0, "beyond_year")),
    ],
)
def test_each_condition_of_the_terms(
    slot: dict[str, Any], conditions: dict[str, Any], expected: tuple[int, str]
) -> None:
    judged = funding.judge_slots([a_slot(**slot)], [terms(**conditions)])
    assert told(judged) == [expected]
    assert "Réglage de la CPTS" in judged[0].reasons[0].source


@pytest.mark.parametrize(("hours", "paid"), [(48, True), (47.99, False)])
def test_a_slot_must_have_been_on_offer_long_enough(hours: float, paid: bool) -> None:
    slot = a_slot()
    slot = replace(slot, available_since=slot.start - timedelta(hours=hours))
    judged = funding.judge_slots([slot], [terms(min_notice_hours=48)])
    assert told(judged) == [(2000, "kept_free") if paid else (0, "published_too_late")]


def test_a_slot_that_a_patient_took_and_one_without_terms_have_no_line() -> None:
    slots = [a_slot(taken=True), a_slot("2025-12-31 10:00"), a_slot(profession="medecin_generaliste")]
    assert funding.judge_slots(slots, [terms()]) == []


def test_the_terms_decided_last_win_on_the_days_they_cover() -> None:
    first = terms(rate_cents=2000)
    later = terms(rate_cents=2500, valid_from=date(2026, 11, 1), created_at=DECIDED + timedelta(days=300))
    ended = terms(
        rate_cents=3000,
        valid_from=date(2026, 12, 1),
        valid_until=date(2026, 12, 2),
        created_at=DECIDED + timedelta(days=301),
    )
    days = ("2026-10-31 23:30", "2026-11-01 00:00", "2026-12-01 10:00", "2026-12-02 00:00")
    judged = funding.judge_slots([a_slot(day) for day in days], [first, later, ended])
    assert [one.amount_cents for one in judged] == [2000, 2500, 3000, 2500]


@pytest.mark.parametrize(
    ("cap", "days", "paid"),
    [
        ("cap_week", ("2026-11-29 22:00", "2026-11-29 23:30", "2026-11-30 00:00"), [1, 0, 1]),
        ("cap_week", ("2026-03-29 22:00", "2026-03-29 23:30", "2026-03-30 00:00"), [1, 0, 1]),
        ("cap_week", ("2026-12-31 09:00", "2027-01-01 09:00", "2027-01-04 00:00"), [1, 0, 1]),
        ("cap_month", ("2026-10-31 22:00", "2026-10-31 23:30", "2026-11-01 00:00"), [1, 0, 1]),
        ("cap_year", ("2026-12-31 22:00", "2026-12-31 23:30", "2027-01-01 00:00"), [1, 0, 1]),
    ],
)
def test_caps_count_by_the_wall(cap: str, days: tuple[str, ...], paid: list[int]) -> None:
    judged = funding.judge_slots([a_slot(day) for day in reversed(days)], [terms(**{cap: 1})])
    assert [one.amount_cents // 2000 for one in judged] == paid


def test_a_refused_slot_takes_no_place_under_a_cap() -> None:
    slots = [a_slot("2026-11-23 09:00", state=SlotState.RELEASED), a_slot("2026-11-24 09:00")]
    assert told(funding.judge_slots(slots, [terms(cap_week=1)])) == [(0, "released"), (2000, "kept_free")]


def a_time(day: date, minutes: int, **changes: Any) -> CoordinationTime:
    plain = CoordinationTime(
        id=uuid4(),
        practitioner_id=uuid4(),
        territory_id=uuid4(),
        day=day,
        week=week_of(day),
        minutes=minutes,
        activity=Activity.MEETING,
        created_at=DECIDED,
    )
    return replace(plain, **changes)


@pytest.mark.parametrize(
    ("minutes", "rate", "cents"),
    [(60, 5000, 5000), (90, 5000, 7500), (50, 4999, 4166), (10, 4501, 750), (5, 4506, 376)],
)
def test_coordination_is_paid_to_the_nearest_cent(minutes: int, rate: int, cents: int) -> None:
    held = terms(kind=FundingKind.COORDINATION, profession=None, rate_cents=rate)
    (judged,) = funding.judge_times([a_time(date(2026, 11, 25), minutes)], [held])
    assert (judged.paid_minutes, judged.amount_cents) == (minutes, cents)


def test_a_cap_leaves_a_part_of_the_time() -> None:
    held = terms(kind=FundingKind.COORDINATION, profession=None, rate_cents=6000, cap_month=2)
    times = [a_time(date(2026, 11, day), 90) for day in (3, 4, 5)]
    gone = a_time(date(2026, 11, 2), 90, withdrawn_at=DECIDED)
    judged = funding.judge_times([*times, gone], [held])
    assert [(one.paid_minutes, one.amount_cents) for one in judged] == [(90, 9000), (30, 3000), (0, 0)]
    assert judged[1].reasons[0].code == "beyond_month"
