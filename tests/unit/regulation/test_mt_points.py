"""The order of the médecin traitant list: points by a sourced table, moves, places, masked figures."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulation.medecin_traitant.register import points, rules
from regulation.medecin_traitant.register.facts import (
    Circumstances,
    EntryMove,
    EntryState,
    PlaceTerms,
    PracticeAnswer,
    PracticeCall,
    RefusalReason,
)
from regulation.medecin_traitant.register.refusals import EntryMoved
from regulation.medecin_traitant.register.terms import checked_setting, delays_of, terms_on
from snp.days import PARIS
from snp.errors import InvalidValue
from tests.support.mt_list import a_view
from tests.support.regulation import NOW, TODAY

TERMS = terms_on(TODAY)
DELAYS = delays_of(TERMS, {})
DAY = timedelta(days=1)


def codes(km: float | None = None, **changes: Any) -> dict[str, int]:
    """The points of an entry, by rule."""
    scored = points.score(a_view(**changes), TERMS, TODAY, km=km)
    assert scored.total == sum(point.points for point in scored.points)
    return {point.code: point.points for point in scored.points}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, {}),
        ({"ald": True}, {"ald": 40}),
        ({"birth_year": 1947}, {"age_70": 15}),
        ({"birth_year": 1946}, {"age_80": 25}),
        ({"birth_year": 1956}, {"age_70": 15}),
        ({"birth_year": 1957}, {}),
        ({"birth_year": 2020}, {"age_0_6": 15}),
        ({"birth_year": 2019}, {}),
        ({"pregnant_until": TODAY}, {"pregnant": 20}),
        ({"pregnant_until": TODAY - DAY}, {}),
        ({"discharged_on": TODAY - 90 * DAY}, {"discharged": 20}),
        ({"discharged_on": TODAY - 91 * DAY}, {}),
        ({"housebound": True}, {"housebound": 10}),
        ({"waiting_since": NOW - 29 * DAY}, {}),
        ({"waiting_since": NOW - 61 * DAY}, {"waiting": 2}),
        ({"waiting_since": NOW - 2000 * DAY}, {"waiting": 24}),
        ({"refusals": 3}, {"refusals": 6}),
        ({"refusals": 9}, {"refusals": 10}),
        ({"km": 5.0}, {"km_5": 10}),
        ({"km": 5.1}, {"km_10": 6}),
        ({"km": 20.1}, {}),
        ({"ald": True, "birth_year": 1930, "km": 0.0}, {"ald": 40, "age_80": 25, "km_5": 10}),
    ],
)
def test_each_rule_gives_its_points(changes: dict[str, Any], expected: dict[str, int]) -> None:
    assert codes(**changes) == expected


def test_every_row_of_the_table_names_its_source_or_says_that_it_is_ours() -> None:
    rows = [*TERMS.rules, *TERMS.settings]
    assert all(row.source.endswith(".") and len(row.source) > 10 for row in rows)
    assert all(
        rule.source.endswith("notre valeur par défaut.") or "otre valeur" in rule.source
        for rule in TERMS.rules
    )


def test_waiting_is_counted_in_local_days() -> None:
    """23:30 in Paris is still the day before for somebody who counts in UTC days only in winter."""
    late = datetime(2026, 10, 25, 23, 30, tzinfo=PARIS)
    assert codes(waiting_since=late) == {"waiting": 1}


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 900), st.integers(1920, 2026)), max_size=20))
def test_the_order_never_puts_who_waited_less_before_an_equal(drawn: list[tuple[bool, int, int]]) -> None:
    views = [a_view(ald=ald, waiting_since=NOW - days * DAY, birth_year=year) for ald, days, year in drawn]
    ranked = sorted((points.score(view, TERMS, TODAY) for view in views), key=points.rank)
    for one, other in pairwise(ranked):
        assert one.total >= other.total
        if one.total == other.total:
            assert one.entry.waiting_since <= other.entry.waiting_since


@given(st.integers(1900, 2026))
def test_every_age_has_one_band(year: int) -> None:
    age = points.age_in_year(year, TODAY)
    band = points.age_band(year, TODAY)
    numbers = [int(word) for word in band.split() if word.isdigit()]
    assert (numbers[0] <= age <= numbers[-1]) or band in {"90 ans ou plus", "6 ans ou moins"}


@pytest.mark.parametrize("move", [move for move in EntryMove if move is not EntryMove.SIGN_UP])
def test_nothing_but_erasure_moves_what_is_over(move: EntryMove) -> None:
    for state in (EntryState.SIGNED, EntryState.CLOSED):
        if move is EntryMove.ERASE:
            assert rules.next_state(state, move) is state
        else:
            with pytest.raises(EntryMoved):
                rules.next_state(state, move)


@pytest.mark.parametrize(
    ("terms", "entry", "suits"),
    [
        ({}, {}, True),
        ({"communes": frozenset({"44012"})}, {}, False),
        ({"communes": frozenset({"44131"})}, {}, True),
        ({"age_from": 40}, {"birth_year": 1986}, True),
        ({"age_from": 41}, {"birth_year": 1986}, False),
        ({"age_to": 39}, {"birth_year": 1986}, False),
        ({"ald_only": True}, {}, False),
        ({"ald_only": True}, {"ald": True}, True),
        ({}, {"birth_year": None}, False),
    ],
)
def test_a_place_suits_whom_it_was_declared_for(
    terms: dict[str, Any], entry: dict[str, Any], suits: bool
) -> None:
    declared = PlaceTerms(places=1, valid_until=TODAY, **terms)
    assert rules.suits(declared, a_view(**entry), TODAY) is suits


@pytest.mark.parametrize(
    "terms",
    [
        {"places": 0},
        {"places": 201},
        {"valid_until": TODAY - DAY},
        {"valid_until": TODAY + 367 * DAY},
        {"age_from": 126},
        {"age_from": 30, "age_to": 20},
    ],
)
def test_a_declaration_that_cannot_hold_is_refused(terms: dict[str, Any]) -> None:
    written: dict[str, Any] = {"places": 1, "valid_until": TODAY} | terms
    with pytest.raises(InvalidValue):
        rules.checked_terms(PlaceTerms(**written), TODAY)


@pytest.mark.parametrize(
    "call",
    [
        PracticeCall(PracticeAnswer.NO_ANSWER),
        PracticeCall(PracticeAnswer.REFUSED, practice="x"),
        PracticeCall(PracticeAnswer.ACCEPTED, practice="x", reason=RefusalReason.FULL),
        PracticeCall(PracticeAnswer.NO_ANSWER, practice="x", note="x" * 201),
        PracticeCall(PracticeAnswer.NO_ANSWER, practice="x", next_call_on=TODAY - DAY),
    ],
)
def test_a_call_that_is_not_whole_is_refused(call: PracticeCall) -> None:
    with pytest.raises(InvalidValue):
        rules.checked_call(call, TODAY)


@pytest.mark.parametrize(
    "told",
    [
        Circumstances(pregnant_until=TODAY - DAY),
        Circumstances(pregnant_until=TODAY + 295 * DAY),
        Circumstances(discharged_on=TODAY + DAY),
        Circumstances(discharged_on=TODAY - 367 * DAY),
    ],
)
def test_circumstances_that_cannot_be_true_are_refused(told: Circumstances) -> None:
    with pytest.raises(InvalidValue):
        rules.checked_circumstances(told, TODAY)


def test_a_practice_has_whole_local_days_to_call_even_when_clocks_change() -> None:
    picked = datetime(2027, 3, 25, 18, 0, tzinfo=PARIS)
    until = rules.call_by(picked, DELAYS).astimezone(PARIS)
    assert (until.date(), until.hour, until.minute) == (date(2027, 4, 2), 0, 0)


def test_months_are_those_of_the_calendar() -> None:
    view = a_view(waiting_since=datetime(2026, 8, 31, 12, 0, tzinfo=PARIS))
    due = rules.reconfirm_from(view, DELAYS)
    assert due is not None
    assert due.astimezone(PARIS) == datetime(2027, 2, 28, 12, 0, tzinfo=PARIS)


@pytest.mark.parametrize(("count", "told"), [(0, 0), (1, None), (4, None), (5, 5)])
def test_small_counts_are_not_told(count: int, told: int | None) -> None:
    assert rules.told(count) == told
    assert rules.median_days([7] * count) == (7 if count >= 5 else None)


@pytest.mark.parametrize(("code", "value"), [("call_days", 0), ("call_days", 61), ("nothing", 1)])
def test_a_delay_stays_within_its_bounds(code: str, value: int) -> None:
    with pytest.raises(InvalidValue):
        checked_setting(TERMS, code, value)
