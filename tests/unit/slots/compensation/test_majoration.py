"""Each rule of the SNP majoration, one by one, with its source; weeks and their boundaries in local time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from slots.compensation import rules
from slots.compensation.facts import Act, DecisionFact, Mark, Regulated, Verdict, VerdictStatus
from slots.compensation.periods import dates_of, month_bounds, month_of, months_before, week_bounds, week_of
from slots.compensation.tariffs import Tariffs, national, read_rates
from tests.support.agenda import local

DOCTOR = UUID("00000000-0000-7000-8000-0000000000d1")
ARTICLE = "NGAP art. 14.1.3"
HOLDS, FAILS, DOUBT = VerdictStatus.HOLDS, VerdictStatus.DOES_NOT_HOLD, VerdictStatus.TO_CONFIRM


def an_act(seen: str = "2026-11-25 10:00", **changes: Any) -> Act:
    at = local(seen)
    day, week = dates_of(at)
    plain = Act(
        appointment_id=uuid4(),
        slot_id=uuid4(),
        request_id=uuid4(),
        practitioner_id=DOCTOR,
        territory_id=uuid4(),
        seen_at=at,
        booked_at=at - timedelta(hours=20),
        day=day,
        week=week,
        is_doctor=True,
        honoured=True,
        changed_at=at,
    )
    return replace(plain, **changes)


def a_need(act: Act, *, hours: float = 24, role: str = "regulateur", **known: Any) -> Regulated:
    decided = DecisionFact(act.seen_at - timedelta(hours=hours), "account:regulateur", role)
    plain: dict[str, Any] = {"decisions": (decided,), "has_mt": False}
    return Regulated(act.request_id, "2026-000123", **(plain | known))


def a_mark(act: Act, *codes: str, is_mt: bool | None = None) -> Mark:
    return Mark(act.appointment_id, frozenset(codes), is_mt, act.seen_at)


def judge(
    act: Act, need: Regulated | None, mark: Mark | None = None, tariffs: Tariffs | None = None
) -> Verdict:
    marks = {} if mark is None else {act.appointment_id: mark}
    known = {} if need is None else {act.request_id: need}
    (verdict,) = rules.judge_acts([act], known, marks, tariffs or national())
    return verdict


def codes(verdict: Verdict) -> set[str]:
    return {reason.code for reason in verdict.reasons}


OTHER_MT = uuid4()


@pytest.mark.parametrize(
    ("need", "mark", "status", "code"),
    [
        ({}, {}, HOLDS, "regulated"),
        ({"hours": 48}, {}, HOLDS, "within_delay"),
        ({"hours": 48.01}, {}, FAILS, "too_late"),
        ({"role": "pharmacy"}, {}, FAILS, "not_regulated"),
        ({"role": "practitioner"}, {}, FAILS, "not_regulated"),
        ({"decisions": ()}, {}, FAILS, "not_regulated"),
        ({"has_mt": False}, {}, HOLDS, "no_mt"),
        ({"has_mt": True, "mt_practitioner_id": OTHER_MT}, {}, HOLDS, "not_mt"),
        ({"has_mt": True, "mt_practitioner_id": DOCTOR}, {}, FAILS, "is_mt"),
        ({"has_mt": True, "mt_practitioner_id": DOCTOR}, {"is_mt": False}, FAILS, "is_mt"),
        ({"has_mt": True}, {}, DOUBT, "mt_not_identified"),
        ({"has_mt": None}, {}, DOUBT, "mt_not_identified"),
        ({"has_mt": True}, {"is_mt": False}, HOLDS, "said_not_mt"),
        ({"has_mt": True}, {"is_mt": True}, FAILS, "is_mt"),
        ({"has_mt": False}, {"is_mt": True}, FAILS, "is_mt"),
        ({}, {"codes": ("MCG",)}, FAILS, "billed_with_excluded"),
        ({}, {"codes": ("MU",)}, FAILS, "billed_with_excluded"),
        ({}, {"codes": ("CRD",)}, FAILS, "billed_with_excluded"),
        ({}, {"codes": ("MCX",)}, FAILS, "billed_with_excluded"),
        ({}, {"codes": ("G", "MEG")}, HOLDS, "regulated"),
    ],
)
def test_each_rule_of_the_article(
    need: dict[str, Any], mark: dict[str, Any], status: VerdictStatus, code: str
) -> None:
    act = an_act()
    given = dict(mark)
    said = a_mark(act, *given.pop("codes", ()), **given) if mark else None
    verdict = judge(act, a_need(act, **need), said)
    assert verdict.status is status
    assert code in codes(verdict)
    assert verdict.amount_cents == (1500 if status is HOLDS else 0)
    assert all(ARTICLE in reason.source for reason in verdict.reasons)
    assert all(reason.sentence.endswith(".") for reason in verdict.reasons)


def test_without_any_request_nothing_proves_the_regulation() -> None:
    assert codes(judge(an_act(), None)) >= {"not_regulated"}


def test_another_profession_has_no_majoration() -> None:
    act = an_act(is_doctor=False)
    assert "not_a_doctor" in codes(judge(act, a_need(act)))


@pytest.mark.parametrize(("specialty", "status"), [("SM42", FAILS), ("SM54", HOLDS), (None, HOLDS)])
def test_psychiatrists_have_a_valuation_of_their_own(specialty: str | None, status: VerdictStatus) -> None:
    act = an_act(specialty=specialty)
    verdict = judge(act, a_need(act))
    assert verdict.status is status
    assert ("other_valuation" in codes(verdict)) is (status is FAILS)


def test_a_missed_appointment_is_no_act() -> None:
    act = an_act(honoured=False)
    assert rules.judge_acts([act], {act.request_id: a_need(act)}, {}, national()) == []


def test_the_proof_names_who_decided_when_and_the_dossier() -> None:
    act = an_act()
    verdict = judge(act, a_need(act))
    assert verdict.decision == DecisionFact(
        act.seen_at - timedelta(hours=24), "account:regulateur", "regulateur"
    )
    assert verdict.request_number == "2026-000123"
    assert "mardi 24\u00a0novembre 2026 à 10\u00a0h, dossier 2026-000123" in verdict.reasons[0].sentence


def test_the_last_decision_before_the_booking_counts_and_no_later_one() -> None:
    act = an_act()
    decisions = tuple(
        DecisionFact(act.seen_at - timedelta(hours=hours), f"account:{hours}", "regulateur")
        for hours in (60, 30, 1)
    )
    verdict = judge(act, a_need(act, decisions=decisions))
    assert verdict.decision is not None
    assert verdict.decision.decider == "account:30"
    assert verdict.status is HOLDS


@pytest.mark.parametrize(
    ("seen", "decided", "status"),
    [
        ("2026-03-30 10:00", datetime(2026, 3, 28, 8, 0, tzinfo=UTC), HOLDS),
        ("2026-03-30 10:01", datetime(2026, 3, 28, 8, 0, tzinfo=UTC), FAILS),
        ("2026-10-26 10:00", datetime(2026, 10, 24, 9, 0, tzinfo=UTC), HOLDS),
        ("2026-10-26 10:00", datetime(2026, 10, 24, 8, 59, tzinfo=UTC), FAILS),
    ],
)
def test_48_hours_elapse_whatever_the_clocks_on_the_wall_do(
    seen: str, decided: datetime, status: VerdictStatus
) -> None:
    act = an_act(seen)
    need = a_need(act, decisions=(DecisionFact(decided, "account:r", "regulateur"),))
    assert judge(act, need).status is status


def a_week(
    count: int, *, first: str = "2026-11-23 08:00", **known: Any
) -> tuple[list[Act], dict[UUID, Regulated]]:
    start = local(first)
    acts = []
    for number in range(count):
        seen = start + timedelta(minutes=15 * number)
        day, week = dates_of(seen)
        acts.append(replace(an_act(), seen_at=seen, booked_at=seen - timedelta(hours=1), day=day, week=week))
    return acts, {act.request_id: a_need(act, **known) for act in acts}


def test_the_21st_act_of_a_week_has_no_majoration() -> None:
    acts, known = a_week(22)
    verdicts = rules.judge_acts(reversed(acts), known, {}, national())
    assert [one.status for one in verdicts] == [HOLDS] * 20 + [FAILS] * 2
    assert [one.rank for one in verdicts] == list(range(1, 23))
    assert verdicts[20].reasons[0].code == "beyond_week"
    assert verdicts[20].reasons[0].sentence.startswith("21e acte de la semaine du lundi 23")
    assert sum(one.amount_cents for one in verdicts) == 20 * 1500


def test_an_act_that_does_not_hold_takes_no_place_and_one_to_confirm_keeps_its_own() -> None:
    acts, known = a_week(22)
    late = a_need(acts[0], hours=72)
    unsure = a_need(acts[1], has_mt=True)
    known |= {acts[0].request_id: late, acts[1].request_id: unsure}
    verdicts = rules.judge_acts(acts, known, {}, national())
    assert [one.status for one in verdicts] == [FAILS, DOUBT, *[HOLDS] * 19, FAILS]


@pytest.mark.parametrize(
    ("last", "first"),
    [
        ("2026-11-29 23:59", "2026-11-30 00:00"),
        ("2026-03-29 23:59", "2026-03-30 00:00"),
        ("2026-10-25 23:59", "2026-10-26 00:00"),
        ("2027-01-03 23:59", "2027-01-04 00:00"),
    ],
    ids=["sunday", "clocks forward", "clocks back", "first week of the year"],
)
def test_a_week_ends_on_sunday_at_midnight_on_the_wall(last: str, first: str) -> None:
    acts, known = a_week(20, first=last.split(maxsplit=1)[0] + " 08:00")
    sunday, monday = an_act(last), an_act(first)
    known |= {one.request_id: a_need(one) for one in (sunday, monday)}
    verdicts = {
        one.act.appointment_id: one
        for one in rules.judge_acts([*acts, sunday, monday], known, {}, national())
    }
    assert verdicts[sunday.appointment_id].status is FAILS
    assert verdicts[monday.appointment_id].status is HOLDS
    assert verdicts[monday.appointment_id].rank == 1
    assert monday.week - sunday.week == timedelta(days=7)


def test_the_week_of_the_new_year_is_one() -> None:
    assert week_of(date(2026, 12, 31)) == week_of(date(2027, 1, 1)) == date(2026, 12, 28)
    assert dates_of(datetime(2026, 12, 31, 22, 59, tzinfo=UTC))[0] == date(2026, 12, 31)
    assert dates_of(datetime(2026, 12, 31, 23, 0, tzinfo=UTC))[0] == date(2027, 1, 1)


@pytest.mark.parametrize(
    ("week", "hours"), [(date(2026, 3, 23), 167), (date(2026, 10, 19), 169), (date(2026, 11, 23), 168)]
)
def test_a_week_lasts_an_hour_less_or_more_when_clocks_change(week: date, hours: int) -> None:
    start, end = week_bounds(week)
    assert (end - start) == timedelta(hours=hours)


def test_months_begin_at_midnight_on_the_wall() -> None:
    assert month_bounds(date(2026, 3, 1)) == (
        datetime(2026, 2, 28, 23, tzinfo=UTC),
        datetime(2026, 3, 31, 22, tzinfo=UTC),
    )
    assert month_bounds(date(2026, 12, 1))[1] == datetime(2026, 12, 31, 23, tzinfo=UTC)
    assert month_of(dates_of(local("2026-11-30 23:59"))[0]) == date(2026, 11, 1)
    assert month_of(dates_of(local("2026-12-01 00:00"))[0]) == date(2026, 12, 1)
    assert months_before(date(2026, 2, 1), 14) == date(2024, 12, 1)


@pytest.mark.parametrize(("day", "holds"), [("2023-05-14 10:00", False), ("2023-05-15 10:00", True)])
def test_the_majoration_exists_from_the_day_after_the_journal_officiel(day: str, holds: bool) -> None:
    act = an_act(day)
    verdict = judge(act, a_need(act))
    assert (verdict.status is HOLDS) is holds
    assert ("not_in_force" in codes(verdict)) is not holds


def test_a_value_that_changes_is_a_row_and_each_act_follows_its_day() -> None:
    head = "code;label;unit;value;valid_from;valid_until;source"
    plain = [
        "snp_regulating_roles;Rôles;roles;regulateur;;;NGAP art. 14.1.3",
        "snp_delay_hours;Délai;hours;48;;;NGAP art. 14.1.3",
        "snp_weekly_cap;Plafond;acts;20;;;NGAP art. 14.1.3",
        "snp_majoration;Majoration;cents;1500;2023-05-15;2026-12-01;NGAP art. 14.1.3",
        "snp_majoration;Majoration;cents;1700;2026-12-01;;NGAP art. 14.1.3",
    ]
    tariffs = Tariffs(tuple(read_rates([head, *plain])))
    amounts = []
    for seen in ("2026-11-30 23:45", "2026-12-01 00:00"):
        act = an_act(seen)
        amounts.append(judge(act, a_need(act), tariffs=tariffs).amount_cents)
    assert amounts == [1500, 1700]


@pytest.mark.parametrize(
    ("code", "day", "value"),
    [
        ("snp_majoration", date(2026, 11, 26), 1500),
        ("snp_weekly_cap", date(2026, 11, 26), 20),
        ("snp_delay_hours", date(2026, 11, 26), 48),
        ("gp_consultation", date(2024, 12, 22), 3000),
        ("gp_consultation", date(2024, 12, 21), None),
        ("sas_package", date(2026, 1, 1), 100_000),
        ("sas_package", date(2025, 12, 31), None),
        ("aci_fixed_2", date(2026, 1, 1), 7_000_000),
        ("aci_variable_3", date(2026, 1, 1), 3_500_000),
    ],
)
def test_the_national_values(code: str, day: date, value: int | None) -> None:
    rate = national().at(code, day)
    assert (rate.number if rate else None) == value
    assert rate is None or rate.source


def test_no_two_values_of_a_code_hold_on_one_day() -> None:
    for rate in national().rates:
        same = [one for one in national().rates if one.code == rate.code]
        starts = [one.valid_from for one in same if one.valid_from]
        assert all(sum(one.holds_on(day) for one in same) == 1 for day in starts)
