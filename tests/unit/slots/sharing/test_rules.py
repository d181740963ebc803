"""Which slots an agreement lends, day by day; wall time is the lender's."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import uuid4

import pytest

from slots.sharing import rules
from slots.sharing.facts import SharingState, SharingView, SlotTerms
from slots.sharing.refusals import SharingSettled
from slots.sharing.rules import Lender
from snp.assignment.facts import Audience
from snp.days import PARIS
from snp.errors import InvalidValue
from tests.support.sharing import GP, some_terms

HERE, THERE = uuid4(), uuid4()
DOCTOR = uuid4()
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
START = datetime(2026, 11, 24, 17, 30, tzinfo=UTC)
"""Tuesday, 18:30 in Paris."""


def a_sharing(state: SharingState = SharingState.ACCEPTED, **terms: Any) -> SharingView:
    return SharingView(uuid4(), HERE, THERE, some_terms(**terms), state, 1, NOW, "account:x", NOW, None)


def a_slot(start: datetime = START, **changes: Any) -> SlotTerms:
    plain: dict[str, Any] = {
        "practitioner_id": DOCTOR,
        "profession": GP,
        "audiences": frozenset({Audience.REGULATION}),
        "territory_ids": frozenset({HERE}),
    }
    return SlotTerms(uuid4(), start=start, **(plain | changes))


def lent(sharing: SharingView, slot: SlotTerms, audience: Audience | None = None, **lender: Any) -> bool:
    return rules.lends(sharing, slot, Lender(PARIS, **lender), audience=audience, now=NOW)


@pytest.mark.parametrize(
    ("terms", "slot", "expected"),
    [
        ({}, {}, True),
        ({"professions": frozenset({"masseur_kinesitherapeute"})}, {}, False),
        ({"weekdays": frozenset({2})}, {}, True),
        ({"weekdays": frozenset({1, 3})}, {}, False),
        ({"starts_from": time(18), "starts_before": time(19)}, {}, True),
        ({"starts_from": time(17), "starts_before": time(18, 30)}, {}, False),
        ({"first_day": date(2026, 11, 25)}, {}, False),
        ({"last_day": date(2026, 11, 24)}, {}, True),
        ({"last_day": date(2026, 11, 23), "first_day": date(2026, 11, 1)}, {}, False),
        ({"last_hours": 9}, {}, True),
        ({"last_hours": 8}, {}, False),
        ({}, {"territory_ids": frozenset({HERE, THERE})}, False),
        ({}, {"territory_ids": frozenset({uuid4()})}, False),
        ({"audiences": frozenset({Audience.DESK})}, {}, False),
    ],
)
def test_a_slot_is_lent_by_the_terms(terms: dict[str, Any], slot: dict[str, Any], expected: bool):
    assert lent(a_sharing(**terms), a_slot(**slot)) is expected


def test_the_day_of_a_slot_is_the_lenders_own_day():
    late = datetime(2026, 11, 24, 23, 30, tzinfo=UTC)  # 00:30 on Wednesday in Paris
    assert lent(a_sharing(first_day=date(2026, 11, 25), weekdays=frozenset({3})), a_slot(late))


@pytest.mark.parametrize("state", [SharingState.OFFERED, SharingState.DECLINED, SharingState.ENDED])
def test_nothing_is_lent_before_both_agree_nor_after_the_end(state: SharingState):
    assert not lent(a_sharing(state), a_slot())


def test_who_opts_out_is_not_lent():
    assert not lent(a_sharing(), a_slot(), opted_out=frozenset({DOCTOR}))


def test_a_request_comes_through_an_audience_that_both_name():
    assert lent(a_sharing(), a_slot(), Audience.REGULATION)
    assert not lent(a_sharing(), a_slot(), Audience.DESK)
    assert not lent(a_sharing(), a_slot(), Audience.PUBLIC)


@pytest.mark.parametrize(
    ("terms", "covered", "allowed"),
    [
        ({}, 10, None),
        ({"most_a_day": 3}, 10, 3),
        ({"most_percent": 25}, 10, 2),
        ({"most_percent": 25}, 3, 0),
        ({"most_a_day": 3, "most_percent": 50}, 4, 2),
        ({"most_a_day": 1, "most_percent": 50}, 10, 1),
    ],
)
def test_what_may_be_taken_on_a_day(terms: dict[str, Any], covered: int, allowed: int | None):
    assert rules.allowance(some_terms(**terms), covered) == allowed


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"professions": frozenset()}, "professions"),
        ({"professions": frozenset({"sorcier"})}, "professions"),
        ({"weekdays": frozenset()}, "weekdays"),
        ({"weekdays": frozenset({8})}, "weekdays"),
        ({"audiences": frozenset({Audience.PUBLIC})}, "audiences"),
        ({"starts_from": time(8)}, "starts_from"),
        ({"starts_from": time(9), "starts_before": time(8)}, "starts_before"),
        ({"most_a_day": 0}, "most_a_day"),
        ({"most_percent": 101}, "most_percent"),
        ({"last_hours": 0}, "last_hours"),
        ({"first_day": date(2026, 11, 23)}, "first_day"),
        ({"first_day": date(2036, 11, 23)}, "first_day"),
        ({"last_day": date(2026, 11, 23)}, "last_day"),
    ],
)
def test_terms_that_make_no_sense_are_refused_by_name(changes: dict[str, Any], field: str):
    with pytest.raises(InvalidValue) as refused:
        rules.check_terms(some_terms(**changes), [GP], date(2026, 11, 24))
    assert refused.value.fields["field"] == field


def test_good_terms_pass():
    terms = some_terms(starts_from=time(8), starts_before=time(12), most_a_day=2, most_percent=20)
    rules.check_terms(terms, [GP], date(2026, 11, 24))


@pytest.mark.parametrize("current", list(SharingState))
@pytest.mark.parametrize("wanted", list(SharingState))
def test_an_agreement_goes_one_way(current: SharingState, wanted: SharingState):
    legal = {
        (SharingState.OFFERED, SharingState.ACCEPTED),
        (SharingState.OFFERED, SharingState.DECLINED),
        (SharingState.OFFERED, SharingState.ENDED),
        (SharingState.ACCEPTED, SharingState.ENDED),
    }
    if (current, wanted) in legal:
        rules.check_follows(current, wanted)
    else:
        with pytest.raises(SharingSettled):
            rules.check_follows(current, wanted)


def test_the_oldest_agreement_is_used_first():
    young, old = a_sharing(), a_sharing()
    old = SharingView(
        **{f: getattr(old, f) for f in old.__slots__} | {"accepted_at": NOW - timedelta(days=1)}
    )
    assert rules.in_order([young, old]) == [old, young]
